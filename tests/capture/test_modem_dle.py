"""Shielded sound (ITU-T V.253): whatever a modem sends, sound comes out as it went in and nothing is made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.capture.modem.dle import ABORT, LONGEST_REPORT, Code, Report, Sound, Told, Unshield, shielded


def sound(heard):
    return b"".join(one.data for one in heard if isinstance(one, Sound))


def fed(unshield, data, cuts):
    heard, at = [], 0
    for cut in [*sorted(cuts), len(data)]:
        heard += unshield.feed(data[at:cut])
        at = max(at, cut)
    return heard


@given(st.binary(max_size=300), st.lists(st.integers(0, 600), max_size=8))
def test_any_sound_comes_out_as_it_went_in_however_it_is_cut(data, cuts):
    wire = shielded(data)
    assert sound(fed(Unshield(), wire, [min(cut, len(wire)) for cut in cuts])) == data


def test_a_dle_and_two_of_them_have_their_own_signs():
    assert Unshield().feed(b"a\x10\x10b\x10\x1ac") == [Sound(b"a\x10b\x10\x10c")]


def test_events_stand_where_they_came_among_the_sound():
    heard = Unshield().feed(b"one\x10Rtwo\x10Pthree\x10o\x10\x03")
    assert heard == [
        Sound(b"one"),
        Told(Code.RING),
        Sound(b"two"),
        Told(Code.EXTENSION_UP),
        Sound(b"three"),
        Told(Code.OVERRUN),
        Told(Code.END),
    ]


@given(st.lists(st.sampled_from(["sound", "R", "h", "H", "o"]), max_size=20), st.lists(st.integers(0, 200), max_size=6))
def test_where_the_stream_is_cut_changes_nothing_that_is_told(parts, cuts):
    wire = b"".join(shielded(b"\x10\x01\x02") if part == "sound" else b"\x10" + part.encode() for part in parts)
    whole = Unshield().feed(wire)
    heard = fed(Unshield(), wire, [min(cut, len(wire)) for cut in cuts])
    assert sound(heard) == sound(whole)
    assert [one for one in heard if isinstance(one, Told)] == [one for one in whole if isinstance(one, Told)]


def test_codes_that_mean_nothing_here_are_left_out_and_take_no_sound_with_them():
    assert sound(Unshield().feed(b"a\x10qb\x10sc\x10/d\x10~e")) == b"abcde"


def test_a_report_is_no_sound_and_comes_whole():
    heard = Unshield().feed(b"ab\x10XDATE = 1123\r\nNMBR = 5\r\n\x10.cd")
    assert heard == [Sound(b"ab"), Report("DATE = 1123\r\nNMBR = 5\r\n"), Sound(b"cd")]


def test_a_report_without_an_end_does_not_swallow_the_call():
    unshield = Unshield()
    unshield.feed(b"\x10X")
    unshield.feed(b"x" * (LONGEST_REPORT + 1))
    assert sound(unshield.feed(b"speech")) == b"speech"


@given(st.binary(max_size=2000))
def test_nothing_a_modem_may_send_is_too_much(data):
    unshield = Unshield()
    for one in unshield.feed(data):
        assert isinstance(one, Sound | Told | Report)
    assert len(sound(unshield.feed(data))) <= 2 * len(data) + 2


@pytest.mark.parametrize("ending", [b"\x10!", b"\x10\x1b", b"\x10\x03"])
def test_the_abort_ends_receive_in_every_dialect(ending):
    assert ending in ABORT
