"""The recording policy, sentence by sentence, beside what carries each out and how that stands; its yearly check."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from appliance.casework.policy.duties import DUTY_WORDS, Duty, Facts, state
from appliance.casework.policy.record import Policy, rows
from appliance.codec import from_json, to_json
from appliance.errors import WordsMissing
from appliance.link.messages.cases import AskPolicyFacts, Case, CaseDone, CaseKind, DoCase, PolicyFacts
from appliance.web.casework import REFUSALS, case_of
from appliance.web.casework_fields import ActForm, several
from appliance.web.forms import needed
from appliance.web.parts import ask, parts
from appliance.web.visitor import visitor

PAGES: Mapping[Duty, str] = {
    Duty.RECORDING: "home.show",
    Duty.STORAGE: "health.show",
    Duty.RETENTION: "retention.show",
    Duty.HOLDS: "records.journal",
    Duty.PURPOSES: "calls.show",
    Duty.ROLES: "people.show",
    Duty.LISTENING_LOG: "records.journal",
    Duty.ANNOUNCEMENTS: "announcements.show",
    Duty.ACCESS_REQUESTS: "requests.show",
    Duty.DISCLOSURES: "police.show",
    Duty.COMPLAINTS: "complaints.show",
    Duty.TRAINING: "training.show",
    Duty.INCIDENTS: "incidents.show",
    Duty.IMPROVEMENT: "training.show",
    Duty.PAPERS: "papers.show",
    Duty.PRACTICE_WORD: "policy_page.check",
}
"""Where each duty is seen to."""

_MOST = 60_000

Answer = Response | str | tuple[str, int]

blueprint = Blueprint("policy_page", __name__, url_prefix="/policy")


class TextForm(ActForm):
    """The practice's own text."""

    text = TextAreaField(
        "Text of the policy",
        [needed("Paste the text of the policy"), Length(max=40_000, message="The text is too long")],
        description="Sentences that stay keep what carries them out",
    )


class CarryForm(ActForm):
    """What carries one sentence out."""

    duties = several("What carries this sentence out?", "Select at least one")

    def offer(self, facts: Facts) -> None:
        """Offer all that can."""
        self.duties.choices = [(str(duty), f"{DUTY_WORDS[duty]} ({state(duty, facts).page})") for duty in Duty]


@blueprint.get("")
def show() -> str:
    """Show the policy's page."""
    policy, case, facts = _policy()
    shown = [(number, row) for number, row in enumerate(rows(policy, facts))]
    return render_template("policy.html", policy=policy, shown=shown, case=case, where=_hrefs())


@blueprint.route("/check", methods=["GET", "POST"])
def check() -> Answer:
    """Sign the yearly check: each sentence is confirmed, or has a remark."""
    policy, case, facts = _policy()
    wrong: Exception | None = None
    if request.method == "POST":
        sentences = [one.sentence.text for one in policy.carried]
        remarks = {text: request.form.get(f"remark-{at}", "").strip()[:500] for at, text in enumerate(sentences)}
        given = {
            "confirmed": [text for at, text in enumerate(sentences) if request.form.get(f"good-{at}")],
            "remarks": {text: said for text, said in remarks.items() if said},
        }
        try:
            return _done(case, "check", given, "The yearly check is signed.")
        except REFUSALS as refused:
            wrong = refused
    mistakes = [{"text": str(wrong)}] if wrong else []
    body = render_template(
        "policy_check.html", policy=policy, shown=list(enumerate(rows(policy, facts))), form=ActForm(),
        mistakes=mistakes, given=request.form,
    )  # fmt: skip
    return (body, 409) if wrong else body


@blueprint.route("/text", methods=["GET", "POST"])
def text() -> Answer:
    """Put the practice's own text in the place of the one in force."""
    policy, case, _ = _policy()
    form = TextForm(data={"text": policy.text})
    if request.method == "POST" and form.validate():
        try:
            return _done(case, "replace_text", form.told(), "The text is replaced; the old one is kept.")
        except REFUSALS as wrong:
            return _form(form, "Replace the text", "", wrong)
    return _form(form, "Replace the text", "Paste the practice’s policy as it was adopted.")


@blueprint.route("/sentence/<int:number>", methods=["GET", "POST"])
def sentence(number: int) -> Answer:
    """Say what carries one sentence out."""
    policy, case, facts = _policy()
    if number >= len(policy.carried):
        raise NotFound
    carried = policy.carried[number]
    form = CarryForm(data={"duties": [str(duty) for duty in carried.duties]})
    form.offer(facts)
    if request.method == "POST" and form.validate():
        try:
            given = {"sentence": carried.sentence.text, "duties": form.duties.data}
            return _done(case, "carry", given, "Saved.")
        except REFUSALS as wrong:
            return _form(form, "What carries this out", carried.sentence.text, wrong)
    return _form(form, "What carries this out", carried.sentence.text)


def _policy() -> tuple[Policy, Case, Facts]:
    case = case_of(CaseKind.POLICY)
    facts = from_json(ask(AskPolicyFacts(visitor().token), PolicyFacts).body, Facts)
    return from_json(case.body, Policy), case, facts


def _done(case: Case, act: str, given: Mapping[str, Any], said: str) -> Response:
    data = to_json(given)
    if len(data) > _MOST:
        raise WordsMissing("That is more text than a record takes. Shorten it.")
    ask(DoCase(visitor().token, case.reference, act, data, case.version), CaseDone)
    flash(said)
    return redirect(url_for("policy_page.show"), 303)


def _form(form: ActForm, title: str, lead: str, wrong: Exception | None = None) -> Answer:
    mistakes = [{"text": str(wrong)}] if wrong else form.mistakes()
    body = render_template(
        "plain_form.html", form=form, mistakes=mistakes, title=title, lead=lead, button="Save",
        back=url_for("policy_page.show"),
    )  # fmt: skip
    return (body, 422) if mistakes else body


def _hrefs() -> dict[str, str]:
    role = visitor().person.role
    return {str(duty): url_for(name) for duty, name in PAGES.items() if role in parts().access.who(name, "GET")}
