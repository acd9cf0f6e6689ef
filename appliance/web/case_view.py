"""How a case is shown, whatever its sort: values that the templates and the printed record lay out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from appliance.casework.papers.paper import Block, BlockKind, Sheet
from appliance.link.messages.cases import Case
from appliance.web import words

TO_DO = "To do"
DONE = "Done"
WAITING = "Cannot start yet"
NOT_NEEDED = "Not needed"
"""How a task stands."""


@dataclass(frozen=True, slots=True)
class Task:
    """One line of a case's list of tasks. ``href`` is empty where the visitor has nothing to do there."""

    title: str
    state: str
    words: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is known of a case."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """How a case looks. ``acts`` and ``papers`` are words and where they lead."""

    title: str
    sentence: str
    is_open: bool
    facts: Sequence[Fact]
    history: Sequence[Any]
    tasks: Sequence[Task] = ()
    acts: Sequence[tuple[str, str]] = ()
    papers: Sequence[tuple[str, str]] = ()
    warning: str = ""
    texts: Sequence[tuple[str, str]] = ()

    @property
    def next(self) -> Task | None:
        """The first task that the visitor can do now."""
        return next((task for task in self.tasks if task.state == TO_DO and task.href), None)


@dataclass(frozen=True, slots=True)
class CaseRowView:
    """One line of a list of cases."""

    reference: str
    who: str
    received: str
    due: str
    step: str
    urgent: bool = False


def next_title(tasks: Sequence[Task], otherwise: str = "") -> str:
    """Return the title of the first task that is to be done, by whomever."""
    return next((task.title for task in tasks if task.state == TO_DO), otherwise)


def record_sheet(view: CaseView, case: Case) -> Sheet:
    """Return the whole record of a case to be printed, for the practice's file or for whoever looks into it."""
    found = [Block(BlockKind.PARAGRAPH, (text,)) for text in (view.sentence, view.warning) if text]
    found += _table("What is known", [(fact.name, fact.value) for fact in view.facts])
    found += _table("Steps", [(task.title, _state(task)) for task in view.tasks])
    found += _table("Calls", [(str(number), _call(one)) for number, one in enumerate(case.calls, start=1)])
    found += _table("Written down", view.texts)
    name = case.names.get
    entries = [(words.day(one.on), f"{one.act.capitalize()}, {name(one.by, one.by)}") for one in view.history]
    return Sheet(view.title, (*found, *_table("History", entries)))


def _table(heading: str, rows: Sequence[tuple[str, str]]) -> list[Block]:
    if not rows:
        return []
    return [Block(BlockKind.HEAD_ROW, (heading, "")), *(Block(BlockKind.ROW, row) for row in rows)]


def _state(task: Task) -> str:
    return f"{task.state}: {task.words}" if task.words else task.state


def _call(one: Any) -> str:
    if one.row is None:
        return f"Recording {one.call_id}"
    held = "on hold" if one.held else "not on hold"
    return (
        f"{words.call_title(one.row)}, {words.day_time(one.row.started_at)}, {words.length(one.row.duration_s)}, {held}"
    )
