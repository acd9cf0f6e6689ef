"""Playing calls to a requester at their appointment: the cut version alone, made when it is asked for."""

from collections.abc import Iterator

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.casework.access_requests.record import AccessRequest
from appliance.codec import from_json
from appliance.link.messages.base import Done
from appliance.link.messages.cases import CaseKind
from appliance.link.messages.hearings import AskHearing, HearingState, MakeHearing, ReadHearing
from appliance.link.messages.packs import PackPiece
from appliance.model.calls import CallId, checked_call_id
from appliance.web import byterange
from appliance.web.audio import answer, must_be_player, past_the_end
from appliance.web.byterange import ByteRange
from appliance.web.casework import REFUSALS, case_of
from appliance.web.forms import PageForm
from appliance.web.parts import Parts, ask, parts
from appliance.web.visitor import visitor

_PIECE = 256 * 1024
_TYPE = "audio/wav"

blueprint = Blueprint("hearings", __name__, url_prefix="/appointments/<reference>")


@blueprint.get("")
def show(reference: str) -> str:
    """List the calls that may be played to the requester."""
    case = case_of(reference, CaseKind.ACCESS)
    record = from_json(case.body, AccessRequest)
    shown = [(one, len(record.cuts_of(one.call_id))) for one in case.calls if one.call_id in record.given_calls]
    return render_template("hearings.html", case=case, shown=shown)


@blueprint.get("/<call_id>")
def hear(reference: str, call_id: str) -> str | tuple[str, int]:
    """Show the player of one call, or have it made ready."""
    wanted = checked_call_id(call_id)
    try:
        state = ask(AskHearing(visitor().token, reference, wanted), HearingState)
    except REFUSALS as wrong:
        return _page(reference, wanted, None, str(wrong)), 409
    return _page(reference, wanted, state)


@blueprint.post("/<call_id>")
def make(reference: str, call_id: str) -> AnyResponse | tuple[str, int]:
    """Begin to make it ready."""
    wanted = checked_call_id(call_id)
    try:
        ask(MakeHearing(visitor().token, reference, wanted), Done)
    except REFUSALS as wrong:
        return _page(reference, wanted, None, str(wrong)), 409
    return redirect(url_for("hearings.hear", reference=reference, call_id=wanted), 303)


@blueprint.get("/<call_id>/audio.wav")
def read(reference: str, call_id: str) -> Response:
    """Answer with a range of the sound, to a player alone."""
    must_be_player()
    token, wanted = visitor().token, checked_call_id(call_id)
    total = ask(ReadHearing(token, reference, wanted, 0, 1), PackPiece).total
    try:
        asked = byterange.parse(request.headers.get("Range"), total)
    except byterange.Unsatisfiable:
        return past_the_end(total, _TYPE)
    whole = asked or ByteRange(0, total - 1, total)
    return answer(_pieces(parts(), token, reference, wanted, whole), asked, total, _TYPE)


def _page(reference: str, call_id: CallId, state: HearingState | None, wrong: str = "") -> str:
    case = case_of(reference, CaseKind.ACCESS)
    row = next((one.row for one in case.calls if one.call_id == call_id), None)
    form = PageForm(formdata=None)
    return render_template("hearing.html", case=case, call_id=call_id, row=row, state=state, wrong=wrong, form=form)


def _pieces(those: Parts, token: bytes, reference: str, call_id: CallId, asked: ByteRange) -> Iterator[bytes]:
    at = asked.first
    while at <= asked.last:
        length = min(_PIECE, asked.last + 1 - at)
        data = those.link.ask(ReadHearing(token, reference, call_id, at, length), PackPiece).data
        if not data:
            return
        at += len(data)
        yield data
