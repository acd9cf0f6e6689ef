"""The index of what is sealed: numbers and names of calls, in memory while somebody entitled is signed in.

Opening a sheet costs a fraction of a millisecond, which is too much for a year of calls at each search. So sheets are
opened once, newest first, into this; past days are kept on disk, resealed under a symmetric key, and all of it leaves
memory with the last entitled session. Python cannot wipe the text itself: it is let go.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.codec import from_json, to_json
from appliance.errors import SealBroken
from appliance.files import REAL_DISK, Disk, replace_durably, sync_folder
from appliance.model.calls import Caller, CallerIdentity, CallId
from appliance.storage.indexseal import open_day, seal_day
from appliance.storage.labels import UNLABELLED, Labels
from appliance.storage.numbers import normal_number

_DAY = len("2026-11-23")
_NAME = 4
_SAME = "="
"""Stands for a number that is shown as it is searched: most are."""

_LONG = dict(zip("nwuo", CallerIdentity, strict=True))
_SHORT = {identity: letter for letter, identity in _LONG.items()}
"""A letter for each: two hundred thousand words more would take a megabyte."""


@dataclass(frozen=True, slots=True)
class Known:
    """What lists show of a call's sealed part."""

    call_id: CallId
    line_name: str
    caller: Caller
    dialled: str | None
    answered: bool
    labels: Labels = UNLABELLED

    @property
    def number(self) -> str | None:
        """The other party's number, where it is known."""
        return self.dialled or self.caller.number


@dataclass(frozen=True, slots=True)
class _Day:
    """One day: a line for each call, what is searched beside what is shown. Two texts take a fifth of the objects.

    Of a call's id a line has what follows the day. Few calls have ``labels``.
    """

    numbers: str
    details: str
    labels: Mapping[CallId, Labels] = field(default_factory=dict)


_NOTHING = _Day("", "")


class NumberIndex:
    """The index. Safe to use from several threads; empty and deaf while locked."""

    def __init__(self, folder: Path, disk: Disk = REAL_DISK) -> None:
        """Keep sealed days in ``folder``, which exists."""
        self._folder, self._disk = folder, disk
        self._lock = threading.RLock()
        self._key: bytes | None = None
        self._days: dict[str, _Day] = {}

    @property
    def unlocked(self) -> bool:
        """Whether somebody entitled is signed in."""
        return self._key is not None

    def unlock(self, key: bytes) -> None:
        """Begin to take and give, with the key of what is on disk."""
        with self._lock:
            self._key = key

    def lock(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._key = None
            self._days = {}

    def load(self, day: str) -> None:
        """Take in what was kept of a day, if it was and opens."""
        path = self._path(day)
        with self._lock:
            if self._key is None or day in self._days or not path.exists():
                return
            try:
                self._days[day] = from_json(open_day(self._key, day, path.read_bytes()), _Day)
            except SealBroken:
                path.unlink()

    def keep(self, day: str) -> None:
        """Keep a day on disk, sealed."""
        with self._lock:
            if self._key is not None and day in self._days:
                plain = to_json(self._days[day])
                replace_durably(self._path(day), seal_day(self._key, day, plain), self._disk, mode=0o600)

    def add(self, calls: Iterable[Known]) -> None:
        """Take in calls, in the place of what was known of them."""
        with self._lock:
            if self._key is None:
                return
            by_day = dict[str, list[Known]]()
            for known in calls:
                by_day.setdefault(known.call_id[:10], []).append(known)
            for day, fresh in by_day.items():
                names = {known.call_id for known in fresh}
                labels = {known.call_id: known.labels for known in fresh if known.labels != UNLABELLED}
                labels |= {call_id: kept for call_id, kept in self._labels(day).items() if call_id not in names}
                self._set(day, [*self._others(day, names), *map(_as_lines, fresh)], labels)

    def get(self, call_id: CallId) -> Known | None:
        """Return what is known of a call, if it has been opened yet."""
        with self._lock:
            kept = self._days.get(call_id[:_DAY], _NOTHING)
        at = f"\n{kept.details}".find(f"\n{call_id[_DAY:]}\t")
        if at < 0:
            return None
        line = kept.details.count("\n", 0, at)
        numbers = kept.numbers.split("\n", line + 1)[line]
        known = _from_line(call_id[:_DAY], kept.details[at:].split("\n", 1)[0], numbers)
        return replace(known, labels=kept.labels.get(call_id, UNLABELLED))

    def known(self, day: str) -> frozenset[CallId]:
        """Return which calls of a day have been opened."""
        with self._lock:
            return frozenset(_id_in(day, details) for _, details in self._lines(day))

    def search(self, part: str) -> frozenset[CallId]:
        """Return the calls whose caller's or dialled number holds ``part``, in any spelling of it."""
        wanted = normal_number(part)
        if not wanted:
            return frozenset()
        with self._lock:
            days = list(self._days.items())
        return frozenset(call_id for day, kept in days for call_id in _holding(day, kept, wanted))

    def containing(self, text: str) -> frozenset[CallId]:
        """Return the calls whose caller's name, handler or note holds ``text``, whatever its capitals."""
        wanted = " ".join(text.split()).casefold()
        if not wanted:
            return frozenset()
        with self._lock:
            days = list(self._days.items())
        return frozenset(call_id for day, kept in days for call_id in _saying(day, kept, wanted))

    def tagged(self, tag: str) -> frozenset[CallId]:
        """Return the calls that have a tag, whatever its capitals."""
        wanted = " ".join(tag.split()).casefold()
        return frozenset(
            call_id for call_id, labels in self._all_labels() if wanted in (tag.casefold() for tag in labels.tags)
        )

    def tags(self) -> tuple[str, ...]:
        """Return every tag in use, in order of the alphabet; of several spellings one."""
        found = {tag.casefold(): tag for _, labels in self._all_labels() for tag in labels.tags}
        return tuple(found[folded] for folded in sorted(found))

    def forget(self, call_id: CallId) -> None:
        """Let go of a call that is destroyed, also on disk; the rest of its day is opened again when needed."""
        day = call_id[:10]
        with self._lock:
            if day in self._days:
                labels = {one: kept for one, kept in self._labels(day).items() if one != call_id}
                self._set(day, self._others(day, {call_id}), labels)
            if self._path(day).exists():
                self._disk.unlink(str(self._path(day)))
                sync_folder(self._folder, self._disk)

    def _others(self, day: str, but: set[CallId]) -> list[tuple[str, str]]:
        return [(numbers, details) for numbers, details in self._lines(day) if _id_in(day, details) not in but]

    def _lines(self, day: str) -> list[tuple[str, str]]:
        kept = self._days.get(day)
        if kept is None or not kept.details:
            return []
        return list(zip(kept.numbers.split("\n"), kept.details.split("\n"), strict=True))

    def _labels(self, day: str) -> Mapping[CallId, Labels]:
        return self._days.get(day, _NOTHING).labels

    def _all_labels(self) -> list[tuple[CallId, Labels]]:
        with self._lock:
            return [item for kept in self._days.values() for item in kept.labels.items()]

    def _set(self, day: str, lines: list[tuple[str, str]], labels: Mapping[CallId, Labels]) -> None:
        numbers, details = "\n".join(one for one, _ in lines), "\n".join(one for _, one in lines)
        self._days[day] = _Day(numbers, details, labels)

    def _path(self, day: str) -> Path:
        return self._folder / f"{day}.sealed"


def _holding(day: str, kept: _Day, wanted: str) -> Iterable[CallId]:
    """Yield the calls of a day whose line of numbers holds ``wanted``."""
    at = kept.numbers.find(wanted)
    if at < 0:
        return
    details, line, counted = kept.details.split("\n"), 0, 0
    while at >= 0:
        line, counted = line + kept.numbers.count("\n", counted, at), at
        yield _id_in(day, details[line])
        after = kept.numbers.find("\n", at)
        at = kept.numbers.find(wanted, after) if after >= 0 else -1


def _saying(day: str, kept: _Day, wanted: str) -> Iterable[CallId]:
    """Yield the calls of a day whose name, handler or note holds ``wanted``."""
    for call_id, labels in kept.labels.items():
        if wanted in " ".join(f"{labels.handler}\n{labels.note}".split()).casefold():
            yield call_id
    if wanted in kept.details.casefold():
        for line in kept.details.split("\n"):
            if wanted in line.split("\t")[_NAME].casefold():
                yield _id_in(day, line)


def _id_in(day: str, details: str) -> CallId:
    return CallId(day + details.split("\t", 1)[0])


def _as_lines(known: Known) -> tuple[str, str]:
    """Return the line that is searched and the line that is shown; tabs and line ends cannot come from a telephone."""
    caller = known.caller
    number, dialled = normal_number(caller.number), normal_number(known.dialled)
    fields = (  # ``_NAME`` counts them
        known.call_id[_DAY:],
        known.line_name,
        _SHORT[caller.identity],
        _SAME if number and number == caller.number else caller.number or "",
        caller.name or "",
        _SAME if dialled and dialled == known.dialled else known.dialled or "",
        "1" if known.answered else "",
    )
    return f"{number} {dialled}", "\t".join(" ".join(field.split()) for field in fields)


def _from_line(day: str, line: str, numbers: str) -> Known:
    rest_of_id, line_name, identity, number, name, dialled, answered = line.split("\t")
    plain_number, _, plain_dialled = numbers.partition(" ")
    caller = Caller(_LONG[identity], (plain_number if number == _SAME else number) or None, name or None)
    dialled = plain_dialled if dialled == _SAME else dialled
    return Known(CallId(day + rest_of_id), line_name, caller, dialled or None, bool(answered))
