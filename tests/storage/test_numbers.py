"""Numbers compare however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.storage.numbers import normal_number


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("01632 960846", "01632960846"),
        ("+44 1632 960846", "01632960846"),
        ("+44 (0)1632 960846", "01632960846"),
        ("0044 1632 960846", "01632960846"),
        ("(01632) 960-846", "01632960846"),
        ("960 846", "960846"),
        ("+33 1 70 18 99 00", "0033170189900"),
        ("0033 1 70", "0033170"),
        ("+44", "0"),
        ("44", "44"),
        ("", ""),
        (None, ""),
        ("withheld", ""),
    ],
)
def test_numbers_in_any_spelling_have_one_normal_form(written, normal):
    assert normal_number(written) == normal


@given(st.from_regex(r"0[1-9][0-9]{8,9}", fullmatch=True), st.sampled_from(["", " ", "-"]))
def test_zero_and_plus_44_are_alike_for_every_number(number, gap):
    spaced = gap.join(number[1:])
    assert normal_number(number) == normal_number(f"+44 {spaced}") == normal_number(f"0044{spaced}") == number


@given(st.text(max_size=40))
def test_whatever_is_typed_becomes_digits_and_stays_what_it_became(text):
    once = normal_number(text)
    assert once == "" or (once.isascii() and once.isdigit())
    assert normal_number(once) == once or once.startswith("0044")
