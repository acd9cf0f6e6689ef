"""Call progress tones of a country: what sounds, with what cadence, and what it says (ITU-T E.180)."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from appliance.errors import ConfigWrong


class ToneKind(StrEnum):
    """What a tone tells the person who hears it."""

    DIAL = "dial"
    RINGBACK = "ringback"
    BUSY = "busy"
    CONGESTION = "congestion"
    UNOBTAINABLE = "unobtainable"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Tone:
    """Frequencies ``hz`` that sound together; ``ms`` on, off, on, off of one cycle, empty when continuous."""

    kind: ToneKind
    hz: tuple[int, ...]
    ms: tuple[int, ...] = ()

    @property
    def middle_hz(self) -> float:
        """The middle of its frequencies."""
        return (min(self.hz) + max(self.hz)) / 2

    @property
    def spread_hz(self) -> float:
        """From the lowest to the highest of its frequencies."""
        return max(self.hz) - min(self.hz)


@dataclass(frozen=True, slots=True)
class TonePlan:
    """One country's tones. ``ring`` is the cadence of power ringing, ms on, off, on, off of one cycle."""

    country: str
    ring: tuple[int, ...]
    tones: tuple[Tone, ...]


class _Sound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    hz: tuple[int, ...]
    ms: tuple[int, ...] = ()


class _Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ring: tuple[int, ...]
    dial: tuple[_Sound, ...]
    ringback: tuple[_Sound, ...]
    busy: tuple[_Sound, ...] = ()
    congestion: tuple[_Sound, ...] = ()
    unobtainable: tuple[_Sound, ...] = ()
    waiting: tuple[_Sound, ...] = ()
    source: str = ""


def plan_for(country: str, own: Path | None = None) -> TonePlan:
    """Return the tone plan of ``country`` (``uk``, ``us``, ...; see toneplans.toml).

    ``own`` is a file of the same form whose plans are added, or take the place of those that are shipped.

    Raises:
        ConfigWrong: there is no such plan (the text names those there are), or ``own`` cannot be read or understood.
    """
    plans = dict(_shipped())
    if own is not None:
        plans |= _own(own)
    if country not in plans:
        raise ConfigWrong(f"There is no tone plan “{country}”. Known: {', '.join(sorted(plans))}.")
    return plans[country]


def _own(path: Path) -> dict[str, TonePlan]:
    try:
        return _read(path.read_text("utf-8"), str(path))
    except OSError as wrong:
        raise ConfigWrong(f"The tone plans {path} cannot be read: {wrong.strerror}.") from wrong
    except UnicodeDecodeError as wrong:
        raise ConfigWrong(f"The tone plans {path} are not text in UTF-8.") from wrong


@cache
def _shipped() -> dict[str, TonePlan]:
    name = "toneplans.toml"
    return _read(resources.files("appliance.capture").joinpath(name).read_text("utf-8"), name)


def _read(text: str, where: str) -> dict[str, TonePlan]:
    try:
        table = msgspec.convert(tomllib.loads(text), dict[str, _Plan])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise ConfigWrong(f"In {where}: {wrong}.") from wrong
    return {country: TonePlan(country, plan.ring, _tones(plan)) for country, plan in table.items()}


def _tones(plan: _Plan) -> tuple[Tone, ...]:
    return tuple(Tone(kind, sound.hz, sound.ms) for kind in ToneKind for sound in getattr(plan, kind.value))
