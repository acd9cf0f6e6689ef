"""What every case has in common: its history, the recordings it holds, who may act, and how it ends.

A case is a value. Each act is a function from a case to the next one, which adds an entry to the history and takes
none away, or raises an error that says who may do it or what is missing and leaves the case as it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from appliance.casework.deadlines import corresponding_date
from appliance.errors import CaseClosed, DateWrong, HoldNeeded, NotAllowed, WordsMissing
from appliance.model.calls import CallId
from appliance.model.holds import HoldReason
from appliance.model.people import Person, Role

HOLD_REVIEW_MONTHS = 3
"""Months after which a hold is looked at again. The hold does not end by itself."""

EVERYONE_AT_WORK = frozenset({Role.MANAGER, Role.PARTNER, Role.SENIOR, Role.STAFF})
"""Whoever can be told something by a patient: a request counts by any words to any of them."""

CASEWORKERS = frozenset({Role.MANAGER, Role.PARTNER, Role.SENIOR})
"""The policy: access is "controlled, managed by senior staff"."""

DECIDERS = frozenset({Role.MANAGER, Role.PARTNER})
"""The policy: "authorised by a Partner or the Practice Manager/Data Controller"."""

MANAGER_ALONE = frozenset({Role.MANAGER})
"""The policy: requests of the police and others go "to the Practice Manager/Data Controller"."""

_ROLE_WORDS = {
    Role.MANAGER: "the practice manager",
    Role.PARTNER: "a partner",
    Role.SENIOR: "senior staff",
    Role.STAFF: "staff",
    Role.TECHNICIAN: "the technician",
    Role.AUDITOR: "the auditor",
}


class HoldsAfter(StrEnum):
    """What becomes of a case's holds when it closes: there is no default, somebody decides."""

    RELEASE = "release"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Entry:
    """One act in the history of a case. ``act`` holds no personal data, so that it may stand in the journal."""

    on: date
    by: str
    role: Role
    act: str


@dataclass(frozen=True, slots=True)
class HoldWish:
    """A legal hold that a case needs; the keeper places it the moment it sees the wish."""

    call_id: CallId
    reason: HoldReason
    reference: str
    note: str
    review_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Whatever people act on: its history only ever grows."""

    history: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Recorded):
    """The common part. ``calls`` are all recordings it ever touched: held while it is open, none is ever dropped."""

    reference: str
    hold_reason: HoldReason
    received_on: date
    calls: tuple[CallId, ...] = ()
    closed_on: date | None = None
    holds_after: HoldsAfter | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.closed_on is None


R = TypeVar("R", bound=Recorded)


def noted(record: R, by: Person, today: date, act: str, **changes: Any) -> R:
    """Return the record with ``changes`` made and ``act`` added to its history."""
    return replace(record, history=(*record.history, entry(by, today, act)), **changes)


def entry(by: Person, today: date, act: str) -> Entry:
    """Return one line of a history."""
    return Entry(today, by.username, by.role, act)


def must_be_open(case: Case) -> None:
    """Raise where a case is closed.

    Raises:
        CaseClosed: it is.
    """
    if not case.is_open:
        raise CaseClosed(f"{case.reference} is closed. Its record is kept as it is; log a new case instead.")


def must_be(by: Person, roles: frozenset[Role], act: str) -> None:
    """Raise where a person's role may not do ``act`` (an infinitive without "to").

    Raises:
        NotAllowed: the role is another; the text says who may.
    """
    if by.role not in roles:
        raise NotAllowed(f"Only {who(roles)} may {act}.")


def who(roles: frozenset[Role]) -> str:
    """Return "the practice manager, a partner or senior staff"."""
    names = [_ROLE_WORDS[role] for role in Role if role in roles]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def must_say(words: str, what: str) -> str:
    """Return ``words`` without white space around them.

    Raises:
        WordsMissing: nothing is left; the text asks for ``what``.
    """
    stripped = words.strip()
    if not stripped:
        raise WordsMissing(f"Say {what}.")
    return stripped


def must_lie(day: date, earliest: date, today: date, what: str) -> date:
    """Return ``day`` where it lies from ``earliest`` to ``today``.

    Raises:
        DateWrong: it does not.
    """
    if day > today:
        raise DateWrong(f"{what} cannot lie in the future.")
    if day < earliest:
        raise DateWrong(f"{what} cannot lie before {earliest.isoformat()}.")
    return day


def joined(calls: tuple[CallId, ...], more: Iterable[CallId]) -> tuple[CallId, ...]:
    """Return ``calls`` and those of ``more`` that are new, in order."""
    return tuple(dict.fromkeys((*calls, *more)))


def holds_wanted(case: Case) -> tuple[HoldWish, ...]:
    """Return the holds a case needs now: on all its calls while it is open, and after that if they were kept.

    Destroying a recording to frustrate a request is an offence (DPA 2018 s.173), so a wish never waits for a decision.
    The keeper asks after each act. It asks again at any time while the case is open, and not once it is closed: a hold
    that was kept then ends when somebody releases it.
    """
    if not case.is_open and case.holds_after is not HoldsAfter.KEEP:
        return ()
    last = case.history[-1].on if case.history else case.received_on
    review_on = corresponding_date(case.closed_on or last, HOLD_REVIEW_MONTHS)
    note = "Placed by the case" if case.is_open else "Kept when the case closed"
    return tuple(HoldWish(call, case.hold_reason, case.reference, note, review_on) for call in case.calls)


def refuse_early_release(call_id: CallId, reference: str, cases: Iterable[Case]) -> None:
    """Raise where the hold of case ``reference`` on a call may not be released yet.

    Raises:
        HoldNeeded: that case is open and has the call.
    """
    for case in cases:
        if case.reference == reference and case.is_open and call_id in case.calls:
            raise HoldNeeded(f"{reference} is still open and needs this call. Close the case first.")


def next_reference(prefix: str, today: date, taken: Iterable[str]) -> str:
    """Return the next free "AR-2026-007"; a number that was ever taken is never given again."""
    stem = f"{prefix}-{today.year}-"
    ends = (name.removeprefix(stem) for name in taken if name.startswith(stem))
    return f"{stem}{max((int(end) for end in ends if end.isdecimal()), default=0) + 1:03}"
