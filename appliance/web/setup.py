"""Setting the box up: who the practice and its manager are, the second factor, and the recovery sheet to print."""

import segno
from flask import Blueprint, redirect, render_template, request, session, url_for
from msgspec.structs import replace
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo

from appliance.errors import PasswordTooWeak, PersonRefused, SetupRefused, SignInThrottled
from appliance.link.messages.setup import FinishSetup, SetupFinished, StartSetup, TotpOffer
from appliance.web.forms import PageForm, at_most, needed, new_password, stripped, typed_code, username_form
from appliance.web.parts import SetupDraft, ask, parts
from appliance.web.refusals import waiting_words

_DRAFT = "draft"

blueprint = Blueprint("setup", __name__, url_prefix="/setup")


class DetailsForm(PageForm):
    """The first page."""

    code = StringField("Setup code", [needed("Enter the setup code"), at_most(40, "The setup code")])
    practice = StringField("Name of the practice", [needed("Enter the practice’s name"), at_most(80, "The name")])
    name = StringField("Your full name", [needed("Enter your name"), at_most(60, "Your name")])
    username = StringField("Username", [needed("Enter a username"), username_form()])
    password = PasswordField("Password", [needed("Enter a password"), new_password()])
    again = PasswordField("Password again", [EqualTo("password", "The two passwords are not the same")])


class FactorForm(PageForm):
    """The second page."""

    code = StringField("6-digit code", [needed("Enter the 6-digit code"), at_most(10, "The code")])


@blueprint.route("", methods=["GET", "POST"])
def details() -> Response | str | tuple[str, int]:
    """Ask for the setup code, the practice and its manager."""
    form = DetailsForm(data=_begun())
    if request.method != "POST":
        return _details_page(form)
    if not form.validate():
        return _details_page(form), 422
    try:
        offer = ask(_start(form), TotpOffer)
    except SignInThrottled as wait:
        form.code.errors = [waiting_words(wait.wait_s)]
        return _details_page(form), 429
    except SetupRefused as refusal:
        form.code.errors = [str(refusal)]
        return _details_page(form), 422
    session[_DRAFT] = parts().drafts.put(_drafted(form, offer))
    return redirect(url_for("setup.second_factor"), 303)


@blueprint.route("/second-factor", methods=["GET", "POST"])
def second_factor() -> Response | str | tuple[str, int]:
    """Show the second factor, check its code, and finish: the answer holds the recovery sheet, this once only."""
    draft = parts().drafts.get(session.get(_DRAFT, ""))
    if draft is None:
        return redirect(url_for("setup.details"), 303)
    form = FactorForm()
    if request.method != "POST":
        return _factor_page(form, draft)
    try:
        finished = _finished(form, draft) if form.validate() else None
    except PersonRefused as refusal:
        return _back_to_details(refusal), 422
    if finished is None:
        return _factor_page(form, draft), 422
    parts().drafts.drop(session.pop(_DRAFT))
    return render_template("setup_done.html", finished=finished, draft=draft.finish)


def _finished(form: FactorForm, draft: SetupDraft) -> SetupFinished | None:
    """Finish set-up; None where the keeper refuses, with its words in the form.

    Raises:
        PersonRefused: it refuses what the first page asked for.
    """
    first = draft.finish
    code = typed_code(form.code.data)
    whole = FinishSetup(
        code=first.code, practice=first.practice, name=first.name, username=first.username, password=first.password,
        totp_secret=first.totp_secret, totp_code=code, address=request.remote_addr or "",
    )  # fmt: skip
    try:
        return ask(whole, SetupFinished)
    except SignInThrottled as wait:
        form.code.errors = [waiting_words(wait.wait_s)]
    except PersonRefused:
        raise
    except SetupRefused as refusal:
        form.code.errors = [str(refusal)]
    return None


def _start(form: DetailsForm) -> StartSetup:
    return StartSetup(
        stripped(form.code.data), stripped(form.practice.data), stripped(form.username.data), request.remote_addr or ""
    )  # fmt: skip


def _drafted(form: DetailsForm, offer: TotpOffer) -> SetupDraft:
    """Return the filled-in first page. Who comes back to mend it need not link their phone a second time."""
    before = parts().drafts.get(session.get(_DRAFT, ""))
    first = FinishSetup(
        code=stripped(form.code.data), practice=stripped(form.practice.data), name=stripped(form.name.data),
        username=stripped(form.username.data), password=form.password.data, totp_secret=offer.secret, totp_code="",
        address=request.remote_addr or "",
    )  # fmt: skip
    if before and (before.finish.practice, before.finish.username) == (first.practice, first.username):
        return SetupDraft(replace(first, totp_secret=before.finish.totp_secret), before.uri)
    return SetupDraft(first, offer.uri)


def _back_to_details(refusal: PersonRefused) -> str:
    """Show the first page again with what the keeper finds wrong on it; the password is typed again."""
    form = DetailsForm(formdata=None, data=_begun())
    (form.password if isinstance(refusal, PasswordTooWeak) else form.username).errors = [str(refusal)]
    return _details_page(form)


def _begun() -> dict[str, str]:
    """Return what was typed before, for somebody who goes back; never the password."""
    draft = parts().drafts.get(session.get(_DRAFT, ""))
    if draft is None:
        return {}
    first = draft.finish
    return {"code": first.code, "practice": first.practice, "name": first.name, "username": first.username}


def _details_page(form: DetailsForm) -> str:
    return render_template("setup_details.html", form=form, mistakes=form.mistakes())


def _factor_page(form: FactorForm, draft: SetupDraft) -> str:
    qr = segno.make(draft.uri).svg_data_uri(border=2)
    return render_template(
        "setup_factor.html", form=form, mistakes=form.mistakes(), qr=qr, secret=draft.finish.totp_secret
    )  # fmt: skip
