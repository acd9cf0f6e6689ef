"""The steps of an access request that are more than a form: the search, the assessment, and the cuts."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import Field, RadioField, StringField

from appliance.casework.access_requests.record import AccessRequest
from appliance.casework.cuts import Redaction
from appliance.codec import from_json, to_json
from appliance.errors import WordsMissing
from appliance.link.messages.call import Call, GetCall
from appliance.link.messages.cases import CaseCall, CaseDone, CaseKind, CaseSearched, DoCase, SearchForCase
from appliance.model.calls import CallId, checked_call_id
from appliance.model.people import Purpose
from appliance.web import waveform, words
from appliance.web.casework import REFUSALS, SortPages, case_of, form_page
from appliance.web.casework_fields import ActForm, line
from appliance.web.casework_fields import words as area
from appliance.web.forms import PositionField, needed, stripped
from appliance.web.parts import ask, today
from appliance.web.requests_forms import VERDICTS, FindForm
from appliance.web.visitor import visitor

_SPARE = 4
"""Empty rows for cuts; saving makes room for more."""

Answer = Response | str | tuple[str, int]


def find(pages: SortPages, reference: str) -> Answer:
    """Search for the requester's calls."""
    case = case_of(reference, CaseKind.ACCESS)
    form, page, back = FindForm(), pages.acts["find"], url_for("requests.case", reference=reference)
    if request.method != "POST" or not form.validate():
        return form_page(pages, page, form, back=back, case=case)
    number = "".join(c for c in stripped(form.number.data) if c.isdigit() or c == "+")
    wanted = SearchForCase(
        visitor().token, reference, stripped(form.looked_for.data), number, form.first.data, form.last.data
    )
    try:
        found = ask(wanted, CaseSearched)
    except REFUSALS as wrong:
        return form_page(pages, page, form, back=back, case=case, wrong=wrong)
    flash(f"{words.counted(found.found, 'call', 'calls')} found, {found.fresh} new to this request. They are on hold.")
    return redirect(back, 303)


class AssessForm(ActForm):
    """The three questions; the verdicts on the calls are added for each request."""

    third_parties = area(
        "Is anybody else heard or spoken of, and is it fair to release that?",
        hint="Other patients, family, staff: say who, and why giving or cutting it is fair",
    )
    serious_harm = area("Could hearing it cause serious harm to anybody?", hint="The opinion of a health professional")
    clinician = line("Which health professional gave that opinion?")
    privilege = area("Is legal advice spoken of?")

    def told(self) -> dict[str, Any]:
        """Return the assessment with its verdicts."""
        verdicts = [
            {
                "call_id": field.call_id,
                "verdict": field.data,
                "why": stripped(self[field.name.replace("verdict", "why")].data),
            }
            for field in self
            if field.name.startswith("verdict_")
        ]
        answers = {
            name: stripped(self[name].data) for name in ("third_parties", "serious_harm", "clinician", "privilege")
        }
        return {"assessment": {"verdicts": verdicts, **answers, "by": "", "on": today().isoformat()}}

    @property
    def of_calls(self) -> list[tuple[Any, Any]]:
        """The fields of each call: its verdict and the reason."""
        return [
            (field, self[field.name.replace("verdict", "why")]) for field in self if field.name.startswith("verdict_")
        ]

    @property
    def questions(self) -> list[Any]:
        """The fields of the three questions."""
        return [self[name] for name in ("third_parties", "serious_harm", "clinician", "privilege")]


class VerdictField(RadioField):  # type: ignore[misc]  # WTForms is not typed
    """What is to happen with one call."""

    def __init__(self, call_id: CallId, *given: Any, **more: Any) -> None:
        """Ask about ``call_id``."""
        super().__init__(*given, **more)
        self.call_id = call_id


def assess(pages: SortPages, reference: str) -> Answer:
    """Write down what can be released."""
    case = case_of(reference, CaseKind.ACCESS)
    back = url_for("requests.case", reference=reference)
    made = from_json(case.body, AccessRequest).assessment
    form = _assess_form(case.calls)(data=_as_fields(made, case.calls) if made else None)
    if request.method != "POST" or not form.validate():
        return form_page(pages, pages.acts["assess"], form, back=back, case=case, template="case_assess.html")
    try:
        ask(DoCase(visitor().token, reference, "assess", to_json(form.told()), case.version), CaseDone)
    except REFUSALS as wrong:
        return form_page(
            pages, pages.acts["assess"], form, back=back, case=case, wrong=wrong, template="case_assess.html"
        )
    flash(pages.acts["assess"].done)
    return redirect(back, 303)


def _assess_form(calls: Sequence[CaseCall]) -> type[AssessForm]:
    fields = dict[str, Field]()
    for number, one in enumerate(calls):
        what = f"{words.call_title(one.row)}, {words.day_time(one.row.started_at)}" if one.row else one.call_id
        choices = [(str(verdict), text) for verdict, text in VERDICTS.items()]
        fields[f"verdict_{number}"] = VerdictField(
            one.call_id, what, [needed(f"Select what is to happen with call {number + 1}")], choices=choices
        )
        fields[f"why_{number}"] = StringField("Why, if it is not given whole")
    return type("AssessForm", (AssessForm,), fields)


def _as_fields(made: Any, calls: Sequence[CaseCall]) -> dict[str, Any]:
    fields = {name: getattr(made, name) for name in ("third_parties", "serious_harm", "clinician", "privilege")}
    by_call = {one.call_id: one for one in made.verdicts}
    for number, one in enumerate(calls):
        if one.call_id in by_call:
            fields[f"verdict_{number}"] = str(by_call[one.call_id].verdict)
            fields[f"why_{number}"] = by_call[one.call_id].why
    return fields


def redact(pages: SortPages, reference: str) -> Answer:
    """Choose which call to cut, where several are to be."""
    case = case_of(reference, CaseKind.ACCESS)
    record = from_json(case.body, AccessRequest)
    if len(record.to_redact) == 1:
        return redirect(url_for("requests.cut", reference=reference, call_id=record.to_redact[0]), 303)
    shown = [(one, len(record.redactions_of(one.call_id))) for one in case.calls if one.call_id in record.to_redact]
    return render_template("case_cuts.html", pages=pages, case=case, shown=shown)


def cut(pages: SortPages, reference: str, call_id: str) -> Answer:
    """Mark what is cut out of the copy of one call: by times, or on its waveform."""
    case, wanted = case_of(reference, CaseKind.ACCESS), checked_call_id(call_id)
    record = from_json(case.body, AccessRequest)
    if wanted not in record.to_redact:
        raise NotFound
    form = cut_form(record.redactions_of(wanted))
    call = ask(GetCall(visitor().token, wanted), Call)
    back, wrong = url_for("requests.case", reference=reference), None
    if request.method == "POST" and form.validate():
        try:
            given = {"call_id": wanted, "redactions": form.redactions(call.row.duration_s)}
            ask(DoCase(visitor().token, reference, "redact", to_json(given), case.version), CaseDone)
        except REFUSALS as refused:
            wrong = refused
        else:
            flash(pages.acts["redact"].done)
            return redirect(back, 303)
    return form_page(
        pages, pages.acts["redact"], form, back=back, case=case, wrong=wrong, template="case_cut.html",
        call=call, row=call.row, purposes=list(Purpose), peaks=waveform.encoded(call.peaks),
        speech=waveform.speech(call.spans), stripes=waveform.stripes(call.spans, call.row.duration_s),
        moments=waveform.moments(call.spans, call.row.duration_s),
    )  # fmt: skip


def place(seconds: float) -> str:
    """Return a number of seconds as it is typed: "3:05.25"."""
    minutes, rest = divmod(round(seconds * 100), 6000)
    return f"{minutes}:{rest // 100:02}.{rest % 100:02}"


class CutForm(ActForm):
    """Rows of from, to and why (``cut_form`` adds them); empty ones are no cut."""

    def redactions(self, duration_s: float) -> list[dict[str, Any]]:
        """Return the cuts.

        Raises:
            WordsMissing: a row is only half filled in, or ends before it begins.
        """
        found = []
        for number, (start, end, why) in enumerate(self.rows, start=1):
            if start.seconds is None and end.seconds is None and not stripped(why.data):
                continue
            if start.seconds is None or end.seconds is None or not stripped(why.data):
                raise WordsMissing(f"Cut {number}: enter from, to and why.")
            if not start.seconds < end.seconds or start.seconds >= duration_s:
                raise WordsMissing(f"Cut {number}: it must end after it begins, within the call.")
            found.append({"start_s": start.seconds, "end_s": end.seconds, "why": stripped(why.data)})
        return found

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The fields, a row each."""
        count = sum(field.name.startswith("start_") for field in self)
        return [(self[f"start_{at}"], self[f"end_{at}"], self[f"why_{at}"]) for at in range(count)]


def cut_form(redactions: Sequence[Redaction]) -> CutForm:
    """Return the form, filled with what is marked already, with room for some more."""
    fields, data = dict[str, Field](), dict[str, str]()
    for number in range(len(redactions) + _SPARE):
        fields[f"start_{number}"] = PositionField(f"Cut {number + 1} from")
        fields[f"end_{number}"] = PositionField(f"Cut {number + 1} to")
        fields[f"why_{number}"] = StringField(f"Cut {number + 1}: why")
    for number, one in enumerate(redactions):
        data |= {f"start_{number}": place(one.start_s), f"end_{number}": place(one.end_s), f"why_{number}": one.why}
    made: CutForm = type("CutForm", (CutForm,), fields)(data=data)
    return made
