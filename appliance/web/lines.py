"""The lines' pages: what each line sounds like just now, when it was last proved, and when it was not recorded."""

from dataclasses import asdict, dataclass

from flask import Blueprint, Response, jsonify, redirect, render_template, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from appliance.errors import NoSuchLine
from appliance.link.messages.base import Done
from appliance.link.messages.lines import AskLines, AskLive, Lines, Live, StartLineTest
from appliance.model.linestory import LineStory
from appliance.model.status import HEARD, Alarm, LineStatus
from appliance.web import gapwords, pausing, words
from appliance.web.forms import PageForm
from appliance.web.parts import ask, parts
from appliance.web.visitor import visitor

LOWEST_DB = -80.0
"""What a meter shows as empty: quieter than any line that is connected."""

_DAY_S = 86_400
_ODD_PPM = 1000.0  # a meter that is full: no quartz is as far off

_DAYS = 31
_MOST_GAPS = 100

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


@dataclass(frozen=True, slots=True)
class GapTold:
    """One stretch that was not recorded, in words. ``open`` while it lasts; ``unsure`` where the clock was."""

    start: str
    length: str
    cause: str
    open: bool
    unsure: bool


@dataclass(frozen=True, slots=True)
class LineTold:
    """A line's story in words. ``testing`` while a test call is waited for; ``lost`` is empty where nothing was.

    ``gaps`` are the newest; ``more`` is how many older ones there are.
    """

    line: int
    name: str
    proved: str
    test: str
    testing: bool
    since: str
    lost: str
    gaps: tuple[GapTold, ...]
    more: int


@blueprint.get("")
def show() -> str:
    """Show every line's meters, and when each was last proved."""
    now = parts().clock.now().at
    proved = {story.line: gapwords.proved(story.proof, now) for story in _lines().lines}
    form = PageForm(formdata=None)
    return render_template("lines.html", form=form, sounds=sounds(ask(AskLive(visitor().token), Live)), proved=proved)


@blueprint.get("/<int:line>")
def story(line: int) -> str:
    """Show one line's story: its proof, a test call, and each stretch of the last month that was not recorded."""
    found = _lines()
    told = next((story for story in found.lines if story.line == line), None)
    if told is None:
        raise NotFound
    return render_template(
        "line.html",
        told=_told(told),
        damaged=found.damaged,
        days=_DAYS,
        form=PageForm(formdata=None),
        pausing=pausing.panel(line),
    )


@blueprint.post("/<int:line>/test")
def test(line: int) -> AnyResponse:
    """Begin a test call: the line is to be rung now."""
    try:
        ask(StartLineTest(visitor().token, line), Done)
    except NoSuchLine as none:
        raise NotFound from none
    return redirect(url_for("lines.story", line=line), 303)


@blueprint.get("/levels")
def levels() -> Response:
    """Answer with the same for the page's script, which asks every second while it is looked at."""
    return jsonify([asdict(sound) for sound in sounds(ask(AskLive(visitor().token), Live))])


def _lines() -> Lines:
    return ask(AskLines(visitor().token, _DAYS, active=False), Lines)


def _told(story: LineStory) -> LineTold:
    now, account = parts().clock.now().at, story.account
    gaps = tuple(
        GapTold(words.short_day_time(gap.start), gapwords.length(gap), gapwords.cause(gap), gap.open, gap.unsure)
        for gap in reversed(account.gaps if account else ())
    )
    return LineTold(
        line=story.line,
        name=story.name,
        proved=gapwords.proved(story.proof, now),
        test=gapwords.tested(story.test, now) if story.test else "",
        testing=story.test is not None and story.test.proof is None and now <= story.test.until,
        since=words.day_time(account.first) if account else "",
        lost=words.length(account.gap_s) if account and account.gaps else "",
        gaps=gaps[:_MOST_GAPS],
        more=max(0, len(gaps) - _MOST_GAPS),
    )


def sounds(now: Live) -> list[LineSound]:
    """Put every line's measures into meters and words."""
    return [sound(line, now.alarms, contact=now.contact) for line in now.lines]


def sound(line: LineStatus, alarms: tuple[Alarm, ...], *, contact: bool) -> LineSound:
    """Put a line's measures into meters and words. Without contact nothing is known of it."""
    heard = contact and line.state in HEARD
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
        *([_skew(line.skew_ppm)] if line.skew_ppm is not None else []),
    )


def _skew(ppm: float) -> Meter:
    """Tell how wrong a card's clock is; known some minutes after it was plugged in."""
    way = "fast" if ppm > 0 else "slow"
    text = f"{abs(ppm) * _DAY_S / 1e6:.1f} s a day {way}"
    return Meter("clock", "The card’s clock", "A few seconds a day are usual", min(1.0, abs(ppm) / _ODD_PPM), text)


def _loudness(name: str, title: str, hint: str, dbfs: float) -> Meter:
    share = min(1.0, max(0.0, 1.0 - dbfs / LOWEST_DB))
    return Meter(name, title, hint, round(share, 3), words.decibels(dbfs))
