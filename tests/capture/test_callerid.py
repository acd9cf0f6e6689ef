"""Caller display: V.23 and Bell 202, single and multiple data messages, keyed digits, and what must be refused."""

import numpy as np
import pytest
import signals
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.capture.callerid import decoded, keyed
from appliance.model.calls import Caller, CallerIdentity

V23 = (1300.0, 2100.0)
BELL = (1200.0, 2200.0)
NUMBER = b"02079460123"
WHEN = (0x01, b"11231633")
CALL = signals.checked(0x80, signals.fields((0x11, b"\x01"), WHEN, (0x02, NUMBER), (0x07, b"SURGERY")))


def burst(message, modem=V23, **how):
    sound = signals.fsk(signals.framed(message), *modem, **how)
    return np.concatenate([np.zeros(1600, np.float32), sound, np.zeros(1600, np.float32)])


def caller(samples):
    found = decoded(samples.astype(np.float32))
    return found and found.caller


@pytest.mark.parametrize("modem", [V23, BELL])
def test_number_and_name_are_read_with_either_modem(modem):
    assert caller(burst(CALL, modem)) == Caller(CallerIdentity.NUMBER, NUMBER.decode(), "SURGERY")


def test_where_the_message_lies_is_told():
    found = decoded(burst(CALL))
    begins = 1600 + (96 + 72) * 8000 / 1200
    assert abs(found.start - begins) < 10
    assert abs(found.end - (begins + 10 * len(CALL) * 8000 / 1200)) < 20


@pytest.mark.parametrize(("letter", "identity"), [(b"P", "withheld"), (b"O", "unavailable")])
def test_withheld_and_unavailable_are_told_apart(letter, identity):
    message = signals.checked(0x80, signals.fields(WHEN, (0x04, letter)))
    assert caller(burst(message)) == Caller(CallerIdentity(identity))
    single = signals.checked(0x04, WHEN[1] + letter)
    assert caller(burst(single, BELL)) == Caller(CallerIdentity(identity))


def test_a_single_data_message_has_its_number_after_the_date():
    assert caller(burst(signals.checked(0x04, WHEN[1] + b"2125550123"), BELL)).number == "2125550123"


def test_unknown_fields_are_passed_over():
    message = signals.checked(0x80, signals.fields((0x12, b"\x05"), (0x02, NUMBER), (0x99, b"??")))
    assert caller(burst(message)).number == NUMBER.decode()


@pytest.mark.parametrize("position", range(2, len(CALL) - 1, 7))
def test_one_wrong_bit_and_the_message_is_refused(position):
    wrong = bytearray(CALL)
    wrong[position] ^= 0x04
    assert caller(burst(bytes(wrong))) is None


@pytest.mark.parametrize("modem", [V23, BELL])
@pytest.mark.parametrize("seed", range(6))
def test_noise_ten_decibels_below_is_borne(modem, seed):
    assert caller(signals.noisy(burst(CALL, modem), 10.0, seed)).number == NUMBER.decode()


@pytest.mark.parametrize("space_db", [-9.0, -4.0, 4.0, 9.0])
def test_a_line_that_slopes_between_mark_and_space_is_borne(space_db):
    assert caller(signals.noisy(burst(CALL, space_db=space_db), 25.0)).number == NUMBER.decode()


@pytest.mark.parametrize("late", [7, 12, 19])
def test_an_echo_nine_decibels_below_is_borne(late):
    sound = burst(CALL)
    assert caller(signals.noisy(sound + 0.35 * np.roll(sound, late), 25.0)).number == NUMBER.decode()


def test_hum_and_direct_current_louder_than_the_data_are_borne():
    sound = burst(CALL, dbfs=-35.0)
    assert caller(sound + signals.tone(50.0, len(sound) / 8000, -20.0) + 0.1).number == NUMBER.decode()


@pytest.mark.parametrize("baud", [1188.0, 1212.0])
def test_a_clock_one_per_cent_off_is_borne(baud):
    assert caller(burst(CALL, baud=baud)).number == NUMBER.decode()


@given(st.text("0123456789", min_size=1, max_size=20), st.binary(max_size=15), st.integers(0, 3))
@settings(max_examples=25, deadline=None)
def test_any_number_and_name_are_read_without_a_fault(number, name, shift):
    message = signals.checked(0x80, signals.fields(WHEN, (0x02, number.encode()), (0x07, name)))
    assert caller(np.concatenate([np.zeros(shift), burst(message)])).number == number


@given(st.binary(min_size=1, max_size=40))
@settings(max_examples=25, deadline=None)
def test_well_framed_nonsense_never_makes_a_number_up(data):
    whole = len(data) >= 3 and data[0] in (0x04, 0x80) and 0 < data[1] <= len(data) - 3
    if not (whole and sum(data[: data[1] + 3]) % 256 == 0):
        assert caller(burst(b"\x01" + data[1:])) is None


@pytest.mark.parametrize(
    "message",
    [
        signals.checked(0x80, bytes([0x02, 40]) + NUMBER),
        signals.checked(0x80, signals.fields((0x02, NUMBER)) + b"\x07"),
        signals.checked(0x04, b"1123x633" + NUMBER),
        signals.checked(0x04, b"11231633"),
    ],
)
def test_a_message_that_does_not_add_up_is_refused_although_its_checksum_agrees(message):
    assert caller(burst(message)) is None


def test_noise_speech_band_tones_and_a_short_burst_hold_no_caller():
    assert decoded(signals.quiet(2.0, -20.0)) is None
    assert decoded(signals.tones((1300, 2100), 1.0)) is None
    assert decoded(np.zeros(10, np.float32)) is None


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("A2079460123C", Caller(CallerIdentity.NUMBER, "2079460123")),
        ("A38400123#", Caller(CallerIdentity.NUMBER, "38400123")),
        ("D2079460123C", Caller(CallerIdentity.NUMBER, "2079460123")),
        ("B10C", Caller(CallerIdentity.WITHHELD)),
        ("B00C", Caller(CallerIdentity.UNAVAILABLE)),
        ("D1#", Caller(CallerIdentity.WITHHELD)),
        ("D0000000000C", Caller(CallerIdentity.UNAVAILABLE)),
        ("02079460123", None),
        ("A207946", None),
    ],
)
def test_caller_display_in_keyed_digits(digits, expected):
    assert keyed(digits) == expected
