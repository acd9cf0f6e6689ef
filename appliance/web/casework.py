"""Pages of cases: what every sort has in common. A sort says what its acts ask for and how a case looks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from appliance.casework.keeping import kept_until
from appliance.codec import from_json, to_json
from appliance.errors import (
    CaseworkRefused,
    FreshSignInNeeded,
    NoSuchCall,
    NotAllowed,
    PersonRefused,
    ShareRefused,
    SignInRefused,
    SignInThrottled,
)
from appliance.link.messages.base import Done
from appliance.link.messages.cases import Case, CaseDone, CaseKind, CaseList, DoCase, GetCase, ListCases, LogCase
from appliance.link.messages.sessions import ProvePassword
from appliance.model.people import Role
from appliance.web import words
from appliance.web.casework_fields import ActForm
from appliance.web.parts import ask, today
from appliance.web.records import page_asked, pages_of
from appliance.web.visitor import visitor

PER_PAGE = 25

REFUSALS = (CaseworkRefused, NotAllowed, NoSuchCall, ShareRefused, PersonRefused)
"""What a rule says no with: shown on the form, with its words."""


@dataclass(frozen=True, slots=True)
class ActPage:
    """The page of one act. ``lead`` says what it does; ``fresh`` acts ask for the password again."""

    title: str
    lead: str
    form: type[ActForm]
    button: str
    done: str
    fresh: bool = False
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One line of a case's list of tasks."""

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


@dataclass(frozen=True, slots=True)
class CaseRowView:
    """One line of a list of cases."""

    reference: str
    who: str
    received: str
    due: str
    step: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class SortPages:
    """The pages of one sort of case: its names, its forms, and how it is shown."""

    name: str
    kind: CaseKind
    shape: type
    title: str
    one: str
    log: ActPage
    acts: Mapping[str, ActPage]
    view: Callable[[Any, Case], CaseView]
    row: Callable[[Any, Any], CaseRowView]
    columns: tuple[str, str, str, str] = ("Who", "Received", "Due", "Next step")
    special: Mapping[str, Callable[["SortPages", str], Any]] = field(default_factory=dict)
    """Acts whose pages are more than a form."""


def routes(pages: SortPages, path: str, *, with_log: bool = True, with_list: bool = True) -> Blueprint:
    """Return the blueprint of a sort: its list, its log, a case, and its acts."""
    blueprint = Blueprint(pages.name, __name__, url_prefix=path)
    if with_list:
        blueprint.add_url_rule("", "show", lambda: _list(pages))
    if with_log:
        blueprint.add_url_rule("/log", "log", lambda: log(pages), methods=["GET", "POST"])
    blueprint.add_url_rule("/<reference>", "case", lambda reference: show(pages, reference))
    blueprint.add_url_rule(
        "/<reference>/<act>", "act", lambda reference, act: do(pages, reference, act), methods=["GET", "POST"]
    )
    return blueprint


def case_of(reference: str, kind: CaseKind | None = None) -> Case:
    """Return a case.

    Raises:
        NoSuchCase: there is none that the visitor may read. NotFound: it is of another sort.
    """
    case = ask(GetCase(visitor().token, reference), Case)
    if kind is not None and case.kind is not kind:
        raise NotFound
    return case


def _list(pages: SortPages) -> str:
    page = page_asked()
    found = ask(ListCases(visitor().token, pages.kind, page, PER_PAGE), CaseList)
    rows = [pages.row(from_json(body, pages.shape), found.today) for body in found.bodies]
    last = pages_of(found.total, PER_PAGE, page)
    return render_template("cases.html", pages=pages, rows=rows, found=found, page=page, last=last)


def show(pages: SortPages, reference: str) -> str:
    """Show one case."""
    case = case_of(reference, pages.kind)
    record: Any = from_json(case.body, pages.shape)
    last = kept_until(pages.kind, getattr(record, "closed_on", None))
    return render_template("case.html", pages=pages, case=case, view=pages.view(record, case), kept_until=last)


def log(pages: SortPages, call_id: str = "") -> Response | str | tuple[str, int]:
    """Log a case. Staff are told its reference, and that others go on with it."""
    form = pages.log.form(data=_defaults())
    form.prepare(None)
    if request.method != "POST" or not form.validate():
        return form_page(pages, pages.log, form, back=url_for(f"{pages.name}.show"))
    given = form.told() | ({"calls": [call_id]} if call_id else {})
    try:
        done = ask(LogCase(visitor().token, pages.kind, to_json(given)), CaseDone)
    except REFUSALS as wrong:
        return form_page(pages, pages.log, form, back=url_for(f"{pages.name}.show"), wrong=wrong)
    if visitor().person.role is Role.STAFF:
        flash(f"{done.reference} is logged. The practice manager, the partners and senior staff see it now.")
        return redirect(url_for("home.show"), 303)
    flash(f"{done.reference} is logged.")
    return redirect(url_for(f"{pages.name}.case", reference=done.reference), 303)


def do(pages: SortPages, reference: str, act: str) -> Response | str | tuple[str, int]:
    """Show the page of one act, and do it."""
    if act in pages.special:
        answer: Response | str | tuple[str, int] = pages.special[act](pages, reference)
        return answer
    page = pages.acts.get(act)
    if page is None:
        raise NotFound
    case = case_of(reference, pages.kind)
    form = page.form(data=_defaults())
    form.prepare(case)
    back = url_for(f"{pages.name}.case", reference=reference)
    if request.method != "POST" or not (form.validate() and (not page.fresh or proved(form))):
        return form_page(pages, page, form, back=back, case=case)
    try:
        done = ask(DoCase(visitor().token, reference, act, to_json(form.told())), CaseDone)
    except FreshSignInNeeded:
        raise
    except REFUSALS as wrong:
        return form_page(pages, page, form, back=back, case=case, wrong=wrong)
    if page.done:
        flash(f"{page.done}{_released_words(done)}")
    return redirect(back, 303)


def form_page(
    pages: SortPages, page: ActPage, form: ActForm, *, back: str, case: Case | None = None,
    wrong: Exception | None = None, template: str = "case_form.html", **more: Any,
) -> str | tuple[str, int]:  # fmt: skip
    """Return an act's page: empty, or with what is wrong about it."""
    mistakes = form.mistakes() if wrong is None else [{"text": str(wrong)}]
    body = render_template(
        template, pages=pages, page=page, form=form, mistakes=mistakes, back=back, case=case,
        ask_password=page.fresh and not visitor().fresh, **more,
    )  # fmt: skip
    if wrong is not None:
        return body, 403 if isinstance(wrong, NotAllowed) else 409
    return (body, 422) if mistakes else body


def proved(form: ActForm) -> bool:
    """Return whether the password was given lately, or is right now."""
    if visitor().fresh:
        return True
    try:
        ask(ProvePassword(visitor().token, form.password.data or ""), Done)
    except SignInThrottled:
        raise
    except SignInRefused:
        form.password.errors = ["Check your password"]
        return False
    return True


def _defaults() -> dict[str, Any]:
    return dict.fromkeys(("received_on", "happened_on", "checked_on"), today())


def _released_words(done: CaseDone) -> str:
    if not done.released or done.destroyed_on is None:
        return ""
    calls = words.counted(done.released, "call", "calls")
    return f" {calls} will be deleted by {words.day(done.destroyed_on)} unless held again."
