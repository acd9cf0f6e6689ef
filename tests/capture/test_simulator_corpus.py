"""The project's own corpus and a practice's traffic: complete, consistent, repeatable."""

import json
import wave
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from appliance.audio import RATE, level_dbfs, positions
from appliance.capture.simulator.calls import CallKind
from appliance.capture.simulator.corpus import ABROAD, corpus, write_corpus
from appliance.capture.simulator.numbers import reserved_number
from appliance.capture.simulator.profile import ODDITIES, Profile
from appliance.capture.simulator.traffic import USUAL, PlannedCall, practice_day


@pytest.fixture(scope="module")
def outline():
    """The whole corpus without its sound: name, truth, profile, flags, and how long it is."""
    kept = []
    for line in corpus(seed=1, calls=320):
        truth = line.truth_json()
        kept.append((truth, line.truth, line.profile, line.flags, len(line.samples)))
    return kept


def test_it_has_over_300_calls_of_every_sort(outline):
    calls = [call for truth, *_ in outline for call in truth["calls"]]
    assert len(calls) >= 320
    ends = Counter((call["direction"], call["answered"], call["missed"]) for call in calls)
    assert min(ends[sort] for sort in (("in", True, False), ("out", True, False), ("out", False, False))) >= 20
    assert ends["in", False, True] >= 15


def test_it_has_every_oddity_and_every_country(outline):
    assert {flag for *_, flags, _ in outline for flag in flags} == set(ODDITIES) - {"clean"}
    assert {profile.country for _, _, profile, *_ in outline} == {"uk", *ABROAD}


def test_it_has_calls_of_three_seconds_and_an_hour_holds_of_ten_minutes_and_silence_of_two(outline):
    calls = [call for truth, *_ in outline for call in truth["calls"]]
    lengths = [call["talk_end"] - call["offhook"] for call in calls if call["answered"]]
    assert min(lengths) < 3.5
    assert max(lengths) > 3590
    assert max(end - start for call in calls for start, end in call["holds"]) >= 600
    assert max(end - start for call in calls for start, end in call["silences"]) >= 120


def test_calls_come_in_order_and_never_overlap(outline):
    for truth, *_ in outline:
        spans = [(c["seize"], c["onhook"] or c["seize_end"]) for c in truth["calls"]]
        assert all(start < end for start, end in spans)
        assert all(end + 0.3 <= start for (_, end), (start, _) in pairwise(spans))
        assert spans[-1][1] <= truth["duration"]


def test_every_moment_of_an_answered_call_is_in_its_order(outline):
    for truth, *_ in outline:
        for call in truth["calls"]:
            if call["answered"]:
                assert call["seize"] <= call["offhook"] <= call["answer"] <= call["talk_end"] <= call["onhook"]
                heard = [*truth["speech"], *(tone for tone in truth["tones"] if tone[2] in {"fax", "modem"})]
                inside = [s for s in heard if call["answer"] <= s[0] and s[1] <= call["talk_end"] + 1e-3]
                assert inside


def test_hook_edges_alternate_and_agree_with_the_calls(outline):
    for truth, *_ in outline:
        edges = truth["hook"]
        assert [state for _, state in edges] == [1, 0] * (len(edges) // 2)
        off = [at for at, state in edges if state]
        assert all(call["offhook"] in off for call in truth["calls"] if call["offhook"] is not None)


def test_the_truth_is_plain_json(outline):
    truths = [truth for truth, *_ in outline]
    assert json.loads(json.dumps(truths)) == truths


def test_the_same_seed_is_the_same_corpus():
    first, again = (next(iter_after(corpus(seed, 20), 2)) for seed in (9, 9))
    assert np.array_equal(first.samples, again.samples)
    assert first.truth == again.truth


def iter_after(lines, skipped):
    for _ in range(skipped):
        next(lines)
    return lines


def test_it_is_written_as_sound_files_with_the_truth_beside_them(tmp_path):
    lines = [line.name for line in write_corpus(tmp_path, seed=2, calls=5)]
    truths = json.loads((tmp_path / "truth.json").read_text())
    hooks, rings = (json.loads((tmp_path / name).read_text()) for name in ("hook.json", "ring.json"))
    assert [truth["file"] for truth in truths] == list(hooks) == lines
    for truth in truths:
        with wave.open(str(tmp_path / truth["file"])) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
            assert file.getnframes() / RATE == pytest.approx(truth["duration"], abs=1e-4)
        assert hooks[truth["file"]] == truth["hook"]
        edges = [at for ring in truth["ring"] for at in ring]
        assert [at for at, _ in rings[truth["file"]]] == edges


@pytest.mark.parametrize("kind", list(CallKind))
def test_every_kind_of_call_is_one_call_from_idle_to_idle_but_one_lifted_too_late_is_two(kind):
    pair = PlannedCall(kind, 0.0, 6.0, seed=11).pair(Profile())
    audio, truth = pair.audio(), pair.truth()
    assert [call.direction for call in truth.calls[1:]] == (["out"] if kind is CallKind.LIFTED_TOO_LATE else [])
    assert level_dbfs(audio[: positions(1.5)]) < -60
    assert level_dbfs(audio[-positions(1.5) :]) < -60


def test_a_planned_call_sounds_the_same_each_time():
    call = PlannedCall(CallKind.ON_HOLD, 0.0, 10.0, seed=5)
    assert np.array_equal(call.pair(Profile()).audio(), call.pair(Profile()).audio())


def test_a_practice_day_has_its_rush_in_the_morning_and_no_call_in_another():
    days = [practice_day(np.random.default_rng(seed)) for seed in range(20)]
    for day in days:
        assert all(8 * 3600 <= call.start_s < 18.5 * 3600 for call in day)
        assert all(a.start_s + a.talk_s < b.start_s for a, b in pairwise(day))
    early = sum(call.start_s < 10 * 3600 for day in days for call in day)
    every = sum(len(day) for day in days)
    assert 0.3 < early / every < 0.55
    assert 15 < every / len(days) < 35
    assert {call.kind for day in days for call in day} == set(USUAL)


@pytest.mark.parametrize(
    ("country", "beginnings"),
    [
        ("uk", ("01632960", "0207946", "0131496", "0117496", "0161496", "0191498", "07700900", "0808157")),
        ("us", ("2125550", "4155550", "3125550")),
    ],
)
def test_numbers_are_of_ranges_kept_for_fiction(country, beginnings):
    rng = np.random.default_rng(1)
    numbers = {reserved_number(rng, country) for _ in range(200)}
    assert all(number.startswith(beginnings) and number.isdigit() for number in numbers)
    assert len(numbers) > 100
