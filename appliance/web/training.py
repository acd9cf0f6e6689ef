"""Training: calls shared with the member of staff they are about, and feedback that helps them on. No league tables."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.casework.cases import EVERYONE_AT_WORK
from appliance.casework.deadlines import corresponding_date
from appliance.casework.reviews.record import Review, report
from appliance.codec import from_json, to_json
from appliance.link.messages.cases import (
    Case,
    CaseDone,
    CaseKind,
    CaseList,
    DrawSample,
    ListCases,
    LogCase,
    MyCalls,
    MyListens,
    Sample,
)
from appliance.link.messages.people import ListColleagues, People
from appliance.model.calls import checked_call_id
from appliance.model.people import Role
from appliance.web import words
from appliance.web.case_view import DONE, NOT_NEEDED, TO_DO, WAITING, CaseRowView, CaseView, Fact, Task, next_title
from appliance.web.casework import PER_PAGE, REFUSALS, ActPage, SortPages, form_page, led, routes
from appliance.web.casework_fields import ActForm, FutureBoxes, choice, line, tick
from appliance.web.casework_fields import words as area
from appliance.web.forms import DateBoxes, PositionField
from appliance.web.parts import ask, today
from appliance.web.records import page_asked, pages_of
from appliance.web.visitor import visitor

_PRIVATE = "I am in a private setting, where nobody else can hear"
_SHARE_DAYS = 14
_A_PAGE, _MOST_PAGES = 100, 100
"""Of reviews, as the keeper gives them; ten thousand are more than any practice makes in ten years."""


class ShareForm(ActForm):
    """With whom, which part, and until when."""

    staff = choice("Who took the call?", (), "Select who took the call", "They hear it, and see your feedback")
    until = FutureBoxes("Last day they can hear it")
    part_from = PositionField(
        "Only from", description="Minutes and seconds, such as 1:05. Leave both empty to share the whole call"
    )
    part_to = PositionField("Only up to")
    private_setting = tick("I heard it in a private setting", "Tick that you heard it in a private setting")

    def offer(self, people: People) -> None:
        """Offer the people whom a call can be shared with."""
        self.staff.choices = [(one.username, one.name) for one in people.people]

    def told(self) -> dict[str, Any]:
        """Return the words, with the part as a pair."""
        found = super().told()
        del found["part_from"], found["part_to"]
        first, last = self.part_from.seconds, self.part_to.seconds
        if first is not None or last is not None:
            found["part"] = [first or 0.0, last or 0.0]
        return found


class FeedbackForm(ActForm):
    """What helps a colleague on: there is no mark."""

    went_well = area("What went well?", "Enter what went well")
    to_try = area("What could they try?", "Enter what to try")
    next_step = area("Agreed next step, and support", "Enter the agreed next step")


class UntilForm(ActForm):
    """Another last day."""

    until = FutureBoxes("Last day they can hear it")


class WithdrawForm(ActForm):
    """Why a share is taken back."""

    why = line("Why is it taken back?", "Enter why it is taken back")


class ListenForm(ActForm):
    """The private setting."""

    private_setting = tick(_PRIVATE, "Tick that you are in a private setting")


class CountersignForm(ActForm):
    """The member of staff's own word."""

    reply = area("Your reply", hint="If you like")
    listening_declined = tick("I do not wish to hear the call")


class SampleForm(ActForm):
    """A period, and how many."""

    first = DateBoxes("From")
    last = DateBoxes("To")
    size = choice("How many calls?", (("3", "3"), ("5", "5"), ("10", "10")), "Select how many")


ACTS = {
    "give_feedback": ActPage(
        "Give feedback", "To help, not to judge. The member of staff reads it, and may reply.",
        FeedbackForm, "Save the feedback", "The feedback is saved.", what="give feedback",
    ),
    "share_longer": ActPage(
        "Share for longer", "At most three months.", UntilForm, "Save", "The share goes on.",
        what="share a call for longer",
    ),
    "withdraw": ActPage(
        "Take the share back", "They can hear the call no more.", WithdrawForm, "Take it back", "It is taken back.",
        what="withdraw a share",
    ),
    "listen": ActPage(
        "Hear the call", "Find a room of your own first.", ListenForm, "Go to the call", "", who=EVERYONE_AT_WORK,
        then=lambda case: url_for("call.show", call_id=from_json(case.body, Review).call_id),
    ),
    "countersign": ActPage(
        "Countersign", "You have read the feedback, and heard the call if you wished to.",
        CountersignForm, "Countersign", "Thank you. It is countersigned.", who=EVERYONE_AT_WORK,
    ),
}  # fmt: skip

SHARE = ActPage("Share this call for training", "With the member of staff whose call it was. They see who listened.",
                ShareForm, "Share", "")  # fmt: skip


def view(one: Review, case: Case) -> CaseView:
    """Return how a review looks to whoever looks."""
    mine = one.staff == visitor().person.username
    acts = ["share_longer", "withdraw"] if one.is_open and not mine else []
    part = "the whole call" if one.part is None else f"{words.position(one.part[0])} to {words.position(one.part[1])}"
    until = f"Shared until {words.day(one.shared_until)}: {part}."
    sentence = (
        "Taken back." if one.withdrawn_because else "Finished: both have signed." if one.countersigned_on else until
    )
    name = case.names.get
    return CaseView(
        title=f"{one.reference}: training with {name(one.staff, one.staff)}",
        sentence=sentence,
        is_open=one.is_open,
        facts=[
            Fact("Whose call", name(one.staff, one.staff)),
            Fact("Reviewer", name(one.reviewer, one.reviewer)),
            Fact("Drawn by lot", "Yes" if one.drawn else "No"),
            Fact("Heard by them", words.day(one.heard_on) if one.heard_on else "Not yet"),
        ],
        history=one.history,
        tasks=_tasks(one, mine=mine, today_=case.today),
        acts=[(ACTS[act].title, url_for("training.act", reference=one.reference, act=act)) for act in acts],
        texts=_texts(one),
    )


def row(one: Review, today_: date) -> CaseRowView:
    """Return a review as a line of the list."""
    step = next_title(_tasks(one, mine=False, today_=today_), "Finished") if one.is_open else "Finished"
    until = words.day(one.shared_until) if today_ <= one.shared_until else "Run out"
    return CaseRowView(one.reference, one.staff, words.day(one.shared_on), until, step)


def _tasks(one: Review, *, mine: bool, today_: date) -> list[Task]:
    open_ = one.is_open
    hears = mine and one.may_hear(visitor().person, today_)
    heard = DONE if one.heard_on else TO_DO if open_ else NOT_NEEDED
    given = DONE if one.feedback else TO_DO if open_ else NOT_NEEDED
    signed = DONE if one.countersigned_on else NOT_NEEDED if not open_ else TO_DO if one.feedback else WAITING
    return [
        _task(one, "listen", "Heard by the member of staff", heard, leads=hears),
        _task(one, "give_feedback", "Feedback", given, leads=open_ and not mine),
        _task(one, "countersign", "Countersigned", signed, leads=open_ and mine and one.feedback is not None),
    ]


def _task(one: Review, act: str, title: str, state: str, *, leads: bool) -> Task:
    page = ACTS[act]
    href = url_for("training.act", reference=one.reference, act=act) if leads else ""
    return led(Task(page.title if leads else title, state, "", href), page)


def _texts(one: Review) -> list[tuple[str, str]]:
    found = []
    if one.feedback:
        said = one.feedback
        found = [("What went well", said.went_well), ("To try", said.to_try), ("Agreed next step", said.next_step)]
    return [*found, ("Reply", one.reply)] if one.reply else found


PAGES = SortPages(
    name="training", kind=CaseKind.REVIEW, shape=Review, title="Training", one="review",
    log=SHARE, acts=ACTS, view=view, row=row, columns=("With", "Shared", "Until", "Next step"),
)  # fmt: skip

blueprint = routes(PAGES, "/training", with_log=False, with_list=False)


@blueprint.get("")
def show() -> str:
    """List the reviews; to a member of staff their own, with who listened to those calls."""
    if visitor().person.role is Role.STAFF:
        mine = ask(MyListens(visitor().token), MyCalls)
        reviews = [from_json(body, Review) for body in mine.bodies]
        return render_template("my_training.html", mine=mine, reviews=reviews)
    (reviews, names), day, page = _all_reviews(), today(), page_asked()
    last = pages_of(len(reviews), PER_PAGE, page)
    counts = report(reviews, corresponding_date(day, -1), day)
    form = SampleForm(formdata=None, data={"first": day - timedelta(days=28), "last": day, "size": "5"})
    shown = [row(one, day) for one in reviews[(page - 1) * PER_PAGE : page * PER_PAGE]]
    rows = [replace(one, who=names.get(one.who, one.who)) for one in shown]
    return render_template(
        "training.html", pages=PAGES, rows=rows, counts=counts, form=form, mistakes=[], page=page, last=last
    )


def _all_reviews() -> tuple[list[Review], dict[str, str]]:
    """Return every review, open ones first, newest first (the month's counts are of all); and people's names."""
    bodies, names = list[bytes](), dict[str, str]()
    for page in range(1, _MOST_PAGES + 1):
        found = ask(ListCases(visitor().token, CaseKind.REVIEW, page, _A_PAGE), CaseList)
        bodies += found.bodies
        names |= found.names
        if not found.bodies or len(bodies) >= found.total:
            break
    return [from_json(body, Review) for body in bodies], names


@blueprint.post("/draw/by/lot")
def sample() -> str | tuple[str, int]:
    """Draw calls by lot."""
    form = SampleForm()
    if not form.validate() or not (form.first.data and form.last.data):
        return render_template(
            "sample.html", drawn=None, form=form, mistakes=form.mistakes() or [{"text": "Enter both days"}]
        ), 422
    try:
        drawn = ask(DrawSample(visitor().token, form.first.data, form.last.data, int(form.size.data)), Sample)
    except REFUSALS as wrong:
        return render_template("sample.html", drawn=None, form=form, mistakes=[{"text": str(wrong)}]), 409
    return render_template("sample.html", drawn=drawn, form=form, mistakes=[])


@blueprint.route("/share/<call_id>", methods=["GET", "POST"])
def share(call_id: str) -> Response | str | tuple[str, int]:
    """Share one call for training."""
    wanted = checked_call_id(call_id)
    form = ShareForm(data={"until": today() + timedelta(days=_SHARE_DAYS)})
    form.offer(ask(ListColleagues(visitor().token), People))
    back = url_for("call.show", call_id=wanted)
    if request.method != "POST" or not form.validate():
        return form_page(PAGES, SHARE, form, back=back)
    given = {**form.told(), "call_id": wanted, "drawn": request.args.get("drawn") == "1"}
    try:
        done = ask(LogCase(visitor().token, CaseKind.REVIEW, to_json(given)), CaseDone)
    except REFUSALS as wrong:
        return form_page(PAGES, SHARE, form, back=back, wrong=wrong)
    flash("The call is shared. Write the feedback once you have both heard it.")
    return redirect(url_for("training.case", reference=done.reference), 303)
