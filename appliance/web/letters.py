"""Letters of a case: filled in, edited here, printed; and the practice's own details and wordings."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField

from appliance.casework.duewords import weekday_month
from appliance.casework.letters.letter import Letter, LetterKind, editable, letter, shipped_text
from appliance.casework.papers.paper import Block, BlockKind, Sheet
from appliance.casework.wordings import DETAILS, Wordings
from appliance.codec import from_json, to_json
from appliance.link.messages.cases import Case, CaseDone, CaseKind, DoCase
from appliance.web.casework import REFUSALS, case_of
from appliance.web.casework_fields import ActForm, tick
from appliance.web.casework_fields import words as area
from appliance.web.forms import at_most, needed, stripped
from appliance.web.gate import practice_name
from appliance.web.letter_values import address_of, values_of
from appliance.web.parts import ask, today
from appliance.web.printing import sheet_page, sheet_pdf
from appliance.web.visitor import visitor

TITLES = {
    LetterKind.ACKNOWLEDGEMENT: "Acknowledgement of a request",
    LetterKind.IDENTITY: "Asking for proof of identity",
    LetterKind.CLARIFICATION: "Question to a requester",
    LetterKind.EXTENSION: "More time for a request",
    LetterKind.APPOINTMENT: "Appointment to listen",
    LetterKind.COVER: "Cover letter of a copy",
    LetterKind.NOTHING_FOUND: "Nothing found",
    LetterKind.REFUSAL: "Refusal",
    LetterKind.COMPLAINT_ACKNOWLEDGEMENT: "Acknowledgement of a complaint",
    LetterKind.COMPLAINT_DELAY: "Delay of a complaint",
    LetterKind.COMPLAINT_ANSWER: "Answer to a complaint",
    LetterKind.DATA_COMPLAINT_ACKNOWLEDGEMENT: "Acknowledgement of a data protection complaint",
    LetterKind.DATA_COMPLAINT_ANSWER: "Answer to a data protection complaint",
    LetterKind.BODY_COVER: "Cover letter and receipt for the police or another body",
    LetterKind.BODY_REFUSAL: "Refusal to the police or another body",
}

Answer = Response | str | tuple[str, int]

blueprint = Blueprint("letters", __name__, url_prefix="/letters")


class LetterForm(ActForm):
    """A letter, to be edited before it is printed."""

    address = TextAreaField("Name and address", [at_most(500, "The address")])
    subject = StringField("Subject", [needed("Enter the subject"), at_most(200, "The subject")])
    body = TextAreaField("Letter", [needed("Enter the letter"), at_most(8000, "The letter")])


class WordingForm(ActForm):
    """The practice's own wording of one letter."""

    text = area(
        "Wording", hint="A subject, an empty line, paragraphs. Empty means the wording the box came with", most=8000
    )
    confirmed = tick("Our data protection officer has confirmed this wording")


@blueprint.route("/<reference>/<kind>", methods=["GET", "POST"])
def show(reference: str, kind: str) -> Answer:
    """Fill a letter in; edited, it is shown as it prints."""
    case, which = case_of(reference), _kind(kind)
    back = url_for(f"{_PAGES[case.kind]}.case", reference=reference) if case.kind in _PAGES else "/"
    made = _filled(which, case)
    form = LetterForm(data={"address": address_of(case), "subject": made.subject, "body": "\n\n".join(made.body)})
    if request.method != "POST" or not form.validate():
        body = render_template(
            "letter.html",
            form=form,
            mistakes=form.mistakes(),
            case=case,
            title=TITLES[which],
            note=made.note,
            back=back,
        )
        return (body, 422) if form.errors else body
    sheet = _sheet(form)
    if request.form.get("as") == "pdf":
        return sheet_pdf(sheet, f"{reference}-{which}")
    return sheet_page(sheet, back=url_for("letters.show", reference=reference, kind=kind), pdf_href="")


@blueprint.get("/wordings")
def wordings() -> str:
    """List the practice's details and its letters."""
    known = from_json(case_of(CaseKind.LETTERS).body, Wordings)
    return render_template("wordings.html", own=known, details=DETAILS, titles=TITLES)


@blueprint.route("/wordings/details", methods=["GET", "POST"])
def details() -> Answer:
    """Fill in the practice's details."""
    case = case_of(CaseKind.LETTERS)
    known = from_json(case.body, Wordings)
    form = _details_form()(data=known.details)
    if request.method != "POST" or not form.validate():
        return _form(form, "The practice’s details", "Letters and papers print them.", "Save the details")
    given = {"details": {name: stripped(form[name].data) for name in DETAILS}}
    return _done(case, "fill_in", given, form, "The practice’s details", "Saved.")


@blueprint.route("/wordings/<kind>", methods=["GET", "POST"])
def wording(kind: str) -> Answer:
    """Change the wording of one letter."""
    which, case = _kind(kind), case_of(CaseKind.LETTERS)
    known = from_json(case.body, Wordings)
    form = WordingForm(
        data={"text": editable(known.texts.get(which) or shipped_text(which)), "confirmed": which in known.confirmed}
    )
    if request.method != "POST" or not form.validate():
        return _form(
            form, TITLES[which], "Words with “$” before them are filled in for each letter.", "Save the wording"
        )
    text = (form.text.data or "").replace("\r\n", "\n")
    own = "" if editable(text) == editable(shipped_text(which)) else text
    given = {"kind": which, "text": own, "confirmed": bool(form.confirmed.data)}
    return _done(case, "reword", given, form, TITLES[which], "The wording is saved.")


def _filled(which: LetterKind, case: Case) -> Letter:
    known = from_json(case_of(CaseKind.LETTERS).body, Wordings)
    return letter(which, values_of(case, known), known.texts.get(which, ""), confirmed=which in known.confirmed)


def _sheet(form: LetterForm) -> Sheet:
    paragraphs = [
        form.address.data or "",
        weekday_month(today()),
        *(form.body.data or "").replace("\r\n", "\n").split("\n\n"),
    ]
    blocks = tuple(Block(BlockKind.PARAGRAPH, (text.strip(),)) for text in paragraphs if text.strip())
    return Sheet(stripped(form.subject.data), blocks, letter=True, head=_letterhead())


def _letterhead() -> tuple[str, ...]:
    """Return what stands at the head of the practice's paper: its name, and as far as they are known where it is."""
    details = from_json(case_of(CaseKind.LETTERS).body, Wordings).details
    told = [details.get(name, "").strip() for name in ("address", "telephone", "website")]
    return (practice_name(), *(text for text in told if text))


def _kind(name: str) -> LetterKind:
    if name not in set(LetterKind):
        raise NotFound
    return LetterKind(name)


def _details_form() -> type[ActForm]:
    fields = {name: StringField(text, [at_most(300, "This")]) for name, text in DETAILS.items()}
    return type("DetailsForm", (ActForm,), fields)


def _form(form: ActForm, title: str, lead: str, button: str, wrong: Exception | None = None) -> Answer:
    mistakes = form.mistakes() if wrong is None else [{"text": str(wrong)}]
    body = render_template(
        "plain_form.html", form=form, mistakes=mistakes, title=title, lead=lead, button=button,
        back=url_for("letters.wordings"),
    )  # fmt: skip
    return (body, 422) if mistakes else body


def _done(case: Case, act: str, given: Mapping[str, Any], form: ActForm, title: str, said: str) -> Answer:
    try:
        ask(DoCase(visitor().token, case.reference, act, to_json(given), case.version), CaseDone)
    except REFUSALS as wrong:
        return _form(form, title, "", "Save", wrong)
    flash(said)
    return redirect(url_for("letters.wordings"), 303)


_PAGES: Mapping[CaseKind, str] = {
    CaseKind.ACCESS: "requests",
    CaseKind.COMPLAINT: "complaints",
    CaseKind.DISCLOSURE: "police",
}
