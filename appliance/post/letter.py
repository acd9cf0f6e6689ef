"""What is sent of alarms, in words: plain text for people, JSON for programs. Neither names a patient or a number."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from appliance.clock import LONDON
from appliance.model.health import AlarmRecord

_NUMBER = re.compile(r"\+?\d[\d \-]{5,}\d")
"""Seven digits and more. No alarm's text has any; what leaves the box is looked at all the same."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Alarms that began, that still stand and nobody has seen to, and that ended. One may have begun and ended."""

    began: tuple[AlarmRecord, ...] = ()
    still: tuple[AlarmRecord, ...] = ()
    ended: tuple[AlarmRecord, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.began or self.still or self.ended)

    @classmethod
    def trial(cls, at: datetime) -> "Letter":
        """Return a letter that tries the way."""
        return cls(began=(AlarmRecord(0, "trial", "This is a trial. Nothing is wrong.", at),))

    @property
    def records(self) -> tuple[AlarmRecord, ...]:
        """All that it tells of."""
        return (*self.began, *self.still, *self.ended)


def subject(letter: Letter, box: str) -> str:
    """Return the subject line; ``box`` is what the box is called on the network."""
    if letter.began:
        head = f"{len(letter.began)} alarms" if len(letter.began) > 1 else _first_sentence(letter.began[0])
    elif letter.still:
        head = f"Still: {_first_sentence(letter.still[0])}"
    else:
        head = f"All right again: {_first_sentence(letter.ended[0])}"
    return f"Call recorder {box}: {head}"


def text(letter: Letter, box: str) -> str:
    """Return the body."""
    return "\n".join(_lines(letter, box)) + "\n"


def as_json(letter: Letter, box: str) -> dict[str, Any]:
    """Return the same for a program; ``text`` is for those that show one line, as chat rooms do."""
    return {
        "box": box,
        "text": subject(letter, box),
        "began": [_record(record) for record in letter.began],
        "still": [_record(record) for record in letter.still],
        "ended": [_record(record) for record in letter.ended],
    }


def _lines(letter: Letter, box: str) -> Iterator[str]:
    for title, records in (("New", letter.began), ("Still so", letter.still), ("All right again", letter.ended)):
        for record in records:
            yield f"{title}: {plain(record.text)}"
            ended = f", until {_time(record.ended_at)}" if record.ended_at else ""
            yield f"    from {_time(record.since)}{ended}"
            yield ""
    yield f"What to do is on the page “Health” of the call recorder: https://{box}/"
    yield "Reminders stop once somebody has said there that they have seen to it."


def _record(record: AlarmRecord) -> dict[str, Any]:
    return {
        "number": record.number,
        "key": record.key,
        "line": record.line,
        "text": plain(record.text),
        "since": record.since.isoformat(),
        "ended_at": record.ended_at.isoformat() if record.ended_at else None,
        "acknowledged": bool(record.acknowledged_by),
    }


def plain(words: str) -> str:
    """Return words that may leave the box: no telephone number, and no line break to make a header of."""
    return _NUMBER.sub("…", re.sub(r"[\r\n]+", " ", words))


def _first_sentence(record: AlarmRecord) -> str:
    return re.split(r"(?<=[.:?!])\s", plain(record.text), maxsplit=1)[0].rstrip(".:")


def _time(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%a %-d %B %Y, %H:%M}"
