"""The recorder's end of playing to a line: one child process, watched, and killed where it hangs."""

import contextlib
import logging
import os
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from appliance.capture.announcement import RATE, Sound
from appliance.capture.speakerwire import Failed, Replies, Reply, Request, Started, packed_request
from appliance.clock import Clock

_LOG = logging.getLogger(__name__)

ALL = -1
"""Every channel of a card."""

_START_S = 10.0  # a Pi takes seconds to start Python and to ask every device what it can do
_BEYOND_S = 3.0  # past the sound's own length: what the card has buffered

_HANGS = "The announcement’s sound card does not play: it hangs or is gone."

_CHILD = (sys.executable, "-m", "appliance.capture.speaker")


@dataclass(frozen=True, slots=True)
class Played:
    """A sound that was played from ``start_s`` to ``end_s`` of the monotonic clock; ``trouble`` where it was not whole.

    ``start_s`` is None where nothing of it came out.
    """

    sound: Sound
    start_s: float | None
    end_s: float
    trouble: str = ""


class Speaker:
    """The output of one card. A thread of its own does the waiting; nothing here waits for it."""

    def __init__(self, card: str, channel: int, clock: Clock) -> None:
        """Play on ``channel`` (from 0, -1 for all) of the card that answers to ``card``."""
        self._card, self._channel, self._clock = card, channel, clock
        self._wanted: queue.SimpleQueue[Sound | None] = queue.SimpleQueue()
        self._played: queue.SimpleQueue[Played] = queue.SimpleQueue()
        self._child: subprocess.Popen[bytes] | None = None
        self._cut = threading.Event()
        self._until_s = 0.0
        self.busy = False
        """Whether something is being played, or about to be."""
        self._thread = threading.Thread(target=self._run, name=f"speaker {card}", daemon=True)
        self._thread.start()

    def play(self, sound: Sound) -> bool:
        """Play ``sound`` unless something is being played; return whether it will be."""
        if self.busy:
            return False
        self.busy = True
        self._cut.clear()
        self._wanted.put(sound)
        return True

    def cut(self) -> None:
        """Stop playing at once: the call is over."""
        self._cut.set()
        if (child := self._child) is not None and self.busy:
            child.kill()

    def played(self) -> list[Played]:
        """Return what was played since the last call."""
        played = []
        with contextlib.suppress(queue.Empty):
            while True:
                played.append(self._played.get_nowait())
        return played

    def close(self) -> None:
        """End the child."""
        self._wanted.put(None)
        self.cut()
        self._thread.join()

    def _run(self) -> None:
        while (sound := self._wanted.get()) is not None:
            try:
                played = self._one(sound)
            except Exception:  # noqa: BLE001 - the top of the thread: whatever failed, the next sound is tried again
                _LOG.exception("the speaker %s failed", self._card)
                played = Played(sound, None, self._clock.monotonic(), "The announcement’s player failed.")
            if played.trouble or self._cut.is_set():
                self._end_child()
            self._played.put(played)
            self.busy = False
        self._end_child()

    def _one(self, sound: Sound) -> Played:
        """Have one sound played; return how that went."""
        child, start_s = self._running(), None
        self._until_s = self._clock.monotonic() + _START_S
        try:
            _pipe(child.stdin).write(packed_request(Request(self._card, self._channel, RATE, sound.pcm)))
            _pipe(child.stdin).flush()
            for reply in self._replies(_pipe(child.stdout).fileno()):
                if isinstance(reply, Started):
                    start_s, self._until_s = reply.at_s, reply.at_s + sound.length_s + _BEYOND_S
                else:
                    why = reply.text if isinstance(reply, Failed) else ""
                    return Played(sound, start_s, self._clock.monotonic(), why)
        except (OSError, ValueError):
            _LOG.warning("the speaker %s ended, or talks nonsense", self._card)
        return Played(sound, start_s, self._clock.monotonic(), "" if self._cut.is_set() else _HANGS)

    def _replies(self, pipe: int) -> Iterator[Reply]:
        """Yield what the child says until the time is up, it ends, or what it plays is cut."""
        replies = Replies()
        while (left_s := self._until_s - self._clock.monotonic()) > 0 and not self._cut.is_set():
            if not select.select([pipe], [], [], left_s)[0]:
                return
            data = os.read(pipe, 4096)
            if not data:
                return
            yield from replies.feed(data)

    def _running(self) -> "subprocess.Popen[bytes]":
        child = self._child
        if child is None or child.poll() is not None:
            child = self._child = subprocess.Popen(
                _CHILD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
            )
        return child

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    if end is None:
        raise OSError("no pipe")
    return end
