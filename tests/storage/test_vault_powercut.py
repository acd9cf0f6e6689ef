"""The power is cut between any two steps of a keeper's life: nothing said to be done is lost or comes back."""

import random
from dataclasses import dataclass, replace
from datetime import date

import pytest
from powercut import CutDisk, after_cut

from appliance.clock import FakeClock
from appliance.errors import HoldTooLate
from appliance.model.holds import HoldReason
from appliance.storage.daycolumns import Choice
from appliance.storage.holds import HoldRecord
from appliance.storage.intake import QUIET_S
from appliance.storage.journal import Anchor
from appliance.storage.journalcheck import check
from appliance.storage.sheet import read_sheet
from vaultbox import Box, UnsyncedDisk

DAY_S = 86400
STEPS = 45


@dataclass(frozen=True)
class Acknowledged:
    """What had been said to be done after so many operations of the disk, and what was then begun."""

    operations: int
    at: object
    recorded: frozenset = frozenset()
    filed: frozenset = frozenset()
    held: frozenset = frozenset()
    gone: frozenset = frozenset()
    anchor: Anchor | None = None
    horizon: date | None = None
    next: str = ""
    of: str = ""


class Life:
    """A keeper's life on a disk that remembers, with what was acknowledged after each step."""

    def __init__(self, folder, seed, forgets=lambda _path: False):
        self.folder, self.chance, self.disk = folder, random.Random(seed), CutDisk(forgets)
        self.box = Box(folder, disk=self.disk)
        self.open, self.said = [], []
        self.recorded, self.held, self.gone = set(), set(), set()
        self.box.stores.boots.observe()
        self.box.stores.disposal.sweep()
        self.note()
        for _ in range(STEPS):
            self.step()
        self.box.stores.journal.close()

    def note(self):
        vault = self.box.stores.vault
        filed = {call for day in vault.days() for call in vault.ids(day)}
        trash = {call for _, call in self.box.stores.trash.ids()}
        in_spool = set(self.box.spool.ids())
        self.gone |= self.recorded - filed - trash - in_spool
        self.said.append(
            Acknowledged(
                operations=len(self.disk.operations),
                at=self.box.clock.now().at,
                recorded=frozenset(self.recorded),
                filed=frozenset(filed),
                held=frozenset(self.held),
                gone=frozenset(self.gone),
                anchor=self.box.stores.journal.anchor,
            )
        )

    def step(self):
        names = ("call", "missed", "begin", "intake", "hold", "release", "months", "sweep")
        name = self.chance.choices(names, (7, 2, 1, 6, 5, 3, 4, 5))[0]
        of = self.chance.choice(sorted(self.recorded)) if self.recorded else ""
        self.said[-1] = replace(self.said[-1], next=name, of=of)
        getattr(self, f"_{name}")(of)
        self.note()

    def _call(self, _of):
        self.recorded.add(self.box.call(plain=b"sound" * 300))

    def _missed(self, _of):
        self.recorded.add(self.box.missed())

    def _begin(self, _of):
        opening, recording = self.box.begin(plain=b"sound" * 300)
        recording.abandon()
        self.recorded.add(opening.call_id)

    def _intake(self, _of):
        self.box.stores.intake.take(frozenset())
        self.box.clock.advance(QUIET_S + 1)

    def _hold(self, of):
        if of and of not in self.box.spool.ids():
            hold = HoldRecord(HoldReason.CLAIM, "manager", self.box.clock.now().at, date(2030, 1, 1), "kid", b"x" * 700)
            try:
                self.box.stores.custody.place_hold(of, hold)
                self.held.add(of)
            except HoldTooLate:
                assert of in self.gone

    def _release(self, of):
        if of in self.held and self.box.stores.custody.release_hold(of, 0, "manager", b"") is not None:
            self.held.discard(of)

    def _months(self, _of):
        self.box.clock.advance(self.chance.choice([8, 180, 366]) * DAY_S)
        self.box.stores.boots.observe()
        self.box.stores.horizon.confirm()

    def _sweep(self, _of):
        self.box.clock.advance(DAY_S)
        self.box.stores.disposal.sweep()


def look(life, new, count, seed):
    """Cut the power after ``count`` operations, come up again in ``new``, and compare with what was acknowledged."""
    said = [one for one in life.said if one.operations <= count][-1]
    after_cut(life.disk.operations[:count], random.Random(seed), life.folder, new)
    box = Box(new, FakeClock(said.at), UnsyncedDisk())
    try:
        box.stores.holds.read()
        _nothing_acknowledged_is_lost(box, said)
        _the_keeper_goes_on(box, said)
    finally:
        box.stores.journal.close()


def _nothing_acknowledged_is_lost(box, said):
    released = {said.of} if said.next == "release" else set()
    assert said.held - released <= box.stores.holds.held()
    report = check(box.stores.journal_folder, box.stores.journal.public_key, [said.anchor] if said.anchor else [])
    assert report.intact
    vault = box.stores.vault
    filed = {call for day in vault.days() for call in vault.ids(day)}
    trash = {call for _, call in box.stores.trash.ids()}
    lost = said.recorded - said.gone - filed - trash - set(box.spool.ids())
    assert not lost or said.next == "sweep"  # which may destroy what it was acknowledged to have in the trash
    assert not (lost & said.filed)
    assert not (said.gone & (filed | trash))


def _the_keeper_goes_on(box, said):
    for _ in range(2):
        box.stores.intake.take(frozenset())
        box.clock.advance(QUIET_S + 1)
    box.chores.mend_catalogue()
    box.stores.custody.settle(date.max)
    vault = box.stores.vault
    filed = {call for day in vault.days() for call in vault.ids(day)}
    total, entries = box.stores.catalogue.some(Choice(), 0, 1000)
    assert {entry.call_id for entry in entries} == filed
    assert total == len(filed)
    assert box.stores.holds.held() <= filed
    for entry in entries:
        if entry.call_id in said.filed | said.held:
            closing = read_sheet(vault.meta(entry.call_id)).closing
            assert entry.missed or closing is None or vault.audio(entry.call_id).stat().st_size > closing.audio_bytes
    box.stores.boots.observe()
    box.stores.horizon.confirm()
    box.stores.disposal.sweep()


def cuts(tmp_path, seed, count, forgets=lambda _path: False):
    """Live one life and cut it in many places; return how many came up wrong."""
    life = Life(tmp_path / "life", seed, forgets)
    chance, wrong = random.Random(seed), []
    first = life.said[0].operations
    for number in range(count):
        at = chance.randrange(first, len(life.disk.operations) + 1)
        try:
            look(life, tmp_path / f"cut{number}", at, (seed << 16) + number)
        except (AssertionError, Exception) as error:  # noqa: BLE001 - whatever came up wrong is counted
            wrong.append((at, error))
    return wrong


@pytest.mark.parametrize("seed", range(8))
def test_after_a_cut_anywhere_nothing_acknowledged_is_lost(tmp_path, seed):
    assert cuts(tmp_path, seed, count=80) == []


def test_these_lives_have_everything_in_them(tmp_path):
    acts = [act for seed in range(12) for act in Life(tmp_path / str(seed), seed).box.acts()]
    assert min(acts.count(act) for act in ("hold placed", "hold released", "expired", "restored", "destroyed")) >= 5


@pytest.mark.parametrize(
    "forgets",
    [
        pytest.param(lambda path: path.suffix == ".new", id="files before their rename"),
        pytest.param(lambda path: path.suffix == ".jsonl", id="journal lines"),
        pytest.param(lambda path: path.name == "holds", id="the folder of holds"),
        pytest.param(lambda path: path.parent.name in ("recordings", "trash") or path.name == "trash", id="moves"),
        pytest.param(lambda path: path.suffix == ".meta", id="sheets"),
    ],
)
def test_the_same_without_one_sync_is_noticed(tmp_path, forgets):
    assert any(cuts(tmp_path / str(seed), seed, 60, forgets) for seed in range(4))
