"""Caller display as modems write it out, with the odd ways in which they do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.capture.modem.callertext import CallerText, is_caller_text
from appliance.model.calls import Caller, CallerIdentity

NUMBER = CallerIdentity.NUMBER


@pytest.mark.parametrize(
    ("lines", "caller"),
    [
        (["DATE = 1123", "TIME = 1633", "NMBR = 01632960123"], Caller(NUMBER, "01632960123")),
        (["DATE=1123", "TIME=1633", "NAME=ANYTOWN", "NMBR=01632 960-123"], Caller(NUMBER, "01632960123", "ANYTOWN")),
        (["NMBR = +441632960123"], Caller(NUMBER, "+441632960123")),
        (["NMBR = P"], Caller(CallerIdentity.WITHHELD)),
        (["NMBR=PRIVATE"], Caller(CallerIdentity.WITHHELD)),
        (["NMBR = O"], Caller(CallerIdentity.UNAVAILABLE)),
        (["NMBR = Out of Area"], Caller(CallerIdentity.UNAVAILABLE)),
        (["NMBR = "], Caller(CallerIdentity.UNAVAILABLE)),
        (["NMBR = 0163x29"], Caller(CallerIdentity.UNAVAILABLE)),
    ],
)
def test_a_caller_is_known_once_the_number_has_come(lines, caller):
    text = CallerText()
    *before, last = (text.line(line) for line in lines)
    assert before == [None] * len(before)
    assert last == caller


def test_a_name_belongs_to_its_own_call_only():
    text = CallerText()
    text.line("NAME = ANYTOWN")
    text.line("DATE = 1123")
    assert text.line("NMBR = 01632960123").name is None


def test_a_report_may_have_its_lines_in_any_order():
    report = "\r\nNMBR = 01632960123\r\nNAME = ANYTOWN\r\n"
    assert CallerText().report(report) == Caller(NUMBER, "01632960123", "ANYTOWN")


def test_a_report_of_something_else_names_nobody():
    assert CallerText().report("MESG = 8001\r\n") is None
    assert CallerText().report("") is None


@given(st.text(max_size=200))
def test_no_text_is_too_odd(text):
    found = CallerText().line(text)
    assert found is None or is_caller_text(text)
