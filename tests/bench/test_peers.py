"""The peers hear what they are given: each decodes a clean signal, and says nothing of silence."""

import numpy as np
import pytest

from appliance.audio import positions
from appliance.bench.peers import Multimon, Spandsp
from appliance.bench.vox import vox
from appliance.capture.simulator import callerid, waves
from appliance.capture.simulator.callerid import Caller
from appliance.capture.simulator.signals import CallerIdSystem

NUMBER = "01632960123"


@pytest.fixture(scope="module", params=["spandsp", "multimon-ng"])
def peer(request, tmp_path_factory):
    found = Spandsp.built(tmp_path_factory.mktemp("peer")) if request.param == "spandsp" else Multimon.found()
    if found is None:
        pytest.skip(f"{request.param} is not installed")
    return found


def keyed(digits):
    gap = np.zeros(positions(0.09), np.float32)
    return np.concatenate([gap, *(x for key in digits for x in (waves.digit(key, positions(0.08), -13.0), gap))])


def burst(modem, message):
    quiet = np.zeros(positions(0.15), np.float32)
    return np.concatenate([quiet, callerid.keyed(message(Caller(NUMBER), "11231633"), modem, -24.0), quiet])


def test_digits_are_decoded(peer):
    silence = np.zeros(positions(1.0), np.float32)
    assert peer.digits([keyed(NUMBER), silence, keyed("42")]) == [NUMBER, "", "42"]


@pytest.mark.parametrize(
    ("modem", "message", "system"),
    [
        (callerid.V23_ETSI, callerid.british_message, CallerIdSystem.V23_BEFORE_RING),
        (callerid.BELL_202, callerid.message, CallerIdSystem.BELL_202),
    ],
)
def test_callers_are_decoded(peer, modem, message, system):
    assert peer.callers([(burst(modem, message), system)]) == [NUMBER]


def test_only_spandsp_reads_single_data_messages(peer):
    single = (burst(callerid.BELL_202, callerid.single_message), CallerIdSystem.BELL_202)
    assert peer.callers([single]) == ([NUMBER] if isinstance(peer, Spandsp) else [""])


def spoken(*stretches_s):
    samples = np.zeros(positions(60.0), np.float32)
    for start_s, end_s in stretches_s:
        samples[positions(start_s) : positions(end_s)] = 0.1
    return samples


def test_a_vox_stops_after_its_pause_and_splits_a_call_with_a_longer_one():
    found = vox(spoken((10, 12), (15, 16), (40, 41)), hangover_s=5.0)
    assert [(facts.start, facts.end) for facts in found] == [
        (positions(10.0), positions(21.0)),
        (positions(40.0), positions(46.0)),
    ]


def test_a_vox_with_a_longer_pause_merges_what_lies_nearer():
    assert len(vox(spoken((10, 12), (15, 16), (40, 41)), hangover_s=30.0)) == 1


def test_a_vox_records_nothing_of_silence():
    assert vox(spoken(), hangover_s=5.0) == []
