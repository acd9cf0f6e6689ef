"""Three things asked of somebody at the telephone, so that a line can be measured: idle, in a call, hung up."""

import select
import sys
from collections.abc import Callable

from rich.console import Console

from appliance.audio import level_dbfs, seconds
from appliance.capture.calibration import CALL_S, HUNG_UP_S, IDLE_S, WORDS, Calibrated, Calibration, Stage
from appliance.capture.line import LineTap
from appliance.cli.levels import meter

_ASKED = (
    (Stage.IDLE, "1. Leave the line idle: nobody lifts the receiver.", IDLE_S),
    (Stage.CALL, "2. Make a call now: lift the receiver, dial, and talk, with pauses, for as long as this runs.", 0.0),
    (Stage.HUNG_UP, "3. Hang up, and leave the line idle.", HUNG_UP_S),
)
_LONGEST_CALL_S = 120.0


class Guide:
    """Asks and listens. ``done`` says that the person has finished their call."""

    def __init__(self, console: Console, done: Callable[[], bool] | None = None) -> None:
        """Speak on ``console``; without ``done`` the Enter key says it."""
        self._console, self._done = console, done or _enter_pressed

    def through(self, tap: LineTap) -> Calibrated:
        """Go through the three stages on a line; return what was found.

        Raises:
            LineFault: the line was lost meanwhile.
        """
        calibration = Calibration()
        for stage, words, lasts_s in _ASKED:
            calibration.stage = stage
            self._console.print(words, markup=False)
            if stage is Stage.CALL:
                self._console.print(f"   At least {CALL_S:.0f} seconds; press Enter, then hang up.", markup=False)
            self._listen(calibration, tap, lasts_s)
        return calibration.result()

    def _listen(self, calibration: Calibration, tap: LineTap, lasts_s: float) -> None:
        with self._console.status("") as status:
            heard_s = 0.0
            while heard_s < (lasts_s or _LONGEST_CALL_S):
                frame = tap.read(0.2)
                if frame is not None:
                    calibration.hear(frame)
                    heard_s += seconds(len(frame.samples))
                    status.update(f"{heard_s:3.0f} s  {meter(level_dbfs(frame.samples))}")
                if not lasts_s and heard_s >= CALL_S and self._done():
                    return


def words_of(found: Calibrated) -> list[str]:
    """Return what was found, in sentences."""
    said = [WORDS[found.told]]
    if found.idle_floor_dbfs is not None:
        said.append(f"Idle, the line's noise is at {found.idle_floor_dbfs:.1f} dBFS (1 to 3.4 kHz).")
    if found.lift_db is not None:
        said.append(
            f"In a call it stands {found.lift_db:.1f} dB higher; the hook's click is {found.click:.1%} of full."
        )
        said.append(
            "After hanging up it came back." if found.came_back else "After hanging up it did NOT come back to idle."
        )
    return said


def _enter_pressed() -> bool:
    if not sys.stdin.isatty():  # nobody can press it: the least there must be is enough
        return True
    ready, _, _ = select.select([sys.stdin], [], [], 0.0)
    return bool(ready and sys.stdin.readline())
