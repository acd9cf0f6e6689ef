"""The gap ledger, worked out from the recorder's chapters: each second of a line was listened to, or has a cause.

Where chapters follow one another, what lies between them is lost too: the power was off, or the recorder did not run.
Nothing here reads a clock or a file.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from appliance.clock import ClockQuality
from appliance.model.gaps import Gap, GapCause, LineAccount, Why
from appliance.storage.entry import Stated
from appliance.storage.gapnotes import Chapter, Ended, Losing, Lost

When = Callable[[Stated], tuple[datetime, bool]]
"""The best that is known of when something was, and whether a confirmed clock says so (``storage.boots``)."""

SHUT_DOWN, CUT_OFF = "shut down", "cut off"
"""Details of a ``POWER`` gap: the recorder was asked to stop before it, or the power went."""

RESTARTED, CRASHED, NOT_RUNNING = "restarted", "crashed", "not running"
"""The same of a ``STOPPED`` gap, within one boot of the machine; the last while nobody has started it again."""

_LATE = timedelta(seconds=10)
"""A recorder gives a sign of life every two seconds."""

_TOUCH = timedelta(seconds=1)
"""Two losses this near each other are one where the second is only the recorder's starting after the first."""


def stated_times(stated: Stated) -> tuple[datetime, bool]:
    """Take the recorder's word for when something was."""
    return stated.at, stated.clock is ClockQuality.SYNCHRONISED


@dataclass(frozen=True, slots=True)
class _Loss:
    start: datetime
    end: datetime
    why: Why
    open: bool = False
    unsure: bool = False


class Ledger:
    """The accounts of all lines over ``chapters``, oldest first.

    ``heard_until`` is up to when the recorder is known to be alive besides what its notes say. ``now`` is the end of
    the accounts: what lies between is a gap that lasts. Without them the newest chapter ends with its last note.
    """

    def __init__(
        self,
        chapters: Sequence[Chapter],
        when: When = stated_times,
        heard_until: datetime | None = None,
        now: datetime | None = None,
    ) -> None:
        """Work it out."""
        self._chapters, self._when, self._heard_until, self._now = chapters, when, heard_until, now

    def accounts(self) -> tuple[LineAccount, ...]:
        """Return one account for each line, in the lines' order; a line is known by its name."""
        names: dict[str, int] = {}
        for chapter in self._chapters:
            names |= {name: line for line, name in enumerate(chapter.began.lines, start=1)}
        return tuple(self._account(line, name) for name, line in sorted(names.items(), key=lambda one: one[1]))

    def _account(self, line: int, name: str) -> LineAccount:
        own = [(index, chapter) for index, chapter in enumerate(self._chapters) if name in chapter.began.lines]
        losses = [loss for index, chapter in own for loss in self._within(index, chapter, name)]
        losses += [loss for (a, _), (b, _) in pairwise(own) if (loss := self._between(a, b))]
        first = self._when(own[0][1].began.at)[0]
        last = max(self._end(index) for index, _ in own)
        if own[-1][0] == len(self._chapters) - 1 and self._now is not None and self._now - last > _LATE:
            losses.append(_Loss(last, self._now, Why(GapCause.STOPPED, NOT_RUNNING), open=True))
            last = self._now
        gaps = tuple(Gap(line, name, *_fields(loss)) for loss in in_order(filter(_is_one, losses)) if loss.end > first)
        return LineAccount(line, name, min([first, *(gap.start for gap in gaps)]), last, gaps)

    def _within(self, index: int, chapter: Chapter, name: str) -> Iterator[_Loss]:
        """Yield what a line lost in one chapter, as its notes say."""
        line = chapter.began.lines.index(name) + 1
        over = {note.start.boottime_s for note in chapter.notes if isinstance(note, Lost) and note.line == line}
        newest = index == len(self._chapters) - 1
        for note in chapter.notes:
            if isinstance(note, Lost) and note.line == line:
                yield self._loss(note.start, self._when(note.end)[0], note.why)
            elif isinstance(note, Losing) and note.line == line and note.start.boottime_s not in over:
                yield self._loss(note.start, self._end(index), note.why, going_on=newest)

    def _loss(self, start: Stated, end: datetime, why: Why, *, going_on: bool = False) -> _Loss:
        at, sure = self._when(start)
        return _Loss(at, max(at, end), why, going_on, not sure)

    def _end(self, index: int) -> datetime:
        """Return up to when a chapter was listening."""
        chapter = self._chapters[index]
        if index == len(self._chapters) - 1:
            noted = self._when(chapter.last)[0]
            return max(noted, self._heard_until) if self._heard_until else noted
        return self._when(self._end_stated(index))[0]

    def _end_stated(self, index: int) -> Stated:
        chapter, before = self._chapters[index], self._chapters[index + 1].began.before
        known = before is not None and before.at.boot_id == chapter.last.boot_id
        if before is None or not known or before.at.boottime_s < chapter.last.boottime_s:
            return chapter.last
        return before.at

    def _between(self, earlier: int, later: int) -> _Loss | None:
        """Return what was lost between two chapters that both have a line; None where one goes straight on."""
        stopped, began = self._end_stated(earlier), self._chapters[later].began.at
        clean = self._was_clean(earlier)
        (end, end_sure), (start, start_sure) = self._when(began), self._when(stopped)
        same_boot = stopped.boot_id == began.boot_id
        if same_boot:
            start = end - timedelta(seconds=began.boottime_s - stopped.boottime_s)
            why = Why(GapCause.STOPPED, RESTARTED if clean else CRASHED)
        else:
            why = Why(GapCause.POWER, SHUT_DOWN if clean else CUT_OFF)
        unsure = not same_boot and not (start_sure and end_sure)
        if start > end:
            return _Loss(start, start, Why(GapCause.CLOCK, "went back"), unsure=True)
        return _Loss(start, end, why, unsure=unsure) if start < end else None

    def _was_clean(self, index: int) -> bool:
        before = self._chapters[index + 1].began.before
        return bool(before and before.clean) or any(isinstance(note, Ended) for note in self._chapters[index].notes)


def _is_one(loss: _Loss) -> bool:
    """Return whether it has a length; nobody knows how long the clock was wrong, so that counts without one."""
    return loss.end > loss.start or loss.why.cause is GapCause.CLOCK


def in_order(losses: Iterable[_Loss]) -> list[_Loss]:
    """Return losses in order, none overlapping another: the earlier keeps what two claim; neighbours alike are one."""
    ordered: list[_Loss] = []
    for loss in sorted(losses, key=lambda one: (one.start, -one.end.timestamp())):
        before = ordered[-1] if ordered else None
        if before is None:
            ordered.append(loss)
        elif loss.start <= before.end + _TOUCH and _belongs_to(before, loss):
            later = loss if loss.end > before.end else before
            ordered[-1] = replace(before, end=later.end, open=later.open, unsure=before.unsure or loss.unsure)
        elif loss.end > before.end or loss.start >= before.end:
            ordered.append(replace(loss, start=max(loss.start, before.end)))
    return ordered


def _belongs_to(before: _Loss, loss: _Loss) -> bool:
    """Return whether a loss only prolongs the one before it: alike and touching, or the starting after a stop."""
    if loss.why.cause is GapCause.STOPPED and not loss.why.detail:
        return before.why.cause in (GapCause.STOPPED, GapCause.POWER)
    return loss.why.cause is before.why.cause and loss.start <= before.end


def _fields(loss: _Loss) -> tuple[datetime, datetime, Why, bool, bool]:
    return loss.start, loss.end, loss.why, loss.open, loss.unsure
