"""What ``image/install.sh`` lays down, read from its text: that it does work is tried on a bare system, by hand."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[2]
INSTALL = (ROOT / "image/install.sh").read_text().replace("\\\n", " ")
UNITS = ROOT / "systemd"


def words_after(start, text=INSTALL):
    """The words of the one line that begins so."""
    (line,) = re.findall(rf"^\s*{re.escape(start)}(.*)$", text, re.MULTILINE)
    return shlex.split(line)


def listed(path):
    (inside,) = re.findall(r"^packages=\((.*?)\)$", path.read_text(), re.MULTILINE)
    return inside.split()


def test_every_unit_that_can_be_enabled_is_and_no_other():
    can = {path.name for path in UNITS.glob("*.*") if path.is_file() and "\n[Install]\n" in path.read_text()}
    assert set(words_after("systemctl enable --quiet ")) == can


def test_every_file_for_systemd_is_laid_down():
    laid = [word for line in re.findall(r'^"\$\{put\[@\]\}" (.*)$', INSTALL, re.MULTILINE) for word in line.split()]
    found = {path for pattern in laid if pattern.startswith("systemd/") for path in ROOT.glob(pattern)}
    assert found == {path for path in UNITS.rglob("*") if path.is_file()}


def test_it_brings_what_running_from_the_projects_folder_brings_and_the_mixer_of_the_cards():
    assert {*listed(ROOT / "image/install.sh")} == {*listed(ROOT / "script/setup"), "alsa-utils"}


def test_nothing_is_asked_of_a_systemd_that_does_not_run():
    before, after = INSTALL.split("exit 0\n")
    asked = r"^(?!\s*say).*(?:systemctl.* (?:start|stop|restart|daemon-reload|--now)\b|udevadm).*$"
    asks = re.findall(asked, before, re.MULTILINE)
    assert [line for line in asks if "$running = no ] ||" not in line] == []
    assert "systemctl daemon-reload" in after
