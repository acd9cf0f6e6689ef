"""The power is cut anywhere in a box's day: a call on the line, filing, sharing, backing up, destroying.

``LINEKEEPER_CUTS`` says how many cuts in all.
"""

import os
import random
import shutil
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from powercut import CutDisk, after_cut

from appliance.clock import FakeClock
from appliance.errors import SealBroken
from appliance.keeper.opening import RecordingKeys, opened_words
from appliance.link.messages.holds import PlaceHold
from appliance.model.holds import HoldReason
from appliance.model.people import Role
from appliance.storage.backup import BackupRun, read_manifest, rehearse
from appliance.storage.backup.folder import BackupFolder
from appliance.storage.backup.sound import has_gone_on
from appliance.storage.intake import QUIET_S
from appliance.storage.recovery import parse_sheet
from appliance.storage.shares import SharedSound, Shares
from appliance.storage.sheet import read_sheet
from appliance.storage.spool import read_seal_to
from appliance.storage.streamreader import StreamReader
from vaultbox import Box, UnsyncedDisk

CUTS = int(os.environ.get("LINEKEEPER_CUTS", "160"))
LIVES, STEPS, DAY_S = 4, 20, 86400
FIRST = ("call", "call", "call", "intake", "hold", "share", "backup", "year")
PAGE, A_SECOND = 600, 3000
"""Bytes of Opus at 24 kbit/s: pages of 0.2 s, a sync each second."""

MOST_LOST = A_SECOND * 3 // 2
SOUND = SharedSound(bytes(32), "Reception", PAGE, 0.2)


@dataclass(frozen=True)
class Said:
    """What had been acknowledged after so many operations of the disk, and what was begun then."""

    operations: int
    at: object
    spoken: dict = field(default_factory=dict)  # call -> bytes that the line had given
    closed: frozenset = frozenset()
    held: frozenset = frozenset()
    shared: frozenset = frozenset()
    withdrawn: frozenset = frozenset()
    backed_up: frozenset = frozenset()
    destroyed: frozenset = frozenset()
    buried: frozenset = frozenset()  # destroyed, and a backup was finished since
    next: str = ""
    of: str = ""


class Life:
    """Recorder and keeper of one box, and its backup, on one disk that remembers."""

    def __init__(self, folder, seed, forgets=lambda _path: False):
        self.folder, self.chance = folder, random.Random(seed)
        self.disk = CutDisk()
        self.box = Box(folder, disk=self.disk)
        self.box.clock.advance(1)  # so that the first key is older than the one of set-up
        self.sheet = self.box.set_up().recovery_sheet
        self.box.add("nurse", Role.SENIOR, self.box.sign_in())
        self.usb = folder / "usb"
        self.usb.mkdir()
        self.disk.operations.append(("mkdir", str(self.usb)))
        for settled in (folder, folder / "data", folder / "data" / "vault"):
            self.disk.fsync(self.disk.open(str(settled), os.O_RDONLY))
        self.box.stores.boots.observe()
        self.box.stores.disposal.sweep()
        self.disk._forgets = forgets  # only what is promised from here on is looked at
        self.shares = self.box.stores.shares
        self.plain, self.spoken, self.said = {}, {}, []
        self.sets = {
            name: frozenset() for name in ("closed", "held", "shared", "withdrawn", "backed_up", "destroyed", "buried")
        }
        self.note()
        for number in range(STEPS):
            self.step(*FIRST[number : number + 1])
        self.box.stores.journal.close()

    def note(self):
        operations, at = len(self.disk.operations), self.box.clock.now().at
        self.said.append(Said(operations, at, dict(self.spoken), **self.sets))

    def add(self, name, *calls):
        self.sets[name] |= set(calls)

    def filed(self):
        return sorted(call for call in self.plain if self.box.stores.vault.has(call))

    def step(self, first=""):
        names = ("call", "intake", "share", "withdraw", "backup", "year", "hold", "reseal")
        name = first or self.chance.choices(names, (5, 5, 3, 2, 3, 3, 3, 3))[0]
        of = self.chance.choice(self.filed()) if self.filed() else ""
        self.said[-1] = replace(self.said[-1], next=name, of=of)
        getattr(self, f"_{name}")(of)
        self.note()

    def _call(self, _of):
        """A call of some seconds; what the line has given is noted at each page, whatever the disk has of it."""
        opening = self.box.opening()
        plain = random.Random(opening.call_id).randbytes(self.chance.randrange(2, 20) * PAGE)
        self.plain[opening.call_id] = plain
        recording = self.box.spool.begin(opening, read_seal_to(self.box.folders.intake))
        for at in range(0, len(plain), PAGE):
            recording.audio.write(plain[at : at + PAGE])
            self.spoken[opening.call_id] = at + PAGE
            self.note()
            if at % A_SECOND == A_SECOND - PAGE:
                recording.sync()
        if self.chance.random() < 0.8:
            recording.close(self.box.closing(opening, plain))
            self.add("closed", opening.call_id)
        else:
            recording.sync()
            recording.abandon()

    def _intake(self, _of):
        for _ in range(2):
            self.box.stores.intake.take(frozenset())
            self.box.clock.advance(QUIET_S + 1)

    def _share(self, of):
        if of:
            until = self.box.clock.now().at + timedelta(days=9000)
            self.shares.share(of, SOUND, self.box.stores.people.seal_to("nurse"), "nurse", "manager", until)
            self.sets["withdrawn"] -= {of}
            self.add("shared", of)

    def _withdraw(self, of):
        if of in self.sets["shared"]:
            self.shares.withdraw(of)
            self.sets["shared"] -= {of}
            self.add("withdrawn", of)

    def _hold(self, of):
        if of:
            token, review = self.box.sign_in(), self.box.clock.now().at.date()
            self.box.ask(PlaceHold(token, of, HoldReason.CLAIM, of, "", review))
            self.add("held", of)

    def _reseal(self, _of):
        self.box.sign_in()
        self.box.chores.reseal()

    def _backup(self, _of):
        now = self.box.clock.now().at
        outcome = BackupRun(self.box.folders.vault, self.usb, now, self.disk).run()
        assert outcome.finished
        assert outcome.trusted
        self.add("backed_up", *self.filed())
        self.add("buried", *self.sets["destroyed"])
        self.sets["backed_up"] -= self.sets["buried"]

    def _year(self, _of):
        before = set(self.filed()) | {call for _, call in self.box.stores.trash.ids()}
        for days in (370, 8):
            self.box.clock.advance(days * DAY_S)
            self.box.stores.boots.observe()
            self.box.stores.people.rotate_if_due()
            self.box.stores.horizon.confirm()
            self.box.stores.disposal.sweep()
        gone = before - set(self.filed())
        trash = {call for _, call in self.box.stores.trash.ids()}
        self.add("destroyed", *(gone - trash))
        self.sets["shared"] -= gone - trash


def look(life, new, count, seed):
    """Cut the power after ``count`` operations, come up again in ``new``, and compare with what was acknowledged."""
    said = [one for one in life.said if one.operations <= count][-1]
    after_cut(life.disk.operations[:count], random.Random(seed), life.folder, new)
    box = Box(new, FakeClock(said.at), UnsyncedDisk())
    with closing(box.stores.journal):
        _shares_are_as_acknowledged(box, said)
        for _ in range(2):
            box.stores.intake.take(frozenset())
            box.clock.advance(QUIET_S + 1)
        _what_was_spoken_is_there(life, box, said)
        _what_is_held_opens(life, box, said)
        _the_backup_holds(life, box, new / "usb", said)


def _shares_are_as_acknowledged(box, said):
    shared = {share.call_id for share in Shares(box.folders.vault, box.clock).shared_with("nurse")}
    under_way = {said.of} if said.next in ("share", "withdraw") else set()
    assert said.next == "year" or said.shared - under_way <= shared  # which destroys shares with their recordings
    assert not (said.withdrawn - under_way) & shared


def _what_was_spoken_is_there(life, box, said):
    with parse_sheet(life.sheet) as by:
        for call, spoken in said.spoken.items():
            if call in said.destroyed or said.next == "year":
                continue
            audio, complete = _heard(box, call, by)
            assert life.plain[call].startswith(audio)
            assert len(audio) >= spoken - MOST_LOST
            if call in said.closed:
                assert complete
                assert audio == life.plain[call]


def _what_is_held_opens(life, box, said):
    """Every hold opens with what it says, and every sheet that is there has its key."""
    box.stores.holds.read()
    with parse_sheet(life.sheet) as by, RecordingKeys(box.stores.keyring, by) as keys:
        for call in said.held:
            assert box.stores.vault.has(call) or box.stores.trash.where(call) is not None
            assert any(opened_words(hold, call, keys).reference == call for hold in box.stores.holds.of(call))
        for call in said.closed:
            if box.stores.vault.has(call):
                assert keys.whole(box.stores.vault.meta(call)).opening.call_id == call


def _heard(box, call, by):
    """Return what of a call is genuine up to any damage, and whether that is all; nothing where it never began."""
    meta, audio = box.stores.vault.meta(call), box.stores.vault.audio(call)
    if not meta.exists():
        return b"", False
    try:
        sheet = read_sheet(meta)
        with box.stores.keyring.open(sheet.opening.kid, by) as key, audio.open("rb") as raw:
            reader, heard = StreamReader(raw, sheet.unseal(key).data_key, call.encode()), b""
            while part := _part(reader):
                heard += part
            return heard, reader.complete and sheet.closing is not None
    except (SealBroken, FileNotFoundError):
        return b"", False


def _part(reader):
    try:
        return reader.read(500)
    except SealBroken:
        return b""


def _the_backup_holds(life, box, usb, said):
    target = BackupFolder(usb)
    running = said.next == "backup"
    for call in said.backed_up if not running else said.backed_up - said.destroyed:
        sums = {name: told for name, told in target.sums(call[:10]).items() if name.startswith(call)}
        assert len(sums) == 2
        folder = target.recordings / call[:10]
        differing = target.unread(folder, sums)
        assert differing == [] or (running and all(has_gone_on(folder / name, sums[name]) for name in differing))
    left = {path.stem for path in usb.rglob("*.meta")}
    assert not said.buried & left
    again = BackupRun(box.folders.vault, usb, box.clock.now().at, UnsyncedDisk()).run()
    assert again.finished
    assert again.trusted
    assert not again.copied.spoiled
    assert read_manifest(usb).finished_at == box.clock.now().at
    vault = box.folders.vault
    for path in (path for path in (vault / "recordings").rglob("*.*") if path.suffix != ".new"):
        assert (usb / "vault" / path.relative_to(vault)).read_bytes() == path.read_bytes()
    found = rehearse(usb, "", random.Random(1))
    assert found.recordings == again.recordings


def cuts(tmp_path, seed, count, forgets=lambda _path: False):
    """Live one life and cut it in many places; yield what came up wrong."""
    life = Life(tmp_path / "life", seed, forgets)
    chance = random.Random(seed)
    for number in range(count):
        at = chance.randrange(life.said[0].operations, len(life.disk.operations) + 1)
        new = tmp_path / f"cut{number}"
        try:
            look(life, new, at, (seed << 16) + number)
        except (AssertionError, Exception) as error:  # noqa: BLE001 - whatever came up wrong is counted
            yield at, error
        shutil.rmtree(new, ignore_errors=True)


@pytest.mark.parametrize("seed", range(LIVES))
def test_after_a_cut_anywhere_calls_shares_and_backups_are_as_acknowledged(tmp_path, seed):
    assert list(cuts(tmp_path, seed, CUTS // LIVES)) == []


def test_these_lives_have_everything_in_them(tmp_path):
    lives = [Life(tmp_path / str(seed), seed) for seed in range(LIVES)]
    for name in ("closed", "held", "shared", "withdrawn", "backed_up", "destroyed", "buried"):
        assert any(getattr(said, name) for life in lives for said in life.said), name
    assert any(set(said.spoken) - said.closed for life in lives for said in life.said)
    acts = [act for life in lives for act in life.box.acts()]
    assert acts.count("recording key destroyed") >= LIVES
    assert any(_moved_on(life) for life in lives)


def _moved_on(life):
    """Return whether anything held was sealed to a later key than that of its month."""
    vault, made = life.box.stores.vault, life.box.stores.keyring.lives()
    held = [call for call in life.sets["held"] if vault.has(call)]
    return any(f"{made[read_sheet(vault.meta(call)).opening.kid][0]}" > call[:10] for call in held)


FORGOTTEN = [
    pytest.param(lambda path: path.parent.name == "grants" and path.suffix == ".new", id="grants"),
    pytest.param(lambda path: path.name == "shares.json.new", id="shares"),
    pytest.param(lambda path: path.suffix == ".audio", id="sound on the line"),
    pytest.param(lambda path: path.name == "spool", id="the spool's names"),
    pytest.param(lambda path: path.name.endswith((".audio.new", ".meta.new")), id="files of the backup"),
    pytest.param(lambda path: "usb" in path.parts and path.parent.name == "recordings", id="the backup's days"),
    pytest.param(lambda path: "usb" in path.parts and path.parent.name == "sums", id="the backup's lists"),
]


@pytest.mark.parametrize("forgets", FORGOTTEN)
def test_the_same_without_one_sync_is_noticed(tmp_path, forgets):
    lives = (cuts(tmp_path / str(seed), seed, 40, forgets) for seed in range(LIVES))
    assert any(True for life in lives for _wrong in life)
