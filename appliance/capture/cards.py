"""The recorder's end of the sound cards: one child process each, watched, killed when it falls silent, begun again.

This module loads neither numpy nor the resampler: a recorder that starts again in the middle of a call opens its cards
first, and loads the rest while they are heard already.
"""

import contextlib
import logging
import os
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from appliance.capture.cardnames import SoundCard, is_there, not_there
from appliance.capture.cardwire import CardBlock, CardForm, CardTrouble, Record, Unpacker
from appliance.errors import LineFault

if TYPE_CHECKING:
    from appliance.audio import Frame
    from appliance.capture.cardline import CardLine

_LOG = logging.getLogger(__name__)

SILENT_S = 1.25
"""A card that gave no block for this long is gone or stalled: four, of 0.3 s, are missing."""

_START_S = 8.0  # a Pi takes seconds to start Python and to ask every device what it can do
_BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Between two children: each costs as much as minutes of recording, and a card may stay away for a weekend."""

_LOOK_S = 0.25  # for a card whose coming the kernel tells: plugged in again, it is heard at once
_SETTLED_BLOCKS = 17  # 5 s of sound: the next trouble is a new one, and is answered at once
_MOST_WAITING = 200  # blocks: a line that has not been read for a minute has lost its reader

_CHILD = (sys.executable, "-m", "appliance.capture.card")


def list_cards() -> list[SoundCard]:
    """Return the cards that can record now, asked of PortAudio in a child process."""
    listed = subprocess.run([*_CHILD, "--list"], capture_output=True, timeout=30, check=False)
    return [msgspec.json.decode(line, type=SoundCard) for line in listed.stdout.splitlines()]


class Cards:
    """All sound cards that lines are tapped from; a card is opened when its first line is."""

    def __init__(self) -> None:
        """No card is open yet."""
        self._cards: dict[str, _Card] = {}
        self._lock = threading.Lock()

    def tap(self, card: str, channel: int = 0) -> "CardTap":
        """Tap ``channel`` of the card that answers to ``card``; it need not be there yet."""
        with self._lock:
            if card not in self._cards:
                self._cards[card] = _Card(card)
            return CardTap(self._cards[card], channel)

    def children(self) -> dict[str, int]:
        """Return the process id of each card's child that is running now."""
        return {name: pid for name, card in self._cards.items() if (pid := card.child_pid) is not None}

    def close(self) -> None:
        """End every child."""
        for card in self._cards.values():
            card.close()


class CardTap:
    """One channel of a sound card as a line. Once it has raised ``LineFault`` it is dead: open another."""

    simulated = False

    def __init__(self, card: "_Card", channel: int) -> None:
        """Listen to ``channel`` of ``card`` from now on."""
        self._card, self._channel = card, channel
        self.spoken_s: float | None = None
        self._queue: queue.SimpleQueue[Record] = queue.SimpleQueue()
        self._line: CardLine | None = None
        self._frames: list[Frame] = []
        self._trouble = ""
        card.attach(self._queue)

    def read(self, timeout_s: float) -> "Frame | None":
        """Return the next frame, or None when none came within ``timeout_s``.

        Raises:
            LineFault: the card is not there, went away, or has no such channel.
        """
        if not self._frames:
            self._take(timeout_s)
        if not self._frames or self._line is None:
            return None
        frame = self._frames.pop(0)
        self.spoken_s = self._line.time_of(frame.end)
        return frame

    def close(self) -> None:
        """Let the line go; the card stays open for the next tap."""
        self._card.detach(self._queue)

    def rest(self) -> "list[Frame]":
        """Return all that has come and was not yet enough to be read; only ``close`` may follow."""
        frames, self._frames = self._frames, []
        if self._line is None:
            return frames
        with contextlib.suppress(queue.Empty):
            while isinstance(record := self._queue.get_nowait(), CardBlock):
                frames += self._line.push(record)
        frames += self._line.finish()
        self.spoken_s = self._line.time_of(frames[-1].end) if frames else self.spoken_s
        return frames

    def _take(self, timeout_s: float) -> None:
        if self._trouble:
            raise LineFault(self._trouble)
        until_s = time.monotonic() + timeout_s
        try:
            while not self._frames:
                self._heed(self._queue.get(timeout=max(0.0, until_s - time.monotonic())))
        except queue.Empty:
            if (trouble := self._card.trouble) is not None:
                self._heed(trouble)

    def _heed(self, record: Record) -> None:
        if isinstance(record, CardForm):
            from appliance.capture.cardline import CardLine  # noqa: PLC0415 - see the module's first words

            self._line = CardLine(record, self._channel)
        elif isinstance(record, CardTrouble):
            self._trouble = record.text
            self._frames = self._line.finish() if self._line is not None else []
            if not self._frames:
                raise LineFault(record.text)
        elif self._line is not None:
            self._frames = self._line.push(record)


class _Card:
    """One card: a thread that keeps a child process capturing it and hands every record to every tap."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._taps: list[queue.SimpleQueue[Record]] = []
        self._form: CardForm | None = None
        self.trouble: CardTrouble | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_going, name=f"card {name}", daemon=True)
        self._thread.start()

    @property
    def child_pid(self) -> int | None:
        child = self._child
        return child.pid if child is not None else None

    def attach(self, tap: "queue.SimpleQueue[Record]") -> None:
        """Give ``tap`` all that comes from now on; first the card's form, where that is known."""
        with self._lock:
            self._taps.append(tap)
            if self._form is not None:
                tap.put(self._form)

    def detach(self, tap: "queue.SimpleQueue[Record]") -> None:
        with self._lock, contextlib.suppress(ValueError):
            self._taps.remove(tap)

    def close(self) -> None:
        self._closing.set()
        if (child := self._child) is not None:
            child.kill()  # its pipe ends, so the thread need not wait for the card's silence
        self._thread.join()

    def _keep_going(self) -> None:
        failures = 0
        while not self._closing.is_set():
            if self._waited_for():
                failures = 0
            blocks = self._run_child()
            failures = 0 if blocks > _SETTLED_BLOCKS else failures + 1
            self._closing.wait(_BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)])

    def _waited_for(self) -> bool:
        """Wait while the kernel says that there is no such card; return whether that was so."""
        waited = False
        while is_there(self._name) is False and not self._closing.is_set():
            if not waited:
                self._lost(CardTrouble(not_there(self._name)))
            waited = True
            self._closing.wait(_LOOK_S)
        return waited

    def _run_child(self) -> int:
        """Run one child until it is lost; return how many blocks it brought."""
        blocks, trouble = 0, CardTrouble(f"The sound card “{self._name}” gives no sound. Is it plugged in?")
        with self._spawned() as pipe:
            for record in self._records(pipe):
                if isinstance(record, CardTrouble):
                    trouble = record
                else:
                    blocks += isinstance(record, CardBlock)
                    self._hand_on(record)
        if not self._closing.is_set():
            self._lost(trouble)
        return blocks

    @contextlib.contextmanager
    def _spawned(self) -> Iterator[int]:
        child = subprocess.Popen(
            [*_CHILD, self._name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in a terminal is for the recorder: it still has a call to close
        )
        self._child = child
        try:
            yield child.stdout.fileno() if child.stdout else -1
        finally:
            self._child = None
            child.kill()  # asking would not do: with its card gone PortAudio hangs in the asking
            with child:
                pass

    def _records(self, pipe: int) -> Iterator[Record]:
        """Yield what the child says until it ends, talks nonsense, or has been silent for too long."""
        unpacker, patience_s = Unpacker(), _START_S
        while not self._closing.is_set() and select.select([pipe], [], [], patience_s)[0]:
            data = os.read(pipe, 1 << 16)
            if not data:
                return
            try:
                for record in unpacker.feed(data):
                    patience_s = SILENT_S if isinstance(record, CardBlock) else _START_S
                    yield record
            except ValueError as wrong:
                _LOG.error("card %s: its process sent %s", self._name, wrong)
                return

    def _hand_on(self, record: CardForm | CardBlock) -> None:
        with self._lock:
            self.trouble = None
            if isinstance(record, CardForm):
                self._form = record
                _LOG.info("card %s: %d Hz, %d channel(s)", self._name, record.rate, record.channels)
            for tap in list(self._taps):
                if tap.qsize() > _MOST_WAITING:
                    self._taps.remove(tap)
                    record_or_end: Record = CardTrouble("The recorder was too slow to follow the sound card.")
                else:
                    record_or_end = record
                tap.put(record_or_end)

    def _lost(self, trouble: CardTrouble) -> None:
        with self._lock:
            if self.trouble is None:
                _LOG.warning("card %s: %s", self._name, trouble.text)
            self._form, self.trouble = None, trouble
            for tap in self._taps:
                tap.put(trouble)
            self._taps.clear()
