"""The exchange's side of an incoming call: power ringing in its cadence, and the caller's number around it."""

import numpy as np

from appliance.audio import Samples, positions
from appliance.capture.simulator import callerid, waves
from appliance.capture.simulator.callerid import Caller
from appliance.capture.simulator.hook import Hook
from appliance.capture.simulator.profile import Profile
from appliance.capture.simulator.signals import COUNTRIES, CallerIdSystem
from appliance.capture.simulator.tape import Floor, Tape
from appliance.capture.simulator.truth import TrueCall, Truth

_AFTER_FIRST_RING_S = 0.55
"""From the end of the first ring to the message: 500 ms at least (GR-30), and within the pause of every cadence."""


class Ringer:
    """Rings one pair. ``unspent`` is how much of a burst was still to come when ringing stopped: 0 between bursts."""

    def __init__(self, tape: Tape, truth: Truth, hook: Hook, profile: Profile, rng: np.random.Generator) -> None:
        """Ring on ``tape`` as the profile's country does."""
        self.unspent = 0
        self._tape, self._truth, self._hook, self._profile, self._rng = tape, truth, hook, profile, rng
        self._signals = COUNTRIES[profile.country]
        self._modem = callerid.british_exchange(rng)
        self._alert_ms, self._alert_detune = float(rng.uniform(89, 109)), float(rng.uniform(0.99, 1.01))

    def ring(self, call: TrueCall, times: float, caller: Caller | None, when: str) -> None:
        """Ring ``times`` cycles of the cadence; a fraction stops within one. ``caller`` None: no number is sent."""
        system = self._signals.caller_id if caller else CallerIdSystem.NONE
        if caller and system is CallerIdSystem.V23_BEFORE_RING:
            self._british(call, caller, when)
        elif caller and system is CallerIdSystem.DTMF:
            self._keyed(call, caller)
        call.first_ring = self._tape.position
        self._bursts(call, times)
        if caller and system in (CallerIdSystem.V23_AFTER_RING, CallerIdSystem.BELL_202):
            self._after_first_ring(call, caller, when, system)

    def trip(self) -> None:
        """Lift during a burst: the exchange takes a moment to notice, and the burst goes on weakly until it does."""
        n = min(self.unspent, positions(float(self._rng.uniform(0.02, 0.12))))
        if n:
            burst = waves.power_ringing(self._profile.ringing, self._signals.ring_hz, n, self._profile.ring_dbfs - 12)
            self._tape.add(self._tape.position, burst)
        self.unspent = 0

    def _bursts(self, call: TrueCall, times: float) -> None:
        on_off = [positions(ms * self._profile.cadence_stretch / 1000) for ms in self._signals.ringing]
        start = self._tape.position
        self._tape.run(round(sum(on_off) * times), Floor.IDLE)
        at, index, end = start, 0, self._tape.position
        while at < end:
            length = on_off[index % len(on_off)]
            if index % 2 == 0:
                self._burst(at, min(length, end - at))
                self.unspent = max(0, at + length - end)
                call.rings += index % len(on_off) == 0
            at, index = at + length, index + 1

    def _burst(self, at: int, n: int) -> None:
        profile = self._profile
        self._tape.add(at, waves.power_ringing(profile.ringing, self._signals.ring_hz, n, profile.ring_dbfs))
        self._truth.rings.append((at, at + n))

    def _british(self, call: TrueCall, caller: Caller, when: str) -> None:
        reversal_ms, alert_ms, ring_ms = self._profile.clip_gaps_ms
        self._hook.reverse()
        self._tape.run(positions(reversal_ms / 1000), Floor.IDLE)
        start = self._tape.position
        self._send(callerid.alert(self._profile.clip_dbfs, self._alert_ms, self._alert_detune))
        self._tape.run(positions(alert_ms / 1000), Floor.IDLE)
        burst = callerid.keyed(callerid.british_message(caller, when), self._modem, self._profile.clip_dbfs, -1.5)
        self._send(burst)
        call.clip = (start, self._tape.position)
        self._tape.run(positions(ring_ms / 1000), Floor.IDLE)

    def _keyed(self, call: TrueCall, caller: Caller) -> None:
        self._hook.reverse()
        self._tape.run(positions(0.3), Floor.IDLE)
        start = self._tape.position
        for key in callerid.dtmf_text(caller, self._signals.dtmf_frames):
            self._send(waves.digit(key, positions(0.07), self._profile.clip_dbfs, self._profile.twist_db))
            self._tape.run(positions(0.07), Floor.IDLE)
        call.clip = (start, self._tape.position)
        self._tape.run(positions(0.35), Floor.IDLE)

    def _after_first_ring(self, call: TrueCall, caller: Caller, when: str, system: CallerIdSystem) -> None:
        bell = system is CallerIdSystem.BELL_202
        single = self._profile.single_message and bell
        data = (callerid.single_message if single else callerid.message)(caller, when)
        modem = callerid.BELL_202 if bell else callerid.V23_ETSI
        burst = callerid.keyed(data, modem, self._profile.clip_dbfs, -1.5)
        first_cycle = sum(self._signals.ringing[:-1]) * self._profile.cadence_stretch / 1000
        start = (call.first_ring or 0) + positions(first_cycle + _AFTER_FIRST_RING_S)
        if start + len(burst) <= self._tape.position:
            self._tape.add(start, burst)
            call.clip = (start, start + len(burst))

    def _send(self, sound: Samples) -> None:
        self._tape.add(self._tape.position, sound)
        self._tape.run(len(sound), Floor.IDLE)
