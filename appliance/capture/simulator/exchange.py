"""The exchange's tones on an off-hook line: dial tone, ringback, busy and the others, with an adaptor's oddities."""

from dataclasses import replace

import numpy as np

from appliance.audio import Samples, positions
from appliance.capture.simulator import callerid, signals, waves
from appliance.capture.simulator.callerid import Caller
from appliance.capture.simulator.profile import Profile
from appliance.capture.simulator.signals import CallerIdSystem
from appliance.capture.simulator.tape import Floor, Tape
from appliance.capture.simulator.truth import Truth

_HOWL_S = 15.0
_HOWL_DB = 6.0


class Exchange:
    """Sends call progress tones by name: dial, ringback, busy, congestion, unobtainable, waiting, sit, howler."""

    def __init__(self, tape: Tape, truth: Truth, profile: Profile, rng: np.random.Generator) -> None:
        """Send on ``tape`` as the profile's country does."""
        self._tape, self._truth, self._profile, self._rng = tape, truth, profile, rng
        country = self._signals = signals.COUNTRIES[profile.country]
        self._cadences: dict[str, signals.Cadence] = {
            "dial": country.dial,
            "ringback": country.ringback,
            "busy": country.busy,
            "congestion": country.congestion,
            "unobtainable": country.unobtainable,
            "waiting": country.waiting,
            "sit": signals.SIT,
            "howler": signals.HOWLER_US,
        }

    def cycle_s(self, name: str) -> float:
        """How long one cycle of a tone's cadence takes on this line."""
        return sum(segment.ms for segment in self._cadences[name]) * self._profile.cadence_stretch / 1000

    def send(self, name: str, s: float, *, beyond_s: float = 0.0) -> None:
        """Let ``s`` seconds pass with a tone; it goes on ``beyond_s`` into what comes next."""
        start = self._tape.position
        self._tape.run(positions(s), Floor.OPEN)
        self.lay(name, start, self._tape.position + positions(beyond_s))

    def lay(self, name: str, start: int, end: int) -> None:
        """Lay a tone over what already passes."""
        profile = self._profile
        sound = waves.cadenced(
            self._cadences[name],
            end - start,
            profile.tone_dbfs,
            stretch=profile.cadence_stretch,
            skew_db=profile.tone_skew_db,
            detune=profile.detune,
        )
        self._add(name, start, waves.packets_lost(sound, profile.packet_loss, self._rng))

    def tell(self, caller: Caller, when: str) -> tuple[int, int]:
        """Tell within a call who is waiting, and return where: beep, alert, the telephone's answer, the message.

        Both parties are cut off meanwhile (ETSI EN 300 659-2, GR-30): there is no channel seizure, and 80 bits of mark.
        """
        start = self._tape.position
        bell = self._signals.caller_id is CallerIdSystem.BELL_202
        modem = replace(callerid.BELL_202 if bell else callerid.V23_ETSI, seizure_bits=0, mark_bits=80)
        dbfs = self._profile.clip_dbfs
        self.send("waiting", self._signals.waiting[0].ms * self._profile.cadence_stretch / 1000)
        for sound, pause_s in (
            (callerid.alert(dbfs, 80.0), 0.12),
            (waves.digit("D", positions(0.06), self._profile.dtmf_dbfs, self._profile.twist_db), 0.1),
            (callerid.keyed(callerid.message(caller, when), modem, dbfs, -1.5), 0.2),
        ):
            self._tape.add(self._tape.position, sound)
            self._tape.run(len(sound) + positions(pause_s), Floor.OPEN)
        return start, self._tape.position

    def howl(self, s: float) -> None:
        """Let ``s`` seconds pass: an off-hook warning while the exchange has patience, then nothing."""
        start, n = self._tape.position, positions(s)
        self._tape.run(n, Floor.OPEN)
        howl, dbfs = min(n, positions(_HOWL_S)), self._profile.tone_dbfs + _HOWL_DB
        if self._profile.country == "us":
            sound = waves.cadenced(self._cadences["howler"], howl, dbfs)
        else:
            sound = waves.warble(howl, dbfs)
        self._add("howler", start, sound)

    def _add(self, name: str, start: int, sound: Samples) -> None:
        self._tape.add(start, sound)
        self._truth.tones.append((start, start + len(sound), name))
