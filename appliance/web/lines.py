"""The lines' page: what each line sounds like just now, in meters and words, and what is wrong with its wiring."""

from dataclasses import asdict, dataclass

from flask import Blueprint, Response, jsonify, render_template

from appliance.link.messages.lines import AskLive, Live
from appliance.model.status import Alarm, LineStatus
from appliance.web import words
from appliance.web.parts import ask
from appliance.web.visitor import visitor

LOWEST_DB = -80.0
"""What a meter shows as empty: quieter than any line that is connected."""

blueprint = Blueprint("lines", __name__, url_prefix="/lines")


@dataclass(frozen=True, slots=True)
class Meter:
    """One measure. ``share`` is 0 to 1, empty to full, ``text`` the same in figures."""

    name: str
    title: str
    hint: str
    share: float
    text: str


@dataclass(frozen=True, slots=True)
class LineSound:
    """One line. ``wrong`` are sentences; ``heard`` is False where the recorder gives no measures of it."""

    line: int
    name: str
    heard: bool
    meters: tuple[Meter, ...]
    wrong: tuple[str, ...]


@blueprint.get("")
def show() -> str:
    """Show every line's meters."""
    return render_template("lines.html", sounds=_sounds(ask(AskLive(visitor().token), Live)))


@blueprint.get("/levels")
def levels() -> Response:
    """Answer with the same for the page's script, which asks every second while it is looked at."""
    return jsonify([asdict(sound) for sound in _sounds(ask(AskLive(visitor().token), Live))])


def _sounds(now: Live) -> list[LineSound]:
    return [sound(line, now.alarms, contact=now.contact) for line in now.lines]


def sound(line: LineStatus, alarms: tuple[Alarm, ...], *, contact: bool) -> LineSound:
    """Put a line's measures into meters and words. Without contact nothing is known of it."""
    heard = contact and str(line.state) in words.HEARD_STATES
    wrong = tuple(alarm.text for alarm in alarms if alarm.line == line.line) if contact else ()
    return LineSound(line.line, line.name, heard, _meters(line) if heard else (), wrong)


def _meters(line: LineStatus) -> tuple[Meter, ...]:
    return (
        _loudness("level", "Level", "What is heard now: a voice fills about two thirds", line.level_dbfs),
        _loudness("floor", "Background noise", "Lower when the line is idle than in a call", line.floor_dbfs),
        _loudness("hum", "Mains hum", "Should stay below a third", line.hum_dbfs),
        Meter("clipped", "Cut off", "The part of the sound too loud for the card", line.clipped, f"{line.clipped:.1%}"),
        Meter(
            "dc",
            "Direct current",
            "Should be next to nothing",
            min(1.0, abs(line.dc)),
            f"{round(line.dc, 3) + 0.0:.1%}",
        ),
    )


def _loudness(name: str, title: str, hint: str, dbfs: float) -> Meter:
    share = min(1.0, max(0.0, 1.0 - dbfs / LOWEST_DB))
    return Meter(name, title, hint, round(share, 3), words.decibels(dbfs))
