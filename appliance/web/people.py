"""The people who can sign in, and adding one."""

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import PasswordField, RadioField, StringField
from wtforms.validators import EqualTo

from appliance.errors import PasswordTooWeak, PersonRefused
from appliance.link.messages.people import AddPerson, ListPeople, People, PersonAdded
from appliance.model.people import Role
from appliance.web import words
from appliance.web.forms import PageForm, at_most, needed, new_password, stripped, username_form
from appliance.web.parts import ask, parts
from appliance.web.person import ref
from appliance.web.visitor import fresh_visitor, visitor

blueprint = Blueprint("people", __name__)


class AddForm(PageForm):
    """Somebody new."""

    name = StringField("Full name", [needed("Enter their name"), at_most(60, "The name")])
    username = StringField("Username", [needed("Enter a username"), username_form()])
    role = RadioField(
        "What may they do?",
        [needed("Select what they may do")],
        choices=[(str(role), text) for role, text in words.ROLES.items()],
    )
    password = PasswordField("First password", [needed("Enter a first password"), new_password()])
    again = PasswordField("First password again", [EqualTo("password", "The two passwords are not the same")])


@blueprint.get("/people")
def show() -> str:
    """List everybody."""
    listed = ask(ListPeople(visitor().token), People)
    people, left = (sorted(some, key=lambda person: person.name.casefold()) for some in (listed.people, listed.left))
    return render_template("people.html", people=people, left=left, ref=ref)


@blueprint.route("/people/add", methods=["GET", "POST"])
def add() -> Response | str | tuple[str, int]:
    """Add somebody; the password is asked for first where it was not given lately."""
    fresh_visitor()
    form = AddForm()
    if request.method != "POST":
        return render_template("person_add.html", form=form, mistakes=[])
    added = _added(form) if form.validate() else None
    if added is None:
        return render_template("person_add.html", form=form, mistakes=form.mistakes()), 422
    return redirect(url_for("people.added", name=parts().additions.put(added, visitor().token)), 303)


@blueprint.get("/people/added/<name>")
def added(name: str) -> str:
    """Show what the new person needs to sign in, for a few minutes and to who added them only."""
    new = parts().additions.get(name, visitor().token)
    if new is None:
        raise NotFound
    return render_template("person_added.html", new=new, qr=segno.make(new.totp.uri).svg_data_uri(border=2))


def _added(form: AddForm) -> PersonAdded | None:
    """Add them; None where the keeper finds the name taken or the password weak, with its words in the form."""
    request_ = AddPerson(
        visitor().token, stripped(form.username.data), stripped(form.name.data), Role(form.role.data),
        form.password.data or "",
    )  # fmt: skip
    try:
        return ask(request_, PersonAdded)
    except PasswordTooWeak as refusal:
        form.password.errors = [str(refusal)]
    except PersonRefused as refusal:
        form.username.errors = [str(refusal)]
    return None
