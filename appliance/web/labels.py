"""What somebody wrote on a call: who took it, tags to find it by, and a note."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField

from appliance.errors import LabelWrong
from appliance.link.messages.base import Done
from appliance.link.messages.call import Call, GetCall, LabelCall
from appliance.link.messages.calls import ListTags, Tags
from appliance.model.calls import checked_call_id
from appliance.web.forms import PageForm, at_most, stripped
from appliance.web.parts import ask
from appliance.web.visitor import visitor

blueprint = Blueprint("labels", __name__, url_prefix="/calls/<call_id>")


class LabelForm(PageForm):
    """The three, each of which may be empty."""

    handler = StringField("Who took the call", [at_most(60, "The name")])
    tags = StringField("Tags", [at_most(200, "The tags")])
    note = TextAreaField("Note", [at_most(1000, "The note")])


@blueprint.route("/label", methods=["GET", "POST"])
def label(call_id: str) -> Response | str | tuple[str, int]:
    """Write on a call."""
    call = ask(GetCall(visitor().token, checked_call_id(call_id)), Call)
    form = LabelForm(data={"handler": call.row.handler, "tags": ", ".join(call.row.tags), "note": call.note})
    if request.method == "POST" and form.validate() and _written(form, call):
        flash("Saved.")
        return redirect(url_for("call.show", call_id=call_id), 303)
    in_use = ask(ListTags(visitor().token), Tags).tags
    page = render_template("label.html", form=form, mistakes=form.mistakes(), row=call.row, in_use=in_use)
    return (page, 422) if form.errors else page


def _written(form: LabelForm, call: Call) -> bool:
    tags = tuple(dict.fromkeys(tag for part in stripped(form.tags.data).split(",") if (tag := part.strip())))
    asked = LabelCall(visitor().token, call.row.call_id, tags, stripped(form.note.data), stripped(form.handler.data))
    try:
        ask(asked, Done)
    except LabelWrong as refusal:
        form.tags.errors = [str(refusal)]
        return False
    return True
