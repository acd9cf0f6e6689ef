"""What the image is made of, checked without making it."""

import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

from appliance import config
from image.firmware import parts, release, wheels
from image.firmware.stages import Stage, carry_out, digest_of
from image.proof.bench import SETTINGS, flash
from image.proof.outside import forms_of

ROOT = Path(__file__).parents[2]
IMAGE = ROOT / "image"
OVERLAY = IMAGE / "overlay"
SCRIPTS = [
    *(IMAGE / "hooks").iterdir(),
    *(IMAGE / "steps").iterdir(),
    *(IMAGE / "initramfs" / "scripts" / "local-bottom").iterdir(),
    OVERLAY / "usr/lib/linekeeper/screen",
    *(OVERLAY / "usr/lib/linekeeper" / name for name in ("slots", "clock")),
    *(IMAGE / name for name in ("build", "test", "test-update", "install.sh")),
]
UNITS = sorted((OVERLAY / "usr/lib/systemd/system").glob("*.[sp]*"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_can_be_run_and_is_understood_by_the_shell(script):
    assert os.access(script, os.X_OK)
    shell = script.read_text().splitlines()[0].rsplit("/", 1)[-1].split()[-1]
    checked = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_understands_the_boxs_own(unit, tmp_path):
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"(?<=ExecStart=)(-?)/usr/(lib/linekeeper|sbin)/\S+", r"\1/bin/true", unit.read_text()))
    verdict = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, "")


def test_the_firewall_is_understood_and_lets_in_the_site_alone():
    rules = OVERLAY / "etc/nftables.conf"
    own_network = ["unshare", "--user", "--map-root-user", "--net"]
    checked = subprocess.run(
        [*own_network, shutil.which("nft") or "/usr/sbin/nft", "--check", "--file", str(rules)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    comes_in = rules.read_text().split("chain input")[1].split("chain")[0]
    assert re.findall(r"tcp dport (.*?) ct", comes_in) == ["{ 80, 443 }"]
    assert rules.read_text().count("policy drop") == 3


def test_the_settings_on_the_card_are_understood_and_name_the_units_folder():
    for text in ((IMAGE / "boot/linekeeper.toml").read_text(), SETTINGS):
        path = Path("card.toml")
        settings = config.parse(tomllib.loads(text), str(path))
        assert settings.folder == Path("/var/lib/linekeeper")
        assert (settings.web.listen, settings.web.port) == ("0.0.0.0", 443)
        assert settings.line


def test_the_root_is_read_only_and_only_var_is_written():
    assert " ro " in (IMAGE / "boot/kernel.env").read_text()
    mounts = [line.split() for line in (OVERLAY / "etc/fstab").read_text().splitlines() if not line.startswith("#")]
    assert [mount[1] for mount in mounts if "ro" not in mount[3].split(",")] == ["/var"]


def test_the_identity_of_the_first_boot_is_handed_on_as_systemd_takes_it(tmp_path):
    partition, run = tmp_path / "partition", tmp_path / "run"
    (partition / "lib").mkdir(parents=True)
    (partition / "lib/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    run.mkdir()
    for name, does in (("mount", f'rmdir "$6"; ln -s {partition} "$6"'), ("umount", 'rm "$1"; mkdir "$1"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    script = (IMAGE / "initramfs/scripts/local-bottom/linekeeper-machine-id").read_text()
    there = script.replace("/run/", f"{run}/").replace("[ -b $data ]", "true")
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(["sh", "-e", "-c", there, "script", ""], env={"PATH": path}, check=True)
    assert (run / "credentials/@initrd/system.machine_id").read_text() == "0123456789abcdef0123456789abcdef"
    assert not (run / "linekeeper-data").exists()


def test_the_box_takes_the_form_of_bundle_that_is_made():
    taken = re.search(r"^bundle-formats=(\w+)$", (OVERLAY / "etc/rauc/system.conf").read_text(), re.MULTILINE)
    made = re.search(r"^format=(\w+)$", (IMAGE / "steps/bundle").read_text(), re.MULTILINE)
    assert taken[1] == made[1] == "plain"


def test_the_second_root_is_as_large_as_the_first():
    size = f"{release.read_release().root_mib}M"
    second = (OVERLAY / "etc/repart.d/20-root-b.conf").read_text()
    assert re.findall(r"^Size(?:Min|Max)Bytes=(.*)$", second, re.MULTILINE) == [size, size]


@pytest.mark.parametrize("name", ["packages.txt", "packages-build.txt", "packages-tools.txt"])
def test_no_package_is_listed_twice(name):
    listed = release.read_packages(name)
    assert len(listed) == len(set(listed))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9+.-]+(:arm64)?", package) for package in listed)


def test_the_layer_for_rpi_image_gen_has_the_same_packages_but_for_the_boards_own():
    layer = (IMAGE / "rpi-image-gen/linekeeper.yaml").read_text()
    listed = re.findall(r"^    - ([a-z0-9.+-]+)$", layer, re.MULTILINE)
    boards = {"linux-image-arm64", "initramfs-tools", "busybox", "zstd", "raspi-firmware"}
    assert listed == [package for package in release.read_packages("packages.txt") if package not in boards]


def test_the_layer_for_rpi_image_gen_installs_with_the_images_own_step_for_the_same_python():
    layer = (IMAGE / "rpi-image-gen/linekeeper.yaml").read_text()
    asked = set(re.findall(r"\$\{?([A-Z_]+)\b", (IMAGE / "steps/install").read_text())) - {"PATH"}
    given = set(re.findall(r"\b([A-Z_]+)=", layer))
    assert "/image/steps/install" in layer
    assert asked <= given
    assert f"PYTHON={release.read_release().python} " in layer.replace("\n", " ")


def test_nothing_by_which_one_could_sign_in_is_on_the_box():
    listed = release.read_packages("packages.txt")
    assert not {"openssh-server", "sudo", "telnetd"} & set(listed)
    assert "systemd.getty_auto=no" in (IMAGE / "boot/kernel.env").read_text()


def test_the_lock_is_read_for_the_board_not_for_this_machine():
    lines = {one.name: one.lines for one in wheels.locked(wheels.LOCK.read_text(), release.read_release())}
    assert "lgpio" in lines
    assert lines["numpy"].count("==") == 1
    assert all("--hash=sha256:" in line and ";" not in line for line in lines.values())
    assert lines.keys() >= wheels.FROM_SOURCE


def test_of_two_lines_for_one_package_the_boards_is_taken():
    lock = (
        "av==1.0 ; python_full_version < '3.12' \\\n    --hash=sha256:aa\n"
        "av==2.0 ; python_full_version >= '3.12' \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
        "winonly==1 ; sys_platform == 'win32' \\\n    --hash=sha256:dd\n"
    )
    found = list(wheels.locked(lock, release.read_release()))
    assert [one.lines for one in found] == ["av==2.0 --hash=sha256:bb --hash=sha256:cc"]


def test_a_stage_is_made_once_and_again_when_what_it_is_made_from_changes(tmp_path):
    made = []
    source = tmp_path / "source"
    source.write_text("one")

    def make(path):
        made.append(path.name)
        path.write_text("output")

    stage = Stage("A stage", tmp_path / "output", (source, "words"), make)
    carry_out(stage)
    carry_out(stage)
    assert made == ["output.unfinished"]
    source.write_text("two")
    carry_out(stage)
    assert len(made) == 2


def test_a_stage_that_was_cut_is_made_again(tmp_path):
    def cut(path):
        path.write_text("half")
        raise KeyboardInterrupt

    output = tmp_path / "output"
    with pytest.raises(KeyboardInterrupt):
        carry_out(Stage("Cut", output, ("words",), cut))
    assert not output.exists()
    carry_out(Stage("Cut", output, ("words",), lambda path: path.write_text("whole")))
    assert output.read_text() == "whole"


def test_a_files_mode_and_name_count_as_much_as_its_content(tmp_path):
    (tmp_path / "file").write_text("text")
    first = digest_of([tmp_path])
    (tmp_path / "file").chmod(0o755)
    second = digest_of([tmp_path])
    (tmp_path / "file").rename(tmp_path / "other")
    assert len({first, second, digest_of([tmp_path])}) == 3


def test_a_flashed_card_is_the_image_and_then_empty(tmp_path, monkeypatch):
    monkeypatch.setattr("image.proof.bench.CARD_BYTES", 5 << 20)
    image = tmp_path / "image"
    image.write_bytes(os.urandom(1 << 20) + bytes(1 << 20) + os.urandom(1000))
    flash(image, tmp_path / "card")
    card = (tmp_path / "card").read_bytes()
    assert len(card) == 5 << 20
    assert card.startswith(image.read_bytes())
    assert not any(card[image.stat().st_size :])


def test_the_list_of_parts_names_packages_of_both_kinds(tmp_path):
    status = "Package: nginx\nStatus: install ok installed\nVersion: 1.26\nArchitecture: arm64\n\nPackage: gone\n"
    [nginx] = parts.debian_parts(status, release.read_release(), {"nginx": ["BSD-2-clause"]})
    assert nginx["purl"] == "pkg:deb/debian/nginx@1.26?arch=arm64&distro=trixie"
    assert nginx["licenses"] == [{"license": {"name": "BSD-2-clause"}}]
    with zipfile.ZipFile(tmp_path / "tinydb-4-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tinydb-4.dist-info/METADATA", "Name: TinyDB\nVersion: 4\nLicense-Expression: MIT\n")
    [tinydb] = parts.python_parts(tmp_path)
    assert tinydb["purl"] == "pkg:pypi/tinydb@4"
    assert tinydb["licenses"] == [{"license": {"name": "MIT"}}]


def test_a_copyright_file_names_its_licences_once():
    text = "Files: *\nLicense: GPL-2+\n\nFiles: lib/*\nLicense: LGPL-2.1\n\nLicense: GPL-2+\n The text.\n"
    assert parts.licences_of(text) == ["GPL-2+", "LGPL-2.1"]


def test_a_form_is_read_with_what_it_holds():
    page = (
        '<form action="/one"><input type="hidden" name="csrf_token" value="t"><input name="name">'
        '<input type="radio" name="reason" value="complaint"><textarea name="note"></textarea></form>'
    )
    [form] = forms_of(page)
    assert form.action == "/one"
    assert form.fields == {"csrf_token": "t", "name": "", "reason": "", "note": ""}
