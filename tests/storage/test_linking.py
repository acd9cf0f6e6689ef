"""Which recordings are probably of one call, and which are not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.calls import CallId
from appliance.storage.linking import Leg, Why, linked_to, put_by

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CALLER, OTHER, EXTENSION = "01632960846", "02079460123", "204"


def leg(began_s, ended_s, line=1, number="", held=(), salt=0):
    def at(s):
        return NINE + timedelta(seconds=s)

    name = CallId(f"{at(began_s):%Y-%m-%dT%H%M%SZ}-{line}-{salt:06x}")
    return Leg(name, line, at(began_s), at(ended_s), number, tuple((at(one), at(end)) for one, end in held))


def why(one, other):
    """Return why, which must be the same whichever of the two is asked about."""
    there, back = linked_to(one, [other]), linked_to(other, [one])
    assert [found.why for found in there] == [found.why for found in back]
    return there[0].why if there else None


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (leg(0, 60, number=CALLER), leg(120, 200, number=CALLER), Why.SAME_NUMBER),
        (leg(0, 60, number=CALLER), leg(660, 700, number=CALLER), Why.SAME_NUMBER),
        (leg(0, 60, number=CALLER), leg(661, 700, number=CALLER), None),
        (leg(0, 60, 1, CALLER), leg(30, 90, 2, CALLER), Why.SAME_NUMBER),
        (leg(0, 60), leg(120, 200), None),
        (leg(0, 60, 1, CALLER), leg(70, 90, 2, OTHER), None),
        (leg(0, 60, 1, CALLER), leg(70, 90, 2, EXTENSION), Why.AT_ITS_END),
        (leg(0, 60, 1, CALLER), leg(70, 90, 2), Why.AT_ITS_END),
        (leg(0, 60, 1), leg(90, 120, 2), Why.AT_ITS_END),
        (leg(0, 60, 1), leg(90.5, 120, 2), None),
        (leg(0, 60, 1), leg(70, 120, 1), None),
        (leg(0, 60, 1), leg(58.5, 120, 2), Why.AT_ITS_END),
        (leg(0, 60, 1), leg(50, 120, 2), None),
        (leg(0, 300, 1, CALLER, held=[(100, 150)]), leg(120, 200, 2), Why.WHILE_ON_HOLD),
        (leg(0, 300, 1, CALLER, held=[(100, 101)]), leg(125, 200, 2), Why.WHILE_ON_HOLD),
        (leg(0, 300, 1, CALLER, held=[(100, 150)]), leg(181, 200, 2), None),
        (leg(0, 300, 1, CALLER, held=[(100, 150)]), leg(90, 200, 2), None),
        (leg(0, 300, 1, CALLER, held=[(100, 150)]), leg(120, 200, 1), None),
        (leg(0, 300, 1, CALLER, held=[(100, 150)]), leg(120, 200, 2, OTHER), None),
    ],
)
def test_two_recordings_are_linked_by_number_hold_and_end_alone(first, second, expected):
    assert why(first, second) is expected


def test_several_are_told_in_order_and_a_call_is_never_linked_to_itself():
    call = leg(1000, 1060, number=CALLER)
    others = [leg(1200, 1260, number=CALLER), leg(700, 760, 2, CALLER), call, leg(1070, 1100, 2)]
    assert [one.leg for one in linked_to(call, others)] == [others[1], others[3], others[0]]


def test_only_holds_recalls_and_transfers_put_a_caller_by():
    spans = [("speech", 1.0, 2.0), ("held", 3.0, 9.0), ("keyed_digit", 4.0, 4.1), ("flash", 10.0, 10.1)]
    found = put_by(NINE, [*spans, ("transfer", 10.1, 12.0)])
    assert [((a - NINE).total_seconds(), (b - NINE).total_seconds()) for a, b in found] == [
        (3.0, 9.0), (10.0, 10.1), (10.1, 12.0),
    ]  # fmt: skip


legs = st.builds(
    lambda began, lasts, line, number, salt: leg(began, began + lasts, line, number, salt=salt),
    st.integers(0, 2000), st.integers(0, 900), st.integers(1, 2),
    st.sampled_from(["", CALLER, OTHER, EXTENSION]), st.integers(0, 0xFFFFFF),
)  # fmt: skip


@given(legs, legs)
def test_linking_says_the_same_of_both(one, other):
    why(one, other)


@given(legs, legs)
def test_calls_ten_minutes_apart_or_of_two_outside_numbers_are_never_linked(one, other):
    first, second = sorted((one, other), key=lambda leg: leg.began)
    two_parties = {one.number, other.number} == {CALLER, OTHER}
    if second.began - first.ended > timedelta(minutes=10) or two_parties:
        assert linked_to(one, [other]) == ()
