"""A pair of wires with physical verbs: ring it, lift, dial, talk, hang up. Each verb adds sound and truth."""

import numpy as np

from appliance.audio import Samples, positions
from appliance.capture.simulator.callerid import Caller
from appliance.capture.simulator.exchange import Exchange
from appliance.capture.simulator.hook import Hook, flash_samples
from appliance.capture.simulator.ledger import Ledger
from appliance.capture.simulator.parties import Parties
from appliance.capture.simulator.profile import Profile
from appliance.capture.simulator.ringer import Ringer
from appliance.capture.simulator.signals import COUNTRIES, CallerIdSystem
from appliance.capture.simulator.tape import Floor, Tape
from appliance.capture.simulator.truth import Truth

SOME_DAY = "11231633"
"""The MMDDHHMM a caller's number is sent with unless the caller of ``ring`` says another."""


_NO_DATA = (CallerIdSystem.DTMF, CallerIdSystem.NONE)


class SimulatedPair:
    """One tapped line, from its first sample on; what happens on it is what its verbs are called for, in order.

    ``audio()`` and ``truth()`` tell all that has happened; a live line calls ``take()`` for what is new.
    """

    def __init__(self, profile: Profile | None = None, seed: int = 0) -> None:
        """An idle line like ``profile`` (a clean British one). The same seed and verbs give the same samples."""
        self.profile = profile or Profile()
        self._rng = np.random.default_rng(seed)
        self._ledger = Ledger()
        truth = self._ledger.truth
        self._tape = Tape(self.profile, self._rng)
        self._hook = Hook(self._tape, truth, self.profile, self._rng)
        self._ringer = Ringer(self._tape, truth, self._hook, self.profile, self._rng)
        self._exchange = Exchange(self._tape, truth, self.profile, self._rng)
        self._parties = Parties(self._tape, truth, self.profile, self._rng)
        self._heard: list[Samples] = []

    @property
    def position(self) -> int:
        """How many samples have passed."""
        return self._tape.position

    def take(self) -> Samples:
        """Return the samples since the last ``take``: float32, full scale +-1."""
        return self._tape.take()

    def audio(self) -> Samples:
        """Return everything so far. Not to be mixed with ``take``."""
        self._heard = [np.concatenate([*self._heard, self._tape.take()])]
        return self._heard[0]

    def truth(self) -> Truth:
        """Return what really happened so far; a call still going on lacks its end."""
        self._ledger.truth.duration = self.position
        return self._ledger.truth

    def forget(self) -> None:
        """Drop the truth of calls that are over: a line that lives for months keeps none."""
        self._ledger.forget()

    # On-hook

    def idle(self, s: float) -> None:
        """Let the line rest; a caller whose ringing nobody answered has given up."""
        self._ledger.rest()
        self._tape.run(positions(s), Floor.IDLE)

    def ring(
        self,
        times: float = 3.0,
        caller: str | None = None,
        *,
        withheld: bool = False,
        name: str | None = None,
        clip: bool = True,
        when: str = SOME_DAY,
    ) -> None:
        """Let it ring ``times`` cycles (2.1: the third has just begun), telling the caller's number if the line does.

        Neither ``caller`` nor ``withheld``: the number is said to be unavailable; ``clip`` False: nothing is said.
        """
        call = self._ledger.rung(self.position)
        told = Caller(caller, name, withheld) if clip and self.profile.caller_id else None
        self._ringer.ring(call, times, told, when)
        if call.clip and not withheld:
            call.caller, call.caller_name = caller, name
        call.withheld = withheld and call.clip is not None

    def impulse(self) -> None:
        """A click from outside, as from lightning or a switched mains load. The hook stays as it is."""
        self._parties.impulse()

    # The hook

    def lift(self) -> None:
        """Take the receiver off: answers if it rings, else begins an outgoing call."""
        self._ledger.lifted(self.position)
        self._parties.begin_anew()
        self._hook.lift()
        self._ringer.trip()
        self._wait(0.3, 0.5)

    def hang_up(self) -> None:
        """Put the receiver down."""
        call = self._ledger.call
        if call.answered and call.tail_tone is None:
            self._wait(0.2, 0.8)
            self._parties.handle()
            self._wait(0.1, 0.4)
        self._ledger.hung_up(self.position)
        self._hook.drop()
        self._tape.run(positions(0.3), Floor.IDLE)

    def flash(self) -> None:
        """Press the recall key: a timed break of the loop which ends no call."""
        start = self.position
        self._hook.drop()
        self._tape.run(flash_samples(COUNTRIES[self.profile.country].flash_ms, self._rng), Floor.IDLE)
        self._ledger.call.flashes.append((start, self.position))
        self._hook.lift()
        self._wait(0.15, 0.3)
        self._ledger.belongs(self.position)

    # Making a call

    def dial(self, number: str) -> None:
        """Hear dial tone for a moment and key the number."""
        self._key_over_dial_tone(number, float(self._rng.uniform(0.7, 2.5)))
        call = self._ledger.call
        call.dialled = (call.dialled or "") + number
        self._wait(0.8, 2.5)

    def dial_tone(self, s: float) -> None:
        """Listen to dial tone and key nothing."""
        self._exchange.send("dial", s)

    def ringback(self, times: float = 2.0) -> None:
        """Hear it ring at the other end, ``times`` cycles."""
        self._exchange.send("ringback", times * self._exchange.cycle_s("ringback"))
        self._ledger.met("no answer")

    def answer(self) -> None:
        """The other end lifts."""
        self._ledger.call.answer = self.position
        if self.profile.reverses_on_answer:
            self._hook.reverse()
        self._wait(0.2, 0.6)

    def busy(self, s: float = 6.0) -> None:
        """Hear that the other end is engaged."""
        self._exchange.send("busy", s)
        self._ledger.met("busy")

    def congestion(self, s: float = 6.0) -> None:
        """Hear that the network has no way through."""
        self._exchange.send("congestion", s)
        self._ledger.met("busy")

    def number_unobtainable(self, s: float = 5.0) -> None:
        """Hear that there is no such number."""
        self._exchange.send("sit", 1.0)
        self._exchange.send("unobtainable", s)
        self._ledger.met("unobtainable")

    # Talking

    def talk(self, s: float) -> None:
        """Both parties speak in turn."""
        self._parties.converse(positions(s), Floor.OPEN, near=True)
        self._ledger.spoken()

    def announce(self) -> None:
        """The caller hears that calls are recorded."""
        self._parties.announce()
        self._ledger.spoken()

    def mute(self, s: float) -> None:
        """The near party has muted the microphone; the far one goes on."""
        self._parties.converse(positions(s), Floor.MUTED, near=False)
        self._ledger.spoken()

    def silence(self, s: float) -> None:
        """Nobody speaks; the microphone is open."""
        start = self.position
        self._tape.run(positions(s), Floor.OPEN)
        self._ledger.call.silences.append((start, self.position))

    def hold(self, s: float, *, music: bool = True) -> None:
        """The caller is put on hold: music, or a muted line."""
        start = self.position
        self._parties.hold(positions(s), music=music)
        self._ledger.call.holds.append((start, self.position))
        self._ledger.belongs(self.position)

    def key(self, digits: str) -> None:
        """Key digits to whoever answered: an extension, a choice, a card number."""
        self._wait(0.1, 0.3)
        self._parties.key(digits)
        self._ledger.call.keyed += digits
        self._ledger.belongs(self.position)
        self._wait(0.3, 0.8)

    def transfer(self, digits: str, consult_s: float = 8.0) -> None:
        """Recall, dial a colleague, speak with them, and go back: still one call."""
        self.flash()
        self._ledger.call.transfers.append((self.position, digits))
        self._key_over_dial_tone(digits, float(self._rng.uniform(0.5, 1.5)))
        self._wait(0.5, 1.0)
        self.ringback(1.5)
        self.talk(consult_s)
        self.flash()

    def call_waiting(self, s: float = 9.0) -> None:
        """Talk on while the exchange tells of another caller."""
        start = self.position
        self.talk(s)
        self._exchange.lay("waiting", start, self.position)

    def caller_waits(self, caller: str, when: str = SOME_DAY) -> None:
        """The exchange tells within the call who else is calling, where the line tells callers by data at all."""
        if self.profile.caller_id and COUNTRIES[self.profile.country].caller_id not in _NO_DATA:
            start, end = self._exchange.tell(Caller(caller), when)
            self._ledger.call.waiting.append((start, end, caller))
            self._ledger.belongs(end)

    def fax(self, s: float = 20.0) -> None:
        """A fax machine calls and another answers: tones, then data."""
        self._parties.fax(positions(s))
        self._ledger.belongs(self.position)

    def modem(self, s: float = 20.0) -> None:
        """A modem, an alarm or a card terminal at work."""
        self._parties.modem(positions(s))
        self._ledger.belongs(self.position)

    # The end

    def remote_clear(self, tone: str = "unobtainable", s: float = 6.0) -> None:
        """The far end hangs up: a break of the line if it makes one, a moment of nothing, then ``tone`` for ``s``.

        ``tone`` is unobtainable, busy, congestion, dial or silent.
        """
        call = self._ledger.call
        call.ending, call.talk_end = f"remote+{tone}", call.talk_end or self.position
        if self.profile.break_ms:
            call.ending += "+break"
            self._lose_line(self.profile.break_ms)
        self._wait(0.8, 3.0)
        start = self.position
        if tone == "silent":
            self._tape.run(positions(s), Floor.OPEN)
            return
        self._exchange.send(tone, s)
        call.tail_tone = (start, self.position, tone)

    def glitch(self, ms: float = 30.0) -> None:
        """A short loss of the line's voltage which means nothing."""
        self._lose_line(ms)

    def receiver_left_off(self, s: float) -> None:
        """The receiver lies beside the telephone: the exchange howls, then gives up; the room is heard."""
        self._exchange.howl(s)

    # Within

    def _wait(self, least_s: float, most_s: float) -> None:
        self._tape.run(positions(float(self._rng.uniform(least_s, most_s))), Floor.OPEN)

    def _key_over_dial_tone(self, digits: str, s: float) -> None:
        """The exchange hears the first digit for a moment before it takes the dial tone away."""
        self._exchange.send("dial", s, beyond_s=0.06)
        self._parties.key(digits)

    def _lose_line(self, ms: float) -> None:
        start = self.position
        self._tape.run(positions(ms / 1000), Floor.BROKEN)
        self._hook.lose_line(start, self.position)
