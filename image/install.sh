#!/usr/bin/env bash
# Puts Linekeeper on a Raspberry Pi OS (or Debian 12/13) that is already there: the same units, users and folders as on the
# box's own image. As root. Run it again to bring in a newer version; recordings and settings stay.
#
# What the image has beyond this is not touched here: the read-only root, the firewall, the watchdog, and that nobody can
# sign in.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
[ "$(id -u)" = 0 ] || { say "Run this as root."; exit 1; }
[ -d /run/systemd/system ] || { say "This machine was not started by systemd."; exit 1; }
[ ! -e /usr/lib/linekeeper/screen ] || { say "This is the box's own image: it is updated as a whole, see operations.md."; exit 1; }

say "Installing Debian packages"
packages=(python3 python3-venv python3-dev gcc libc6-dev portaudio19-dev alsa-utils nginx-light)
[ "$(uname -m)" != aarch64 ] || packages+=(swig)
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
# nginx is the appliance's, with its own settings.
systemctl disable --now --quiet nginx.service

say "Installing Linekeeper in /opt/linekeeper (some minutes on a Pi)"
[ -x /opt/linekeeper/bin/python ] || python3 -m venv /opt/linekeeper
pip=(/opt/linekeeper/bin/python -m pip --disable-pip-version-check --quiet install)
# lgpio's wheel for Python 3.13 is a stub without the library in it; PYPI=1 tells its source to bring the library along.
[ "$(uname -m)" != aarch64 ] || export PYPI=1 PIP_NO_BINARY=lgpio
"${pip[@]}" --no-deps --require-hashes --requirement requirements.lock
"${pip[@]}" --no-deps --force-reinstall .

say "Installing units, users and folders"
units=/etc/systemd/system
install -D -m 644 -t $units systemd/*.service systemd/*.socket systemd/*.path systemd/*.target
install -D -m 644 -t $units/linekeeper-.service.d systemd/linekeeper-.service.d/*.conf
install -D -m 644 systemd/linekeeper.sysusers.conf /etc/sysusers.d/linekeeper.conf
install -D -m 644 systemd/linekeeper.tmpfiles.conf /etc/tmpfiles.d/linekeeper.conf
install -D -m 644 -t /etc/udev/rules.d systemd/70-linekeeper.rules
install -D -m 644 -t /usr/share/doc/linekeeper docs/*.md
[ -e /etc/linekeeper.toml ] || install -m 644 image/boot/linekeeper.toml /etc/linekeeper.toml
/opt/linekeeper/bin/linekeeper config check /etc/linekeeper.toml >/dev/null
systemd-sysusers /etc/sysusers.d/linekeeper.conf
systemd-tmpfiles --create /etc/tmpfiles.d/linekeeper.conf
udevadm control --reload
udevadm trigger --subsystem-match=gpio

say "Starting"
systemctl daemon-reload
systemctl enable --quiet linekeeper.target linekeeper-front.socket linekeeper-web.socket linekeeper-front-renew.path \
    linekeeper-recorder.service linekeeper-keeper.service linekeeper-web.service linekeeper-front.service \
    linekeeper-post.service
systemctl restart linekeeper-web.socket linekeeper-front.socket linekeeper-front-renew.path
systemctl restart linekeeper-keeper.service linekeeper-recorder.service linekeeper-web.service
systemctl restart --no-block linekeeper-front.service linekeeper-post.service
systemctl start linekeeper.target

address=$(hostname -I | cut -d ' ' -f 1)
say "Linekeeper runs. Which lines it listens to is in /etc/linekeeper.toml: change it, then restart linekeeper-recorder."
say "The site: https://${address:-this machine}/ (as “recorder.local”; see operations.md for its certificate)."
if [ -s /run/linekeeper/keeper/setup-code ]; then
    say "Set-up code (works once): $(cat /run/linekeeper/keeper/setup-code)"
fi
