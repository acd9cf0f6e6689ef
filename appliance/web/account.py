"""One's own account: password, second factor, recovery codes, and where one is signed in."""

import segno
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo

from appliance.errors import PasswordTooWeak, PersonRefused, SignInRefused, SignInThrottled
from appliance.link.messages.base import Done
from appliance.link.messages.people import (
    ChangePassword,
    OfferSecondFactor,
    RecoveryCodes,
    RenewRecoveryCodes,
    TakeSecondFactor,
)
from appliance.link.messages.sessions import EndOtherSessions, EndSession, ListSessions, LiveSessions
from appliance.link.messages.setup import TotpOffer
from appliance.web.forms import PageForm, at_most, needed, new_password, typed_code
from appliance.web.parts import ask, parts
from appliance.web.refusals import waiting_words
from appliance.web.visitor import fresh_visitor, visitor

_PHONE = "phone"

blueprint = Blueprint("account", __name__, url_prefix="/account")


class PasswordForm(PageForm):
    """The password that is, and the one that shall be."""

    current = PasswordField("Your password now", [needed("Enter your password"), at_most(1024, "It")])
    password = PasswordField("New password", [needed("Enter a new password"), new_password()])
    again = PasswordField("New password again", [EqualTo("password", "The two passwords are not the same")])


class PhoneForm(PageForm):
    """A code of the new phone."""

    code = StringField("6-digit code", [needed("Enter the 6-digit code"), at_most(10, "The code")])


@blueprint.get("")
def show() -> str:
    """Show the account and where one is signed in."""
    sessions = ask(ListSessions(visitor().token), LiveSessions).sessions
    return render_template("account.html", sessions=sessions, form=PageForm(formdata=None))


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> Response | str | tuple[str, int]:
    """Change the password."""
    form = PasswordForm()
    if request.method != "POST":
        return render_template("account_password.html", form=form, mistakes=[])
    if form.validate() and _changed(form):
        flash("Your password is changed. You are signed out everywhere else.")
        return redirect(url_for("account.show"), 303)
    return render_template("account_password.html", form=form, mistakes=form.mistakes()), 422


@blueprint.route("/codes", methods=["GET", "POST"])
def codes() -> Response | str:
    """Make new recovery codes."""
    token = fresh_visitor().token
    if request.method != "POST":
        return render_template("account_codes.html", form=PageForm(formdata=None))
    return _show_codes(ask(RenewRecoveryCodes(token), RecoveryCodes))


@blueprint.route("/phone", methods=["GET", "POST"])
def phone() -> Response | str | tuple[str, int]:
    """Link another phone: show its picture, and take it once a code of it is right."""
    token = fresh_visitor().token
    form = PhoneForm()
    offer = parts().phones.get(session.get(_PHONE, ""), token)
    if request.method != "POST" or offer is None:
        offer = ask(OfferSecondFactor(token), TotpOffer)
        session[_PHONE] = parts().phones.put(offer, token)
        return _phone_page(PhoneForm(formdata=None), offer)
    if not form.validate():
        return _phone_page(form, offer), 422
    try:
        taken = ask(TakeSecondFactor(token, offer.secret, typed_code(form.code.data)), RecoveryCodes)
    except PersonRefused as refusal:
        form.code.errors = [str(refusal)]
        return _phone_page(form, offer), 422
    parts().phones.drop(session.pop(_PHONE))
    flash("Your new phone is linked. The old one’s codes are good no more.")
    return _show_codes(taken)


@blueprint.get("/codes/<name>")
def new_codes(name: str) -> str:
    """Show the new recovery codes, for a few minutes and to their owner only."""
    found = parts().codes.get(name, visitor().token)
    if found is None:
        raise NotFound
    return render_template("account_new_codes.html", codes=found)


@blueprint.post("/sessions/<int:number>/end")
def end(number: int) -> Response:
    """End one of one's sessions."""
    ask(EndSession(visitor().token, number), Done)
    flash("That session is ended.")
    return redirect(url_for("account.show"), 303)


@blueprint.post("/sessions/end-others")
def end_others() -> Response:
    """End all of one's sessions but this."""
    ask(EndOtherSessions(visitor().token), Done)
    flash("You are signed out everywhere else.")
    return redirect(url_for("account.show"), 303)


def _changed(form: PasswordForm) -> bool:
    try:
        ask(ChangePassword(visitor().token, form.current.data or "", form.password.data or ""), Done)
    except SignInThrottled as wait:
        form.current.errors = [waiting_words(wait.wait_s)]
    except SignInRefused:
        form.current.errors = ["Check your password"]
    except PasswordTooWeak as refusal:
        form.password.errors = [str(refusal)]
    else:
        return True
    return False


def _show_codes(made: RecoveryCodes) -> Response:
    return redirect(url_for("account.new_codes", name=parts().codes.put(made.codes, visitor().token)), 303)


def _phone_page(form: PhoneForm, offer: TotpOffer) -> str:
    qr = segno.make(offer.uri).svg_data_uri(border=2)
    return render_template("account_phone.html", form=form, mistakes=form.mistakes(), qr=qr, secret=offer.secret)
