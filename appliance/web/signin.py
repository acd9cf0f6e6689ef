"""Signing in and out, and giving the password again before an act that asks for it."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, StringField

from appliance.errors import SignInRefused, SignInThrottled
from appliance.link.messages.base import Done
from appliance.link.messages.sessions import ProvePassword, SignedIn, SignIn, SignOut
from appliance.link.messages.setup import AskSetup, SetupState
from appliance.web import browsers
from appliance.web.forms import PageForm, at_most, needed, stripped, typed_code
from appliance.web.parts import ask
from appliance.web.refusals import waiting_words
from appliance.web.returning import safe_path
from appliance.web.visitor import clear_cookie, set_cookie, visitor, visitor_or_none

_LONGEST_PASSWORD = 1024

blueprint = Blueprint("signin", __name__)


class SignInForm(PageForm):
    """All three at once; which of them is wrong is told to nobody."""

    username = StringField("Username", [needed("Enter your username"), at_most(60, "The username")])
    password = PasswordField("Password", [needed("Enter your password"), at_most(_LONGEST_PASSWORD, "The password")])
    code = StringField("Code", [needed("Enter the 6-digit code"), at_most(40, "The code")])
    back = HiddenField()


class ProveForm(PageForm):
    """The password again."""

    password = PasswordField("Your password", [needed("Enter your password"), at_most(_LONGEST_PASSWORD, "It")])
    back = HiddenField()


@blueprint.route("/sign-in", methods=["GET", "POST"])
def form() -> Response | str | tuple[str, int]:
    """Sign in."""
    if request.method != "POST":
        return _first_look()
    filled = SignInForm()
    if not filled.validate():
        return _page(filled, filled.mistakes()), 422
    try:
        signed_in = ask(_as_request(filled), SignedIn)
    except SignInThrottled as wait:
        return _page(filled, [{"text": waiting_words(wait.wait_s), "href": "#username"}]), 429
    except SignInRefused:
        return _page(filled, [{"text": "Check your username, password and code", "href": "#username"}]), 403
    session.clear()
    response = redirect(safe_path(filled.back.data), 303)
    set_cookie(response, signed_in.token)
    return response


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session here and in the keeper."""
    ask(SignOut(visitor().token), Done)
    session.clear()
    response = redirect(url_for("signin.form", out="1"), 303)
    clear_cookie(response)
    return response


@blueprint.route("/confirm", methods=["GET", "POST"])
def prove() -> Response | str | tuple[str, int]:
    """Ask for the password again, and then go on to where it was asked for."""
    filled = ProveForm()
    if request.method != "POST":
        filled.back.data = safe_path(request.args.get("back"))
        return render_template("prove.html", form=filled, mistakes=[])
    if not filled.validate():
        return render_template("prove.html", form=filled, mistakes=filled.mistakes()), 422
    try:
        ask(ProvePassword(visitor().token, filled.password.data), Done)
    except SignInThrottled:
        raise
    except SignInRefused:
        filled.password.errors = ["Check your password"]
        return render_template("prove.html", form=filled, mistakes=filled.mistakes()), 403
    return redirect(safe_path(filled.back.data), 303)


def _first_look() -> Response | str:
    if not ask(AskSetup(), SetupState).done:
        return redirect(url_for("setup.code"), 303)
    if visitor_or_none():
        return redirect(url_for("home.show"), 303)
    form = SignInForm(formdata=None)
    form.back.data = safe_path(request.args.get("back"))
    return _page(form, [], ended="ended" in request.args, out="out" in request.args)


def _page(form: SignInForm, mistakes: list[dict[str, str]], **more: bool) -> str:
    return render_template("signin.html", form=form, mistakes=mistakes, **more)


def _as_request(form: SignInForm) -> SignIn:
    code = typed_code(form.code.data)
    browser = browsers.described(request.headers.get("User-Agent", ""))
    return SignIn(stripped(form.username.data), form.password.data, code, request.remote_addr or "", browser)
