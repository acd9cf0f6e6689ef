"""``linekeeper backup`` and ``restore``, as programs: with the keeper stopped, and with it running."""

import io
import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyotp
import pytest
import tomli_w

from appliance.capture.opus import OpusStream
from appliance.cli import main
from appliance.clock import FakeClock
from appliance.config import BackupConfig, to_toml_values
from appliance.errors import LinkBroken
from appliance.link.client import Link
from appliance.link.messages.setup import AskSetup, SetupState
from appliance.storage.backup import read_manifest, read_rehearsal
from vaultbox import PASSWORD, Box, UnsyncedDisk

SECONDS = 3


def opus():
    """Return a recording as the recorder makes one."""
    sink = io.BytesIO()
    stream = OpusStream(sink)
    chance = np.random.default_rng(1)
    for _ in range(SECONDS * 10):
        stream.write(chance.normal(0, 0.1, 800).astype(np.float32))
    stream.close()
    return sink.getvalue()


@pytest.fixture
def box(tmp_path, capsys):
    """A practice of one call, its settings in a file, and an empty folder that stands for another disk."""
    box = Box(tmp_path, FakeClock(datetime.now(UTC) - timedelta(days=1)), UnsyncedDisk())
    box.sheet = box.set_up().recovery_sheet
    box.taken(plain=opus())
    box.stores.journal.close()
    box.usb = tmp_path / "usb"
    box.usb.mkdir()
    box.file = tmp_path / "linekeeper.toml"
    config = replace(box.config, backup=BackupConfig(str(box.usb)))
    box.file.write_text(tomli_w.dumps(to_toml_values(config)))
    return box


def linekeeper(*words):
    return main([str(word) for word in words])


def typing(monkeypatch, *lines):
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_backup_is_made_rehearsed_with_sound_and_put_back(box, tmp_path, capsys, monkeypatch):
    assert linekeeper("backup", box.usb, "--config", box.file, "--same-disk") == 0
    assert capsys.readouterr().out.startswith("1 recordings; ")
    typing(monkeypatch, box.sheet)
    assert linekeeper("backup", box.usb, "--rehearse") == 0
    said = capsys.readouterr()
    assert f"opened and played: {SECONDS}." in said.out
    assert box.sheet not in said.out + said.err
    assert read_rehearsal(box.usb).opened
    assert linekeeper("restore", box.usb, "--data", tmp_path / "new") == 0
    assert capsys.readouterr().out.startswith("1 recordings, as they were backed up on ")
    assert linekeeper("restore", box.usb, "--data", tmp_path / "new") == 1
    assert "already" in capsys.readouterr().err


def test_a_rehearsal_without_the_sheet_says_that_nothing_was_opened(box, capsys, monkeypatch):
    linekeeper("backup", "--config", box.file, "--same-disk")
    typing(monkeypatch, "")
    assert linekeeper("backup", box.usb, "--rehearse", "--json") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["recordings"], told["faults"], told["played_s"]) == (1, [], None)
    assert not read_rehearsal(box.usb).opened


def test_what_is_damaged_has_an_exit_code_of_its_own(box, capsys, monkeypatch):
    linekeeper("backup", "--config", box.file, "--same-disk")
    audio = next(box.usb.rglob("*.audio"))
    audio.write_bytes(audio.read_bytes()[:-1] + b"x")
    typing(monkeypatch, "")
    assert linekeeper("backup", box.usb, "--rehearse") == 3
    assert read_rehearsal(box.usb) is None


def test_a_damaged_record_of_casework_in_the_backup_is_named_by_the_rehearsal(box, capsys, monkeypatch):
    cases = box.folders.vault / "cases"
    (cases / "CO-2026-001.json").write_bytes(b"what was never a record")
    linekeeper("backup", "--config", box.file, "--same-disk")
    typing(monkeypatch, "")
    assert linekeeper("backup", box.usb, "--rehearse", "--json") == 3
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["cases"], told["damaged_cases"]) == (1, ["CO-2026-001"])
    assert read_rehearsal(box.usb) is None


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["backup"], 2, "Name the folder"),
        (["backup", "usb"], 2, "--config"),
        (["backup", "{usb}", "--config", "{file}"], 1, "own disk"),
        (["backup", "{usb}/nowhere", "--config", "{file}"], 1, "plugged in"),
        (["backup", "{usb}", "--rehearse"], 1, "no backup"),
        (["restore", "{usb}", "--data", "new"], 1, "no backup"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(box, capsys, monkeypatch, words, code, said):
    typing(monkeypatch, "")
    assert linekeeper(*(word.format(usb=box.usb, file=box.file) for word in words)) == code
    assert said in capsys.readouterr().err


def test_while_the_keeper_runs_it_is_asked_and_signs_the_person_in(box, capsys, monkeypatch):
    linekeeper("backup", "--config", box.file, "--same-disk")
    capsys.readouterr()
    before = read_manifest(box.usb).finished_at
    command = [sys.executable, "-m", "appliance", "keeper", "--config", str(box.file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            answers(box)
            assert linekeeper("backup", box.usb / "vault", "--config", box.file) == 1
            assert "keeper is running" in capsys.readouterr().err
            code = pyotp.TOTP(box.secrets["manager"]).now()
            typing(monkeypatch, "manager", PASSWORD, code)
            assert linekeeper("backup", "--config", box.file) == 0
        finally:
            process.terminate()
            process.communicate()
    assert capsys.readouterr().out.startswith("Backed up at ")
    assert read_manifest(box.usb).finished_at > before


def answers(box):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with Link(box.folders.keeper_socket) as link:
                assert link.ask(AskSetup(), SetupState).done
                return
        except LinkBroken:
            time.sleep(0.1)
    pytest.fail("the keeper does not answer")
