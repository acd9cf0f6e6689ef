"""The units as systemd itself reads them: no word it does not know, and little a service may do beyond its work."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance import config

UNITS = Path(__file__).parents[2] / "systemd"
MOST_EXPOSED = 12  # systemd-analyze counts in tenths: 1.2 of 10
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
OURS = [f"linekeeper-{name}.service" for name in ("recorder", "keeper", "web", "front")]
POST = "linekeeper-post.service"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The units with a program that is there in place of the box's own, so that only the units are judged."""
    folder = tmp_path_factory.mktemp("units") / "systemd"
    shutil.copytree(UNITS, folder)
    for unit in folder.glob("*.service"):
        unit.write_text(unit.read_text().replace("/opt/linekeeper/bin/linekeeper", "/bin/true"))
    return folder


def analyse(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False)


def settings(unit):
    """Everything a service is started with: the unit, then what holds for all of them."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str
    parser.read([UNITS / unit, UNITS / "linekeeper-.service.d" / "10-hardening.conf"])
    return parser["Service"]


def own_lines(unit, name):
    return re.findall(rf"^{name}=(.*)$", (UNITS / unit).read_text(), re.MULTILINE)


def test_there_is_a_unit_for_every_service():
    assert {*OURS, POST} <= set(SERVICES)


@pytest.mark.parametrize(
    "unit",
    [*SERVICES, "linekeeper.target", "linekeeper-front.socket", "linekeeper-web.socket", "linekeeper-front-renew.path"],
)
def test_systemd_understands_every_word_of(unit, installed):
    verdict = analyse("verify", "--man=no", str(installed / unit))
    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES)
def test_little_is_exposed_by(unit, installed):
    verdict = analyse("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(installed / unit))
    assert verdict.returncode == 0, verdict.stdout


def test_a_loose_unit_would_be_found_out(installed):
    loose = installed / "loose.service"
    loose.write_text("[Service]\nExecStart=/bin/true\n")
    assert analyse("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(loose)).returncode != 0


@pytest.mark.parametrize("unit", OURS)
def test_what_holds_for_all_is_not_said_otherwise_in(unit):
    """The common settings are read last and would win."""
    common = set(
        re.findall(r"^(\w+)=", (UNITS / "linekeeper-.service.d" / "10-hardening.conf").read_text(), re.MULTILINE)
    )
    own = set(re.findall(r"^(\w+)=", (UNITS / unit).read_text(), re.MULTILINE))
    assert not own & common


@pytest.mark.parametrize("unit", OURS)
def test_no_network_of_its_own_for(unit):
    service = settings(unit)
    assert service["PrivateNetwork"] == "yes"
    assert service["RestrictAddressFamilies"] == "AF_UNIX"


def test_each_service_runs_as_a_user_of_its_own():
    users = [settings(unit)["User"] for unit in (*OURS, POST)]
    assert len(set(users)) == len(users)
    declared = re.findall(r"^u (\S+)", (UNITS / "linekeeper.sysusers.conf").read_text(), re.MULTILINE)
    assert sorted(users) == sorted(declared)


def test_the_post_may_call_out_listens_on_nothing_and_finds_nothing_but_the_alarms():
    service = settings(POST)
    assert "PrivateNetwork" not in service
    assert service["SocketBindDeny"] == "any"
    assert own_lines(POST, "TemporaryFileSystem") == ["/var/lib/linekeeper:ro,mode=755"]
    shown = own_lines(POST, "BindPaths") + own_lines(POST, "BindReadOnlyPaths")
    assert shown == ["/var/lib/linekeeper/post", "/var/lib/linekeeper/health"]


def test_only_the_keeper_finds_the_vault():
    for unit in OURS:
        hidden = own_lines(unit, "TemporaryFileSystem")
        shown = own_lines(unit, "BindPaths") + own_lines(unit, "BindReadOnlyPaths")
        assert bool(hidden) == (unit != "linekeeper-keeper.service")
        assert not any("vault" in path for path in shown)


def test_every_folder_the_services_use_is_made_before_they_start():
    folders = config.Folders(Path("/var/lib/linekeeper"))
    used = {
        getattr(folders, name) for name in dir(config.Folders) if isinstance(getattr(config.Folders, name), property)
    }
    box = UNITS.parent / "image/overlay/usr/lib/tmpfiles.d/box.conf"  # where the box's own updates lie
    rules = (UNITS / "linekeeper.tmpfiles.conf").read_text() + box.read_text()
    made = re.findall(r"^d (\S+)", rules, re.MULTILINE)
    assert {str(path) for path in used if path.suffix != ".sock"} <= set(made)


def test_only_the_spool_has_two_writers():
    folders = re.findall(r"^d (\S+)\s+(\d+)", (UNITS / "linekeeper.tmpfiles.conf").read_text(), re.MULTILINE)
    shared = [path for path, mode in folders if int(mode, 8) & 0o022]
    assert shared == ["/var/lib/linekeeper/spool"]


def test_the_keepers_folders_are_one_mount_so_that_a_rename_into_the_vault_works():
    unit = "linekeeper-keeper.service"
    mounts = own_lines(unit, "ReadWritePaths") + own_lines(unit, "BindPaths") + own_lines(unit, "ReadOnlyPaths")
    assert not any(folder in mount.split(":")[-1] for mount in mounts for folder in ("spool", "vault"))


def test_recorder_and_keeper_see_the_same_boot_id():
    """It is in /proc/sys: where one of them did not, no recording's time could ever be confirmed."""
    assert {settings(f"linekeeper-{name}.service")["ProcSubset"] for name in ("recorder", "keeper")} == {"all"}


def test_the_recorder_is_the_last_to_be_killed_and_always_comes_back():
    assert settings("linekeeper-recorder.service")["Restart"] == "always"
    scores = {unit: int(settings(unit)["OOMScoreAdjust"]) for unit in OURS}
    assert min(scores, key=scores.get) == "linekeeper-recorder.service"


def test_the_tmpfiles_and_sysusers_files_are_understood(tmp_path):
    for name in ("usr/lib/sysusers.d", "usr/lib/tmpfiles.d", "etc", "var", "run"):
        (tmp_path / name).mkdir(parents=True)
    users = tmp_path / "usr/lib/sysusers.d/linekeeper.conf"
    shutil.copy(UNITS / "linekeeper.sysusers.conf", users)
    made = subprocess.run(
        ["systemd-sysusers", f"--root={tmp_path}", "linekeeper.conf"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    passwd = (tmp_path / "etc/passwd").read_text()
    assert all(f"linekeeper-{name}:" in passwd for name in ("recorder", "keeper", "web", "front"))
    assert all(line.endswith("/usr/sbin/nologin") for line in passwd.splitlines() if line.startswith("linekeeper"))
