"""A line's own page: whether it is proved, a test call, and when it was not recorded and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appliance.model.calls import Span
from appliance.model.gaps import Gap, GapCause, Why
from appliance.model.people import Role
from appliance.model.proof import LineTest, Proof, ProofKind
from appliance.web import gapwords, waveform

NOW = datetime(2026, 11, 24, 8, 45, tzinfo=UTC)


def gap(cause, detail="", length_s=12.0):
    return Gap(1, "Reception", NOW, NOW + timedelta(seconds=length_s), Why(cause, detail))


@pytest.mark.parametrize("cause", list(GapCause))
def test_every_cause_has_its_words(cause):
    assert len(gapwords.cause(gap(cause))) > 5


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (gap(GapCause.POWER, "cut off"), "The box was off: its power was cut"),
        (gap(GapCause.PAUSED, "The manager"), "Paused (by The manager)"),
        (gap(GapCause.SWITCHED_OFF, "The manager"), "Switched off (by The manager)"),
        (gap(GapCause.OBJECTED, "button"), "The caller objected (by the button)"),
        (gap(GapCause.STOPPED, "crashed"), "The recorder was not running: it ended by itself"),
        (gap(GapCause.CLOCK, "went back"), "The box’s clock had gone back: how long is not known"),
    ],
)
def test_a_gap_says_who_or_what_made_it(told, words):
    assert gapwords.cause(told) == words


@pytest.mark.parametrize(
    ("length_s", "words"), [(0.004, "0.1 s"), (0.42, "0.4 s"), (12.0, "12 s"), (185.0, "3 min 5 s")]
)
def test_a_gap_says_how_long_it_was(length_s, words):
    assert gapwords.length(gap(GapCause.CARD, length_s=length_s)) == words
    assert gapwords.length(gap(GapCause.CLOCK, length_s=length_s)) == "not known"


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        (None, "Not proved yet: nothing has come over this line since it was connected"),
        (Proof(NOW - timedelta(minutes=4), ProofKind.CALL), "Last proved 08:41 by a call"),
        (Proof(NOW - timedelta(days=1), ProofKind.RINGING), "Last proved Mon 23 Nov 2026, 08:45 by ringing"),
        (Proof(NOW, ProofKind.TEST_CALL), "Last proved 08:45 by a test call"),
    ],
)
def test_a_line_says_when_it_was_last_proved(proof, words):
    assert gapwords.proved(proof, NOW) == words


def test_a_test_call_asks_then_says_yes_or_no():
    test = LineTest(1, NOW, NOW + timedelta(minutes=2))
    assert gapwords.tested(test, NOW).startswith("Ring this line now")
    assert gapwords.tested(test, NOW + timedelta(minutes=3)).startswith("Nothing came between 08:45 and 08:47.")
    came = replace(test, proof=Proof(NOW + timedelta(minutes=1), ProofKind.TEST_CALL))
    assert gapwords.tested(came, NOW) == "The line is heard: the test call came at 08:46."


def test_a_gap_inside_a_recording_says_its_cause():
    (stripe,) = waveform.stripes((Span("gap", 1.0, 2.0, "card"),), 10.0)
    assert stripe.words == "Gap: The sound card or modem gave no sound"
    (old,) = waveform.stripes((Span("gap", 1.0, 2.0, ""),), 10.0)
    assert old.words == "Gap: nothing could be recorded"


@pytest.mark.parametrize("role", list(Role))
def test_everybody_signed_in_may_see_a_line_s_page_and_test_it(clients, role):
    page = clients[role].get("/lines/2").text
    assert "Is this line heard?" in page
    answer = clients[role].post_form("/lines/2/test", page="/lines")
    assert answer.status == 303
    waiting = clients[role].get("/lines/2").text
    assert "Ring this line now" in waiting
    assert 'data-freshen="2000"' in waiting


def test_a_line_that_is_not_there_has_no_page(manager):
    assert manager.get("/lines/9").status == 404
    assert manager.post_form("/lines/9/test", page="/lines/1").status == 404
