"""The forms of set-up."""

from wtforms import PasswordField, RadioField, StringField
from wtforms.validators import EqualTo

from appliance.web.forms import PageForm, at_most, needed, new_password, username_form


class CodeForm(PageForm):
    """The one-time code."""

    code = StringField("Setup code", [needed("Enter the setup code"), at_most(40, "The setup code")])


class PracticeForm(PageForm):
    """The practice, and a look at the clock. That the clock is wrong keeps nobody from going on: recording does."""

    practice = StringField("Name of the practice", [needed("Enter the practice’s name"), at_most(80, "The name")])
    clock = RadioField(
        "Is that right?",
        [needed("Compare the date and time with your own")],
        choices=[("right", "Yes"), ("wrong", "No, or only nearly")],
    )


class YouForm(PageForm):
    """The first manager."""

    name = StringField("Your full name", [needed("Enter your name"), at_most(60, "Your name")])
    username = StringField("Username", [needed("Enter a username"), username_form()])
    password = PasswordField("Password", [needed("Enter a password"), new_password()])
    again = PasswordField("Password again", [EqualTo("password", "The two passwords are not the same")])


class FactorForm(PageForm):
    """A code of the phone."""

    code = StringField("6-digit code", [needed("Enter the 6-digit code"), at_most(10, "The code")])
