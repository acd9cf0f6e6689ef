"""How the lines stand at this moment: server-sent events, and the same as one answer for pages that poll."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from flask import Blueprint, Response, jsonify

from appliance.errors import LinkBroken, NotSignedIn
from appliance.link.messages.lines import AskLive, Live
from appliance.model.status import LineStatus
from appliance.web import words
from appliance.web.parts import Parts, ask, parts
from appliance.web.visitor import visitor

MOST_STREAMS = 12
"""Event streams at once; each holds a thread. The page that gets none polls."""

_TURN_S = 1.0
"""How long the keeper holds one question: a stream sees that its session or the site has ended within this."""
_TURNS_BETWEEN_SIGNS = 2
"""A comment this often lets a stream notice that its page has gone."""

blueprint = Blueprint("live", __name__)


@dataclass(frozen=True, slots=True)
class LineWords:
    """One line in words. ``state`` is a name for the style sheet."""

    line: int
    name: str
    state: str
    words: str
    since: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How everything stands, in the words that the page shows."""

    headline: str
    lines: tuple[LineWords, ...]
    problems: tuple[str, ...]


def described(now: Live) -> Standing:
    """Put the keeper's word into the page's words. Without contact no line's state is claimed."""
    lines = tuple(_line(line, contact=now.contact) for line in now.lines)
    return Standing(words.headline(now.lines, contact=now.contact), lines, tuple(_problems(now)))


@blueprint.get("/live")
def state() -> Response:
    """Answer with how the lines stand."""
    return jsonify(asdict(described(ask(AskLive(visitor().token), Live))))


@blueprint.get("/live/events")
def events() -> Response:
    """Stream how the lines stand, now and at each change; 503 where there are enough streams already."""
    if not parts().streams.acquire(blocking=False):
        return Response("", 503, {"Retry-After": "60"}, content_type="text/plain; charset=utf-8")
    stream = Response(_stream(parts(), visitor().token), content_type="text/event-stream; charset=utf-8")
    # By the response, not by the generator: one that was never begun runs no "finally".
    stream.call_on_close(parts().streams.release)
    stream.headers["X-Accel-Buffering"] = "no"
    return stream


def _stream(those: Parts, token: bytes) -> Iterator[str]:
    seen, told, turns = 0, "", 0
    yield "retry: 2000\n\n"
    while not those.stopping.is_set():
        try:
            now = those.link.ask(AskLive(token, seen, _TURN_S), Live)
        except NotSignedIn:
            yield "event: ended\ndata: {}\n\n"
            return
        except LinkBroken:
            return
        seen, turns = now.version, turns + 1
        text = json.dumps(asdict(described(now)), ensure_ascii=False)
        if text != told:
            told, turns = text, 0
            yield f"data: {text}\n\n"
        elif turns % _TURNS_BETWEEN_SIGNS == 0:
            yield ":\n\n"


def _line(line: LineStatus, *, contact: bool) -> LineWords:
    state = str(line.state) if contact else "unknown"
    since = f"since {words.time_of_day(line.since)}" if contact else ""
    return LineWords(line.line, line.name, state, words.STATES[state], since, line.simulated)


def contact_problem(now: Live) -> str:
    """Return what is wrong where the recorder is not heard; empty where it is."""
    if now.contact:
        return ""
    when = f" since {words.time_of_day(now.contact_at)}" if now.contact_at else ""
    return f"No contact with the recorder{when}. Calls work but may not be recorded."


def _problems(now: Live) -> Iterator[str]:
    if lost := contact_problem(now):
        yield lost
    for alarm in now.alarms:
        yield alarm.text
