"""Caller display: who calls, as the exchange tells it before or between rings, receiver down.

BT SIN 227 and SIN 242 (V.23), ETSI EN 300 659-3, Telcordia GR-30-CORE (Bell 202, single and multiple data message),
and keyed digits (ETSI EN 300 659-1 annex B; Belgium, Denmark, Finland, India, Netherlands, Sweden, Brazil).
"""

import re
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from appliance.audio import Samples
from appliance.capture.fsk import BIT, MODEMS, band_passed, octets, softened, starts_of
from appliance.model.calls import Caller, CallerIdentity

SINGLE = 0x04
MULTIPLE = 0x80
_NUMBER, _NO_NUMBER, _NAME = 0x02, 0x04, 0x07

_DATE = 8
"""Octets of date and time before the number in a single data message (GR-30)."""

LONGEST = 255
"""Octets in a message at most, without type, length and checksum."""

_ABSENT = {"P": CallerIdentity.WITHHELD, "O": CallerIdentity.UNAVAILABLE}
_KEYED = re.compile(r"([ABD])(\d{1,20})[C#]")
_KEYED_WITHHELD = ("B10", "D1")
_SHORTEST_KEYED_NUMBER = 3
_RECEIVER_DOWN_MESSAGES = (SINGLE, MULTIPLE)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a data burst said: ``caller``, from sample ``start`` to ``end`` of the audio it was found in."""

    caller: Caller
    start: int
    end: int


def decoded(burst: Samples) -> Announcement | None:
    """Return what the first well-formed message in ``burst`` says; None where no checksum agrees."""
    if len(burst) < 20 * 10 * BIT:
        return None
    passed = band_passed(burst)
    for tilt in zip(*(softened(passed, modem) for modem in MODEMS), strict=True):
        for soft in tilt:
            found = _first_message(soft)
            if found:
                return found
    return None


def keyed(digits: str) -> Caller | None:
    """Return the caller that keyed digits announce with the receiver down (``A<number>C`` and its kin)."""
    found = _KEYED.search(digits)
    if not found:
        return None
    head, number = found.groups()
    if head != "B" and len(number) >= _SHORTEST_KEYED_NUMBER and number.strip("0"):
        return Caller(CallerIdentity.NUMBER, number)
    absence = CallerIdentity.WITHHELD if head + number in _KEYED_WITHHELD else CallerIdentity.UNAVAILABLE
    return Caller(absence)


def caller_of(kind: int, body: bytes) -> Caller:
    """Return the caller that a message of type ``kind`` names. Unknown parameters are passed over."""
    if kind == SINGLE:
        return _from_number(body[_DATE:])
    fields = dict(_parameters(body))
    caller = Caller()
    if _NUMBER in fields:
        caller = _from_number(fields[_NUMBER])
    elif _NO_NUMBER in fields:
        caller = Caller(_ABSENT.get(_text(fields[_NO_NUMBER]), CallerIdentity.UNAVAILABLE))
    return Caller(caller.identity, caller.number, _text(fields.get(_NAME, b"")) or None)


def _first_message(soft: NDArray[np.float32]) -> Announcement | None:
    for start in starts_of(soft, _RECEIVER_DOWN_MESSAGES):
        message = list(islice(octets(soft, start), LONGEST + 3))
        values = bytes(value for value, _ in message)
        if len(values) < 3 or len(values) < values[1] + 3:
            continue
        whole = values[: values[1] + 3]
        if sum(whole) % 256 == 0 and _is_sound(whole[0], whole[2:-1]):
            return Announcement(caller_of(whole[0], whole[2:-1]), start, round(message[len(whole) - 1][1]))
    return None


def _is_sound(kind: int, body: bytes) -> bool:
    """Say whether a message is made as it should be: of wrong ones, one checksum in 256 agrees by chance."""
    if kind == SINGLE:
        return len(body) > _DATE and _text(body[:_DATE]).isdigit()
    at = 0
    while at + 1 < len(body):
        at += 2 + body[at + 1]
    return 0 < at == len(body)


def _parameters(body: bytes) -> list[tuple[int, bytes]]:
    found = []
    while len(body) >= 2:
        kind, length = body[0], body[1]
        found.append((kind, body[2 : 2 + length]))
        body = body[2 + length :]
    return found


def _from_number(field: bytes) -> Caller:
    text = _text(field)
    if text in _ABSENT:
        return Caller(_ABSENT[text])
    digits = re.sub(r"[^\d+*#]", "", text)
    return Caller(CallerIdentity.NUMBER, digits) if digits else Caller(CallerIdentity.UNAVAILABLE)


def _text(field: bytes) -> str:
    return "".join(chr(octet & 0x7F) for octet in field if 0x20 <= octet & 0x7F < 0x7F).strip()
