"""Whatever becomes of a sealed file, no wrong byte is accepted, nothing crashes, and each refusal has a name.

Truncations, flipped bits, pieces swapped, and pieces or whole files replayed from others that are just as genuine.
``LINEKEEPER_FUZZ`` says how many in all (100000 takes some minutes), ``LINEKEEPER_FUZZ_SEED`` from which seed.
"""

import contextlib
import io
import os
import random
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
import pytest
from practice import OTHER, Practice
from sealed import a_closing, an_opening, sealed_stream

from appliance.clock import FakeClock
from appliance.errors import LinekeeperError, SealBroken
from appliance.model.calls import Caller, CallerIdentity, Direction
from appliance.model.holds import HoldReason
from appliance.model.people import Role
from appliance.storage.boots import Boots
from appliance.storage.checkedfile import read_checked
from appliance.storage.daybook import Daybook
from appliance.storage.entry import Entry, Stated
from appliance.storage.holds import HoldRecord, Holds
from appliance.storage.horizon import Horizon, HorizonState
from appliance.storage.indexseal import open_day, seal_day
from appliance.storage.journal import Journal
from appliance.storage.journalcheck import check
from appliance.storage.journalline import Act
from appliance.storage.keyring import Keyring
from appliance.storage.people.roster import read_roster
from appliance.storage.records import CallSoFar, Later
from appliance.storage.recovery import parse_sheet, sheet_text
from appliance.storage.shares import SharedSound, Shares
from appliance.storage.sheet import parse, read_sheet, rewrite
from appliance.storage.spool import Spool, publish, read_seal_to
from appliance.storage.streamreader import StreamReader
from appliance.storage.unsealing import PrivateKey
from vaultbox import UnsyncedDisk

HOW_MANY = int(os.environ.get("LINEKEEPER_FUZZ", "8000"))
SEED = int(os.environ.get("LINEKEEPER_FUZZ_SEED", "1"))
DISK, DATA_KEY, ASSOCIATED = UnsyncedDisk(), bytes(range(32)), b"2026-11-23T163300Z-1-7f3a9c"
PLAIN = b"OggS" + random.Random(1).randbytes(9_000)


@dataclass
class Target:
    """Genuine content, others to take pieces from, and ``judge``: opens what it is given.

    It raises a ``LinekeeperError`` to refuse, and an ``AssertionError`` where something not genuine was accepted.
    """

    good: bytes
    others: list
    judge: object
    separator: bytes = b""


# --- harm ------------------------------------------------------------------------------------------------------------


def truncated(good, _others, _pieces, chance):
    return good[: chance.randrange(len(good))]


def flipped(good, _others, _pieces, chance):
    bad = bytearray(good)
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
    return bytes(bad)


def swapped(good, _others, pieces, chance):
    parts = pieces(good)
    one, other = chance.randrange(len(parts)), chance.randrange(len(parts))
    parts[one], parts[other] = parts[other], parts[one]
    return b"".join(parts)


def replayed(good, others, pieces, chance):
    """Put a piece of this or another file over a piece or before it, or another file in its place."""
    parts, other = pieces(good), chance.choice([good, *others])
    if other is not good and chance.random() < 0.2:
        return other
    at = chance.randrange(len(parts) + 1)
    parts[at : at + chance.randrange(2)] = [chance.choice(pieces(other))]
    return b"".join(parts)


HARMS = (truncated, flipped, swapped, replayed)


def cutter(target, chance):
    """Cut content where its format has seams, or anywhere."""

    def pieces(data):
        if target.separator and chance.random() < 0.7:
            return [part + target.separator for part in data.split(target.separator)[:-1]] or [data]
        size = 1024 if len(data) > 4096 and chance.random() < 0.7 else chance.randint(1, max(1, len(data) // 2))
        return [data[at : at + size] for at in range(0, len(data), size)]

    return pieces


# --- what is harmed --------------------------------------------------------------------------------------------------


def stream(_folder):
    def judge(data):
        reader = StreamReader(io.BytesIO(data), DATA_KEY, ASSOCIATED)
        at, gaps = 0, 0
        while at < reader.size:
            reader.seek(at)
            try:
                part = reader.read(5000)
            except SealBroken:
                gaps += 1
                at = (at + 40) // 1008 * 1008 + 1008 - 40
                continue
            assert part == PLAIN[at : at + len(part)]
            at += len(part)
        found = reader.check()
        assert len(found.damaged) >= min(1, gaps)
        if found.complete and not found.damaged:
            assert reader.size == len(PLAIN)
            return
        raise SealBroken("It is not whole, and that is known.")

    good = sealed_stream(PLAIN, DATA_KEY, ASSOCIATED)
    others = [sealed_stream(PLAIN, DATA_KEY, ASSOCIATED), sealed_stream(PLAIN[::-1], bytes(32), b"another")]
    return Target(good, [*others, sealed_stream(PLAIN, DATA_KEY, ASSOCIATED, end=False)], judge)


def sheet(folder):
    key, spool = PrivateKey.generate(), Spool(folder, DISK)
    contents = []
    for salt in ("7f3a9c", "7f3a9d"):
        opening = an_opening(salt=salt)
        recording = spool.begin(opening, key.seal_to)
        recording.note(CallSoFar(Direction.IN, Caller(CallerIdentity.NUMBER, "01632960123"), None, True))
        recording.close(a_closing(opening, 0))
        path = spool.meta(opening.call_id)
        contents.append(path.read_bytes())
        rewrite(path, read_sheet(path).with_later(Later(opening.started_at, "note", {"text": "x"}), key.seal_to), DISK)
        contents.append(path.read_bytes())
    call = an_opening(salt="7f3a9c").call_id
    genuine = parse(contents[1], call)

    def judge(data):
        found = parse(data, call)
        assert found.lines == genuine.lines[: len(found.lines)]
        found.unseal(key)

    return Target(contents[1], [contents[0], *contents[2:]], judge, b"\n")


def an_entry(number):
    at = an_opening().started_at + timedelta(minutes=number)
    call = an_opening(at=at, salt=f"{number:06x}").call_id
    stated = Stated(at, an_opening().clock, "boot-1", 5.0 + number)
    return Entry(call, 1, at, stated, 10.5 + number, Direction.IN, False, False, 1000 + number, "0123456789abcdef")


def day_file(folder):
    path, contents = folder / "2026-11-23.json", []
    for first in (0, 100):
        book = Daybook(path, DISK)
        book.rewrite(msgspec.to_builtins(an_entry(first + number)) for number in range(8))
        contents.append(path.read_bytes())
    path.write_bytes(contents[0])
    genuine = Daybook(path).entries(Entry)

    def judge(data):
        path.write_bytes(data)
        assert Daybook(path).entries(Entry) in (genuine, [an_entry(100 + number) for number in range(8)])

    return Target(contents[0], contents[1:], judge)


def practice_of(folder):
    practice = Practice(folder, DISK)
    practice.found()
    manager = practice.sign_in()
    practice.add("nurse", Role.SENIOR, manager, OTHER)
    return practice, manager


def grants(folder):
    practice, manager = practice_of(folder)
    paths = sorted((practice.vault / "grants").iterdir())
    path, keyring = paths[0], practice.keyring
    genuine = keyring.open(path.stem, manager.key).raw()

    def judge(data):
        path.write_bytes(data)
        assert keyring.open(path.stem, manager.key).raw() == genuine

    return Target(path.read_bytes(), [other.read_bytes() for other in paths[1:]], judge)


def roster(folder):
    practice, _ = practice_of(folder / "one")
    other, _ = practice_of(folder / "two")
    path = practice.vault / "people.json"
    strangers = (other.vault / "people.json").read_bytes()
    genuine = read_roster(path), read_roster(other.vault / "people.json")

    def judge(data):
        path.write_bytes(data)
        assert read_roster(path) in genuine

    return Target(path.read_bytes(), [strangers, (practice.vault / "keyring.json").read_bytes()], judge)


def current_key(folder):
    practice, _ = practice_of(folder)
    path, before = practice.vault / "keyring.json", (practice.vault / "people.json").read_bytes()
    genuine = practice.keyring.current()

    def judge(data):
        path.write_bytes(data)
        assert Keyring(practice.vault, practice.intake, practice.clock, DISK).current() == genuine

    return Target(path.read_bytes(), [before], judge)


def key_to_seal_to(folder):
    contents, keys = [], [PrivateKey.generate().seal_to for _ in range(2)]
    for key in keys:
        publish(folder, key, DISK)
        contents.append((folder / "seal-to.json").read_bytes())

    def judge(data):
        (folder / "seal-to.json").write_bytes(data)
        assert read_seal_to(folder) in keys

    return Target(contents[0], contents[1:], judge)


SOUND = SharedSound(bytes(range(32)), "Reception", 20_000, 10.0, bytes(50))


def shares(folder):
    clock, key, path = FakeClock(), PrivateKey.generate(), folder / "shares.json"
    contents, known = [], [()]
    kept = Shares(folder, clock, DISK)
    for number in range(2):
        kept.share(an_entry(number).call_id, SOUND, key.seal_to, "nurse", "manager", clock.now().at + timedelta(9))
        contents.append(path.read_bytes())
        known.append(kept.shared_with("nurse"))

    def judge(data):
        path.write_bytes(data)
        found = Shares(folder, clock, DISK)
        assert found.shared_with("nurse") in known[1:]
        assert found.open(found.find(an_entry(0).call_id, "nurse"), key) == SOUND

    return Target(contents[1], contents[:1], judge)


def journal(folder):
    journal = Journal(folder, FakeClock(), DISK)
    for number in range(12):
        journal.append(Act.LISTENED, "manager", an_entry(number).call_id, purpose="facts")
        if number % 5 == 4:
            journal.checkpoint()
    journal.close()
    other = folder / "other"
    other.mkdir()
    stranger = Journal(other, FakeClock(), DISK)
    for number in range(14):
        stranger.append(Act.LISTENED, "partner", an_entry(number).call_id, purpose="facts")
    stranger.close()
    path, anchor, key = next(folder.glob("*.jsonl")), journal.anchor, journal.public_key
    good, side = path.read_bytes(), (folder / "anchor.json").read_bytes()
    chance = random.Random(SEED)

    def judge(data):
        path.write_bytes(data)
        report = check(folder, key, [anchor])
        if report.intact:
            assert data.startswith(good)  # what follows has no newline yet: it is no line
            return
        if chance.random() < 0.05:  # the keeper opens it all the same, and goes on in a way that says so
            going_on = Journal(folder, FakeClock(), DISK)
            going_on.append(Act.STARTED)
            going_on.close()
            assert not check(folder, key, [anchor]).intact
            for made in folder.glob("*.r*.jsonl"):
                made.unlink()
            (folder / "anchor.json").write_bytes(side)
        raise SealBroken("It does not add up, and that is known.")

    return Target(good, [next(other.glob("*.jsonl")).read_bytes()], judge, b"\n")


def holds(folder):
    clock, contents, calls = FakeClock(), [], [an_entry(number).call_id for number in range(2)]
    kept = Holds(folder, DISK)
    for call in calls:
        for reason in (HoldReason.CLAIM, HoldReason.POLICE):
            kept.place(call, HoldRecord(reason, "manager", clock.now().at, date(2027, 1, 1), "kid", call.encode()))
    contents = [(folder / f"{call}.json").read_bytes() for call in calls]
    genuine, path = kept.of(calls[0]), folder / f"{calls[0]}.json"

    def judge(data):
        path.write_bytes(data)
        found = Holds(folder, DISK)
        try:
            found.read()
        except SealBroken:
            assert found.is_held(calls[0])  # what cannot be read keeps the call
            assert found.of(calls[1])
            raise
        assert found.of(calls[0]) == genuine

    return Target(contents[0], contents[1:], judge)


def horizon(folder):
    path, clock = folder / "horizon.json", FakeClock()
    Horizon(path, clock, DISK).advance(None)
    boots = Boots(folder / "boots.json", clock, DISK)
    boots.observe()
    genuine = read_checked(path, HorizonState)

    def judge(data):
        path.write_bytes(data)
        assert read_checked(path, HorizonState) == genuine

    return Target(path.read_bytes(), [(folder / "boots.json").read_bytes()], judge)


def index_day(_folder):
    plain = b"01632960123 \n01632960846 \0details" * 20
    good = seal_day(DATA_KEY, "2026-11-23", plain)
    others = [seal_day(DATA_KEY, "2026-11-22", plain), seal_day(bytes(32), "2026-11-23", plain)]

    def judge(data):
        assert open_day(DATA_KEY, "2026-11-23", data) == plain

    return Target(good, others, judge)


def recovery(_folder):
    key, other = PrivateKey.generate(), PrivateKey.generate()

    def judge(data):
        try:
            text = data.decode()
        except UnicodeDecodeError as wrong:
            raise SealBroken("Nobody types this.") from wrong
        assert parse_sheet(text).raw() in (key.raw(), other.raw())

    return Target(sheet_text(key).encode(), [sheet_text(other).encode()], judge, b"-")


TARGETS = (
    stream,
    sheet,
    day_file,
    grants,
    roster,
    current_key,
    key_to_seal_to,
    shares,
    journal,
    holds,
    horizon,
    index_day,
    recovery,
)


@pytest.mark.parametrize("make", TARGETS)
def test_no_harm_done_to_a_file_is_taken_for_the_truth(tmp_path, make, capsys):
    chance = random.Random(f"{SEED} {make.__name__}")
    target = make(tmp_path)
    with contextlib.suppress(SealBroken):
        target.judge(target.good)
    pieces, seen = cutter(target, chance), Counter()
    for number in range(-(-HOW_MANY // len(TARGETS))):
        harm = HARMS[number % len(HARMS)]
        data = harm(target.good, target.others, pieces, chance)
        try:
            target.judge(data)
            seen[f"{harm.__name__}, genuine as far as it goes"] += 1
        except LinekeeperError as named:
            seen[f"{harm.__name__}, refused" if str(named).strip() else "refused without words"] += 1
    if "LINEKEEPER_FUZZ" in os.environ:
        with capsys.disabled():
            sys.stdout.write(f"\n{make.__name__}: {dict(sorted(seen.items()))}")
    assert not seen["refused without words"]
    assert seen["flipped, refused"] > 5 * seen["flipped, genuine as far as it goes"]
