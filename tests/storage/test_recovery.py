"""The recovery sheet: what people make of it when they type."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import SheetMistyped
from appliance.storage.recover import Unrecoverable, recovery_key
from appliance.storage.recovery import GROUPS, parse_sheet, sheet_text
from appliance.storage.unsealing import PrivateKey

KEY = PrivateKey(bytes(range(32)))
SHEET = sheet_text(KEY)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def both(text):
    """Read a sheet with the appliance's parser, which must agree with the standalone script's."""
    ours = outcome(lambda: parse_sheet(text).raw())
    theirs = outcome(lambda: recovery_key(text).private_bytes_raw())
    assert (theirs if isinstance(theirs, bytes) else str(theirs)) == (ours if isinstance(ours, bytes) else str(ours))
    if isinstance(ours, Exception):
        raise ours
    return ours


def outcome(read):
    try:
        return read()
    except (SheetMistyped, Unrecoverable) as wrong:
        return wrong


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_every_key_comes_back(raw):
    assert both(sheet_text(PrivateKey(raw))) == raw


def test_it_is_groups_of_four_without_look_alikes():
    groups = SHEET.split("-")
    assert len(groups) == GROUPS
    assert {len(group) for group in groups} == {4}
    assert set(SHEET) <= set(ALPHABET + "-")


@pytest.mark.parametrize(
    "typed",
    [
        SHEET.lower(),
        SHEET.replace("-", " "),
        SHEET.replace("-", ""),
        SHEET.replace("-", "\n"),
        SHEET.replace("-", " – "),
        SHEET.replace("O", "0").replace("I", "1").replace("B", "8"),
        f"  {SHEET}.\n",
        "\n".join(SHEET[at : at + 20] for at in range(0, len(SHEET), 20)),
    ],
)
def test_case_spaces_and_look_alikes_do_not_matter(typed):
    assert both(typed) == bytes(range(32))


def test_one_wrong_character_anywhere_is_found_and_nearly_always_its_group_named():
    named = total = 0
    for at, right in enumerate(SHEET):
        for wrong in ALPHABET if right != "-" else "":
            if wrong == right:
                continue
            total += 1
            with pytest.raises(SheetMistyped) as told:
                both(SHEET[:at] + wrong + SHEET[at + 1 :])
            named += f"Group {at // 5 + 1} " in str(told.value)
    assert named / total > 0.95  # the check of a group is one character of 32


def test_groups_changed_about_are_found():
    groups, chance = SHEET.split("-"), random.Random(1)
    for _ in range(200):
        first, second = chance.sample(range(GROUPS), 2)
        moved = list(groups)
        moved[first], moved[second] = moved[second], moved[first]
        with pytest.raises(SheetMistyped):
            both("-".join(moved))


def test_a_group_left_out_or_typed_twice_is_found():
    groups = SHEET.split("-")
    for at in range(GROUPS):
        for typed in (groups[:at] + groups[at + 1 :], groups[: at + 1] + groups[at:]):
            with pytest.raises(SheetMistyped):
                both("-".join(typed))


@pytest.mark.parametrize("typed", ["", "   ", "A", "-", "Ö" * 72, "9999-" * 18, SHEET + SHEET, "\0", "ß" * 36])
def test_what_is_no_sheet_at_all_is_refused(typed):
    with pytest.raises(SheetMistyped):
        both(typed)


@settings(deadline=None)
@given(st.text(max_size=120))
def test_no_text_makes_the_parser_crash(text):
    with pytest.raises(SheetMistyped):
        both(text)


def test_what_was_typed_is_not_in_the_refusal():
    typed = SHEET[:-1] + ("A" if SHEET[-1] != "A" else "C")
    with pytest.raises(SheetMistyped) as told:
        both(typed)
    assert not any(group in str(told.value) for group in SHEET.split("-"))
