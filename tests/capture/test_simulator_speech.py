"""The spoken dialogues: small, telephone-band, of two parties, and as the script says."""

import json
import tomllib
from importlib import resources

import numpy as np
import pytest

from appliance.audio import RATE, level_dbfs
from appliance.capture.simulator import speech

VOICES = resources.files("appliance.capture.simulator") / "voices"


def script():
    return tomllib.loads((VOICES / "script.toml").read_text(encoding="utf-8"))["dialogue"]


def test_there_are_a_dozen_dialogues_of_usual_length():
    times = json.loads((VOICES / "turns.json").read_text(encoding="utf-8"))
    assert len(speech.dialogues()) >= 12
    for name in speech.dialogues():
        assert 20 <= times[name][-1][1] / RATE <= 60


def test_all_voices_together_are_under_a_megabyte():
    assert sum(len(file.read_bytes()) for file in VOICES.iterdir()) < 1_000_000


def test_several_voices_are_heard_on_both_sides():
    assert len({one["near"] for one in script()}) >= 8
    assert len({one["far"] for one in script()}) >= 8


@pytest.mark.parametrize("name", [one["name"] for one in script()])
def test_every_turn_is_speech_in_the_telephone_band_at_level_one(name):
    turns = speech.turns(name)
    [words] = [one["turns"] for one in script() if one["name"] == name]
    assert [(turn.near, turn.text) for turn in turns] == [("near" in w, next(iter(w.values()))) for w in words]
    for turn in turns:
        assert level_dbfs(turn.samples) == pytest.approx(0.0, abs=0.01)
        assert 0.5 < len(turn.samples) / RATE < 15
        assert np.abs(turn.samples).max() < 8, "a telephone's amplifier limits"
        power = np.abs(np.fft.rfft(turn.samples)) ** 2
        hz = np.fft.rfftfreq(len(turn.samples), 1 / RATE)
        assert power[(hz >= 200) & (hz <= 3600)].sum() > 0.97 * power.sum()


@pytest.mark.parametrize("name", [one["name"] for one in script()])
def test_turns_begin_and_end_where_the_times_say(name):
    for turn in speech.turns(name):
        edge = RATE // 20
        assert level_dbfs(turn.samples[:edge]) > -45
        assert level_dbfs(turn.samples[-edge:]) > -45


def test_a_conversation_goes_through_a_dialogue_in_order_and_never_ends():
    conversation = speech.Conversation(np.random.default_rng(1))
    said = [conversation.turn().text for _ in range(200)]
    dialogues = [[turn.text for turn in speech.turns(name)] for name in speech.dialogues()]
    first = next(one for one in dialogues if one[0] == said[0])
    assert said[: len(first)] == first
    assert len(set(said)) > 60


def test_another_call_is_another_dialogue_from_its_beginning():
    conversation = speech.Conversation(np.random.default_rng(1))
    conversation.turn()
    conversation.begin_anew()
    assert conversation.turn().text in {speech.turns(name)[0].text for name in speech.dialogues()}


def test_hold_music_fills_any_length_at_level_one():
    music = speech.music(90 * RATE, np.random.default_rng(3))
    assert len(music) == 90 * RATE
    assert level_dbfs(music) == pytest.approx(0.0, abs=0.5)
    assert len(speech.music(0, np.random.default_rng(3))) == 0
