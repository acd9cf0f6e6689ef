"""What was found, held against truths made by hand."""

from dataclasses import replace

import pytest

from appliance.audio import positions
from appliance.bench.scoring import Score, score
from appliance.capture.simulator.truth import TrueCall, Truth
from appliance.model.calls import Caller, CallerIdentity, CallFacts, Direction


def at(*times_s):
    return tuple(positions(time_s) for time_s in times_s)


def incoming(start_s, end_s, **more):
    """A call that rings 5 s, is answered, and whose last word comes 2 s before the hang-up."""
    seize, off_hook, talk_end, on_hook = at(start_s, start_s + 5, end_s - 2, end_s)
    return TrueCall(
        "in", seize, first_ring=seize, off_hook=off_hook, answer=off_hook, talk_end=talk_end, on_hook=on_hook, **more
    )


def attempt(start_s, end_s, number):
    """A call out that nobody answers."""
    start, end = at(start_s, end_s)
    return TrueCall("out", start, off_hook=start, talk_end=end, on_hook=end, dialled=number)


def missed(start_s, end_s, **more):
    start, end = at(start_s, end_s)
    return TrueCall("in", start, first_ring=start, seize_end=end, **more)


def line(*calls, speech=()):
    return Truth(duration=positions(1000), calls=list(calls), speech=[(*at(a, b), who) for a, b, who in speech])


def recording(start_s, end_s, **more):
    start, end = at(start_s, end_s)
    return CallFacts(start, end, start, **{"direction": Direction.IN, "answered": True, **more})


def report(start_s, end_s, **more):
    start, end = at(start_s, end_s)
    return CallFacts(start, end, None, direction=Direction.IN, **more)


def number(digits):
    return Caller(CallerIdentity.NUMBER, digits)


ONE = incoming(10, 62)
TWO = incoming(100, 152)


def test_a_call_found_as_it_was_has_no_error():
    scored = score(line(ONE, speech=[(16, 20, "f"), (50, 60, "n")]), [recording(10, 61)])
    assert scored == Score(answered=1, found=1, speech_s=14.0, end_errors_s=(0.0,), directed=1, directions=1)


def test_a_call_in_two_pieces_is_split_once_and_loses_the_speech_between_them():
    scored = score(line(ONE, speech=[(16, 40, "f")]), [recording(10, 30), recording(34, 61)])
    assert (scored.found, scored.splits, scored.merges, scored.false) == (1, 1, 0, 0)
    assert (scored.lost_start_s, scored.lost_middle_s, scored.lost_end_s) == (0.0, 4.0, 0.0)


def test_a_call_in_three_pieces_is_split_twice():
    assert score(line(ONE), [recording(10, 25), recording(26, 40), recording(41, 61)]).splits == 2


def test_two_calls_in_one_recording_are_a_merge_and_the_first_has_no_end_to_judge():
    scored = score(line(ONE, TWO), [recording(10, 152)])
    assert (scored.found, scored.splits, scored.merges, scored.joined) == (2, 0, 1, 0)
    assert scored.end_errors_s == (0.0,)


def test_three_calls_in_one_recording_are_two_merges():
    assert score(line(ONE, TWO, incoming(200, 260)), [recording(10, 260)]).merges == 2


def test_an_attempt_in_the_recording_of_a_call_is_joined_and_no_merge():
    scored = score(line(attempt(70, 90, "01632960001"), TWO), [recording(70, 152)])
    assert (scored.merges, scored.joined) == (0, 1)


def test_an_attempt_need_not_be_recorded():
    assert score(line(attempt(70, 90, "01632960001")), []) == Score()


def test_the_edge_of_a_neighbouring_call_is_no_merge():
    assert score(line(ONE, incoming(63, 120)), [recording(10, 63), recording(63.5, 119)]).merges == 0


def test_a_recording_of_nothing_is_false():
    scored = score(line(ONE), [recording(10, 61), recording(300, 310)])
    assert (scored.false, scored.splits) == (1, 0)


def test_a_call_nobody_recorded_loses_all_its_speech():
    scored = score(line(ONE, speech=[(16, 20, "f"), (30, 36, "n")]), [])
    assert (scored.answered, scored.found, scored.lost_middle_s) == (1, 0, 10.0)


def test_speech_before_and_after_the_recording_is_lost_at_start_and_end():
    scored = score(line(ONE, speech=[(16, 20, "f"), (55, 60, "n")]), [recording(17.5, 58)])
    assert (scored.lost_start_s, scored.lost_middle_s, scored.lost_end_s) == (1.5, 0.0, 2.0)


def test_hold_music_is_no_speech():
    scored = score(line(ONE, speech=[(16, 20, "m"), (30, 36, "f")]), [recording(25, 61)])
    assert (scored.speech_s, scored.lost_start_s) == (6.0, 0.0)


@pytest.mark.parametrize(("end_s", "error_s"), [(59, -1.0), (60, 0.0), (62, 0.0), (65.5, 3.5)])
def test_an_end_is_right_from_the_last_word_to_the_hang_up(end_s, error_s):
    assert score(line(ONE), [recording(10, end_s)]).end_errors_s == (error_s,)


def test_percentiles_are_of_how_far_off_the_ends_are():
    many = Score(end_errors_s=(-4.0, 0.0, 0.0, 1.0, 2.0))
    assert (many.end_error_s(50), many.end_error_s(95)) == (1.0, pytest.approx(3.6))
    assert Score().end_error_s(95) == 0.0
    assert Score(end_errors_s=(-2.0,)).end_error_s(50) == 2.0


def test_direction_counts_only_where_the_line_lets_ringing_through():
    wrong = [recording(10, 61, direction=Direction.UNKNOWN)]
    assert (score(line(ONE), wrong).directed, score(line(ONE), wrong).directions) == (1, 0)
    assert score(line(ONE), wrong, rings=False).directed == 0


@pytest.mark.parametrize(("said", "exact"), [("01632960001", 1), ("0163296000", 0), (None, 0)])
def test_a_dialled_number_is_exact_or_not(said, exact):
    call = replace(attempt(100, 150, "01632960001"), answer=positions(110))
    scored = score(line(call), [recording(100, 150, direction=Direction.OUT, dialled=said)])
    assert (scored.numbers, scored.numbers_exact) == (1, exact)


def test_the_number_of_a_recorded_attempt_counts():
    scored = score(line(attempt(70, 90, "01632960001")), [recording(70, 90, dialled="01632960001")])
    assert (scored.numbers, scored.numbers_exact, scored.false) == (1, 1, 0)


@pytest.mark.parametrize(
    ("caller", "exact", "spurious"),
    [(number("01632960001"), 1, 0), (number("01632960002"), 0, 1), (Caller(), 0, 0)],
)
def test_a_caller_told_by_the_line_is_exact_wrong_or_not_detected(caller, exact, spurious):
    scored = score(line(incoming(10, 62, caller="01632960001")), [recording(10, 61, caller=caller)])
    assert (scored.callers, scored.callers_exact, scored.spurious) == (1, exact, spurious)


def test_a_caller_where_the_line_told_none_is_spurious():
    scored = score(line(ONE), [recording(10, 61, caller=number("01632960001"))])
    assert (scored.callers, scored.spurious) == (0, 1)


@pytest.mark.parametrize(("identity", "exact"), [(CallerIdentity.WITHHELD, 1), (CallerIdentity.UNAVAILABLE, 0)])
def test_withheld_is_not_unavailable(identity, exact):
    scored = score(line(incoming(10, 62, withheld=True)), [recording(10, 61, caller=Caller(identity))])
    assert (scored.callers, scored.callers_exact, scored.spurious) == (1, exact, 0)


def test_a_missed_call_is_found_by_a_report_and_its_caller_counts():
    truth = line(missed(10, 40, caller="01632960001", clip=at(9, 10)))
    scored = score(truth, [report(10, 40, caller=number("01632960001"))])
    assert (scored.audible, scored.missed_found, scored.callers_exact) == (1, 1, 1)
    assert score(truth, [report(60, 70)]).missed_found == 0


def test_a_missed_call_that_could_not_be_heard_is_not_asked_for():
    assert score(line(missed(10, 40)), [], rings=False).audible == 0
    assert score(line(missed(10, 40)), [], rings=True).audible == 1


def test_scores_of_lines_add_up():
    first = score(line(ONE, speech=[(16, 20, "f")]), [recording(10, 61)])
    second = score(line(TWO), [recording(100, 155)])
    both = first + second
    assert (both.answered, both.found, both.speech_s, both.end_errors_s) == (2, 2, 4.0, (0.0, 3.0))
