"""The way back in for a manager who has lost password or phone: the recovery sheet, typed from paper."""

import segno
from flask import Blueprint, render_template, request
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.validators import EqualTo

from appliance.errors import PasswordTooWeak, PersonRefused, SheetMistyped, SignInThrottled
from appliance.link.messages.people import PersonAdded, Rescue
from appliance.web.forms import PageForm, at_most, needed, new_password, stripped, username_form
from appliance.web.parts import ask
from appliance.web.refusals import waiting_words

blueprint = Blueprint("rescue", __name__)


class RescueForm(PageForm):
    """The sheet, and a new password."""

    sheet = TextAreaField("Recovery sheet", [needed("Type the recovery sheet"), at_most(2000, "The sheet")])
    username = StringField("Your username", [needed("Enter your username"), username_form()])
    password = PasswordField("New password", [needed("Enter a new password"), new_password()])
    again = PasswordField("New password again", [EqualTo("password", "The two passwords are not the same")])


@blueprint.route("/rescue", methods=["GET", "POST"])
def form() -> str | tuple[str, int]:
    """Ask for the sheet; the answer holds the new second factor, this once only."""
    filled = RescueForm()
    if request.method != "POST":
        return render_template("rescue.html", form=filled, mistakes=[])
    added = _rescued(filled) if filled.validate() else None
    if added is None:
        return render_template("rescue.html", form=filled, mistakes=filled.mistakes()), 422
    qr = segno.make(added.totp.uri).svg_data_uri(border=2)
    return render_template("rescued.html", new=added, qr=qr)


def _rescued(filled: RescueForm) -> PersonAdded | None:
    """Let them in again; None where the keeper refuses, with its words in the form."""
    asked = Rescue(
        stripped(filled.sheet.data), stripped(filled.username.data), filled.password.data, request.remote_addr or ""
    )
    try:
        return ask(asked, PersonAdded)
    except SignInThrottled as wait:
        filled.sheet.errors = [waiting_words(wait.wait_s)]
    except PasswordTooWeak as refusal:
        filled.password.errors = [str(refusal)]
    except (SheetMistyped, PersonRefused) as refusal:
        filled.sheet.errors = [str(refusal)]
    return None
