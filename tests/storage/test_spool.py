"""The spool: what the recorder leaves there, what a power cut leaves of it, and the key it seals to."""

import errno
import os
import random
import shutil

import pytest
from powercut import CutDisk, after_cut
from sealed import DIALLED, NUMBER, a_closing, an_opening, record

from appliance.errors import SealBroken
from appliance.files import REAL_DISK
from appliance.model.calls import Caller, CallerIdentity, Direction
from appliance.storage.records import CallSoFar
from appliance.storage.sheet import read_sheet
from appliance.storage.spool import Spool, publish, read_seal_to
from appliance.storage.stream import HEADER, SEGMENT
from appliance.storage.streamreader import StreamReader
from appliance.storage.unsealing import PrivateKey

KEY = PrivateKey.generate()
PLAIN = random.Random(1).randbytes(20_000)
SO_FAR = CallSoFar(Direction.IN, Caller(CallerIdentity.NUMBER, NUMBER), DIALLED, True)


def heard(spool, call_id):
    """Return the sheet, all it says, and the audio up to any damage, with whether the stream is complete."""
    sheet = read_sheet(spool.meta(call_id))
    whole = sheet.unseal(KEY)
    with spool.audio(call_id).open("rb") as raw:
        reader = StreamReader(raw, whole.data_key, call_id.encode())
        return sheet, whole, up_to_damage(reader), reader.complete and not reader.check().damaged


def up_to_damage(reader):
    audio = b""
    try:
        while part := reader.read(500):
            audio += part
    except SealBroken:
        pass  # after a power cut a later page may be there and an earlier one not
    return audio


def test_a_call_that_ended_is_there_whole(tmp_path):
    spool, opening = Spool(tmp_path), an_opening()
    recording = spool.begin(opening, KEY.seal_to)
    recording.audio.write(PLAIN)
    recording.note(SO_FAR)
    assert recording.plain_bytes == len(PLAIN)
    recording.close(a_closing(opening, len(PLAIN)))
    sheet, whole, audio, complete = heard(spool, opening.call_id)
    assert complete
    assert audio == PLAIN
    assert sheet.finished
    assert (whole.opening, whole.notes) == (opening, (SO_FAR,))
    assert whole.closing == a_closing(opening, len(PLAIN))
    assert spool.ids() == (opening.call_id,)


def test_a_call_going_on_can_be_read_by_who_has_the_key(tmp_path):
    spool, opening = Spool(tmp_path), an_opening()
    recording = spool.begin(opening, KEY.seal_to)
    recording.audio.write(PLAIN)
    recording.sync()
    sheet, whole, audio, complete = heard(spool, opening.call_id)
    assert not complete
    assert not sheet.finished
    assert whole.closing is None
    assert PLAIN.startswith(audio)
    assert len(PLAIN) - len(audio) <= SEGMENT
    recording.abandon()
    assert not heard(spool, opening.call_id)[3]


def test_an_unanswered_call_is_a_sheet_without_audio(tmp_path):
    spool, opening = Spool(tmp_path), an_opening()
    spool.note_missed(opening, a_closing(opening, 0, missed=True), KEY.seal_to)
    sheet = read_sheet(spool.meta(opening.call_id))
    assert sheet.finished
    assert sheet.closing.missed
    assert sheet.unseal(KEY).opening == opening
    assert not spool.audio(opening.call_id).exists()


def test_no_number_and_no_audio_is_in_clear_in_any_file_or_name(tmp_path):
    plain = b"OggS" + PLAIN
    opening = record(Spool(tmp_path), KEY.seal_to, plain)
    for path in tmp_path.iterdir():
        content = path.read_bytes() + path.name.encode()
        for secret in (NUMBER.encode(), DIALLED.encode(), b"OggS", b"Front desk", PLAIN[5000:5016]):
            assert secret not in content
    assert opening.caller.number == NUMBER


def test_the_same_call_is_not_begun_twice(tmp_path):
    spool = Spool(tmp_path)
    record(spool, KEY.seal_to, PLAIN)
    with pytest.raises(FileExistsError):
        spool.begin(an_opening(), KEY.seal_to)
    assert heard(spool, an_opening().call_id)[3]


def test_files_that_are_no_recordings_are_nobodys_business(tmp_path):
    for name in ("x.meta", "2026-11-23T163300Z-1-7f3a9c.meta.new", "readme"):
        (tmp_path / name).write_bytes(b"")
    assert Spool(tmp_path).ids() == ()


class FullDisk:
    """The real disk until ``after`` bytes are written; then it takes part of a write, and no more."""

    def __init__(self, after):
        self.left = after

    def write(self, fd, data):
        if not self.left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = os.write(fd, data[: self.left])
        self.left -= written
        return written

    def __getattr__(self, name):
        return getattr(REAL_DISK, name)


@pytest.mark.parametrize("room", [0, 100, 790, 820])
def test_on_a_full_disk_no_call_begins_and_that_is_said(tmp_path, room):
    with pytest.raises(OSError, match="No space"):
        Spool(tmp_path, FullDisk(room)).begin(an_opening(), KEY.seal_to)


@pytest.mark.parametrize("room", [1500, 5000, 9999, 12_345])
def test_a_disk_that_fills_up_during_a_call_keeps_what_fitted(tmp_path, room):
    spool, opening = Spool(tmp_path, FullDisk(room)), an_opening()
    recording = spool.begin(opening, KEY.seal_to)
    with pytest.raises(OSError, match="No space"):
        recording.audio.write(PLAIN)
    for attempt in (lambda: recording.audio.write(b"more"), recording.sync, lambda: recording.note(SO_FAR)):
        with pytest.raises(OSError, match=r"No space|takes nothing more"):
            attempt()
    recording.abandon()
    sheet, _, audio, complete = heard(spool, opening.call_id)
    stored = spool.audio(opening.call_id).stat().st_size
    assert PLAIN.startswith(audio)
    assert len(audio) >= stored // SEGMENT * (SEGMENT - 16) - HEADER
    assert not complete
    assert not sheet.finished


def test_the_recorder_learns_the_key_and_never_guesses_a_damaged_one(tmp_path):
    assert read_seal_to(tmp_path) is None
    publish(tmp_path, KEY.seal_to)
    assert read_seal_to(tmp_path) == KEY.seal_to
    path = tmp_path / "seal-to.json"
    good, chance = path.read_bytes(), random.Random(1)
    for _ in range(500):
        at = chance.randrange(len(good))
        bad = bytearray(good)
        bad[at] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(bad))
        try:
            assert read_seal_to(tmp_path) == KEY.seal_to
        except SealBroken:
            continue


def a_call(spool, opening, promises, operations):
    """Record a call with a sync now and then; note after how many operations what was promised."""
    recording = spool.begin(opening, KEY.seal_to)
    promises.append((len(operations), "begun", 0))
    for start in range(0, len(PLAIN), 900):
        recording.audio.write(PLAIN[start : start + 900])
        if start % 2700 == 0:
            recording.sync()
            promises.append((len(operations), "synced", recording.plain_bytes))
        if start == 9000:
            recording.note(SO_FAR)
            promises.append((len(operations), "noted", 0))
    recording.close(a_closing(opening, len(PLAIN)))
    promises.append((len(operations), "closed", len(PLAIN)))


def broken_promises(tmp_path, disk, cuts):
    old, opening, promises = tmp_path / "old", an_opening(), []
    old.mkdir()
    a_call(Spool(old, disk), opening, promises, disk.operations)
    chance, broken = random.Random(9), 0
    for number in range(cuts):
        new = tmp_path / f"cut-{number}"
        new.mkdir()
        at = chance.randrange(len(disk.operations) + 1)
        after_cut(disk.operations[:at], chance, old, new)
        kept = {word: size for when, word, size in promises if when <= at}
        broken += not keeps(Spool(new), opening, kept)
        shutil.rmtree(new)
    return broken


def keeps(spool, opening, kept):
    """Return whether every promise was kept. A wrong byte fails at once."""
    try:
        sheet, whole, audio, complete = heard(spool, opening.call_id)
    except (SealBroken, FileNotFoundError):
        return max(kept.values(), default=0) < SEGMENT  # not one whole segment had been synced
    assert PLAIN.startswith(audio)
    assert not complete or audio == PLAIN
    durable = max(kept.values(), default=0)
    return (
        len(audio) >= durable - (0 if "closed" in kept else SEGMENT - 16)
        and ("noted" not in kept or whole.notes == (SO_FAR,))
        and ("closed" not in kept or (complete and sheet.finished))
    )


def test_a_call_cut_by_power_loss_keeps_what_was_sealed(tmp_path):
    assert broken_promises(tmp_path, CutDisk(), 1000) == 0


@pytest.mark.parametrize("forgotten", [".audio", ".meta", "old"])
def test_leaving_out_one_sync_breaks_promises_and_the_model_sees_it(tmp_path, forgotten):
    assert broken_promises(tmp_path, CutDisk(forgets=lambda path: path.name.endswith(forgotten)), 200) > 10


def test_a_header_and_an_opening_are_durable_before_the_first_sound(tmp_path):
    disk, opening = CutDisk(), an_opening()
    (tmp_path / "old").mkdir()
    Spool(tmp_path / "old", disk).begin(opening, KEY.seal_to)
    after_cut(disk.operations, random.Random(1), tmp_path / "old", tmp_path / "new")
    assert (tmp_path / "new" / f"{opening.call_id}.audio").stat().st_size == HEADER
    assert not read_sheet(tmp_path / "new" / f"{opening.call_id}.meta").torn
