"""The year and the month lived through: what is due happens at its moment, and what truly was is written down."""

import heapq
import itertools
import random
from dataclasses import dataclass, field

import numpy as np

from appliance.capture.simulator.profile import Profile
from appliance.capture.simulator.truth import Truth
from appliance.clock import FakeClock
from appliance.link.messages.calls import CallQuery, ListCalls
from longrun.house import NAMES, House
from longrun.people import MANAGER, People
from longrun.plan import BEGAN, END, OLD, Deed, Trouble, shifts
from longrun.wires import BLOCK_S, Wire

_LATER_S = 8.0
_LONGEST_TAIL_S = 2400.0

_OF_CARD = {
    Trouble.UNPLUGGED: "unplugged",
    Trouble.LONG_UNPLUGGED: "unplugged",
    Trouble.SILENT: "silent",
    Trouble.OVERRUN: "overrun",
    Trouble.DEAD: "dead",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something that lasted on one line (from 0), in seconds of the world. ``lost``: nothing was heard meanwhile."""

    line: int
    start_s: float
    end_s: float
    what: str
    lost: bool = True


@dataclass(slots=True)
class Heard:
    """What truly happened on one line in one shift, which began at ``began_s`` of the world."""

    line: int
    began_s: float
    truth: Truth
    old: bool


@dataclass(slots=True)
class Diary:
    """What the world knows of a run."""

    heard: list[Heard] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    happened: dict[str, int] = field(default_factory=dict)
    listened: list[tuple[float, float]] = field(default_factory=list)
    line_s: float = 0.0
    resource: list = field(default_factory=list)
    old_sheets: dict[str, bytes] = field(default_factory=dict)
    alarms: set = field(default_factory=set)


class Run:
    """One run: ``live_year``, then ``live_month``; ``diary`` holds the truth, and the ``house`` stands after it."""

    def __init__(self, folder, size, seed, hardness, measure, say):
        self.size, self._say, self._measure = size, say, measure
        self.clock = FakeClock(BEGAN)
        self.house = House(folder, self.clock, seed, hardness)
        self.people, self.diary = People(self.house), Diary()
        self._chance, self._seed = random.Random(seed + 1), seed
        self._plan, self._due, self._later, self._order = shifts(size, seed), [], [], itertools.count()
        rng = np.random.default_rng(seed)
        self._profiles = [Profile.random(rng, "uk").with_(caller_id=True) for _ in NAMES]
        self.sheet = ""

    def live_year(self):
        """Set the box up, and live its first weeks, a year before the month."""
        self.clock.advance(1.0)
        self.sheet = self.people.set_up()
        self._go_on([shift for shift in self._plan if shift.old], self.size.year_step_s)

    def live_month(self):
        """Live the rest of the year, and the month."""
        first, *rest = (shift for shift in self._plan if not shift.old)
        self._go_on([first], self.size.year_step_s)
        self._go_on(rest, self.size.night_step_s)
        self._until(END, self.size.night_step_s)

    def _go_on(self, some, step_s):
        for shift in some:
            self._until(shift.starts, step_s)
            number = self._plan.index(shift) + 1
            self._listen(number, shift)
            self._after(number, shift)
            self._say(number, len(self._plan), self.diary, self.house)

    # --- between ----------------------------------------------------------------------------------------------------

    def _until(self, when, step_s):
        self.house.sleep((when - self.house.true_now()).total_seconds(), step_s)

    def _after(self, number, shift):
        """The evening: what has come in is filed, and now and then the manager stays on."""
        self.house.sleep(30.0, 3.0)
        self.diary.alarms |= {(alarm.key, alarm.text) for alarm in self.house.keeper.alarms}
        if shift.old:
            for meta in self.house.config.folders.vault.glob("recordings/*/*.meta"):
                self.diary.old_sheets.setdefault(meta.stem, meta.read_bytes())
        if number == 1:
            self.people.hold(self._some_call(answered=True))
        if number == len(OLD) + 1:  # a call of a year ago, while it is still there
            assert self.house.back_up().finished
            self.people.hold(next(call for call in sorted(self.diary.old_sheets) if call[:10] == str(OLD[1])))
        if number > len(OLD):
            self._stay_on()
            self.diary.resource.append(self._measure(self.house))

    def _stay_on(self):
        """The manager works on for a while: what is held is moved on to the key of the month."""
        for _ in range(4):
            self.people.at_work(MANAGER).see("/calls")
            self.house.sleep(300.0, 60.0)
        self.people.go_home()

    # --- a shift ----------------------------------------------------------------------------------------------------

    def _listen(self, number, shift):
        house, size = self.house, self.size
        seeds = [(self._seed * 1000 + number) * 10 + line for line in range(len(NAMES))]
        house.wires = [
            Wire(profile, seed, size.talk_s, size.longest_s, size.pause_s)
            for profile, seed in zip(self._profiles, seeds, strict=True)
        ]
        began_s = house.world_s
        events, self._later = [*self._later, *shift.events], []
        self._due = [(began_s + event.at_s, next(self._order), event) for event in events]
        heapq.heapify(self._due)
        house.start_recorder()
        while not self._is_over(began_s, shift):
            if house.world_s - began_s > shift.length_s:
                for wire in house.wires:
                    wire.close_soon()
            while self._due and self._due[0][0] <= house.world_s:
                self._happen(heapq.heappop(self._due)[2])
            house.pass_block()
        ended_s = house.world_s
        house.stop_recorder()
        self.diary.listened.append((began_s, ended_s))
        self.diary.line_s += (ended_s - began_s) * len(NAMES)
        for line, wire in enumerate(house.wires):
            self.diary.heard.append(Heard(line, began_s, wire.pair.truth(), shift.old))
        house.wires = []

    def _is_over(self, began_s, shift):
        lasted_s = self.house.world_s - began_s
        assert lasted_s < shift.length_s + _LONGEST_TAIL_S, "the lines never come to rest"
        rested = lasted_s > shift.length_s and all(wire.over for wire in self.house.wires)
        return rested and not self._due and self.house.recorder is not None and self.house.keeper is not None

    def _happen(self, what):
        if callable(what):
            what()
            return
        if self.house.recorder is None or self.house.keeper is None:
            self._again(what)
            return
        if not self._possible(what):
            self._later.append(what)  # nothing to do it with yet: another day
            return
        self.diary.happened[what.what] = self.diary.happened.get(what.what, 0) + 1
        if isinstance(what.what, Trouble):
            self._go_wrong(what)
        else:
            self._do(what)

    def _again(self, event, after_s=_LATER_S):
        heapq.heappush(self._due, (self.house.world_s + after_s, next(self._order), event))

    def _possible(self, event):
        if event.what in _OF_CARD:
            return not self.house.wires[event.line].trouble
        if event.what == Deed.RELEASE:
            return bool(self._releasable())
        if event.what in (Deed.LISTEN, Deed.HOLD, Deed.ACCESS, Deed.POLICE, Deed.SEARCH):
            return self._some_call(answered=True) is not None
        return True

    def _do(self, event):
        people = self.people
        if event.what == Deed.MISTYPE:
            people.mistype()
        elif event.what == Deed.RELEASE:
            people.release(self._releasable()[0])
        elif event.what == Deed.PAUSE:
            self._pause(event)
        elif event.what == Deed.SEARCH:
            people.search(next(number for number in self.numbers() if number))
        else:
            deed = {
                Deed.LISTEN: people.listen,
                Deed.HOLD: people.hold,
                Deed.ACCESS: people.access_request,
                Deed.POLICE: people.police_request,
            }[event.what]
            deed(self._some_call(answered=True))

    def _pause(self, event):
        house, began_s = self.house, self.house.world_s
        if self.people.pause(event.line + 1):
            pause_s = house.config.recorder.pause_s + 3.0
            self._note(event.line, began_s, house.world_s + pause_s, "paused", lost=False)

    def _go_wrong(self, event):
        house, what, now_s = self.house, event.what, self.house.world_s
        if what in _OF_CARD:
            house.wires[event.line].trouble = _OF_CARD[what]
            self._then(event, lambda: self._mended(event, now_s))
        elif what == Trouble.DISK_FULL:
            house.recorder._hand.full = True
            self._then(event, lambda: self._emptied(now_s))
        elif what == Trouble.RECORDER_KILLED:
            house.kill_recorder()
            self._then(event, lambda: self._recorder_again(now_s, what))
        elif what == Trouble.KEEPER_KILLED:
            house.kill_keeper()
            self._then(event, house.start_keeper)
        else:
            self._power_off(event)

    def _then(self, event, act):
        self._again(act, event.lasts_s)

    def _mended(self, event, since_s):
        self.house.wires[event.line].trouble = ""
        self._note(event.line, since_s, self.house.world_s, event.what)

    def _emptied(self, since_s):
        if self.house.recorder is not None:
            self.house.recorder._hand.full = False
        for line in range(len(NAMES)):
            self._note(line, since_s, self.house.world_s, Trouble.DISK_FULL, lost=False)

    def _recorder_again(self, since_s, what):
        if self.house.recorder is None:
            self.house.start_recorder()
        for line in range(len(NAMES)):
            self._note(line, since_s, self.house.world_s, what)

    def _power_off(self, event):
        house = self.house
        if event.what == Trouble.RESTARTED:
            house.shut_down()
        else:
            house.cut(self._chance.randrange(1, 60))
        off_s = house.world_s
        unsure = event.what == Trouble.POWER_CUT_CLOCK_UNSURE
        house.boot(event.lasts_s, self._chance.uniform(20.0, 60.0) if unsure else 0.0)
        house.start_recorder()
        for line in range(len(NAMES)):
            self._note(line, off_s, house.world_s + BLOCK_S, event.what)

    def _note(self, line, start_s, end_s, what, *, lost=True):
        self.diary.stretches.append(Stretch(line, start_s, end_s, str(what), lost))

    # --- calls ------------------------------------------------------------------------------------------------------

    def numbers(self):
        """Yield the numbers that the lines have told, the newest first."""
        for wire in self.house.wires:
            for call in reversed(wire.pair.truth().calls):
                yield call.caller or call.dialled
        for heard in reversed(self.diary.heard):
            for call in reversed(heard.truth.calls):
                yield call.caller or call.dialled

    def _some_call(self, *, answered):
        """Return the newest call of the vault that nobody holds; None where there is none yet."""
        catalogue, vault = self.house.keeper.service.desk.stores.catalogue, self.house.keeper.service.desk.stores.vault
        for entry in sorted(catalogue.everything(), key=lambda entry: entry.started_at, reverse=True):
            free = entry.call_id not in self.people.held and entry.call_id not in self.people.released
            if free and (vault.audio(entry.call_id).exists() or not answered):
                return entry.call_id
        return None

    def _releasable(self):
        """Return held calls of this month, held by the manager's own word."""
        return sorted(call for call in self.people.held if call in self.people.by_hand and call[:4] == "2026")


def listed(answer, token, per_page=100):
    """Yield the whole list of calls, newest first, as somebody entitled sees it."""
    for page in itertools.count(1):
        found = answer(ListCalls(token, CallQuery(), page, per_page))
        yield from found.calls
        if page * per_page >= found.total:
            return
