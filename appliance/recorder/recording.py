"""One recording under way: encoded at once, and sealed as soon and as far as the spool takes it."""

from collections.abc import Iterable

from appliance.audio import Frame, positions, seconds
from appliance.capture.opus import OpusStream
from appliance.capture.peaks import Peaks
from appliance.model.calls import CallFacts, Closing, Opening
from appliance.model.gaps import GapCause
from appliance.recorder import account
from appliance.recorder.instant import Instant
from appliance.recorder.outbox import Unsealed
from appliance.storage.sealing import SealTo
from appliance.storage.spool import SealedRecording, Spool
from appliance.storage.stream import SEGMENT


class Recording:
    """Takes a call's frames, and hands what they become to the spool.

    Encoded bytes wait in memory until a sealed recording has begun: the keeper's key or the disk may come late.
    ``start`` and ``end`` are positions of the line. What is written need not all be kept: ``close`` trims the end.
    Once a sync has been done, ``durable_end`` is up to where a power cut would leave the recording.
    """

    def __init__(self, opening: Opening, start: int, facts: CallFacts, complexity: int) -> None:
        """Begin at position ``start``; ``opening`` names it."""
        self.opening, self.start, self.facts = opening, start, facts
        self.end = start
        self.durable_end = start
        self.sealed_at: Instant | None = None
        self._noted = account.so_far(facts)
        self._gaps: list[tuple[int, int, GapCause]] = []
        self._peaks = Peaks()
        self._waiting = _Waiting()
        self._opus = OpusStream(self._waiting, complexity)
        self._sealed: SealedRecording | None = None

    @property
    def waiting_bytes(self) -> int:
        """How much encoded audio no disk has yet."""
        return len(self._waiting.data)

    def write(self, frames: Iterable[Frame], lost_by: GapCause = GapCause.OVERRUN) -> None:
        """Encode the frames that follow; ``lost_by`` is why those that are ``lost`` were."""
        for frame in frames:
            self._opus.write(frame.samples)
            self._peaks.write(frame.samples)
            if frame.lost or frame.withheld:
                self._note_gap(frame, GapCause(frame.withheld) if frame.withheld else lost_by)
            self.end = frame.end

    def begin(self, spool: Spool, key: SealTo, now: Instant) -> None:
        """Begin the sealed recording; it is durable, if empty, when this returns.

        Raises:
            OSError: the disk refused; try again.
        """
        try:
            self._sealed = spool.begin(self.opening, key)
        except OSError:
            self.opening = account.renamed(self.opening)
            raise
        self.sealed_at = now

    def hand_on(self) -> None:
        """Give the sealed recording, once it is ``begun``, all that waits and what has become known.

        Raises:
            OSError: the disk refused; the sealed part must be abandoned.
        """
        if self._sealed is None:
            return
        if self._waiting.data:
            self._sealed.audio.write(bytes(self._waiting.data))
            self._waiting.data.clear()
        if (known := account.so_far(self.facts)) != self._noted:
            self._sealed.note(known)
            self._noted = known

    def sync(self, now: Instant) -> None:
        """Make durable what was written, as far as it makes whole pages.

        Raises:
            OSError: the disk failed; the sealed part must be abandoned.
        """
        if self._sealed is not None:
            self._opus.flush()
            self.hand_on()
            self._sealed.sync()
            self.sealed_at = now
            whole_segments = self._sealed.plain_bytes - SEGMENT
            self.durable_end = self.start + positions(self._opus.pages.seconds_in(whole_segments))

    @property
    def begun(self) -> bool:
        """Whether the spool knows of it."""
        return self._sealed is not None

    def abandon(self) -> None:
        """Let go of the sealed part: what of it reached the disk is genuine, and has no end."""
        if self._sealed is not None:
            self._sealed.abandon()

    def close(self, facts: CallFacts, ended: Instant) -> Closing:
        """End the encoded stream and return the closing; the call ended at ``facts.end``, at ``ended``."""
        self._opus.close()
        last = min(max(facts.end, self.start), self.end)
        audio_bytes = self._opus.pages.bytes_for(seconds(last - self.start))
        peaks = self._peaks.up_to(last - self.start)
        return account.closing(facts, self.start, last, ended, self._gaps, audio_bytes, peaks)

    def finish(self, closing: Closing) -> None:
        """Hand on the last bytes and write the closing behind them.

        Raises:
            OSError: the disk failed; the sealed part must be abandoned.
        """
        self.hand_on()
        if self._sealed is not None:
            self._sealed.close(closing)

    def unsealed(self, closing: Closing) -> Unsealed:
        """Return all of it, to be sealed another time; only of a recording that was not ``begun``."""
        return Unsealed(self.opening, closing, bytes(self._waiting.data))

    def _note_gap(self, frame: Frame, cause: GapCause) -> None:
        if self._gaps and self._gaps[-1][1:] == (frame.position, cause):
            self._gaps[-1] = (self._gaps[-1][0], frame.end, cause)
        else:
            self._gaps.append((frame.position, frame.end, cause))


class _Waiting:
    """Encoded bytes that the spool has not been given."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)
