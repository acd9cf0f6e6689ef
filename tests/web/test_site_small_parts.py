"""The parts of the site that touch nothing: words, numbers, ranges, waveforms, the shelf."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.clock import FakeClock
from appliance.model.calls import Span
from appliance.model.status import LineState, LineStatus
from appliance.web import byterange, phone, waveform, words
from appliance.web.returning import safe_path
from appliance.web.shelf import Shelf

AT = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("01632960846", "01632 960846"),
        ("02079460123", "020 7946 0123"),
        ("+442079460123", "020 7946 0123"),
        ("00441632960846", "01632 960846"),
        ("07700900456", "07700 900456"),
        ("01154960000", "0115 496 0000"),
        ("01214960000", "0121 496 0000"),
        ("03069990123", "0306 999 0123"),
        ("08081570123", "0808 157 0123"),
        ("0164296000", "01642 96000"),
        ("999", "999"),
        ("+353161234567", "+353161234567"),
        ("", ""),
    ],
)
def test_numbers_are_spaced_as_people_in_the_uk_read_them(number, shown):
    assert phone.spaced(number) == shown


@given(st.from_regex(r"\A0\d{5,14}\Z"))
def test_spacing_a_number_changes_no_digit(number):
    national = phone.spaced(number).replace(" ", "")
    assert national == number or number.startswith("0044")


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (AT, "Mon 23 November 2026, 16:33"),
        (datetime(2026, 7, 1, 11, 5, tzinfo=UTC), "Wed 1 July 2026, 12:05"),
        (datetime(2026, 10, 25, 0, 59, tzinfo=UTC), "Sun 25 October 2026, 01:59"),
        (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "Sun 25 October 2026, 01:00"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "Thu 31 December 2026, 23:59"),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "Wed 1 July 2026, 00:30"),
    ],
)
def test_times_are_those_of_the_clock_on_the_wall(at, shown):
    assert words.day_time(at) == shown


def test_days_are_written_out():
    assert words.day(date(2027, 2, 28)) == "Sun 28 February 2027"


@pytest.mark.parametrize(
    ("seconds", "length", "position"),
    [(0, "0 s", "0:00"), (59.4, "59 s", "0:59"), (185, "3 min 5 s", "3:05"), (3785, "1 h 3 min", "1:03:05")],
)
def test_lengths_and_positions(seconds, length, position):
    assert (words.length(seconds), words.position(seconds)) == (length, position)


@pytest.mark.parametrize(
    ("months", "said"), [(None, "Enough so far"), (1.9, "1 month"), (14.2, "14 months"), (2403.0, "Over 2 years")]
)
def test_room_on_the_disk_is_never_overstated(months, said):
    assert words.room(months) == said


def lines(*states):
    return [LineStatus(number, f"Line {number}", state, AT, -50.0) for number, state in enumerate(states, start=1)]


@pytest.mark.parametrize(
    ("states", "contact", "said"),
    [
        ([LineState.IDLE], True, "The line is being recorded"),
        ([LineState.IDLE, LineState.RECORDING], True, "Both lines are being recorded"),
        ([LineState.IDLE] * 3, True, "All 3 lines are being recorded"),
        ([LineState.IDLE, LineState.FAULT], True, "Line 2 is not being recorded"),
        ([LineState.OFF, LineState.FAULT, LineState.FAULT], True, "Line 1, Line 2 and Line 3 are not being recorded"),
        ([LineState.STARTING, LineState.IDLE], True, "The recorder is starting"),
        ([], True, "No line is connected yet"),
        ([LineState.IDLE], False, "The recorder is not answering"),
    ],
)
def test_one_sentence_says_how_the_lines_stand_and_never_more_than_is_known(states, contact, said):
    assert words.headline(lines(*states), contact=contact) == said


@given(st.binary(max_size=5000))
def test_a_thinned_waveform_keeps_the_loudest_and_stays_small(peaks):
    thin = waveform.thinned(peaks)
    assert len(thin) <= waveform.MOST_POINTS
    assert max(thin, default=0) == max(peaks, default=0)
    assert thin == peaks or len(peaks) > waveform.MOST_POINTS


@given(st.floats(0, 7200), st.floats(0, 600), st.floats(0.1, 7200))
def test_marks_are_drawn_inside_the_picture(start_s, length_s, duration_s):
    for stripe in waveform.stripes((Span("held", start_s, start_s + length_s),), duration_s):
        assert 0 <= stripe.x <= 1000
        assert stripe.width >= 2
        assert stripe.x + stripe.width <= 1002.1


@given(st.text(max_size=40), st.integers(0, 10**6))
def test_any_range_header_is_a_range_inside_or_none_or_unsatisfiable(header, total):
    try:
        found = byterange.parse(header, total)
    except byterange.Unsatisfiable:
        return
    assert found is None or 0 <= found.first <= found.last < total


@given(st.integers(1, 10**6), st.data())
def test_a_range_means_what_rfc_9110_says(total, data):
    first = data.draw(st.integers(0, total - 1))
    last = data.draw(st.integers(first, 2 * total))
    found = byterange.parse(f"bytes={first}-{last}", total)
    assert (found.first, found.last) == (first, min(last, total - 1))
    assert byterange.parse(f"bytes={first}-", total).length == total - first
    suffix = data.draw(st.integers(1, 2 * total))
    assert byterange.parse(f"bytes=-{suffix}", total).length == min(suffix, total)


@given(st.text(max_size=60))
def test_a_way_back_is_a_path_of_this_site(text):
    path = safe_path(text)
    assert path.startswith("/")
    assert not path.startswith("//")
    assert "\\" not in path
    assert ":" not in path.split("?")[0]


def test_a_shelf_gives_only_to_the_owner_for_a_time_and_not_too_much():
    clock = FakeClock()
    shelf = Shelf(3, 60.0, clock.monotonic)
    name = shelf.put("a search", b"owner")
    assert shelf.get(name, b"owner") == "a search"
    assert shelf.get(name, b"another") is None
    assert shelf.get("made up", b"owner") is None
    clock.advance(61)
    assert shelf.get(name, b"owner") is None
    names = [shelf.put(number) for number in range(5)]
    assert [shelf.get(name) for name in names] == [None, None, 2, 3, 4]
    shelf.drop(names[4])
    assert shelf.get(names[4]) is None
