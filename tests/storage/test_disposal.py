"""Nothing unexpired or held is ever destroyed; everything expired goes once the clock is sure."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from appliance.clock import LONDON, ClockQuality
from appliance.errors import HoldTooLate, JournalRefused, NoSuchCall
from appliance.model.calls import CallId
from appliance.model.holds import HoldReason
from appliance.storage import disposal
from appliance.storage.daycolumns import Choice
from appliance.storage.disposal import Stopped, Sweep
from appliance.storage.holds import HoldRecord
from appliance.storage.horizon import Waiting
from appliance.storage.settings import Decision
from vaultbox import Box, UnsyncedDisk

DAY_S = 86400
REVIEW = date(2030, 1, 1)
SHORTEST, LONGEST = {6: 181, 12: 365, 24: 730}, {6: 184, 12: 366, 24: 731}
"""Days that so many months have at least, and at most."""


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path, disk=UnsyncedDisk())


def a_hold(box):
    return HoldRecord(HoldReason.COMPLAINT, "manager", box.clock.now().at, REVIEW, "kid", b"")


def hold(box, call):
    box.stores.custody.place_hold(call, a_hold(box))


def release(box, call):
    return box.stores.custody.release_hold(call, 0, "manager", b"")


def pass_days(box, days):
    """Let days pass with the box on, sweeping twice a day."""
    sweeps = []
    for _ in range(days * 2):
        box.clock.advance(DAY_S / 2)
        sweeps.append(box.stores.disposal.sweep())
    return sweeps


def a_year_on(box, days=366):
    """Let a year pass quickly: sweeps are as many as the horizon needs to follow."""
    for _ in range(days // 2):
        box.clock.advance(2 * DAY_S)
        box.stores.disposal.sweep()


def exists(box, call):
    trash = box.stores.trash.where(call)
    return box.stores.vault.has(call) or trash is not None


def test_a_recording_goes_to_the_trash_the_day_after_its_year_and_is_destroyed_a_week_later(box):
    box.stores.disposal.sweep()
    call = box.taken()
    recorded = box.clock.now().at.astimezone(LONDON).date()
    a_year_on(box, 360)
    while box.stores.vault.has(call):
        pass_days(box, 1)
    gone = box.clock.now().at.astimezone(LONDON).date()
    assert gone == recorded.replace(year=recorded.year + 1) + timedelta(days=1)
    assert box.stores.trash.where(call) is not None
    with pytest.raises(NoSuchCall):
        box.stores.catalogue.get(call)
    pass_days(box, 6)
    assert exists(box, call)
    pass_days(box, 1)
    assert not exists(box, call)
    assert box.acts()[-2:] == ["expired", "destroyed"]
    assert not any(path.is_file() for path in (box.folders.vault / "trash").rglob("*"))


def test_a_missed_call_expires_as_well(box):
    box.stores.disposal.sweep()
    call = box.missed()
    box.stores.intake.take(frozenset())
    a_year_on(box, 390)
    assert not exists(box, call)


def test_a_held_recording_outlives_its_year_and_goes_after_its_release(box):
    box.stores.disposal.sweep()
    call = box.taken()
    hold(box, call)
    a_year_on(box, 500)
    assert box.stores.vault.has(call)
    today = box.clock.now().at.astimezone(LONDON).date()
    assert release(box, call) == today + timedelta(days=7)
    pass_days(box, 6)
    assert exists(box, call)
    pass_days(box, 3)
    assert not exists(box, call)


def test_a_hold_brings_a_recording_back_from_the_trash(box):
    box.stores.disposal.sweep()
    call = box.taken()
    entry = box.stores.catalogue.get(call)
    a_year_on(box, 368)
    assert not box.stores.vault.has(call)
    hold(box, call)
    assert box.stores.catalogue.get(call) == entry
    assert box.stores.vault.audio(call).exists()
    a_year_on(box, 40)
    assert box.stores.vault.has(call)


def test_a_hold_on_what_is_destroyed_says_that_it_is_too_late(box):
    box.stores.disposal.sweep()
    call = box.taken()
    a_year_on(box, 390)
    with pytest.raises(HoldTooLate, match="destroyed"):
        hold(box, call)
    assert not box.stores.holds.is_held(call)


def test_a_hold_on_what_never_was_is_no_hold(box):
    with pytest.raises(NoSuchCall):
        hold(box, CallId("2026-11-23T163300Z-1-ffffff"))
    assert box.acts() == []


@pytest.mark.parametrize("trouble", ["hold", "folder", "settings", "journal", "clock"])
def test_nothing_goes_while_something_is_not_in_order(box, trouble):
    box.stores.disposal.sweep()
    call, other = box.taken(), box.taken()
    a_year_on(box, 364)
    if trouble == "hold":
        hold(box, other)
        (box.stores.vault.holds / f"{other}.json").write_bytes(b"\0\0")
    elif trouble == "folder":
        box.stores.vault.holds.rmdir()
    elif trouble == "settings":
        (box.folders.vault / "settings.json").write_bytes(b"{")
    elif trouble == "journal":
        box.stores.journal.broken_after = 0
    else:
        box.clock.jump(box.clock.now().at, ClockQuality.RTC)
    sweeps = pass_days(box, 10)
    assert exists(box, call)
    assert {sweep.stopped for sweep in sweeps} == {
        {
            "hold": Stopped.HOLDS,
            "folder": Stopped.HOLDS,
            "settings": Stopped.SETTINGS,
            "journal": Stopped.JOURNAL,
            "clock": Stopped.NOT,
        }[trouble]
    }


def test_a_journal_that_takes_no_line_stops_the_deletion(box):
    box.stores.disposal.sweep()
    call = box.taken()
    a_year_on(box, 364)
    for month in ("2027-11", "2027-12"):
        (box.stores.journal_folder / f"{month}.jsonl").mkdir()
    box.clock.advance(6 * DAY_S)
    with pytest.raises(JournalRefused, match="not done"):
        box.stores.disposal.sweep()
    assert box.stores.vault.has(call)
    assert box.stores.catalogue.get(call)


def test_many_at_once_wait_for_a_person(box, monkeypatch):
    monkeypatch.setattr(disposal, "FEW", 3)
    box.stores.disposal.sweep()
    calls = [box.taken() for _ in range(5)]
    box.clock.advance(40 * DAY_S)
    box.stores.horizon.confirm()
    later = [box.taken() for _ in range(20)]
    box.clock.advance(330 * DAY_S)
    box.stores.horizon.confirm()
    swept = box.stores.disposal.sweep()
    assert (swept.stopped, swept.due) == (Stopped.TOO_MANY, 5)
    assert all(box.stores.vault.has(call) for call in calls)
    box.stores.disposal.allow(4)
    assert box.stores.disposal.sweep().stopped is Stopped.TOO_MANY
    box.stores.disposal.allow(5)
    assert box.stores.disposal.sweep().expired == 5
    assert all(box.stores.vault.has(call) for call in later)


def aged(box, *counts):
    """Record so many calls forty days apart, and stop the day after the first have had their year."""
    groups = []
    for count in counts:
        groups.append([box.taken() for _ in range(count)])
        box.clock.advance(40 * DAY_S)
    box.clock.advance((367 - 40 * len(counts)) * DAY_S)
    box.stores.horizon.confirm()
    return groups


@pytest.mark.parametrize(("share", "many", "goes"), [(0.5, 9, True), (0.5, 2, False), (0.4, 9, False)])
def test_up_to_a_share_of_all_may_go_at_once_and_never_more_than_many(box, monkeypatch, share, many, goes):
    monkeypatch.setattr(disposal, "FEW", 0)
    monkeypatch.setattr(disposal, "SHARE", share)
    monkeypatch.setattr(disposal, "MANY", many)
    old, _ = aged(box, 3, 3)
    swept = box.stores.disposal.sweep()
    assert swept == (Sweep(expired=3) if goes else Sweep(due=3, stopped=Stopped.TOO_MANY))
    assert all(box.stores.vault.has(call) is not goes for call in old)


def test_a_few_may_go_though_they_are_all_there_are(box):
    aged(box, disposal.FEW)
    assert box.stores.disposal.sweep() == Sweep(expired=disposal.FEW)


def test_one_more_than_a_few_waits_and_what_a_person_allows_counts_once(box, monkeypatch):
    monkeypatch.setattr(disposal, "FEW", 2)
    old, _ = aged(box, 3, 3)
    assert box.stores.disposal.sweep() == Sweep(due=3, stopped=Stopped.TOO_MANY)
    box.stores.disposal.allow(3)
    assert box.stores.disposal.sweep() == Sweep(expired=3)
    box.clock.advance(40 * DAY_S)
    box.stores.horizon.confirm()
    assert box.stores.disposal.sweep() == Sweep(due=3, stopped=Stopped.TOO_MANY)
    assert not any(box.stores.vault.has(call) for call in old)


def test_a_sweep_tells_what_expired_what_was_destroyed_and_what_it_still_waits_for(box):
    old, _, _ = aged(box, 2, 1, 1)
    assert box.stores.disposal.sweep() == Sweep(expired=2)
    assert box.stores.disposal.sweep() == Sweep()
    box.clock.advance(20 * DAY_S)
    assert box.stores.disposal.sweep() == Sweep(waiting=Waiting.CATCHING_UP)
    box.clock.advance(DAY_S)
    assert box.stores.disposal.sweep() == Sweep(destroyed=2, waiting=Waiting.CATCHING_UP)
    assert not any(exists(box, call) for call in old)


def test_a_sweep_that_was_stopped_tells_of_the_clock_as_well(box):
    aged(box, 1)
    box.clock.advance(20 * DAY_S)
    box.stores.journal.broken_after = 0
    assert box.stores.disposal.sweep() == Sweep(waiting=Waiting.CATCHING_UP, stopped=Stopped.JOURNAL)
    box.stores.journal.broken_after = None
    (box.folders.vault / "settings.json").write_bytes(b"{")
    assert box.stores.disposal.sweep() == Sweep(waiting=Waiting.CATCHING_UP, stopped=Stopped.SETTINGS)
    box.stores.vault.holds.rmdir()
    assert box.stores.disposal.sweep() == Sweep(waiting=Waiting.CATCHING_UP, stopped=Stopped.HOLDS)


def test_what_a_hold_keeps_is_not_counted_among_what_is_due(box):
    ((kept, due),) = aged(box, 2)
    hold(box, kept)
    today = box.clock.now().at.date()
    assert list(box.stores.disposal.due(today)) == [due]
    assert list(box.stores.disposal.due(today - timedelta(days=2))) == []


def test_a_hold_that_is_released_says_the_day_only_once_none_is_left(box):
    call = box.taken()
    hold(box, call)
    hold(box, call)
    assert release(box, call) is None
    recorded = box.clock.now().at.astimezone(LONDON).date()
    assert release(box, call) == recorded.replace(year=recorded.year + 1) + timedelta(days=8)
    with pytest.raises(NoSuchCall):
        release(box, call)


def test_a_hold_that_is_not_the_one_meant_is_not_released(box):
    call = box.taken()
    hold(box, call)
    another = replace(a_hold(box), placed_by="partner")
    with pytest.raises(NoSuchCall):
        box.stores.custody.release_hold(call, 0, "manager", b"", only=another)
    (standing,) = box.stores.holds.of(call)
    box.stores.custody.release_hold(call, 0, "manager", b"", only=standing)
    assert not box.stores.holds.is_held(call)


def test_the_journal_says_who_by_which_rule_and_for_which_reason(box):
    from appliance.storage.journalcheck import pages

    ((call, other),) = aged(box, 2)
    hold(box, other)
    box.stores.disposal.sweep()
    box.stores.custody.release_hold(other, 0, "partner", b"")
    _, lines = pages(box.stores.journal_folder, 1, 10)
    assert [(line.who, line.act, line.call, line.more) for line in reversed(lines)] == [
        ("manager", "hold placed", other, {"reason": "complaint"}),
        ("linekeeper", "expired", call, {"rule": "12 months"}),
        ("partner", "hold released", other, {"reason": "complaint"}),
    ]


def test_a_recording_held_since_it_was_found_due_does_not_go(box):
    ((call,),) = aged(box, 1)
    today = box.clock.now().at.date()
    assert list(box.stores.disposal.due(today)) == [call]
    hold(box, call)
    assert not box.stores.custody.expire(call, today)
    release(box, call)
    assert box.stores.custody.expire(call, today)


def test_only_what_was_destroyed_by_the_box_is_called_destroyed(box):
    call = box.taken()
    hold(box, call)
    release(box, call)
    for path in (box.stores.vault.audio(call), box.stores.vault.meta(call)):
        path.unlink()
    with pytest.raises(NoSuchCall) as said:
        hold(box, call)
    assert not isinstance(said.value, HoldTooLate)


def test_the_day_of_destruction_is_londons(box):
    call = box.taken()
    assert box.stores.custody.destroyed_on(call, datetime(2030, 7, 1, 23, 30, tzinfo=UTC)) == date(2030, 7, 9)
    assert box.stores.custody.destroyed_on(call, datetime(2030, 7, 1, 22, 30, tzinfo=UTC)) == date(2030, 7, 8)


def test_a_clock_ten_years_ahead_deletes_nothing_and_the_calls_survive_its_return(box):
    box.stores.disposal.sweep()
    call = box.taken()
    true = box.clock.now().at
    box.clock.jump(true + timedelta(days=3652))
    assert {sweep.waiting for sweep in pass_days(box, 5)} == {Waiting.TOO_FAR_AHEAD}
    box.clock.jump(true + timedelta(days=5))
    pass_days(box, 5)
    assert box.stores.vault.has(call)


def test_a_sheet_that_says_another_start_than_the_list_is_believed(box):
    """The catalogue is a copy: what it says must not be enough to destroy a recording."""
    box.stores.disposal.sweep()
    call = box.taken()
    entry = box.stores.catalogue.get(call)
    old = entry.started_at - timedelta(days=800)
    box.stores.catalogue.put(replace(entry, started_at=old, stated=replace(entry.stated, at=old)))
    box.stores.disposal.sweep()
    assert box.stores.vault.has(call)


def test_holds_and_sweeps_that_race_never_disagree(box):
    box.stores.disposal.sweep()
    calls = [box.taken() for _ in range(40)]
    a_year_on(box, 364)
    kept, late = [], []

    def holder():
        for call in calls[::-1]:
            try:
                hold(box, call)
                kept.append(call)
            except HoldTooLate:
                late.append(call)

    with ThreadPoolExecutor() as pool:
        holding = pool.submit(holder)
        pass_days(box, 12)
        holding.result()
    pass_days(box, 10)
    assert sorted(kept + late) == sorted(calls)
    assert all(box.stores.vault.has(call) for call in kept)
    assert not any(exists(box, call) for call in late)


class Disposals(RuleBasedStateMachine):
    """Any order of calls, holds, sweeps, restarts and clocks. The true time goes on beside the box's clock."""

    @initialize()
    def begin(self):
        import tempfile
        from pathlib import Path

        self.folder = tempfile.TemporaryDirectory()
        self.box = Box(Path(self.folder.name), disk=UnsyncedDisk())
        self.true = self.box.clock.now().at
        self.calls, self.held, self.late, self.least = {}, set(), set(), {}
        self.box.stores.boots.observe()
        self.box.stores.disposal.sweep()

    def teardown(self):
        if hasattr(self, "folder"):
            self.box.stores.journal.close()
            self.folder.cleanup()

    @rule(missed=st.booleans(), count=st.integers(1, 3))
    def call(self, missed, count):
        for _ in range(count):
            call = self.box.missed() if missed else self.box.call()
            self.calls[call], self.least[call] = self.true, self.box.stores.settings.months
        self.box.stores.intake.take(frozenset())

    @rule(months=st.sampled_from([1, 11, 12, 13]), days=st.integers(0, 9))
    def ordinary_life_goes_on(self, months, days):
        """The box is on, its clock is right, somebody answers its questions."""
        self.clock_is_set()
        self.box.stores.boots.confirm()
        self.box.stores.horizon.confirm()
        for step in [30] * months + [1] * days:
            self.box.clock.advance(step * DAY_S)
            self.true += timedelta(days=step)
            self.box.chores.look_at_clock()
            self.box.stores.horizon.confirm()
            self.box.stores.disposal.sweep()
            self.what_is_held_or_young_is_there()

    @rule(days=st.sampled_from([1, 3, 30, 120, 340, 364, 366, 373]), on=st.booleans())
    def time_passes(self, days, on):
        self.true += timedelta(days=days)
        if on:
            self.box.clock.advance(days * DAY_S)
        else:
            self.box.clock.reboot(days * DAY_S)
            self.box.clock.jump(self.box.clock.now().at - timedelta(days=days), ClockQuality.UNSURE)

    @rule(days=st.sampled_from([-10000, -30, -1, 1, 30, 4000]), quality=st.sampled_from(list(ClockQuality)))
    def clock_jumps(self, days, quality):
        # A clock that the network vouches for and that is wrong by less than the horizon's patience is believed.
        at = self.box.clock.now().at + timedelta(days=days)
        wrong = quality is ClockQuality.SYNCHRONISED and abs((at - self.true).days) < 40
        if at.year >= 1970 and at.year < 2200 and not wrong:
            self.box.clock.jump(at, quality)

    @rule()
    def clock_is_set(self):
        self.box.clock.jump(self.true, ClockQuality.SYNCHRONISED)
        self.box.chores.look_at_clock()

    @rule()
    def sweep(self):
        self.box.chores.look_at_clock()
        self.box.stores.disposal.sweep()

    @rule()
    def restart(self):
        self.box.stores.journal.close()
        self.box.restart()
        self.box.stores.holds.read()

    @rule(months=st.sampled_from(sorted(SHORTEST)))
    def another_time_is_agreed(self, months):
        """Each recording is kept at least the shortest time that was in force while it was there."""
        now, kept = self.box.clock.now().at, self.box.stores.settings
        if months != kept.months:
            kept.propose(Decision(months, "agreed", "manager", now))
            kept.agree(months, "partner", now)
            self.least = {call: min(before, months) for call, before in self.least.items()}

    @precondition(lambda self: self.calls)
    @rule(which=st.integers(0, 1000))
    def hold(self, which):
        call = sorted(self.calls)[which % len(self.calls)]
        try:
            hold(self.box, call)
            self.held.add(call)
        except HoldTooLate:
            self.late.add(call)

    @precondition(lambda self: self.held)
    @rule(which=st.integers(0, 1000))
    def release(self, which):
        call = sorted(self.held)[which % len(self.held)]
        if release(self.box, call) is not None:
            self.held.discard(call)

    @invariant()
    def what_is_held_or_young_is_there(self):
        for call, began in getattr(self, "calls", {}).items():
            if call in self.held or self.true < began + timedelta(days=SHORTEST[self.least[call]]):
                assert self.box.stores.vault.has(call)
                assert call not in self.late

    @rule()
    def everything_expired_goes_once_the_clock_is_sure(self):
        """Time enough on a sure clock, a person who confirms it, and nothing expired is left."""
        self.clock_is_set()
        self.box.stores.boots.confirm()
        self.box.stores.horizon.confirm()
        for _ in range(12):
            self.box.clock.advance(DAY_S)
            self.true += timedelta(days=1)
            self.box.chores.look_at_clock()
            self.box.stores.disposal.sweep()
        for call in self.calls:
            entry_there = self.box.stores.vault.has(call)
            if entry_there and call not in self.held:
                counted = self.box.stores.boots.counted_from(self.box.stores.catalogue.get(call).stated)
                assert counted is not None
                assert (self.true - counted).days <= LONGEST[self.box.stores.settings.months] + 1
        today = self.box.clock.now().at.date()
        assert all((today - since).days <= 8 for since, _ in self.box.stores.trash.ids())
        total, _ = self.box.stores.catalogue.some(Choice(), 0, 1)
        assert total == sum(self.box.stores.vault.has(call) for call in self.calls)


TestDisposals = Disposals.TestCase
TestDisposals.settings = settings(
    deadline=None, max_examples=15, stateful_step_count=20, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize("seed", range(12))
def test_in_long_lives_nothing_goes_too_early_and_nothing_stays_too_long(seed):
    """The same rules as above in the proportions of real life, so that calls do come to the end of their year."""
    chance = random.Random(seed)
    life = Disposals()
    life.begin()
    expired = 0
    try:
        for _ in range(80):
            _live(life, chance)
            life.what_is_held_or_young_is_there()
        life.everything_expired_goes_once_the_clock_is_sure()
        expired = life.box.acts().count("expired")
    finally:
        life.teardown()
    assert expired >= 3


def _live(life, chance):
    ways = {
        "call": (8, lambda: life.call(chance.random() < 0.2, chance.randint(1, 3))),
        "ordinary": (4, lambda: life.ordinary_life_goes_on(chance.choice([0, 1, 5, 11, 12]), chance.randint(0, 9))),
        "hold": (5, lambda: life.calls and life.hold(chance.randrange(1000))),
        "release": (4, lambda: life.held and life.release(chance.randrange(1000))),
        "sweep": (3, life.sweep),
        "restart": (1, life.restart),
        "off": (2, lambda: life.time_passes(chance.choice([1, 30, 364, 373]), chance.random() < 0.5)),
        "jump": (
            2,
            lambda: life.clock_jumps(chance.choice([-10000, -30, 30, 4000]), chance.choice(list(ClockQuality))),
        ),
        "set": (2, life.clock_is_set),
        "agreed": (1, lambda: life.another_time_is_agreed(chance.choice(sorted(SHORTEST)))),
    }
    happens = chance.choices(list(ways), [weight for weight, _ in ways.values()])[0]
    ways[happens][1]()
