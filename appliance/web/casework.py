"""Pages of cases: what every sort has in common. A sort says what its acts ask for and how a case looks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from appliance.casework.cases import CASEWORKERS, must_be, who
from appliance.casework.duewords import weekday_month
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
from appliance.link.messages.sessions import NoteRefusal, ProvePassword
from appliance.model.people import Role
from appliance.web import words
from appliance.web.case_view import TO_DO, CaseRowView, CaseView, Task, record_sheet
from appliance.web.casework_fields import ActForm
from appliance.web.parts import ask, today
from appliance.web.printing import sheet_page, sheet_pdf
from appliance.web.records import page_asked, pages_of
from appliance.web.visitor import visitor

PER_PAGE = 25

_MOSTLY_TODAY = (
    "received_on",
    "happened_on",
    "checked_on",
    "acknowledged_on",
    "answered_on",
    "signed_on",
    "declined_on",
)
"""Days that are mostly today; whoever was slower changes them."""

REFUSALS = (CaseworkRefused, NotAllowed, NoSuchCall, ShareRefused, PersonRefused)
"""What a rule says no with: shown on the form, with its words."""


@dataclass(frozen=True, slots=True)
class ActPage:
    """The page of one act. ``lead`` says what it does; ``fresh`` acts ask for the password again.

    ``who`` may do it, and ``what`` they do (an infinitive without "to"): as the rule itself, which has the last word.
    ``ends`` acts say on their page what becomes of the case's calls.
    """

    title: str
    lead: str
    form: type[ActForm]
    button: str
    done: str
    fresh: bool = False
    grave: bool = False
    who: frozenset[Role] = CASEWORKERS
    what: str = ""
    ends: bool = False
    then: Callable[[Case], str] | None = None
    """Where it leads once it is done; None is back to the case."""


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
    blueprint.add_url_rule("/<reference>/print/record", "printed", lambda reference: printed(pages, reference))
    blueprint.add_url_rule("/<reference>/print/pdf", "printed_pdf", lambda reference: printed_pdf(pages, reference))
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


def printed(pages: SortPages, reference: str) -> str:
    """Show the whole record of a case as it prints."""
    case = case_of(reference, pages.kind)
    sheet = record_sheet(pages.view(from_json(case.body, pages.shape), case), case)
    return sheet_page(
        sheet, back=url_for(f"{pages.name}.case", reference=reference),
        pdf_href=url_for(f"{pages.name}.printed_pdf", reference=reference),
    )  # fmt: skip


def printed_pdf(pages: SortPages, reference: str) -> Response:
    """Send the whole record of a case as PDF."""
    case = case_of(reference, pages.kind)
    return sheet_pdf(record_sheet(pages.view(from_json(case.body, pages.shape), case), case), f"{reference}-record")


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
    refuse_others(page)
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
    return redirect(page.then(case) if page.then else back, 303)


def form_page(
    pages: SortPages, page: ActPage, form: ActForm, *, back: str, case: Case | None = None,
    wrong: Exception | None = None, template: str = "case_form.html", **more: Any,
) -> str | tuple[str, int]:  # fmt: skip
    """Return an act's page: empty, or with what is wrong about it."""
    mistakes = form.mistakes() if wrong is None else [{"text": str(wrong)}]
    body = render_template(
        template, pages=pages, page=page, form=form, mistakes=mistakes, back=back, case=case,
        ask_password=page.fresh and not visitor().fresh, after=_after(case) if case and page.ends else "", **more,
    )  # fmt: skip
    if wrong is not None:
        return body, 403 if isinstance(wrong, NotAllowed) else 409
    return (body, 422) if mistakes else body


def refuse_others(page: ActPage) -> None:
    """Refuse whoever may not do an act before they fill its page in; it is written down.

    Raises:
        NotAllowed: the text says who may.
    """
    try:
        must_be(visitor().person, page.who, page.what)
    except NotAllowed:
        ask(NoteRefusal(visitor().token, request.endpoint or ""), Done)
        raise


def led(task: Task, page: ActPage) -> Task:
    """Return a task as the visitor sees it: whoever may not do it is led nowhere, and told whose it is."""
    if not task.href or may_do(page):
        return task
    whose = f"For {who(page.who)}" if task.state == TO_DO else ""
    return replace(task, href="", words=". ".join(filter(None, (task.words, whose))))


def may_do(page: ActPage) -> bool:
    """Return whether the visitor's role may do an act."""
    return visitor().person.role in page.who


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
    return dict.fromkeys(_MOSTLY_TODAY, today())


def _after(case: Case) -> str:
    """Say what becomes of a case's calls if it lets them go."""
    here = [one for one in case.calls if one.row is not None]
    if not here:
        return "No call is held for this case."
    days = [one.destroyed_on for one in here if one.destroyed_on is not None and not one.held_otherwise]
    kept = len(here) - len(days)
    goes = f"{words.counted(len(days), 'call is', 'calls are')} deleted by {weekday_month(max(days))}" if days else ""
    stays = f"{words.counted(kept, 'call is', 'calls are')} kept by other holds" if kept else ""
    return f"If you release the holds, {' and '.join(filter(None, (goes, stays)))}."


def _released_words(done: CaseDone) -> str:
    if not done.released or done.destroyed_on is None:
        return ""
    calls = words.counted(done.released, "call", "calls")
    return f" {calls} will be deleted by {words.day(done.destroyed_on)} unless held again."
