"""Sharing a call, or a part of it, with one member of staff for a time."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import RadioField, ValidationError

from appliance.errors import ShareRefused
from appliance.link.messages.base import Done
from appliance.link.messages.call import Call, GetCall
from appliance.link.messages.people import ListColleagues, People
from appliance.link.messages.shares import ShareCall, WithdrawShare
from appliance.model.calls import checked_call_id
from appliance.model.people import Person
from appliance.web import words
from appliance.web.forms import DateBoxes, PageForm, PositionField, needed
from appliance.web.parts import ask, today
from appliance.web.visitor import visitor

_USUAL = timedelta(days=14)

blueprint = Blueprint("shares", __name__, url_prefix="/calls/<call_id>")


class ShareForm(PageForm):
    """With whom, until when, and which part."""

    username = RadioField("Who shall hear it?", [needed("Select who shall hear it")], validate_choice=False)
    until = DateBoxes("Until")
    first = PositionField("From")
    last = PositionField("To")

    def offer(self, colleagues: Sequence[Person]) -> None:
        """Offer these people."""
        self.username.choices = [(person.username, person.name) for person in colleagues]

    def validate_until(self, field: DateBoxes) -> None:
        """Ask for a day.

        Raises:
            ValidationError: there is none.
        """
        if field.data is None:
            raise ValidationError("Enter the last day on which they may hear it")


@blueprint.route("/share", methods=["GET", "POST"])
def share(call_id: str) -> Response | str | tuple[str, int]:
    """Share a call."""
    call = ask(GetCall(visitor().token, checked_call_id(call_id)), Call)
    colleagues = ask(ListColleagues(visitor().token), People).people
    form = ShareForm(data={"until": today() + _USUAL})
    form.offer(colleagues)
    until = form.until.data
    if request.method == "POST" and form.validate() and until and _shared(form, call, until):
        flash(f"Shared. They find it under “My calls” until {words.day(until)}.")
        return redirect(url_for("call.show", call_id=call_id), 303)
    page = render_template(
        "share.html", form=form, mistakes=form.mistakes(), row=call.row, colleagues=colleagues
    )  # fmt: skip
    return (page, 422) if form.errors else page


@blueprint.post("/withdraw")
def withdraw(call_id: str) -> Response:
    """Take a share back."""
    ask(WithdrawShare(visitor().token, checked_call_id(call_id), request.form.get("username", "")), Done)
    flash("It is shared with them no more.")
    return redirect(url_for("call.show", call_id=call_id), 303)


def _shared(form: ShareForm, call: Call, until: date) -> bool:
    part = (form.first.seconds, form.last.seconds)
    asked = ShareCall(visitor().token, call.row.call_id, form.username.data, until, *part)
    try:
        ask(asked, Done)
    except ShareRefused as refusal:
        form.until.errors = [str(refusal)]
        return False
    return True
