"""Placing a hold on a call, which keeps it past its time, and releasing one."""

from datetime import date

from dateutil.relativedelta import relativedelta
from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import PasswordField, RadioField, StringField, TextAreaField, ValidationError

from appliance.errors import SignInRefused, SignInThrottled
from appliance.link.messages.base import Done
from appliance.link.messages.call import Call, GetCall
from appliance.link.messages.holds import PlaceHold, Released, ReleaseHold
from appliance.link.messages.sessions import ProvePassword
from appliance.model.calls import checked_call_id
from appliance.model.holds import HoldReason
from appliance.web import words
from appliance.web.forms import DateBoxes, PageForm, at_most, needed, stripped
from appliance.web.parts import ask, today
from appliance.web.visitor import visitor

_REVIEW_AFTER = relativedelta(months=3)
_REVIEW_WITHIN = relativedelta(years=10)

blueprint = Blueprint("holds", __name__, url_prefix="/calls/<call_id>")


class PlaceForm(PageForm):
    """Why, and until when to look at it again."""

    reason = RadioField(
        "Why must this call be kept?",
        [needed("Select why this call must be kept")],
        choices=[(str(reason), text) for reason, text in words.REASONS.items()],
    )
    reference = StringField("Reference", [at_most(60, "The reference")])
    note = TextAreaField("Note", [at_most(500, "The note")])
    review_on = DateBoxes("Review date")

    def validate_review_on(self, field: DateBoxes) -> None:
        """Ask for a day from today to ten years on.

        Raises:
            ValidationError: it is not.
        """
        if field.data is None:
            raise ValidationError("Enter the day on which to look at this hold again")
        if not today() <= field.data <= today() + _REVIEW_WITHIN:
            raise ValidationError("The review date must be today or later, within ten years")


class ReleaseForm(PageForm):
    """Why it may go; the password where it was not given lately."""

    why = StringField(
        "Why is the hold no longer needed?",
        [needed("Say why the hold is no longer needed"), at_most(200, "The reason")],
    )
    password = PasswordField("Your password")


@blueprint.route("/hold", methods=["GET", "POST"])
def place(call_id: str) -> Response | str | tuple[str, int]:
    """Place a hold."""
    call = _call(call_id)
    form = PlaceForm(data={"review_on": today() + _REVIEW_AFTER})
    if request.method != "POST" or not form.validate():
        return _page("hold.html", form, call)
    ask(_placing(form, call), Done)
    flash("The hold is placed. This call will not be deleted until it is released.")
    return redirect(url_for("call.show", call_id=call_id), 303)


@blueprint.route("/holds/<int:index>/release", methods=["GET", "POST"])
def release(call_id: str, index: int) -> Response | str | tuple[str, int]:
    """Release a hold."""
    call = _call(call_id)
    if index >= len(call.holds):
        raise NotFound
    form = ReleaseForm()
    if request.method != "POST" or not (form.validate() and _proved(form)):
        return _page("release.html", form, call, hold=call.holds[index], ask_password=not visitor().fresh)
    released = ask(ReleaseHold(visitor().token, call.row.call_id, index, stripped(form.why.data)), Released)
    flash(_released_words(released.destroyed_on))
    return redirect(url_for("call.show", call_id=call_id), 303)


def _placing(form: PlaceForm, call: Call) -> PlaceHold:
    reference, note = stripped(form.reference.data), stripped(form.note.data)
    review_on = form.review_on.data or today() + _REVIEW_AFTER
    return PlaceHold(visitor().token, call.row.call_id, HoldReason(form.reason.data), reference, note, review_on)


def _proved(form: ReleaseForm) -> bool:
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


def _page(template: str, form: PageForm, call: Call, **more: object) -> str | tuple[str, int]:
    page = render_template(template, form=form, mistakes=form.mistakes(), call=call, row=call.row, **more)
    return (page, 422) if form.errors else page


def _call(call_id: str) -> Call:
    return ask(GetCall(visitor().token, checked_call_id(call_id)), Call)


def _released_words(destroyed_on: date | None) -> str:
    if destroyed_on is None:
        return "The hold is released. Another hold still keeps this call."
    return f"The hold is released. This call will be deleted on {words.day(destroyed_on)} unless it is held again."
