"""Requests of the police and other bodies: the register, and a decision that is the practice manager's alone."""

from datetime import date

from flask import url_for

from appliance.casework.cases import MANAGER_ALONE
from appliance.casework.disclosures.record import BASIS_WORDS, Body, Disclosure
from appliance.link.messages.cases import Case, CaseKind
from appliance.web import copies, words
from appliance.web.case_view import DONE, NOT_NEEDED, TO_DO, WAITING, CaseRowView, CaseView, Fact, Task, next_title
from appliance.web.casework import ActPage, SortPages, led, routes
from appliance.web.casework_fields import ActForm, DayBoxes, choice, line, options, several, yes_no
from appliance.web.casework_fields import words as area
from appliance.web.requests_forms import HOLDS_AFTER

BODIES = {
    Body.POLICE: "Police",
    Body.COURT: "Court",
    Body.REGULATOR: "Regulator, such as the GMC or the CQC",
    Body.NHS_BODY: "NHS body",
    Body.SOLICITOR: "Solicitor",
    Body.OTHER: "Another body",
}


class LogForm(ActForm):
    """A request, as it was made."""

    inquirer__body = choice("Who asks?", options(BODIES), "Select who asks")
    inquirer__body_name = line("Name of the body", "Enter which body asks", "Such as the name of the police force")
    inquirer__officer = line("Name of the person", "Enter who asks for the body")
    inquirer__number = line("Their number", hint="Collar or case worker’s number")
    inquirer__reference = line("The body’s own reference", "Enter the body’s own reference")
    inquirer__counter_signed_by = line("Counter-signed by", hint="Where the form has such a place")
    asked_for = area("What is asked for?", "Enter what is asked for")
    basis = choice("Which legal basis do they name?", options(BASIS_WORDS), "Select the legal basis they name")
    form = line("Which form, order or letter was shown?", "Enter which form, order or letter was shown")
    received_on = DayBoxes("Day of receipt")


class CallBackForm(ActForm):
    """The check that they are who they say."""

    found_in = line("Where did you find the number you called?", "Enter where you found the number",
                    "The number in the request itself proves nothing")  # fmt: skip
    spoke_to = line("Who did you speak to?", "Enter who you spoke to")
    genuine = yes_no("Is the request genuine?", "Select whether it is genuine", "Yes, confirmed", "No, or not sure")


class DecideForm(ActForm):
    """The manager's decision."""

    granted = yes_no("Decision", "Select the decision", "Release the calls ticked below", "Refuse",
                     "The law permits it and requires it only if a court orders it. To refuse is normal")  # fmt: skip
    calls = several("Calls to release", "", "Only what is necessary")
    necessity = area("Why is this necessary and proportionate, or why is it refused?", "Enter the reason")

    def prepare(self, case: Case | None) -> None:
        """Offer the calls of the request."""
        shown = case.calls if case else ()
        self.calls.validators = ()
        self.calls.choices = [(one.call_id, _call_words(one)) for one in shown if one.row is not None]


class ReceiptForm(ActForm):
    """The body's receipt."""

    signed_by = line("Who signed?", "Enter who signed the receipt")
    signed_on = DayBoxes("Day it was signed")


class CloseForm(ActForm):
    """The end."""

    holds_after = choice("What becomes of the holds?", options(HOLDS_AFTER), "Select what becomes of the holds")


ACTS = {
    "check_back": ActPage(
        "Call them back", "On a number that you found yourself, such as 101 or the court’s own page.",
        CallBackForm, "Save the check", "The check is saved.",
    ),
    "decide": ActPage(
        "Decide", "The practice manager alone decides.",
        DecideForm, "Save the decision", "The decision is saved.", fresh=True,
        who=MANAGER_ALONE, what="decide on a request of the police or another body",
    ),
    "sign_receipt": ActPage(
        "Note the receipt", "Who signed for the copy, and when. Keep the signed paper.",
        ReceiptForm, "Save the receipt", "The receipt is saved.",
    ),
    "close": ActPage(
        "Close the request", "Refused, or handed over with its receipt.",
        CloseForm, "Close the request", "It is closed.", fresh=True, grave=True,
        who=MANAGER_ALONE, what="close a request of the police or another body", ends=True,
    ),
}  # fmt: skip

LOG = ActPage(
    "Enter a request of the police or another body",
    "Anybody may take it down. It then goes to the practice manager, who alone decides. Until then tell the body "
    "nothing, not even whether there is a recording.",
    LogForm, "Enter the request", "",
)  # fmt: skip


def view(one: Disclosure, case: Case) -> CaseView:
    """Return how a request of a body looks."""
    step = next_title(_tasks(one))
    sentence = f"Closed on {words.day(one.closed_on)}." if one.closed_on else f"Next: {step.lower()}." if step else ""
    return CaseView(
        title=f"{one.reference}: {one.inquirer.body_name}",
        sentence=sentence,
        is_open=one.is_open,
        facts=[
            Fact("Who asks", f"{one.inquirer.officer}, {one.inquirer.body_name} {one.inquirer.number}".strip()),
            Fact("Their reference", one.inquirer.reference),
            Fact("Counter-signed by", one.inquirer.counter_signed_by or "Nobody"),
            Fact("Asked for", one.asked_for),
            Fact("Legal basis they name", BASIS_WORDS[one.basis]),
            Fact("Shown", one.form),
            Fact("Received", words.day(one.received_on)),
        ],
        history=one.history,
        tasks=_tasks(one),
        texts=_texts(one, case),
        papers=_papers(one),
        warning=""
        if one.calls or not one.is_open
        else "No call is added yet: open the call and choose “Add to a case”.",
    )


def row(one: Disclosure, _today: date) -> CaseRowView:
    """Return a request of a body as a line of the list."""
    step = next_title(_tasks(one), "Closed")
    outcome = "" if one.decision is None else "Released" if one.decision.granted else "Refused"
    return CaseRowView(one.reference, one.inquirer.body_name, words.day(one.received_on), outcome, step)


def _tasks(one: Disclosure) -> list[Task]:
    checked, decided = one.call_back is not None and one.call_back.genuine, one.decision is not None
    granted = one.decision is not None and one.decision.granted
    given, signed = one.handover is not None, one.receipt is not None
    unneeded = NOT_NEEDED if decided and not granted else ""
    return [
        _task(one, "check_back", _state(checked, one.decision is None), again=not decided),
        _task(one, "decide", _state(decided, True), again=not given),
        _task(one, "copy", unneeded or _state(given, granted)),
        _task(one, "sign_receipt", unneeded or _state(signed, given)),
        _task(one, "close", _state(not one.is_open, signed or bool(unneeded))),
    ]


def _state(done: bool, ready: bool) -> str:
    return DONE if done else TO_DO if ready else WAITING


def _task(one: Disclosure, act: str, state: str, *, again: bool = False) -> Task:
    leads = one.is_open and (state == TO_DO or (state == DONE and again))
    href = url_for("police.act", reference=one.reference, act=act) if leads else ""
    page = ACTS.get(act, copies.HAND_OVER)
    return led(Task(page.title, state, "", href), page)


def _papers(one: Disclosure) -> list[tuple[str, str]]:
    if one.decision is None:
        return []
    kind, title = ("body_cover", "Cover letter and receipt") if one.decision.granted else ("body_refusal", "Refusal")
    return [(title, url_for("letters.show", reference=one.reference, kind=kind))]


def _texts(one: Disclosure, case: Case) -> list[tuple[str, str]]:
    found = []
    if one.call_back:
        said = "genuine" if one.call_back.genuine else "not confirmed"
        found.append(("Call back", f"{one.call_back.found_in}; spoke to {one.call_back.spoke_to}: {said}"))
    if one.decision:
        who = case.names.get(one.decision.by, one.decision.by)
        found.append(
            ("Decision", f"{'Released' if one.decision.granted else 'Refused'} by {who}: {one.decision.necessity}")
        )
    if one.handover:
        sums = "; ".join(f"{call.part}, SHA-256 {call.sha256}" for call in one.handover.calls)
        found.append(
            ("Handed over", f"To {one.handover.to}, {one.handover.means}, on {words.day(one.handover.on)}: {sums}")
        )
    if one.receipt:
        found.append(("Receipt", f"{one.receipt.signed_by}, {words.day(one.receipt.on)}"))
    return found


def _call_words(one: object) -> str:
    row = getattr(one, "row", None)
    return f"{words.call_title(row)}, {words.day_time(row.started_at)}" if row else ""


PAGES = SortPages(
    name="police", kind=CaseKind.DISCLOSURE, shape=Disclosure, title="Police and other bodies", one="request of a body",
    log=LOG, acts=ACTS, view=view, row=row, special={"copy": copies.ask_for},
    columns=("Body", "Received", "Outcome", "Next step"),
)  # fmt: skip

blueprint = routes(PAGES, "/police")
