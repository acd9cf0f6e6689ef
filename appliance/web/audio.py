"""A recording's sound, by byte ranges (RFC 9110, 14), a piece at a time: never whole in memory, never on a disk."""

import io
from collections.abc import Callable, Iterator

from flask import Blueprint, Response, request
from werkzeug.exceptions import Forbidden

from appliance.link.messages.call import Audio, ReadAudio
from appliance.model.calls import CallId, checked_call_id
from appliance.web import byterange
from appliance.web.byterange import ByteRange
from appliance.web.parts import parts
from appliance.web.simplesound import SimpleSound
from appliance.web.soundfile import BUFFER, SoundFile
from appliance.web.visitor import visitor

PIECE = 64 * 1024
"""Bytes asked of the keeper at a time: 20 s of a call."""

_PLAYERS = frozenset({"audio", "empty"})
"""What may fetch sound (Sec-Fetch-Dest): the player, not a tab of its own. A copy to keep is another right."""

_TYPE = "audio/ogg; codecs=opus"
_SIMPLE_TYPE = "audio/wav"

Read = Callable[[int, int], bytes]
"""Gives the bytes from an offset, of a length; fewer at the end."""

blueprint = Blueprint("audio", __name__)


@blueprint.get("/calls/<call_id>/audio")
def read(call_id: str) -> Response:
    """Answer with the range asked for, always with its length: without, browsers cannot seek or tell the duration."""
    wanted, token = _wanted(call_id), visitor().token
    total = parts().link.ask(ReadAudio(token, wanted, 0, 1), Audio).total
    try:
        asked = byterange.parse(request.headers.get("Range"), total)
    except byterange.Unsatisfiable:
        return past_the_end(total, _TYPE)
    link = parts().link

    def some(at: int, length: int) -> bytes:
        return link.ask(ReadAudio(token, wanted, at, length), Audio).data

    return answer(pieces(some, asked or ByteRange(0, total - 1, total)), asked, total, _TYPE)


@blueprint.get("/calls/<call_id>/audio.wav")
def read_simple(call_id: str) -> Response:
    """As ``read``, in a form that every browser can play."""
    recording = SoundFile(parts().link, visitor().token, _wanted(call_id))
    sound = SimpleSound(io.BufferedReader(recording, BUFFER))
    total = sound.total
    try:
        asked = byterange.parse(request.headers.get("Range"), total)
    except byterange.Unsatisfiable:
        return past_the_end(total, _SIMPLE_TYPE)
    response = answer(sound.read(asked or ByteRange(0, total - 1, total)), asked, total, _SIMPLE_TYPE)
    response.call_on_close(sound.close)
    return response


def must_be_player() -> None:
    """Refuse what is not a player.

    Raises:
        Forbidden: it is a tab of its own, or a script.
    """
    if request.headers.get("Sec-Fetch-Dest", "audio") not in _PLAYERS:
        raise Forbidden


def _wanted(call_id: str) -> CallId:
    must_be_player()
    return checked_call_id(call_id)


def past_the_end(total: int, kind: str) -> Response:
    """Return the answer to a range that begins after the end of what has ``total`` bytes."""
    return Response("", 416, {"Content-Range": f"bytes */{total}", "Accept-Ranges": "bytes"}, content_type=kind)


def answer(pieces: Iterator[bytes], asked: ByteRange | None, total: int, kind: str) -> Response:
    """Return the answer to a range, or to the whole where none is asked for."""
    response = Response(pieces, 206 if asked else 200, content_type=kind)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = "inline"
    response.content_length = asked.length if asked else total
    if asked:
        response.headers["Content-Range"] = asked.content_range()
    return response


def pieces(read_some: Read, asked: ByteRange) -> Iterator[bytes]:
    """Return the range's bytes, a piece at a time. The first is read now, so that its refusal is still an answer.

    A refusal or a broken seal on the way cuts the answer short of its stated length.
    """

    def some(at: int) -> bytes:
        return read_some(at, min(PIECE, asked.last + 1 - at)) if at <= asked.last else b""

    def rest(at: int, data: bytes) -> Iterator[bytes]:
        while data:
            yield data
            at += len(data)
            data = some(at)

    return rest(asked.first, some(asked.first))
