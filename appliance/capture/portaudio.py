"""The one door to PortAudio. It is opened in a child process only: an unplugged card can hang whoever holds it."""

import queue
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pyaudio

from appliance.capture.cardnames import SoundCard, not_there, sound_card
from appliance.capture.cardwire import CardBlock, CardForm
from appliance.capture.steadytime import SteadyTime
from appliance.errors import LineFault

_BLOCK_MS = 300
"""The driver keeps two blocks, and loses sound where nobody comes for it in time. Under six busy processes on two cores
blocks of 10 ms lost 1.8 s of 8, 20 ms lost 0.14 s, 100 ms lost none; on a machine four times as busy they lost some."""

_PLAYED_MS = 100

_MOST_CHANNELS = 8
"""A plug-in device claims 32 to 128 channels; a card for telephone lines has at most this many."""

_WAITING = 200
"""Blocks (a minute) kept for a recorder that does not read, before the newest count as lost."""


def cards() -> list[SoundCard]:
    """Return the cards that can record, as PortAudio finds them now."""
    with _portaudio() as port:
        return [card for _, card in _found(port)]


class CardStream:
    """A card being captured: PortAudio calls back with each block, ``blocks`` hands them on."""

    def __init__(self, name: str) -> None:
        """Open the card that answers to ``name`` at its own rate with its own channels.

        Raises:
            LineFault: there is no such card, or it cannot be opened.
        """
        self._queue: queue.Queue[CardBlock] = queue.Queue(_WAITING)
        self._dropped = False
        self._steady = SteadyTime()
        self._port = pyaudio.PyAudio()
        index, card = next(((i, c) for i, c in _found(self._port) if c.answers_to(name)), (None, None))
        if index is None or card is None:
            raise LineFault(not_there(name))
        self.form = CardForm(card.rate, card.channels)
        try:
            self._port.open(
                format=pyaudio.paInt16,
                channels=card.channels,
                rate=card.rate,
                input=True,
                input_device_index=index,
                frames_per_buffer=card.rate * _BLOCK_MS // 1000,
                stream_callback=self._came,
            )
        except OSError as wrong:
            raise LineFault(
                f"The sound card “{name}” is there but cannot be opened. Is another program using it?"
            ) from wrong

    def blocks(self) -> Iterator[CardBlock]:
        """Yield blocks as they come, without end: a card that goes away is silent, or spins, and says nothing."""
        while True:
            yield self._queue.get()

    def _came(self, pcm: bytes, frames: int, times: Mapping[str, float], status: int) -> tuple[None, int]:
        overflowed = self._dropped or bool(status & pyaudio.paInputOverflow)
        adc_s = self._steady.of(times["input_buffer_adc_time"])
        try:
            self._queue.put_nowait(CardBlock(adc_s, overflowed, frames, pcm))
            self._dropped = False
        except queue.Full:
            self._dropped = True
        return None, pyaudio.paContinue


def play(name: str, pcm: bytes, rate: int, channel: int, started: Callable[[float], None]) -> None:
    """Play mono ``pcm`` (signed 16 bits) to its end on a channel (-1: all) of the card that answers to ``name``.

    ``started`` is told as the first sample is handed over, with the seconds until it is heard.

    Raises:
        LineFault: there is no such card, or it does not play so.
    """
    with _portaudio() as port:
        index, channels = _output(port, name)
        pieces = _spread(pcm, channels, channel)
        per_write = rate * _PLAYED_MS // 1000
        try:
            stream = port.open(
                format=pyaudio.paInt16, channels=channels, rate=rate, output=True, output_device_index=index,
                frames_per_buffer=per_write,
            )  # fmt: skip
            started(stream.get_output_latency())
            for at in range(0, len(pieces), per_write * channels * 2):
                stream.write(pieces[at : at + per_write * channels * 2])
            stream.stop_stream()
            stream.close()
        except OSError as wrong:
            raise LineFault(f"The sound card “{name}” cannot play. Is another program using it?") from wrong


@contextmanager
def _portaudio() -> Iterator[pyaudio.PyAudio]:
    port = pyaudio.PyAudio()
    try:
        yield port
    finally:
        port.terminate()


def _found(port: pyaudio.PyAudio) -> Iterator[tuple[int, SoundCard]]:
    """Yield PortAudio's number of each card that can record, and the card."""
    for index in range(port.get_device_count()):
        device = port.get_device_info_by_index(index)
        channels = min(int(device["maxInputChannels"]), _MOST_CHANNELS)
        card = sound_card(str(device["name"]), channels, int(device["defaultSampleRate"])) if channels else None
        if card is not None:
            yield index, card


def _output(port: pyaudio.PyAudio, name: str) -> tuple[int, int]:
    """Return PortAudio's number of the card that can play and answers to ``name``, and the channels to open it with.

    Raises:
        LineFault: there is none.
    """
    for index in range(port.get_device_count()):
        device = port.get_device_info_by_index(index)
        channels = min(int(device["maxOutputChannels"]), 2)
        card = sound_card(str(device["name"]), channels, int(device["defaultSampleRate"])) if channels else None
        if card is not None and card.answers_to(name):
            return index, channels
    raise LineFault(f"The sound card “{name}” is not there, or has no output. Plug it in, or choose another.")


def _spread(pcm: bytes, channels: int, channel: int) -> bytes:
    """Return mono sound on one of ``channels``, silence on the others; on all of them for -1."""
    mono = array("h", pcm)
    frames = array("h", bytes(len(pcm) * channels))
    for one in range(channels):
        if channel in (-1, one):
            frames[one::channels] = mono
    return frames.tobytes()
