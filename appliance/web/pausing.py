"""Pausing a line's recording for a card payment, and ending it for a caller who objects; and the lamps' test."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from appliance.errors import NoCallOnLine
from appliance.link.messages.base import Done
from appliance.link.messages.lines import AskLive, Live
from appliance.link.messages.wishes import CallerObjects, PauseLine, ResumeLine, ShowLamps
from appliance.model.people import Right
from appliance.model.status import LineState, LineStatus
from appliance.web import words
from appliance.web.parts import ask
from appliance.web.visitor import visitor

blueprint = Blueprint("pausing", __name__, url_prefix="/lines")


@dataclass(frozen=True, slots=True)
class PausePanel:
    """What the line's page offers: ``state`` in words, and which of the three buttons make sense now."""

    line: int
    state: str
    may_pause: bool
    may_resume: bool
    may_object: bool


def panel(line: int) -> PausePanel | None:
    """Return what somebody on the telephone may do; None for those who take no calls, and where nothing is known."""
    if not visitor().person.may(Right.PAUSE_LINES):
        return None
    now = ask(AskLive(visitor().token), Live)
    status = next((one for one in now.lines if one.line == line and now.contact), None)
    return None if status is None else described(status)


def described(status: LineStatus) -> PausePanel:
    """Put how a line stands into words and buttons."""
    state = status.state
    return PausePanel(
        line=status.line,
        state=_words(status),
        may_pause=state is LineState.RECORDING,
        may_resume=state is LineState.PAUSED,
        may_object=state in (LineState.RECORDING, LineState.PAUSED),
    )


@blueprint.post("/<int:line>/pause")
def pause(line: int) -> Response:
    """Pause, for a card payment."""
    return _done(PauseLine(visitor().token, line), "Recording is paused. It goes on by itself in a few minutes.")


@blueprint.post("/<int:line>/resume")
def resume(line: int) -> Response:
    """Go on."""
    return _done(ResumeLine(visitor().token, line), "Recording goes on.")


@blueprint.post("/<int:line>/object")
def objects(line: int) -> Response:
    """Record no more of this call."""
    return _done(CallerObjects(visitor().token, line), "The rest of this call is not recorded.")


@blueprint.post("/lamps")
def lamps() -> Response:
    """Show every lamp's colours."""
    ask(ShowLamps(visitor().token), Done)
    flash("Each lamp shows red, green and amber now, but for those of lines with a call.")
    return redirect(url_for("lines.show"), 303)


def _done(request: PauseLine | ResumeLine | CallerObjects, said: str) -> Response:
    try:
        ask(request, Done)
    except NoCallOnLine as late:
        said = str(late)
    flash(said)
    return redirect(url_for("lines.story", line=request.line), 303)


def _words(status: LineStatus) -> str:
    match status.state:
        case LineState.RECORDING:
            return "A call is being recorded."
        case LineState.PAUSED:
            until = f" It goes on by itself at {words.time_of_day(status.until)}." if status.until else ""
            return f"Recording is paused.{until}"
        case LineState.OBJECTED:
            return "The caller objects: the rest of this call is not recorded."
        case _:
            return "There is no call to pause."
