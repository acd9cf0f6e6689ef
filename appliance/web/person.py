"""One person, as who manages the people sees them: name, role, password, second factor, and being let in at all."""

import hashlib

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.validators import EqualTo

from appliance.errors import PasswordTooWeak, PersonRefused
from appliance.link.messages.base import Done
from appliance.link.messages.people import (
    ChangeRole,
    DisablePerson,
    EnablePerson,
    ListPeople,
    People,
    PersonAdded,
    PersonReset,
    RenamePerson,
    ResetPassword,
    ResetSecondFactor,
)
from appliance.link.messages.sessions import EndSession, ListSessions, LiveSessions
from appliance.model.people import Person, Role
from appliance.web import words
from appliance.web.forms import PageForm, at_most, needed, new_password, stripped
from appliance.web.parts import ask, parts
from appliance.web.visitor import fresh_visitor, visitor

blueprint = Blueprint("person", __name__, url_prefix="/people/<ref>")


class NameForm(PageForm):
    """Another name; the username stays."""

    name = StringField("Full name", [needed("Enter their name"), at_most(60, "The name")])


class RoleForm(PageForm):
    """Another role."""

    role = RadioField(
        "What may they do?",
        [needed("Select what they may do")],
        choices=[(str(role), text) for role, text in words.ROLES.items()],
    )


class ResetForm(PageForm):
    """A new password, and a new second factor with it where the phone is lost too."""

    password = PasswordField("New password", [needed("Enter a new password"), new_password()])
    again = PasswordField("New password again", [EqualTo("password", "The two passwords are not the same")])
    second_factor = BooleanField("Their phone is lost too: link a new one")


def ref(person: Person) -> str:
    """Return what stands for a person in an address, which shall hold no name."""
    return hashlib.sha256(person.username.encode()).hexdigest()[:16]


@blueprint.get("")
def show(ref: str) -> str:
    """Show what can be changed of somebody."""
    person, left = _found(ref)
    everybody = ask(ListSessions(visitor().token, everybody=True), LiveSessions).sessions
    sessions = [one for one in everybody if one.person.username == person.username]
    return render_template(
        "person.html", person=person, left=left, ref=ref, sessions=sessions, form=PageForm(formdata=None)
    )  # fmt: skip


@blueprint.route("/name", methods=["GET", "POST"])
def name(ref: str) -> Response | str | tuple[str, int]:
    """Give them another name."""
    token, (person, _) = fresh_visitor().token, _found(ref)
    form = NameForm(data={"name": person.name})
    if request.method == "POST" and form.validate():
        try:
            ask(RenamePerson(token, person.username, stripped(form.name.data)), Done)
        except PersonRefused as refusal:
            form.name.errors = [str(refusal)]
        else:
            return _done(ref, "The name is changed.")
    return _page("person_name.html", form, person, ref)


@blueprint.route("/role", methods=["GET", "POST"])
def role(ref: str) -> Response | str | tuple[str, int]:
    """Give them another role."""
    token, (person, _) = fresh_visitor().token, _found(ref)
    form = RoleForm(data={"role": str(person.role)})
    if request.method == "POST" and form.validate():
        try:
            ask(ChangeRole(token, person.username, Role(form.role.data)), Done)
        except PersonRefused as refusal:
            form.role.errors = [str(refusal)]
        else:
            return _done(ref, "The role is changed. They were signed out, and see the change when they sign in again.")
    return _page("person_role.html", form, person, ref)


@blueprint.route("/password", methods=["GET", "POST"])
def password(ref: str) -> Response | str | tuple[str, int]:
    """Give them a new password."""
    token, (person, _) = fresh_visitor().token, _found(ref)
    form = ResetForm()
    if request.method == "POST" and form.validate():
        try:
            made = ask(ResetPassword(token, person.username, form.password.data, form.second_factor.data), PersonReset)
        except PersonRefused as refusal:
            (form.password if isinstance(refusal, PasswordTooWeak) else form.second_factor).errors = [str(refusal)]
        else:
            if made.totp is not None:
                return _show(PersonAdded(made.totp, made.recovery_codes))
            return _done(ref, "They have a new password. Their phone and its codes stay as they were.")
    return _page("person_password.html", form, person, ref)


@blueprint.route("/phone", methods=["GET", "POST"])
def phone(ref: str) -> Response | str | tuple[str, int]:
    """Give them a new second factor."""
    token, (person, _) = fresh_visitor().token, _found(ref)
    if request.method == "POST":
        return _show(ask(ResetSecondFactor(token, person.username), PersonAdded))
    return _page("person_phone.html", PageForm(formdata=None), person, ref)


@blueprint.route("/leave", methods=["GET", "POST"])
def leave(ref: str) -> Response | str | tuple[str, int]:
    """Let them in no more."""
    token, (person, _) = fresh_visitor().token, _found(ref)
    refused = ""
    if request.method == "POST":
        try:
            ask(DisablePerson(token, person.username), Done)
        except PersonRefused as refusal:
            refused = str(refusal)
        else:
            return _done(ref, "They cannot sign in any more, and are signed out everywhere.")
    form, status = PageForm(formdata=None), 409 if refused else 200
    return render_template("person_leave.html", form=form, mistakes=[], person=person, ref=ref, refused=refused), status


@blueprint.post("/return")
def come_back(ref: str) -> Response:
    """Let them in again."""
    token, (person, _) = fresh_visitor().token, _found(ref)
    ask(EnablePerson(token, person.username), Done)
    return _done(ref, "They can sign in again, with the password and phone they had.")


@blueprint.post("/sessions/<int:number>/end")
def end(ref: str, number: int) -> Response:
    """End one of their sessions."""
    ask(EndSession(visitor().token, number), Done)
    return _done(ref, "That session is ended.")


def _found(ref_: str) -> tuple[Person, bool]:
    """Return the person, and whether they have left."""
    listed = ask(ListPeople(visitor().token), People)
    known = [(person, False) for person in listed.people] + [(person, True) for person in listed.left]
    found = next((pair for pair in known if ref(pair[0]) == ref_), None)
    if found is None:
        raise NotFound
    return found


def _page(template: str, form: PageForm, person: Person, ref: str) -> str | tuple[str, int]:
    page = render_template(template, form=form, mistakes=form.mistakes(), person=person, ref=ref)
    return (page, 422) if form.errors else page


def _show(added: PersonAdded) -> Response:
    return redirect(url_for("people.added", name=parts().additions.put(added, visitor().token)), 303)


def _done(ref: str, said: str) -> Response:
    flash(said)
    return redirect(url_for("person.show", ref=ref), 303)
