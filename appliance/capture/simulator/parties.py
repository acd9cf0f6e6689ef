"""The two ends of a call: what people, their telephones and their machines put on the line."""

import numpy as np

from appliance.audio import RATE, Samples, positions
from appliance.capture.simulator import signals, speech, waves
from appliance.capture.simulator.profile import Profile
from appliance.capture.simulator.tape import Floor, Tape
from appliance.capture.simulator.truth import Truth


class Parties:
    """A near and a far party on one line; the near one is louder, being nearer."""

    def __init__(self, tape: Tape, truth: Truth, profile: Profile, rng: np.random.Generator) -> None:
        """Speak on ``tape`` at the profile's levels."""
        self._tape, self._truth, self._profile, self._rng = tape, truth, profile, rng
        self._conversation = speech.Conversation(rng)

    def converse(self, n: int, floor: Floor, *, near: bool) -> None:
        """Take turns for ``n`` samples; with ``near`` False only the far party is heard."""
        at = self._tape.position + self._pause()
        self._tape.run(n, floor)
        end = self._tape.position
        while end - at > positions(0.5):
            turn = self._conversation.turn()
            sound = waves.faded(turn.samples[: end - at], 8.0)
            if near or not turn.near:
                self._say(at, sound, near=turn.near)
                at += len(sound)
            at += self._pause()

    def begin_anew(self) -> None:
        """Have other people meet on the line."""
        self._conversation.begin_anew()

    def announce(self) -> None:
        """Play that calls are recorded to whoever is on the line."""
        for turn in speech.turns(speech.ANNOUNCEMENT):
            at = self._tape.position
            self._tape.run(len(turn.samples) + self._pause(), Floor.OPEN)
            self._say(at, waves.faded(turn.samples, 8.0), near=True)

    def handle(self) -> None:
        """Knock the receiver about as one does when taking it up or putting it down; no sound of the loop's."""
        n = positions(float(self._rng.uniform(0.02, 0.08)))
        knock = self._rng.standard_normal(n, np.float32) * np.exp(-5 * np.arange(n) / n).astype(np.float32)
        self._tape.add(self._tape.position, knock * self._gain(self._profile.near_dbfs - 12))

    def hold(self, n: int, *, music: bool) -> None:
        """Put the far party on hold; with ``music`` it is heard on the line."""
        start = self._tape.position
        self._tape.run(n, Floor.MUTED)
        if music:
            self._tape.add(start, waves.faded(speech.music(n, self._rng)) * self._gain(self._profile.near_dbfs - 5))
            self._truth.speech.append((start, start + n, "m"))

    def key(self, digits: str) -> None:
        """Key ``digits`` on the near telephone, each a little earlier or later than the last as a finger is."""
        on_ms, off_ms = self._profile.digit_ms
        for key in digits:
            on = positions(max(0.045, on_ms / 1000 * float(self._rng.uniform(0.9, 1.1))))
            off = positions(max(0.05, off_ms / 1000 * float(self._rng.uniform(0.9, 1.3))))
            self._tape.add(self._tape.position, waves.digit(key, on, self._profile.dtmf_dbfs, self._profile.twist_db))
            self._tape.run(on + off, Floor.OPEN)

    def impulse(self) -> None:
        """Put a click from elsewhere on the line."""
        at = self._tape.position
        n = positions(float(self._rng.uniform(0.0005, 0.02)))
        crackle = self._rng.standard_normal(n, np.float32) * np.exp(-4 * np.arange(n) / n).astype(np.float32)
        self._tape.add(at, crackle * self._gain(self._profile.click_dbfs - 8))
        self._truth.disturbances.append((at, "impulse"))
        self._tape.run(positions(0.1), Floor.IDLE)

    def fax(self, n: int) -> None:
        """Calling tone 1100 Hz, answer tone 2100 Hz, then V.21 flags and page data (ITU-T T.30)."""
        calling = signals.cadence("1100/500 -/3000 1100/500 -/500")
        self._machines("fax", n, waves.cadenced(calling, positions(4.5), 0.0), waves.sines((2100.0,), positions(3.0)))

    def modem(self, n: int) -> None:
        """Answer tone with its phase turned every 450 ms (ITU-T V.25), then data."""
        answer = waves.sines((2100.0,), positions(3.3))
        answer *= np.where(np.arange(len(answer)) // positions(0.45) % 2, np.float32(-1), np.float32(1))
        self._machines("modem", n, answer)

    def _machines(self, name: str, n: int, *prelude: Samples) -> None:
        start = self._tape.position
        self._tape.run(n, Floor.MUTED)
        data = waves.coloured_noise(self._rng, max(2, n), 500.0, 2900.0, 0.0)
        sound = np.concatenate((*prelude, data))[:n]
        self._tape.add(start, waves.faded(sound) * self._gain(self._profile.far_dbfs + 4))
        self._truth.tones.append((start, start + n, name))

    def _say(self, at: int, sound: Samples, *, near: bool) -> None:
        profile = self._profile
        if not near:
            sound = waves.packets_lost(sound, profile.packet_loss, self._rng)
        self._tape.add(at, sound * self._gain(profile.near_dbfs if near else profile.far_dbfs))
        self._truth.speech.append((at, at + len(sound), "n" if near else "f"))

    def _pause(self) -> int:
        return round(float(self._rng.uniform(0.15, 0.7)) * RATE)

    def _gain(self, dbfs: float) -> np.float32:
        return np.float32(waves.amplitude(dbfs))
