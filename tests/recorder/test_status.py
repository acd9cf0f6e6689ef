"""What is said of a line: never "recording" by intention, only by sealed bytes on the disk."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appliance.capture.detector import LineMemory
from appliance.capture.wiring import Fault, Measure
from appliance.clock import ClockQuality, FakeClock, Moment
from appliance.codec import read_json
from appliance.events import Phase, Sensor
from appliance.model.status import LineState, RecorderStatus
from appliance.recorder.bulletin import Bulletin
from appliance.recorder.instant import Instant
from appliance.recorder.line_view import LineView
from appliance.recorder.memory import RememberedLine, recall, remember
from appliance.recorder.status import OFF_HOOK_S, LineWords, StatusBook, line_state
from appliance.recorder.worker import LineNow

AT = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)
NOW_S, STARTED_S = 1000.0, 900.0
CALL = "2026-11-23T163300Z-1-7f3a9c"


def sealed(ago_s):
    return Instant(Moment(AT, ClockQuality.SYNCHRONISED), "boot-1", NOW_S - ago_s)


def now(heard_ago_s=0.1, alive_ago_s=0.1, fault="", over=False, ring_sensed=False, **view):
    heard_s = None if heard_ago_s is None else NOW_S - heard_ago_s
    view = LineView(**view)
    return LineNow(view, LineMemory(), NOW_S - alive_ago_s, heard_s, fault, ring_sensed=ring_sensed, over=over)


@pytest.mark.parametrize(
    ("line", "state"),
    [
        (now(), LineState.IDLE),
        (now(phase=Phase.RINGING), LineState.RINGING),
        (now(ring_sensed=True), LineState.RINGING),
        (now(call_id=CALL, sealed_at=sealed(0.5)), LineState.RECORDING),
        (now(call_id=CALL, sealed_at=sealed(2.9)), LineState.RECORDING),
        (now(call_id=CALL, sealed_at=sealed(3.1)), LineState.FAULT),
        (now(call_id=CALL, sealed_at=None), LineState.FAULT),
        (now(call_id=CALL, sealed_at=sealed(0.5), trouble="The disk is full."), LineState.FAULT),
        (now(trouble="Waiting for the keeper's key."), LineState.FAULT),
        (now(call_id=CALL, sealed_at=sealed(0.5), fault="No such card."), LineState.FAULT),
        (now(call_id=CALL, sealed_at=sealed(0.5), alive_ago_s=2.5), LineState.FAULT),
        (now(heard_ago_s=2.5), LineState.FAULT),
        (now(heard_ago_s=None), LineState.FAULT),
        (now(over=True, fault="line.wav has ended."), LineState.OFF),
    ],
)
def test_each_way_a_line_can_stand_has_its_word(line, state):
    said, why = line_state(line, STARTED_S, NOW_S)
    assert said is state
    assert bool(why) is (state in (LineState.FAULT, LineState.OFF))


def test_a_line_may_take_some_seconds_to_start():
    unheard = replace(now(heard_ago_s=None), alive_s=NOW_S)
    assert line_state(unheard, NOW_S - 3.0, NOW_S)[0] is LineState.STARTING
    assert line_state(unheard, NOW_S - 6.0, NOW_S)[0] is LineState.FAULT


def test_a_state_and_an_alarm_keep_their_beginning_until_they_change():
    book = StatusBook([LineWords(1, "Reception")], AT, STARTED_S)
    broken = now(fault="The sound card “card1” gives no sound. Is it plugged in?")
    first = book.status([broken], AT + timedelta(seconds=10), NOW_S)
    later = book.status([broken], AT + timedelta(seconds=20), NOW_S)
    assert later.lines[0].since == first.lines[0].since == AT + timedelta(seconds=10)
    (alarm,) = later.alarms
    assert (alarm.key, alarm.line, alarm.since) == ("line", 1, AT + timedelta(seconds=10))
    assert alarm.text == "Reception is not being recorded. The sound card “card1” gives no sound. Is it plugged in?"
    mended = book.status([now()], AT + timedelta(seconds=30), NOW_S)
    assert mended.alarms == ()
    assert mended.lines[0].since == AT + timedelta(seconds=30)


def test_calls_that_could_not_be_kept_are_an_alarm():
    book = StatusBook([LineWords(1, "Reception")], AT, STARTED_S)
    (alarm,) = book.status([now(lost_calls=2)], AT, NOW_S).alarms
    assert alarm.text == "Reception: 2 call(s) could not be kept, because nothing could be written."


@pytest.fixture
def bulletin(tmp_path):
    clock = FakeClock()
    words = [LineWords(1, "Reception")]
    book = StatusBook(words, clock.now().at, clock.monotonic())
    return Bulletin(tmp_path, words, book, clock), clock, tmp_path / "recorder.json"


def at(clock, **view):
    return LineNow(LineView(**view), LineMemory(-70.0), clock.monotonic(), clock.monotonic())


def test_a_change_is_written_in_a_third_of_a_second_and_the_time_twice_a_second(bulletin):
    bulletin, clock, path = bulletin
    written, ringing = [], []
    for step in range(20):
        phase = Phase.RINGING if 7 <= step < 13 else Phase.IDLE
        bulletin.issue([at(clock, phase=phase, level_dbfs=-60.0 - step)])
        status = read_json(path, RecorderStatus)
        if not written or written[-1] != status.at:
            written.append(status.at)
        ringing.append(status.lines[0].state is LineState.RINGING)
        clock.advance(0.1)
    assert 4 <= len(written) <= 7
    assert 7 <= ringing.index(True) <= 9
    assert ringing.count(True) == pytest.approx(6, abs=2)


def test_a_folder_that_cannot_be_written_is_said_once_and_does_not_stop_the_recorder(bulletin, caplog):
    bulletin, clock, path = bulletin
    path.parent.joinpath("recorder.json.new").mkdir()
    for _ in range(5):
        bulletin.issue([at(clock)])
        clock.advance(1.0)
    assert len([record for record in caplog.records if "cannot be written" in record.message]) == 1
    path.parent.joinpath("recorder.json.new").rmdir()
    bulletin.issue([at(clock)])
    assert path.exists()


def test_a_call_under_way_is_remembered_over_a_restart_and_not_for_ever(bulletin):
    bulletin, clock, path = bulletin
    bulletin.issue([at(clock, call_id=CALL)])
    clock.advance(40.0)
    remembered = recall(path.parent, clock)
    assert remembered.going_on("Reception", clock) == CALL
    assert remembered.memory("Reception") == LineMemory(-70.0)
    assert remembered.going_on("Surgery", clock) is None
    clock.advance(40.0)
    assert recall(path.parent, clock).going_on("Reception", clock) is None


def test_a_call_that_a_power_cut_interrupted_may_be_going_on_when_the_box_is_back(bulletin):
    bulletin, clock, path = bulletin
    bulletin.issue([at(clock, call_id=CALL)])
    clock.reboot(down_s=70.0)
    assert recall(path.parent, clock).going_on("Reception", clock) == CALL
    clock.reboot(down_s=3600.0)
    assert recall(path.parent, clock).going_on("Reception", clock) is None


@pytest.mark.parametrize("content", [b"", b"\0" * 300, b"{", b"[1]", b'{"at": 5}'])
def test_a_memory_that_a_power_cut_spoilt_is_nothing_remembered(tmp_path, content):
    (tmp_path / "lines.json").write_bytes(content)
    assert recall(tmp_path, FakeClock()).lines == {}


def test_no_number_is_remembered_in_clear(tmp_path):
    clock = FakeClock()
    remember(tmp_path, {"Reception": RememberedLine(LineMemory(-70.0), CALL)}, clock)
    remembered = recall(tmp_path, clock).lines["Reception"]
    assert set(remembered.__slots__) == {"memory", "open_call", "proved", "withheld", "pause_left_s"}


def test_a_wrongly_wired_line_is_an_alarm_that_says_what_to_do_and_stays_recorded():
    book = StatusBook([LineWords(1, "Reception")], AT, STARTED_S)
    humming = replace(now(), measure=Measure(-38.0, -70.0, -40.04, 0.0, 0.00123), wiring=(Fault.HUM,))
    status = book.status([humming], AT, NOW_S)
    (alarm,) = status.alarms
    assert (alarm.key, alarm.line) == ("wiring-hum", 1)
    assert alarm.text.startswith("Reception: There is mains hum under the calls. Move the tap's cable away")
    (line,) = status.lines
    assert line.state is LineState.IDLE
    assert (line.floor_dbfs, line.hum_dbfs, line.clipped, line.dc) == (-70.0, -40.0, 0.0, 0.0012)
    unplugged = replace(humming, fault="The sound card gives no sound.")
    assert [alarm.key for alarm in book.status([unplugged], AT, NOW_S).alarms] == ["line"]


def test_a_receiver_left_off_is_an_alarm_after_two_hours_and_only_while_it_lasts():
    book = StatusBook([LineWords(1, "Reception")], AT, STARTED_S)

    def keys(now_s, **view):
        line = replace(now(**view), alive_s=now_s, heard_s=now_s)
        return [alarm.key for alarm in book.status([line], AT, now_s).alarms]

    assert "stuck" not in keys(NOW_S, call_id=CALL)
    assert "stuck" not in keys(NOW_S + OFF_HOOK_S - 1, call_id=CALL)
    assert "stuck" in keys(NOW_S + OFF_HOOK_S, call_id="2026-11-23T183300Z-1-000002")  # a long call is cut into files
    assert keys(NOW_S + OFF_HOOK_S + 1) == []
    assert "stuck" not in keys(NOW_S + OFF_HOOK_S + 2, call_id=CALL)


@pytest.mark.parametrize(("sensor", "words"), [(Sensor.HOOK, "found by sound"), (Sensor.RING, "does not feel")])
def test_a_sensor_that_the_sound_contradicts_is_an_alarm_on_its_line_until_it_agrees(sensor, words):
    book = StatusBook([LineWords(1, "Reception")], AT, STARTED_S)
    (alarm,) = book.status([now(doubted=frozenset({sensor}))], AT, NOW_S).alarms
    assert (alarm.key, alarm.line) == (f"sensor-{sensor}", 1)
    assert words in alarm.text
    assert book.status([now()], AT, NOW_S).alarms == ()
