"""Somebody takes the box's disk, or its backup: what they find, and what the recovery sheet alone gives back."""

import base64
import io
import json
import subprocess
import sys
import venv
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import util
from pathlib import Path

import numpy as np
import pytest

from appliance.audio import RATE
from appliance.capture.opus import OpusStream
from appliance.link.messages.call import ReadAudio, StartListening
from appliance.link.messages.calls import CallQuery, ListCalls
from appliance.link.messages.holds import PlaceHold, ReleaseHold
from appliance.link.messages.sessions import ProvePassword, SignOut
from appliance.model.calls import Direction
from appliance.model.holds import HoldReason
from appliance.model.people import Purpose, Role
from appliance.storage.backup import BackupRun
from appliance.storage.records import Later
from appliance.storage.shares import Shares
from appliance.storage.sheet import read_sheet, rewrite
from vaultbox import OTHER, PASSWORD, Box, UnsyncedDisk

DAY_S, DAYS = 86400, 7
CALLERS = tuple(
    (f"0163296{number:04d}", name) for number, name in enumerate(("Ada Caller", "B. Ringer", "Caller, Céleste"), 411)
)
DIALLED, WORDS = "02079460199", "wants the result of the scan repeated"
REFERENCE, NOTE, WHY = "CMP-2026-0417", "unhappy with how the call was handled", "complaint withdrawn in writing"
PIECE = 48


@dataclass
class Week:
    """A practice's week, and everything in it that nobody else may learn."""

    box: Box
    sheet: str
    plain: dict = field(default_factory=dict)
    pcm: list = field(default_factory=list)
    secrets: dict = field(default_factory=dict)


def spoken(seed):
    """Return sound on a line as samples, and as the recorder's Ogg Opus."""
    chance, at = np.random.default_rng(seed), np.arange(2 * RATE) / RATE
    sound = (0.2 * np.sin(2 * np.pi * (180 + 40 * seed) * at) + chance.normal(0, 0.02, len(at))).astype(np.float32)
    sink = io.BytesIO()
    stream = OpusStream(sink)
    for start in range(0, len(sound), 800):
        stream.write(sound[start : start + 800])
    stream.close()
    return sound, sink.getvalue()


def a_week(folder):
    box = Box(folder, disk=UnsyncedDisk())
    before_set_up = spoken(99)
    week = Week(box, "")
    first = box.taken(plain=before_set_up[1], number=CALLERS[0][0], name=CALLERS[0][1])
    week.plain[first] = before_set_up[1]
    first_key = json.loads((box.folders.vault / "first-key.json").read_bytes())["body"]["private"]
    week.secrets["first key"] = base64.b64decode(first_key)
    set_up = box.set_up()
    week.sheet = set_up.recovery_sheet
    manager = box.sign_in()
    senior = box.add("senior", Role.SENIOR, manager)
    for day in range(DAYS):
        record_a_day(week, day)
        box.stores.intake.take(frozenset())
        box.chores.change_key()
        use_it(week, day)
        box.clock.advance(DAY_S)
    lists_and_holds(week)
    for call, audio in week.plain.items():
        assert box.stores.vault.audio(call).stat().st_size > len(audio)
    week.secrets |= {f"recovery code {code}": code for code in set_up.recovery_codes}
    week.secrets |= {f"phone of {name}": secret for name, secret in box.secrets.items()}
    week.secrets |= {
        "token": manager,
        "token of senior": senior,
        "sheet": week.sheet,
        "sheet, joined": set_up.recovery_sheet.replace("-", ""),
    }
    box.desk.sessions.end_all()
    box.desk.tidy()
    box.stores.journal.close()
    return week


def record_a_day(week, day):
    for number, (caller, name) in enumerate(CALLERS):
        sound, audio = spoken(day * 10 + number)
        call = week.box.call(plain=audio, number=caller, name=name, line=number % 2 + 1)
        week.plain[call] = audio
        week.pcm.append(sound)
        week.box.clock.advance(600)
    sound, audio = spoken(day * 10 + 9)
    week.plain[week.box.call(plain=audio, direction=Direction.OUT, dialled=DIALLED)] = audio
    week.box.missed(number=CALLERS[day % 3][0])


def use_it(week, day):
    """Sign in, search, listen, hold and release, as people do."""
    box = week.box
    token = box.sign_in("manager") if day % 2 else box.sign_in("senior", OTHER)
    box.chores.open_sheets()
    page = box.ask(ListCalls(token, CallQuery(number=CALLERS[0][0][2:9], missed=False)))
    assert page.total
    call = page.calls[0].call_id
    box.ask(StartListening(token, call, Purpose.FACTS))
    assert box.ask(ReadAudio(token, call, 0, 4000)).data.startswith(b"OggS")
    review_on = (box.clock.now().at + timedelta(days=90)).date()
    box.ask(PlaceHold(token, call, HoldReason.COMPLAINT, REFERENCE, NOTE, review_on))
    if day % 2:
        box.ask(ProvePassword(token, PASSWORD))
        box.ask(ReleaseHold(token, call, 0, WHY))
    box.ask(SignOut(token))
    box.desk.tidy()


def lists_and_holds(week):
    """Add a remark to a sheet and share a recording, through the parts that do so."""
    box, call = week.box, next(iter(week.plain))
    meta = box.stores.vault.meta(call)
    sheet = read_sheet(meta)
    key = box.stores.keyring.seal_to(sheet.opening.kid)
    rewrite(meta, sheet.with_later(Later(box.clock.now().at, "note", {"text": WORDS}), key), UnsyncedDisk())
    person = box.stores.people.sign_in("manager", PASSWORD, box.code("manager"), "192.0.2.7")
    with box.stores.keyring.open(sheet.opening.kid, person.key) as opener:
        data_key = read_sheet(meta).data_key(opener)
        week.secrets |= {"recording key": opener.raw(), "data key": data_key}
    until = box.clock.now().at + timedelta(days=14)
    shares = Shares(box.folders.vault, box.clock, UnsyncedDisk())
    shares.share(call, data_key, box.stores.people.seal_to("senior"), "senior", "manager", until)
    week.secrets["manager's key"] = person.key.raw()
    person.forget()


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    return a_week(tmp_path_factory.mktemp("week"))


@pytest.fixture(scope="module")
def backup(week, tmp_path_factory):
    folder = tmp_path_factory.mktemp("usb")
    assert BackupRun(week.box.folders.vault, folder, week.box.clock.now().at, UnsyncedDisk()).run().finished
    return folder


def needles(week):
    """Return name -> bytes of all that must not be found."""
    words = {f"number of {name}": number for number, name in CALLERS} | {f"name {name}": name for _, name in CALLERS}
    words |= {"number, as from abroad": f"44{CALLERS[0][0][1:]}", "number, without its zero": CALLERS[1][0][1:]}
    words |= {"dialled": DIALLED, "remark": WORDS, "reference": REFERENCE, "note": NOTE, "why": WHY}
    words |= {"password": PASSWORD, "other password": OTHER, "last name": "Céleste"}
    found = {name: word.encode() if isinstance(word, str) else word for name, word in (words | week.secrets).items()}
    found |= {"Ogg page": b"OggS", "Opus header": b"OpusHead", "Opus tags": b"OpusTags"}
    for call, audio in week.plain.items():
        found |= {f"audio of {call} at {at}": audio[at : at + PIECE] for at in range(200, len(audio) - PIECE, 700)}
    for number, sound in enumerate(week.pcm):
        loud = sound[4000:4024]
        found |= {f"samples {number}": loud.tobytes(), f"PCM {number}": (loud * 32767).astype("<i2").tobytes()}
    return found


def spellings(needle):
    """Yield a needle as it is and as it may hide: hex, UTF-16, and in base64 wherever it begins."""
    yield needle
    yield needle.hex().encode()
    if len(needle) < 100 and needle.isascii():
        yield needle.decode("ascii").encode("utf-16-le")
    if len(needle) >= 8:
        for shift in range(3):
            yield base64.b64encode(bytes(shift) + needle)[4 if shift else 0 : -4]


def found_in(folder, week):
    """Return which needles are anywhere below ``folder``: in contents or in names."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "recover.py"]
    haystack = b"\n".join(path.read_bytes() + str(path).encode() for path in files)
    return [name for name, needle in needles(week).items() if any(one in haystack for one in spellings(needle))]


def test_nothing_that_was_said_or_typed_in_a_week_is_in_clear_on_the_disk(week):
    assert list((week.box.folders.vault / "index").glob("*.sealed"))
    assert found_in(week.box.folders.root, week) == []


def test_nor_in_a_backup_of_it(week, backup):
    assert found_in(backup, week) == []


def test_this_search_would_find_what_lies_open(week, tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 4097 + base64.b64encode(b"zz" + CALLERS[1][0].encode() + b"zz"))
    (tmp_path / "b").write_bytes(week.plain[next(iter(week.plain))])
    (tmp_path / f"{REFERENCE}.txt").write_bytes(b"")
    found = found_in(tmp_path, week)
    assert {f"number of {CALLERS[1][1]}", "Ogg page", "Opus header", "reference"} <= set(found)
    assert len([name for name in found if name.startswith("audio of")]) > 2


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A virtual environment with ``cryptography`` and what it cannot do without, and nothing else."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    venv.create(folder, symlinks=True)
    packages = next((folder / "lib").glob("python3*")) / "site-packages"
    for name in ("cryptography", "cffi", "_cffi_backend"):
        origin = Path(util.find_spec(name).origin)
        origin = origin.parent if origin.name == "__init__.py" else origin
        (packages / origin.name).symlink_to(origin)
    return folder / "bin" / "python"


@pytest.mark.parametrize("lost", ["the box", "the disk is stolen and only the backup is left"])
def test_with_the_recovery_sheet_alone_everything_comes_back(week, backup, bare, tmp_path, lost):
    folder = week.box.folders.root if lost == "the box" else backup
    script = backup / "recover.py"
    command = [bare, "-I", script, folder, "--out", tmp_path / "out"]
    done = subprocess.run(command, input=f"{week.sheet}\n", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.stem: path.read_bytes() for path in (tmp_path / "out").glob("*.opus")} == week.plain
    told = [json.loads(path.read_text()) for path in (tmp_path / "out").glob("*.json")]
    assert len(told) == len(week.plain) + DAYS
    assert {one["closing"]["caller"]["number"] for one in told} == {number for number, _ in CALLERS} | {None}
    assert {one["closing"]["dialled"] for one in told} == {DIALLED, None}
    assert [later["content"] for one in told for later in one["later"]] == [{"text": WORDS}]


def test_the_bare_environment_is_bare(bare):
    for name in ("msgspec", "tinydb", "av", "numpy", "appliance", "tink"):
        assert subprocess.run([bare, "-I", "-c", f"import {name}"], capture_output=True, check=False).returncode
    assert (
        sys.prefix
        not in subprocess.run(
            [bare, "-c", "import sys; print(sys.path)"], capture_output=True, text=True, check=True
        ).stdout
    )
