"""Setting the box up, before anybody can sign in: code, practice, manager, phone, and the recovery sheet to print.

The steps after these, with the lines and the practice's computers, are the manager's first: ``firststeps``.
"""

import segno
from flask import Blueprint, redirect, render_template, request, session, url_for
from msgspec.structs import replace
from werkzeug.wrappers import Response

from appliance.clock import ClockQuality
from appliance.errors import PasswordTooWeak, PersonRefused, SetupRefused, SignInThrottled
from appliance.link.messages.base import Done
from appliance.link.messages.setup import CheckPassword, FinishSetup, SetupFinished, StartSetup, TotpOffer
from appliance.web.forms import stripped, typed_code
from appliance.web.parts import SetupDraft, ask, parts
from appliance.web.refusals import waiting_words
from appliance.web.setupforms import CodeForm, FactorForm, PracticeForm, YouForm

_DRAFT = "draft"
_NOTHING = FinishSetup("", "", "", "", "", "", "", "")

blueprint = Blueprint("setup", __name__, url_prefix="/setup")


@blueprint.route("", methods=["GET", "POST"])
def code() -> Response | str | tuple[str, int]:
    """Ask for the setup code."""
    form = CodeForm(data={"code": _draft().code})
    if request.method != "POST" or not form.validate():
        return _page("setup_code.html", form)
    typed = stripped(form.code.data)
    try:
        ask(StartSetup(typed, "", "", _address()), TotpOffer)
    except SignInThrottled as wait:
        form.code.errors = [waiting_words(wait.wait_s)]
        return _page("setup_code.html", form, 429)
    except SetupRefused as refusal:
        form.code.errors = [str(refusal)]
        return _page("setup_code.html", form)
    return _on("setup.practice", replace(_draft(), code=typed))


@blueprint.route("/practice", methods=["GET", "POST"])
def practice() -> Response | str | tuple[str, int]:
    """Ask for the practice's name, and show the box's date to compare."""
    if not _draft().code:
        return redirect(url_for("setup.code"), 303)
    form = PracticeForm(data={"practice": _draft().practice})
    if request.method == "POST" and form.validate():
        return _on("setup.you", replace(_draft(), practice=stripped(form.practice.data)))
    now = parts().clock.now()
    return _page("setup_practice.html", form, clock_says=now.at, sure=now.quality is not ClockQuality.UNSURE)


@blueprint.route("/you", methods=["GET", "POST"])
def you() -> Response | str | tuple[str, int]:
    """Ask for the manager; a password that will not do is told here and not after the phone."""
    draft = _draft()
    if not draft.practice:
        return redirect(url_for("setup.code"), 303)
    form = YouForm(data={"name": draft.name, "username": draft.username})
    if request.method != "POST" or not form.validate():
        return _page("setup_you.html", form)
    name, username, password = stripped(form.name.data), stripped(form.username.data), form.password.data
    try:
        ask(CheckPassword(draft.code, draft.practice, name, username, password, _address()), Done)
        offer = ask(StartSetup(draft.code, draft.practice, username, _address()), TotpOffer)
    except SignInThrottled as wait:
        form.password.errors = [waiting_words(wait.wait_s)]
        return _page("setup_you.html", form, 429)
    except SetupRefused as refusal:
        _put_where_it_belongs(refusal, form)
        return _page("setup_you.html", form)
    whole = replace(draft, name=name, username=username, password=password, totp_secret=offer.secret)
    return _on("setup.second_factor", whole, offer.uri)


@blueprint.route("/second-factor", methods=["GET", "POST"])
def second_factor() -> Response | str | tuple[str, int]:
    """Show the second factor, check its code, and finish: the answer holds the recovery sheet, this once only."""
    kept = _kept()
    if kept is None or not kept.uri:
        return redirect(url_for("setup.code"), 303)
    form = FactorForm()
    if request.method != "POST" or not form.validate():
        return _factor_page(form, kept)
    try:
        finished = ask(replace(kept.finish, totp_code=typed_code(form.code.data), address=_address()), SetupFinished)
    except SignInThrottled as wait:
        form.code.errors = [waiting_words(wait.wait_s)]
        return _factor_page(form, kept)
    except SetupRefused as refusal:
        form.code.errors = [str(refusal)]
        return _factor_page(form, kept)
    parts().drafts.drop(session.pop(_DRAFT))
    return render_template("setup_done.html", finished=finished, draft=kept.finish)


def _put_where_it_belongs(refusal: SetupRefused, form: YouForm) -> None:
    if isinstance(refusal, PasswordTooWeak):
        form.password.errors = [str(refusal)]
    elif isinstance(refusal, PersonRefused):
        form.username.errors = [str(refusal)]
    else:
        form.name.errors = [str(refusal)]


def _on(step: str, finish: FinishSetup, uri: str = "") -> Response:
    """Keep what was typed so far, and go on. Who comes back to mend it need not link their phone a second time."""
    before = _kept()
    if before and uri and (before.finish.practice, before.finish.username) == (finish.practice, finish.username):
        secret = before.finish.totp_secret
        finish, uri = (replace(finish, totp_secret=secret), before.uri) if secret else (finish, uri)
    session[_DRAFT] = parts().drafts.put(SetupDraft(finish, uri))
    return redirect(url_for(step), 303)


def _kept() -> SetupDraft | None:
    return parts().drafts.get(session.get(_DRAFT, ""))


def _draft() -> FinishSetup:
    kept = _kept()
    return kept.finish if kept else _NOTHING


def _address() -> str:
    return request.remote_addr or ""


def _page(
    template: str, form: CodeForm | PracticeForm | YouForm, status: int = 422, **more: object
) -> str | tuple[str, int]:
    page = render_template(template, form=form, mistakes=form.mistakes(), **more)
    return (page, status) if form.errors else page


def _factor_page(form: FactorForm, draft: SetupDraft) -> str | tuple[str, int]:
    qr = segno.make(draft.uri).svg_data_uri(border=2)
    page = render_template(
        "setup_factor.html", form=form, mistakes=form.mistakes(), qr=qr, secret=draft.finish.totp_secret
    )  # fmt: skip
    return (page, 422) if form.errors else page
