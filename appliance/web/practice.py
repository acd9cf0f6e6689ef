"""The practice: its name, and how its patients reach it, as pages, letters and papers print them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField

from appliance.errors import SettingRefused
from appliance.link.messages.base import Done
from appliance.link.messages.settings import AskSettings, SetPractice, Settings
from appliance.web.forms import PageForm, at_most, needed, stripped
from appliance.web.parts import ask
from appliance.web.visitor import fresh_visitor, visitor

blueprint = Blueprint("practice", __name__)


class PracticeForm(PageForm):
    """Name and contact."""

    practice = StringField("Name of the practice", [needed("Enter the practice’s name"), at_most(80, "The name")])
    contact = TextAreaField("Address and telephone", [at_most(500, "The address")])


@blueprint.route("/settings/practice", methods=["GET", "POST"])
def edit() -> Response | str | tuple[str, int]:
    """Show both, and change them."""
    settings = ask(AskSettings(visitor().token), Settings)
    form = PracticeForm(data={"practice": settings.practice, "contact": settings.contact})
    if request.method == "POST" and form.validate():
        asked = SetPractice(fresh_visitor().token, stripped(form.practice.data), stripped(form.contact.data))
        try:
            ask(asked, Done)
        except SettingRefused as refusal:
            form.practice.errors = [str(refusal)]
        else:
            flash("Saved. New letters and papers print it so.")
            return redirect(url_for("practice.edit"), 303)
    page = render_template("practice.html", form=form, mistakes=form.mistakes(), settings=settings)
    return (page, 422) if form.errors else page
