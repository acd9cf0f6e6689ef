"""The lamps' card is printed from the site and stands in the manual: both know every state by the words of the page."""

import re
from pathlib import Path

import pytest

from appliance.cli import terminal
from appliance.model.status import STATE_WORDS, LineState
from appliance.web import words

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "docs" / "hardware.md"
SHAPES = ROOT / "appliance" / "web" / "assets" / "_lines.scss"


def printed():
    return [state for _, states, _ in words.LAMPS for state in states.split("; ")]


def in_the_manual():
    table = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", MANUAL.read_text().split("## Lamps")[1], re.MULTILINE)
    return [state.strip("* ") for _, states in table[1:] for state in states.split("; ")]


@pytest.mark.parametrize("state", LineState)
def test_every_state_of_a_line_has_words_and_stands_on_the_card(state):
    assert STATE_WORDS[state] in printed()
    assert terminal.WORDS[state].endswith(STATE_WORDS[state])


def test_the_manual_has_the_same_states_in_the_same_order_as_the_card():
    assert in_the_manual() == printed()


def test_every_state_has_a_shape_of_its_own_on_the_page():
    assert set(re.findall(r'data-state="(\w+)"', SHAPES.read_text())) >= set(LineState) - {LineState.IDLE}
