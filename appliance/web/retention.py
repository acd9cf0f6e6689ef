"""How long recordings are kept. One person asks for a change with a reason; another puts it in force."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import NumberRange

from appliance.casework.policy.duties import Duty
from appliance.errors import SettingRefused
from appliance.link.messages.base import Done
from appliance.link.messages.settings import (
    AskSettings,
    ConfirmRetention,
    ProposeRetention,
    RetentionEffect,
    Settings,
    WithdrawRetention,
)
from appliance.web import words
from appliance.web.forms import PageForm, at_most, needed, stripped
from appliance.web.parts import ask
from appliance.web.quoting import quoted
from appliance.web.visitor import fresh_visitor, visitor

_MOST_MONTHS = 120

blueprint = Blueprint("retention", __name__, url_prefix="/settings/retention")


class ProposalForm(PageForm):
    """Another length, and why."""

    months = IntegerField(
        "Months to keep a recording",
        [needed("Enter a number of months"), NumberRange(1, _MOST_MONTHS, f"Enter a number from 1 to {_MOST_MONTHS}")],
    )
    reason = StringField("Why?", [needed("Say why"), at_most(300, "The reason")])


class ConfirmForm(PageForm):
    """Yes, to what was proposed; typed where there is nobody else to say it."""

    months = HiddenField()
    typed = StringField("Type the words shown", [at_most(40, "It")])


@blueprint.get("")
def show() -> str:
    """Show how long recordings are kept, since when, and what waits to be confirmed."""
    return _page(ConfirmForm(formdata=None))


@blueprint.route("/change", methods=["GET", "POST"])
def propose() -> Response | str | tuple[str, int]:
    """Ask for a change."""
    token, settings = fresh_visitor().token, _settings()
    form = ProposalForm(data={"months": settings.months})
    if request.method == "POST" and form.validate():
        try:
            effect = ask(ProposeRetention(token, form.months.data, stripped(form.reason.data)), RetentionEffect)
        except SettingRefused as refusal:
            form.months.errors = [str(refusal)]
        else:
            flash(_effect_words(effect.due))
            return redirect(url_for("retention.show"), 303)
    page = render_template(
        "retention_change.html", form=form, mistakes=form.mistakes(), settings=settings,
        policy=quoted(Duty.RETENTION),
    )  # fmt: skip
    return (page, 422) if form.errors else page


@blueprint.post("/confirm")
def confirm() -> Response | tuple[str, int]:
    """Put the change in force."""
    form = ConfirmForm()
    asked = form.months.data or ""
    months = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= len(str(_MOST_MONTHS)) else 0
    try:
        ask(ConfirmRetention(fresh_visitor().token, months, stripped(form.typed.data)), Done)
    except SettingRefused as refusal:
        form.typed.errors = [str(refusal)]
        return _page(form), 422
    flash(f"Recordings are now kept for {words.counted(months, 'month', 'months')}.")
    return redirect(url_for("retention.show"), 303)


@blueprint.post("/withdraw")
def withdraw() -> Response:
    """Drop the proposal."""
    ask(WithdrawRetention(visitor().token), Done)
    flash("The change is dropped. Nothing is kept differently.")
    return redirect(url_for("retention.show"), 303)


def _settings() -> Settings:
    return ask(AskSettings(visitor().token), Settings)


def _page(form: ConfirmForm) -> str:
    return render_template(
        "retention.html", form=form, mistakes=form.mistakes(), settings=_settings(), policy=quoted(Duty.RETENTION)
    )


def _effect_words(due: int) -> str:
    said = "Nothing is kept differently until somebody else confirms it."
    if due:
        said += f" Then {words.counted(due, 'recording', 'recordings')} would be deleted within days."
    return said
