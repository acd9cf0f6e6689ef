"""The standalone script: one file, the recovery sheet and a folder give every recording back."""

import ast
import json
import random
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from practice import OTHER, Practice
from sealed import AT, DIALLED, NUMBER, a_closing, an_opening, record

from appliance.cli import main
from appliance.model.people import Role
from appliance.storage import recover
from appliance.storage.records import CutClear, Later
from appliance.storage.sheet import read_sheet, rewrite
from appliance.storage.spool import Spool

SCRIPT = Path(recover.__file__)


def plain_of(seed, size=9000):
    return b"OggS" + random.Random(seed).randbytes(size)


class Box:
    """A data folder with calls from before set-up, after it, and after a month has turned."""

    def __init__(self, folder):
        self.folder = folder / "data"
        self.practice = Practice(self.folder)
        (self.folder / "spool").mkdir()
        self.spool, self.plain = Spool(self.folder / "spool", self.practice.disk), {}
        self.record(1)
        self.sheet = self.practice.found().recovery_sheet
        self.record(2)
        self.practice.add("nurse", Role.SENIOR, self.practice.sign_in(), OTHER)
        self.practice.clock.jump(AT + timedelta(days=30))
        assert self.practice.people.rotate_if_due()
        self.record(3)

    @property
    def key(self):
        return self.practice.keyring.current()

    def opening(self, number):
        return an_opening(at=AT + timedelta(hours=number), salt=f"{number:06x}")

    def record(self, number):
        opening = record(self.spool, self.key, plain_of(number), self.opening(number))
        self.plain[opening.call_id] = plain_of(number)
        return opening.call_id


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return Box(tmp_path_factory.mktemp("box"))


@pytest.fixture
def box(made, tmp_path):
    """A copy of the box, so that each test may harm its own."""
    copy = Box.__new__(Box)
    copy.__dict__ = dict(made.__dict__)
    copy.folder = tmp_path / "data"
    shutil.copytree(made.folder, copy.folder)
    copy.spool, copy.plain = Spool(copy.folder / "spool", made.practice.disk), dict(made.plain)
    return copy


def run(box, out, *more, sheet=None, script=SCRIPT):
    command = [sys.executable, "-I", str(script), str(box.folder), "--out", str(out), *more]
    done = subprocess.run(command, input=f"{sheet or box.sheet}\n", capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


def recovered(out):
    return {path.stem: path.read_bytes() for path in out.glob("*.opus")}


def test_it_needs_nothing_but_cryptography():
    needed = set()
    for node in ast.walk(ast.parse(SCRIPT.read_text())):
        if isinstance(node, ast.Import):
            needed |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            needed.add(node.module.split(".")[0])
    assert needed - set(sys.stdlib_module_names) == {"cryptography"}


def test_one_file_and_the_sheet_give_every_call_back(box, tmp_path):
    alone = shutil.copy(SCRIPT, tmp_path / "recover.py")
    done = run(box, tmp_path / "out", script=alone)
    assert done.returncode == 0
    assert recovered(tmp_path / "out") == box.plain
    assert "3 of 3" in done.stderr
    facts = json.loads((tmp_path / "out" / f"{box.opening(2).call_id}.json").read_text())
    assert facts["opening"]["caller"]["number"] == NUMBER
    assert facts["closing"]["dialled"] == DIALLED
    assert facts["audio_complete"]
    assert facts["damaged_segments"] == []


def test_the_verb_does_the_same(box, tmp_path, capsys):
    code = main(["recover", str(box.folder), "--out", str(tmp_path / "out"), "--sheet", box.sheet.lower()])
    assert code == 0
    assert recovered(tmp_path / "out") == box.plain
    words = capsys.readouterr()
    assert words.out == ""
    assert NUMBER not in words.err


def test_audio_after_the_calls_true_end_is_left_out(box, tmp_path):
    opening = box.opening(4)
    recording = box.spool.begin(opening, box.key)
    recording.audio.write(plain_of(4))
    recording.close(a_closing(opening, 5000))
    assert run(box, tmp_path / "out").returncode == 0
    assert recovered(tmp_path / "out")[opening.call_id] == plain_of(4)[:5000]


def test_missed_calls_and_later_remarks_come_too(box, tmp_path):
    missed, kept = box.opening(5), box.spool.meta(box.opening(3).call_id)
    box.spool.note_missed(missed, a_closing(missed, 0, missed=True), box.key)
    rewrite(kept, read_sheet(kept).with_later(Later(AT, "remark", {"text": "spoke to the caller"}), box.key))
    assert run(box, tmp_path / "out").returncode == 0
    assert json.loads((tmp_path / "out" / f"{missed.call_id}.json").read_text())["closing"]["missed"]
    facts = json.loads((tmp_path / "out" / f"{kept.stem}.json").read_text())
    assert facts["later"][0]["content"] == {"text": "spoke to the caller"}


def test_a_call_cut_short_is_recovered_as_far_as_it_goes_and_that_is_said(box, tmp_path):
    for number in (6, 7):
        recording = box.spool.begin(box.opening(number), box.key)
        recording.audio.write(plain_of(number))
        recording.abandon()
    meta = box.spool.meta(box.opening(7).call_id)
    rewrite(meta, read_sheet(meta).with_cut(CutClear(meta.stem, AT, 8000, 2.6), box.key))
    done = run(box, tmp_path / "out")
    assert done.returncode == 3
    assert "Recovered 3 whole, 2 in part; 0 lost" in done.stderr
    for number in (6, 7):
        got = recovered(tmp_path / "out")[box.opening(number).call_id]
        assert plain_of(number).startswith(got)
        assert len(got) > 8000


def test_damaged_audio_gives_all_that_is_genuine_in_its_order(box, tmp_path):
    call = box.opening(2).call_id
    audio = bytearray(box.spool.audio(call).read_bytes())
    audio[3000] ^= 1
    box.spool.audio(call).write_bytes(bytes(audio))
    done = run(box, tmp_path / "out")
    assert done.returncode == 3
    lost = slice(968 + 1008, 968 + 2 * 1008)
    expected = bytearray(box.plain[call])
    del expected[lost]
    assert recovered(tmp_path / "out")[call] == bytes(expected)
    assert json.loads((tmp_path / "out" / f"{call}.json").read_text())["damaged_segments"] == [2]


def test_random_damage_never_crashes_it_nor_gives_a_wrong_byte(box, tmp_path, capsys):
    chance, files = random.Random(2), sorted(box.folder.rglob("*.*"))
    for number in range(150):
        path = chance.choice(files)
        good = path.read_bytes()
        bad = bytearray(good)
        for _ in range(chance.randrange(1, 4)):
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(bad[: chance.choice((len(bad), chance.randrange(len(bad))))]))
        out = tmp_path / f"out{number}"
        code = main(["recover", str(box.folder), "--out", str(out), "--sheet", box.sheet])
        assert code in (0, 1, 3)
        for call, audio in recovered(out).items():
            whole = iter(box.plain[call])
            assert audio == box.plain[call] or code == 3
            assert all(byte in whole for byte in audio)  # in order, with gaps at most
        path.write_bytes(good)
    capsys.readouterr()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda box: setattr(box, "sheet", box.sheet[:-1]), "Group 18"),
        (lambda box: setattr(box, "sheet", "nonsense"), "Group 1 "),
        (lambda box: shutil.rmtree(box.folder / "vault" / "grants"), "No key below"),
        (lambda box: shutil.rmtree(box.folder / "spool"), "no recordings"),
        (lambda box: shutil.rmtree(box.folder), "No key below"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(box, tmp_path, change, said):
    change(box)
    done = run(box, tmp_path / "out")
    assert done.returncode == 1
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_recordings_of_a_key_that_is_gone_are_counted_as_lost(box, tmp_path):
    first = read_sheet(box.spool.meta(box.opening(1).call_id)).opening.kid
    (box.folder / "vault" / "grants" / f"{first}.json").unlink()
    done = run(box, tmp_path / "out")
    assert done.returncode == 3
    assert "Recovered 2 whole, 0 in part; 1 lost" in done.stderr


def test_a_stolen_disk_without_the_sheet_gives_nothing(box, tmp_path):
    other = Practice(tmp_path / "other").found().recovery_sheet
    done = run(box, tmp_path / "out", sheet=other)
    assert done.returncode == 1
    assert "another box" in done.stderr


def test_wrong_arguments_are_a_matter_of_usage(box):
    done = subprocess.run([sys.executable, str(SCRIPT), "x"], capture_output=True, text=True, check=False)
    assert done.returncode == 2


def test_what_it_makes_is_the_owners_alone(box, tmp_path):
    run(box, tmp_path / "out")
    assert [path for path in (tmp_path / "out", *(tmp_path / "out").iterdir()) if path.stat().st_mode & 0o077] == []
