"""What one line is like: its levels, its wiring faults and the oddities of whatever it is plugged into."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Profile:
    """The levels (RMS dBFS at the tap) and oddities of one line. The defaults are a clean British line.

    Floors: ``idle_dbfs`` on-hook, ``line_dbfs`` off-hook with the microphone muted or the caller held, ``room_dbfs``
    what an open microphone adds. ``click_dbfs`` is the peak of the hook step, ``bounces`` how often the hook's contacts
    may bounce. ``ringing`` is what the tap passes of power ringing: strong, weak, harmonics or none. ``clip_gaps_ms``:
    line reversal to alert, alert to message, message to ring (SIN 227 least: 100, 45, 200). ``break_ms`` is the loss of
    line voltage when the far end clears, 0 for none. ``crosstalk_dbfs`` is the neighbouring line's speech, or None.
    """

    country: str = "uk"
    near_dbfs: float = -18.0
    far_dbfs: float = -25.0
    tone_dbfs: float = -21.0
    dtmf_dbfs: float = -13.0
    clip_dbfs: float = -24.0
    click_dbfs: float = -14.0
    click_ms: float = 3.5
    bounces: int = 2
    idle_dbfs: float = -71.0
    line_dbfs: float = -66.0
    room_dbfs: float = -55.0
    hum_dbfs: float = -74.0
    hum_hz: float = 50.0
    ringing: str = "strong"
    ring_dbfs: float = -8.0
    caller_id: bool = True
    clip_gaps_ms: tuple[float, float, float] = (150.0, 60.0, 250.0)
    single_message: bool = False
    twist_db: float = 2.0
    digit_ms: tuple[float, float] = (80.0, 90.0)
    tone_skew_db: float = 0.0
    cadence_stretch: float = 1.0
    detune: float = 1.0
    break_ms: float = 250.0
    reverses_on_answer: bool = False
    comfort_dbfs: float | None = None
    packet_loss: float = 0.0
    crosstalk_dbfs: float | None = None
    dc: float = 0.0
    gain_db: float = 0.0

    @classmethod
    def random(cls, rng: np.random.Generator, country: str = "uk") -> "Profile":
        """Draw a healthy line: everything within what is met on real ones."""

        def about(middle: float, spread: float) -> float:
            return round(float(np.clip(rng.normal(middle, spread), middle - 2 * spread, middle + 2 * spread)), 2)

        near = about(-18.5, 2.5)
        idle = about(-69.5, 2.5)
        ringing = str(rng.choice(["strong", "weak"]))
        break_ms = float(rng.choice([0, 100, 250, 400, 600]))
        return cls(
            country=country,
            near_dbfs=near,
            far_dbfs=near - abs(about(7.0, 2.0)),
            tone_dbfs=about(-21.0, 2.0),
            dtmf_dbfs=about(-13.0, 2.5),
            clip_dbfs=about(-25.0, 2.5),
            click_dbfs=about(-15.0, 4.0),
            click_ms=about(3.5, 1.0),
            bounces=int(rng.integers(0, 5)),
            idle_dbfs=idle,
            line_dbfs=idle + abs(about(5.0, 1.2)),
            room_dbfs=max(idle + 8.0, about(-55.0, 3.0)),
            hum_dbfs=about(-73.0, 3.0),
            hum_hz=60.0 if country == "us" else 50.0,
            ringing=ringing,
            ring_dbfs=about(-8.0, 2.0) if ringing == "strong" else about(-20.0, 2.5),
            caller_id=bool(rng.random() < 0.85),
            clip_gaps_ms=(about(180.0, 40.0), about(70.0, 10.0), about(260.0, 25.0)),
            single_message=bool(rng.random() < 0.3),
            twist_db=about(1.5, 1.5),
            digit_ms=(about(85.0, 12.0), about(95.0, 15.0)),
            break_ms=break_ms,
        )

    def with_(self, **changes: Any) -> "Profile":
        """This line with something else about it."""
        return replace(self, **changes)


ODDITIES: dict[str, dict[str, Any]] = {
    "clean": {},
    "hum": {"hum_dbfs": -40.0},
    "crosstalk": {"crosstalk_dbfs": -60.0},
    "dc": {"dc": 0.06},
    "loud_room": {"room_dbfs": -42.0},
    "low_level": {"gain_db": -18.0},
    "clipping": {"gain_db": 14.0},
    "no_ringing": {"ringing": "none"},
    "harmonic_ringing": {"ringing": "harmonics", "ring_dbfs": -28.0},
    "close_floors": {"line_dbfs": -77.0, "room_dbfs": -74.0},
    "skewed_tones": {"tone_skew_db": 3.0, "tone_dbfs": -24.0},
    "slow_cadence": {"cadence_stretch": 1.1},
    "quick_cadence": {"cadence_stretch": 0.9},
    "ata_clip": {"clip_gaps_ms": (300.0, 150.0, 400.0)},
    "no_break": {"break_ms": 0.0},
    "comfort_noise": {"comfort_dbfs": -58.0},
    "packet_loss": {"packet_loss": 0.03},
    "reversal": {"reverses_on_answer": True},
    "bounce": {"bounces": 8},
    "quick_digits": {"digit_ms": (50.0, 55.0)},
    "twist": {"twist_db": 7.0},
    "reverse_twist": {"twist_db": -3.5},
    "detuned": {"detune": 1.01},
}
"""Named ways a line may be odd, each as the changes it makes to a profile."""
