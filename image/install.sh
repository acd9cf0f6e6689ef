#!/usr/bin/env bash
# Puts Linekeeper on a Raspberry Pi OS (or Debian 12/13) that is already there: the same units, users and folders as on the
# box's own image. As root. Run it again to bring in a newer version: recordings and settings stay, and where nothing is
# new nothing is restarted. In a root that is not running (a chroot) all is laid down and enabled, and starts with it.
#
# What the image has beyond this is not touched here: the read-only root, the firewall, the watchdog, and that nobody can
# sign in.
set -euo pipefail
umask 022
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
[ "$(id -u)" = 0 ] || { say "Run this as root."; exit 1; }
[ ! -e /usr/lib/linekeeper/screen ] || { say "This is the box's own image: it is updated as a whole, see operations.md."; exit 1; }
packages=(python3 python3-venv python3-dev gcc libc6-dev portaudio19-dev alsa-utils nginx-light)
[ "$(uname -m)" != aarch64 ] || packages+=(swig)
if ! command -v systemctl >/dev/null; then
    [ ! -e /sbin/init ] || { say "This machine is not started by systemd, which Linekeeper's services need."; exit 1; }
    packages+=(systemd-sysv udev)
fi
running=no
[ ! -d /run/systemd/system ] || running=yes

nginx_was_there=no
[ ! -e /usr/sbin/nginx ] || nginx_was_there=yes
if [ $nginx_was_there = yes ] && systemctl is-enabled --quiet nginx.service 2>/dev/null; then
    say "nginx serves something here already, and Linekeeper needs its ports 80 and 443. If it may go, disable it first:"
    say "systemctl disable --now nginx.service"
    exit 1
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    # Any build of nginx serves: a machine may have another one already.
    [ "$package" != nginx-light ] || [ $nginx_was_there = no ] || status=installed
    [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    say "Installing Debian packages: ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi
if [ $nginx_was_there = no ]; then
    # Brought in for the appliance, which starts it with its own settings.
    systemctl disable --quiet nginx.service
    [ $running = no ] || systemctl stop nginx.service
fi

# What was installed is known by a sum over all that the services are made of.
home=/opt/linekeeper
stamp=$home/installed
now=$( { python3 --version; find appliance systemd requirements.lock pyproject.toml -type f ! -path '*/__pycache__/*' -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum; } | sha256sum | cut -c1-64)
renewed=no
if [ "$(cat $stamp 2>/dev/null || true)" != "$now" ]; then
    renewed=yes
    say "Installing Linekeeper in $home (some minutes on a Pi)"
    # An environment made for the Python of an older Debian is made afresh.
    $home/bin/python -m pip --version >/dev/null 2>&1 || python3 -m venv --clear $home
    pip=($home/bin/python -m pip --disable-pip-version-check --quiet install)
    # lgpio's wheel for Python 3.13 is a stub without the library in it; PYPI=1 tells its source to bring the library along.
    [ "$(uname -m)" != aarch64 ] || export PYPI=1 PIP_NO_BINARY=lgpio
    "${pip[@]}" --no-deps --require-hashes --requirement requirements.lock
    # From a copy: building would leave root's files in a folder that is somebody else's.
    source=$(mktemp -d)
    trap 'rm -rf "$source"' EXIT
    cp -R appliance pyproject.toml README.md "$source"
    "${pip[@]}" --no-deps --force-reinstall "$source"
fi

say "Installing units, users and folders"
units=/etc/systemd/system
put=(install -D -C -m 644)
"${put[@]}" -t $units systemd/*.service systemd/*.socket systemd/*.path systemd/*.target
"${put[@]}" -t $units/linekeeper-.service.d systemd/linekeeper-.service.d/*.conf
"${put[@]}" systemd/linekeeper.sysusers.conf /etc/sysusers.d/linekeeper.conf
"${put[@]}" systemd/linekeeper.tmpfiles.conf /etc/tmpfiles.d/linekeeper.conf
"${put[@]}" -t /etc/udev/rules.d systemd/70-linekeeper.rules
"${put[@]}" -t /usr/share/doc/linekeeper docs/*.md
[ -e /etc/linekeeper.toml ] || install -m 644 image/boot/linekeeper.toml /etc/linekeeper.toml
$home/bin/linekeeper config check /etc/linekeeper.toml >/dev/null
systemd-sysusers /etc/sysusers.d/linekeeper.conf
systemd-tmpfiles --create /etc/tmpfiles.d/linekeeper.conf
systemctl enable --quiet linekeeper.target linekeeper-front.socket linekeeper-web.socket linekeeper-front-renew.path \
    linekeeper-recorder.service linekeeper-keeper.service linekeeper-web.service linekeeper-front.service \
    linekeeper-post.service

say "Which lines it listens to is in /etc/linekeeper.toml: change it, then restart linekeeper-recorder."
if [ $running = no ]; then
    echo "$now" >$stamp
    say "Linekeeper is installed. It starts when this system is started; the set-up code is then shown by"
    say "cat /run/linekeeper/keeper/setup-code"
    exit 0
fi

# A container has none, and no lamps either.
if systemctl is-active --quiet systemd-udevd.service; then
    udevadm control --reload
    udevadm trigger --subsystem-match=gpio
fi
systemctl daemon-reload
if [ $renewed = yes ]; then
    say "Starting"
    systemctl restart linekeeper-web.socket linekeeper-front.socket linekeeper-front-renew.path
    systemctl restart linekeeper-keeper.service linekeeper-recorder.service linekeeper-web.service
    systemctl restart --no-block linekeeper-front.service linekeeper-post.service
fi
systemctl start linekeeper.target
[ $renewed = no ] || echo "$now" >$stamp

address=$(hostname -I | cut -d ' ' -f 1)
say "Linekeeper runs. The site: https://${address:-this machine}/ (as “recorder.local”; see operations.md for its certificate)."
if [ -s /run/linekeeper/keeper/setup-code ]; then
    say "Set-up code (works once): $(cat /run/linekeeper/keeper/setup-code)"
fi
