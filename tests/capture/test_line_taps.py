"""What every tap of a line promises, whatever it is tapped with."""

import time
from itertools import takewhile

import numpy as np
import pytest

from appliance.audio import RATE
from appliance.capture.cards import Cards
from appliance.capture.modem.modems import Modems
from appliance.capture.simulator.modem import VoiceModem
from appliance.capture.simulator.tap import ScriptedLine, SimulatedLine
from appliance.capture.wavefile import WaveFile
from appliance.clock import FakeClock, SystemClock
from appliance.errors import LineEnded, LineFault
from crowding import crowding
from sounds import at_rate, lag_and_likeness, speech, write_wav

pytestmark = pytest.mark.realtime

SPEECH_S = 3.0


class Line:
    """A tap under test. ``source`` is what is on the line, where that is known; ``ends`` whether it has an end."""

    def __init__(self, open_tap, source=None, ends=False, lose=None, mend=None):
        self.open, self.source, self.ends, self.lose, self.mend = open_tap, source, ends, lose, mend


@pytest.fixture(scope="module")
def source():
    return speech(SPEECH_S)


def a_file(tmp_path, source, **how):
    path = write_wav(tmp_path / "line.wav", at_rate(source, 44100), 44100)
    return Line(lambda: WaveFile(path, **how), source, ends=True)


@pytest.fixture(params=["file", "paced file", "scripted", "simulated", "card", "modem"])
def line(request, tmp_path, source):
    match request.param:
        case "file":
            yield a_file(tmp_path, source)
        case "paced file":
            yield a_file(tmp_path, source, pace=4.0)
        case "scripted":
            first, second = ScriptedLine(source), ScriptedLine(source)
            taps = iter((first, second))
            yield Line(lambda: next(taps), source, ends=True, lose=first.unplug, mend=lambda: None)
        case "simulated":
            clock = FakeClock()
            yield Line(lambda: SimulatedLine(7, clock=clock, wait=clock.advance))
        case "card":
            card = request.getfixturevalue("sound_cards").add("card1", at_rate(source, 48000))
            cards = Cards()
            yield Line(lambda: cards.tap("card1"), source, lose=card.unplug, mend=card.plug_in)
            cards.close()
        case "modem":
            modem, modems = VoiceModem(tmp_path / "modem"), Modems(SystemClock())
            modem.talk(source)
            yield Line(lambda: modems.tap(str(modem.port)), source, lose=modem.unplug, mend=modem.plug_in)
            modems.close()
            modem.close()


def read(tap, s, within_s=10.0):
    """Read ``s`` seconds of line, or to its end, in at most ``within_s`` seconds of life on a machine at rest."""
    frames, until = [], time.monotonic() + within_s * crowding()
    while sum(len(frame.samples) for frame in frames) < s * RATE:
        assert time.monotonic() < until, "the tap gave too little"
        try:
            frame = tap.read(1.0)
        except LineEnded:
            break
        if frame is not None:
            frames.append(frame)
    return frames


def joined(frames):
    return np.concatenate([frame.samples for frame in frames])


def test_positions_start_at_nought_and_have_no_hole(line):
    tap = line.open()
    position = 0
    for frame in read(tap, 2.0):
        assert frame.position == position
        position = frame.end
    assert position >= 1.9 * RATE
    tap.close()


def test_frames_are_mono_float_within_full_scale_and_at_most_a_second(line):
    tap = line.open()
    for frame in read(tap, 1.0):
        assert frame.samples.dtype == np.float32
        assert frame.samples.ndim == 1
        assert 0 < len(frame.samples) <= RATE
        assert np.abs(frame.samples).max() <= 1.0
        assert not frame.lost
    tap.close()


def test_what_is_heard_is_what_is_on_the_line_and_on_time(line):
    if line.source is None:
        pytest.skip("nobody knows what a simulated practice will say")
    tap = line.open()
    frames = read(tap, 2.5)
    tap.close()
    # A machine too busy to fetch 0.2 s of a card in time loses some: that is another test's matter.
    whole = list(takewhile(lambda frame: not frame.lost, frames))
    assert len(whole) >= 5
    lag, likeness = lag_and_likeness(joined(whole), line.source)
    assert abs(lag) <= 2
    assert likeness > 0.999


def test_a_read_that_may_not_wait_returns_and_loses_nothing(line):
    tap = line.open()
    started = time.monotonic()
    early = [frame for _ in range(5) if (frame := tap.read(0.0)) is not None]
    assert time.monotonic() - started < 0.5 * crowding()
    later = read(tap, 0.5)
    assert later[0].position == (early[-1].end if early else 0)
    tap.close()


def test_closing_twice_is_allowed(line):
    tap = line.open()
    read(tap, 0.2)
    tap.close()
    tap.close()


def test_a_line_with_an_end_says_so_as_often_as_it_is_asked(line):
    if not line.ends:
        pytest.skip("this line has no end")
    tap = line.open()
    assert sum(len(frame.samples) for frame in read(tap, 60.0)) == pytest.approx(SPEECH_S * RATE, abs=2)
    for _ in range(2):
        with pytest.raises(LineEnded):
            tap.read(0.1)
    tap.close()


def test_a_lost_line_is_a_fault_and_a_new_tap_hears_it_again_once_it_is_mended(line):
    if line.lose is None:
        pytest.skip("nothing can be pulled out of it")
    tap = line.open()
    read(tap, 0.5)
    line.lose()
    started = time.monotonic()
    with pytest.raises(LineFault):
        read(tap, 10.0, within_s=5.0)
    assert time.monotonic() - started < 2.0 * crowding()
    tap.close()
    line.mend()
    again = line.open()
    assert read(again, 0.3)[0].position == 0
    again.close()


def test_only_what_has_a_device_is_not_called_simulated(line):
    tap = line.open()
    assert tap.simulated is (type(tap).__name__ not in ("CardTap", "ModemTap"))
    tap.close()
