"""Callers announced with the receiver down, as they stand in a line's sound."""

import numpy as np
import pytest
import signals

from appliance.audio import RATE, positions
from appliance.capture.detector.announcements import AnnouncementCatcher
from appliance.capture.dtmf import DtmfDecoder
from appliance.capture.features import HOP
from appliance.model.calls import Caller, CallerIdentity

IDLE_DBFS = -70.0
NUMBER = "02079460123"
MESSAGE = signals.checked(0x80, signals.fields((0x01, b"11231633"), (0x02, NUMBER.encode())))
DATA = signals.fsk(signals.framed(MESSAGE), 1300.0, 2100.0, dbfs=-30.0)
CALLER = Caller(CallerIdentity.NUMBER, NUMBER)


def caught(line):
    catcher, keys = AnnouncementCatcher(), DtmfDecoder()
    return [told for heard in signals.features(line) for told in catcher.of(heard, IDLE_DBFS, keys.of(heard))]


@pytest.mark.parametrize("at_s", np.arange(1.0, 1.2, 0.033))
def test_a_message_is_found_wherever_it_lies(at_s):
    (told,) = caught(signals.added(signals.quiet(3.0), at_s, DATA))
    assert told.caller == CALLER
    assert told.start == pytest.approx(at_s * RATE, abs=positions(0.03))
    assert told.end == pytest.approx(at_s * RATE + len(DATA), abs=positions(0.03))


def test_it_begins_with_the_tone_that_alerts():
    alert = signals.tones((2130.0, 2750.0), 0.1, -28.0)
    (told,) = caught(signals.added(signals.quiet(3.0), 1.0, alert, np.zeros(360), DATA))
    assert told.start == pytest.approx(RATE, abs=positions(0.03))


@pytest.mark.parametrize("gap_s", [0.02, 0.05, 0.1])
def test_a_message_is_read_although_somebody_speaks_right_after_it(gap_s):
    rng = np.random.default_rng(1)
    talk = (rng.standard_normal(RATE) * signals.level(-25.0)).astype(np.float32)
    line = signals.added(signals.quiet(3.0), 1.0, DATA, np.zeros(round(gap_s * RATE)), talk)
    assert [told.caller for told in caught(line)] == [CALLER]


def test_a_message_is_read_although_a_neighbour_hums_beside_it():
    line = signals.added(signals.quiet(3.0), 1.0, DATA) + signals.tone(420.0, 3.0, -42.0)
    assert [told.caller for told in caught(line)] == [CALLER]


def test_what_was_announced_when_the_receiver_is_lifted_is_told_at_once():
    catcher, keys = AnnouncementCatcher(), DtmfDecoder()
    line = signals.added(signals.quiet(3.0), 1.0, DATA)
    end = RATE + len(DATA)
    heard = [heard for heard in signals.features(line) if heard.at < end]
    before = [told for one in heard for told in catcher.of(one, IDLE_DBFS, keys.of(one))]
    assert [told.caller for told in before + catcher.cut(heard[-1].end)] == [CALLER]


def test_hops_left_out_while_the_receiver_was_up_join_nothing():
    catcher, keys = AnnouncementCatcher(), DtmfDecoder()
    line = signals.added(signals.quiet(4.0), 1.0, DATA)
    hops = signals.features(line)
    middle = next(number for number, heard in enumerate(hops) if heard.end > RATE + len(DATA) // 2)
    kept = [*hops[:middle], *hops[middle + 1 :]]
    assert [told for one in kept for told in catcher.of(one, IDLE_DBFS, keys.of(one))] == []


def test_keyed_caller_display_is_told_when_no_more_can_come():
    (told,) = caught(signals.added(signals.quiet(4.0), 1.0, signals.dialled("A2079460123C", 0.06, 0.06, dbfs=-25.0)))
    assert told.caller == Caller(CallerIdentity.NUMBER, "2079460123")


def test_a_carrier_that_never_ends_is_no_message_and_costs_no_memory():
    bits = [number % 2 for number in range(12_000)]
    catcher, keys = AnnouncementCatcher(), DtmfDecoder()
    for heard in signals.features(signals.quiet(10.0) + signals.fsk(bits, 1300.0, 2100.0, -30.0)[: 10 * RATE]):
        assert catcher.of(heard, IDLE_DBFS, keys.of(heard)) == []
        assert len(catcher._audio) * HOP <= positions(3.5)
