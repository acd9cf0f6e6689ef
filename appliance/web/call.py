"""One call: its player, its facts, its holds, and who has listened."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from appliance.link.messages.base import Done
from appliance.link.messages.call import Call, GetCall, StartListening
from appliance.model.calls import checked_call_id
from appliance.model.people import Purpose, Right
from appliance.web import waveform
from appliance.web.forms import PageForm
from appliance.web.parts import ask
from appliance.web.visitor import visitor

_HEARD_SHOWN = 5

blueprint = Blueprint("call", __name__)


@blueprint.get("/calls/<call_id>")
def show(call_id: str) -> str:
    """Show one call."""
    call = ask(GetCall(visitor().token, checked_call_id(call_id)), Call)
    length_s = call.row.duration_s
    return render_template(
        "call.html" if visitor().person.may(Right.LIST_CALLS) else "my_call.html",
        call=call, row=call.row, form=PageForm(formdata=None), purposes=list(Purpose),
        heard=sorted(call.heard, key=lambda listen: listen.at, reverse=True)[:_HEARD_SHOWN],
        peaks=waveform.encoded(call.peaks), speech=waveform.speech(call.spans),
        stripes=waveform.stripes(call.spans, length_s), moments=waveform.moments(call.spans, length_s),
    )  # fmt: skip


@blueprint.post("/calls/<call_id>/listen")
def listen(call_id: str) -> Response | tuple[str, int]:
    """Say why one listens, before anything is heard. The page's script takes 204 and plays; a plain form goes back."""
    wanted = request.form.get("purpose", "")
    if wanted not in set(Purpose):
        raise BadRequest
    ask(StartListening(visitor().token, checked_call_id(call_id), Purpose(wanted)), Done)
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return "", 204
    return redirect(url_for("call.show", call_id=call_id), 303)
