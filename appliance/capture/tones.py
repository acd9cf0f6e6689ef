"""Call progress tones of a country: what they are and how they are told (ITU-T E.180)."""

import tomllib
from dataclasses import dataclass
from importlib import resources

from appliance.errors import ConfigWrong


@dataclass(frozen=True, slots=True)
class TonePlan:
    """The tones of one country."""

    country: str


def plan_for(country: str) -> TonePlan:
    """Return the tone plan of ``country`` (``uk``, ``us``, ...; see toneplans.toml).

    Raises:
        ConfigWrong: there is no such plan; the text names those there are.
    """
    table = tomllib.loads(resources.files("appliance.capture").joinpath("toneplans.toml").read_text("utf-8"))
    if country not in table:
        raise ConfigWrong(f"There is no tone plan “{country}”. Known: {', '.join(sorted(table))}.")
    return TonePlan(country)
