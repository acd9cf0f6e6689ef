"""A line tapped with a voice modem on a real port, whose other end is a modem of our own that fails as they do."""

import logging
import time

import numpy as np
import pytest

from appliance.audio import RATE, Frame
from appliance.capture.detector import Detector
from appliance.capture.modem.modems import Modems
from appliance.capture.simulator.modem import CONEXANT, LINEAR, VoiceModem
from appliance.capture.tones import plan_for
from appliance.clock import SystemClock
from appliance.errors import LineFault
from appliance.events import CallClosed, CallerTold, CallMissed, CallOpened, CallUpdated, HookEdge, RingTold
from appliance.model.calls import Caller, CallerIdentity, Direction, EndCause
from crowding import crowding
from sounds import lag_and_likeness, speech

pytestmark = pytest.mark.realtime

NUMBER = "01632960846"


@pytest.fixture
def modems():
    modems = Modems(SystemClock())
    yield modems
    modems.close()


@pytest.fixture
def modem(tmp_path):
    """A way to plug in one modem; it is unplugged at the end."""
    made = []

    def plug_in(*args, **how):
        made.append(VoiceModem(tmp_path / "modem", *args, **how))
        return made[-1]

    yield plug_in
    for one in made:
        one.close()


def listen(tap, line_s, within_s=20.0):
    """Read ``line_s`` seconds of the line, faults and all being none; return frames and signs."""
    frames, signs, end_s = [], [], time.monotonic() + within_s * crowding()
    while sum(len(frame.samples) for frame in frames) < line_s * RATE:
        assert time.monotonic() < end_s, "the tap gave too little"
        frame = tap.read(0.2)
        signs += tap.signs()
        if frame is not None:
            frames.append(frame)
    return frames, signs


def hear_again(modems, port, line_s=0.3, within_s=20.0):
    """Open one tap after the other until the line is heard."""
    end_s = time.monotonic() + within_s * crowding()
    while time.monotonic() < end_s:
        tap = modems.tap(str(port))
        try:
            return listen(tap, line_s, within_s=3.0)
        except LineFault:
            time.sleep(0.05)
        finally:
            tap.close()
    pytest.fail("the line was not heard again")


@pytest.mark.parametrize(("forms", "likeness"), [(LINEAR, 0.9999), (CONEXANT, 0.995), (LINEAR[:1], 0.97)])
def test_what_is_said_on_the_line_is_heard_in_every_form_the_modem_may_offer(modems, modem, forms, likeness):
    said = speech(2.0)
    one = modem(forms, speed=4.0)
    one.talk(said)
    frames, _ = listen(modems.tap(str(one.port)), 2.5)
    lag, alike = lag_and_likeness(np.concatenate([frame.samples for frame in frames]), said)
    assert abs(lag) <= 1
    assert alike > likeness


def test_a_modem_left_in_voice_receive_by_a_crash_listens_again(modems, modem):
    one = modem(in_voice=True)
    assert listen(modems.tap(str(one.port)), 0.3)
    assert "AT+VCID=1" in one.commands


def test_a_line_that_is_let_go_leaves_its_modem_at_rest(modems, modem):
    one = modem()
    tap = modems.tap(str(one.port))
    listen(tap, 0.2)
    tap.close()
    modems.close()
    end_s = time.monotonic() + 5 * crowding()
    while one.commands[-1] != "ATZ" and time.monotonic() < end_s:
        time.sleep(0.01)
    assert one.commands[-1] == "ATZ"


def test_a_modem_that_is_pulled_out_is_a_fault_at_once_and_is_heard_when_it_is_back(modems, modem):
    one = modem()
    tap = modems.tap(str(one.port))
    listen(tap, 0.3)
    one.unplug()
    began_s = time.monotonic()
    with pytest.raises(LineFault, match="Is it plugged in"):
        listen(tap, 60.0)
    assert time.monotonic() - began_s < 2.0 * crowding()
    one.plug_in()
    assert hear_again(modems, one.port)[0][0].position == 0
    assert one.commands.count("AT+VCID=1") == 2


def test_a_modem_that_hangs_is_a_fault_within_two_seconds_and_heard_when_it_comes_round(modems, modem):
    one = modem()
    tap = modems.tap(str(one.port))
    listen(tap, 0.3)
    one.fall_silent()
    began_s = time.monotonic()
    with pytest.raises(LineFault, match="stopped giving sound"):
        listen(tap, 60.0)
    assert time.monotonic() - began_s < 2.0 * crowding()
    one.come_round()
    assert hear_again(modems, one.port)


def test_a_port_that_is_not_there_is_a_fault_that_says_what_to_do(modems, tmp_path):
    tap = modems.tap(str(tmp_path / "nothing"))
    with pytest.raises(LineFault, match="Is it plugged in"):
        listen(tap, 1.0)


def test_nonsense_before_and_in_the_sound_stops_nothing(modems, modem):
    one = modem()
    one.blurt(bytes(range(256)) * 8)
    tap = modems.tap(str(one.port))
    listen(tap, 0.3)
    one.blurt(bytes(byte for byte in range(256) if byte != 0x10) * 4)
    assert listen(tap, 0.5)


def test_sound_that_the_modem_ends_by_itself_goes_on_within_the_same_tap(modems, modem):
    one = modem()
    one.quiet(0.3)
    one.end_sound()
    frames, _ = listen(modems.tap(str(one.port)), 1.0)
    assert [frame.position for frame in frames[:3]] == [0, 800, 1600]
    assert one.commands.count("AT+VRX") == 2


def test_sound_that_was_lost_is_replaced_by_as_much_silence(modems, modem):
    one = modem()
    one.quiet(1.0)
    one.overrun(round(0.5 * RATE))
    one.quiet(1.0)
    frames, _ = listen(modems.tap(str(one.port)), 2.2)
    lost = sum(len(frame.samples) for frame in frames if frame.lost)
    assert lost == pytest.approx(0.5 * RATE, abs=0.06 * RATE * crowding())
    first = next(frame for frame in frames if frame.lost)
    assert first.position == pytest.approx(1.0 * RATE, abs=1)


def test_rings_the_hook_and_the_caller_are_told_where_they_were(modems, modem):
    one = modem(speed=8.0)
    one.quiet(1.0)
    one.announce(NUMBER)
    one.ring(1)
    one.lift()
    one.quiet(2.0)
    one.hang_up()
    _, signs = listen(modems.tap(str(one.port)), 8.0)
    assert signs == [
        CallerTold(1 * RATE, Caller(CallerIdentity.NUMBER, NUMBER)),
        RingTold(round(1.4 * RATE)),
        HookEdge(4 * RATE, off_hook=True),
        HookEdge(6 * RATE, off_hook=False),
    ]


def a_call(one, number, answered=True):
    one.quiet(3.0)
    one.announce(number)
    one.quiet(0.5)
    one.ring(2)
    if answered:
        one.lift()
        one.talk(speech(8.0))
        one.hang_up()
    one.quiet(12.0)


def detected(tap, line_s):
    """Return what a detector makes of a line's first ``line_s`` seconds."""
    detector, events = Detector(plan_for("uk")), []
    frames, signs = listen(tap, line_s)
    for frame in frames:
        due, signs = [s for s in signs if s.at < frame.end], [s for s in signs if s.at >= frame.end]
        events += detector.observe(frame, due)
    return events


@pytest.mark.parametrize(
    ("sent", "caller"),
    [
        (NUMBER, Caller(CallerIdentity.NUMBER, NUMBER)),
        ("P", Caller(CallerIdentity.WITHHELD)),
        ("O", Caller(CallerIdentity.UNAVAILABLE)),
    ],
)
def test_a_call_through_a_modem_is_detected_with_the_caller_it_read_and_the_hook_it_saw(modems, modem, sent, caller):
    one = modem(speed=12.0)
    a_call(one, sent)
    events = detected(modems.tap(str(one.port)), 26.0)
    opened = next(event for event in events if isinstance(event, CallOpened))
    closed = next(event for event in events if isinstance(event, CallClosed))
    assert opened.facts.direction is Direction.IN
    assert closed.facts.caller == caller
    assert closed.facts.rings == 2
    assert closed.facts.off_hook == pytest.approx(9.5 * RATE, abs=RATE // 20)
    assert closed.facts.end == pytest.approx(17.5 * RATE, abs=RATE // 20)
    assert closed.facts.cause is EndCause.HOOK


def test_a_call_that_nobody_answers_is_missed_with_its_caller(modems, modem):
    one = modem(speed=12.0)
    a_call(one, NUMBER, answered=False)
    missed = [event for event in detected(modems.tap(str(one.port)), 20.0) if isinstance(event, CallMissed)]
    assert [event.facts.caller.number for event in missed] == [NUMBER]
    assert missed[0].facts.rings == 2


def test_a_modem_without_caller_display_still_gives_the_call(modems, modem, caplog):
    caplog.set_level(logging.INFO)
    one = modem(refuses=["AT+VCID"], speed=12.0)
    one.quiet(3.0)
    one.ring(2)
    one.lift()
    one.talk(speech(4.0))
    one.hang_up()
    one.quiet(6.0)
    events = detected(modems.tap(str(one.port)), 18.0)
    closed = next(event for event in events if isinstance(event, CallClosed))
    assert closed.facts.caller.identity is CallerIdentity.NOT_DETECTED
    assert "reports no callers" in caplog.text


def test_a_caller_told_in_a_call_is_of_a_call_waiting_and_not_of_this_one():
    detector = Detector(plan_for("uk"), in_call=True)
    told = [CallerTold(900, Caller(CallerIdentity.NUMBER, NUMBER))]
    events = detector.observe(Frame(0, np.zeros(8000, np.float32)), told)
    assert not [event for event in events if isinstance(event, CallUpdated) and event.facts.caller.number]


def test_no_number_reaches_the_log(modems, modem, caplog):
    caplog.set_level(logging.DEBUG)
    one = modem(speed=12.0)
    one.announce(NUMBER)
    tap = modems.tap(str(one.port))
    _, signs = listen(tap, 1.0)
    assert signs
    one.unplug()
    with pytest.raises(LineFault):
        listen(tap, 60.0)
    assert NUMBER not in caplog.text
