"""The soaks, short: faults of real PortAudio's cards and plain work, each second where it belongs or in the ledger.

In full: ``script/soak faults`` and ``script/soak paced``.
"""

import pytest

from soak.soaking import paced, storm

pytestmark = [pytest.mark.realtime, pytest.mark.slow, pytest.mark.timeout(600)]


def quietly(_words):
    """Say nothing: a test tells by failing."""


def test_a_storm_of_faults_misplaces_nothing_hides_nothing_and_leaks_nothing(tmp_path):
    soaked = storm(tmp_path, lines=2, count=14, seed=3, zeros_s=0.0, say=quietly)
    assert sum(soaked.done.values()) == 14
    assert soaked.stop_s < 15.0
    assert soaked.leaks == []
    for verdict in soaked.verdicts:
        assert verdict.gaps > 0
        assert verdict.placed > 3
        assert (verdict.misplaced, verdict.unlike, verdict.unaccounted, verdict.overlapping) == ([], [], [], 0)


def test_plain_work_loses_nothing_beside_a_busy_machine(tmp_path):
    soaked = paced(tmp_path, lines=2, minutes=0.15, hogs=3, say=quietly)
    assert soaked.leaks == []
    for verdict in soaked.verdicts:
        assert verdict.gaps <= 1  # before its first frame
        assert verdict.good
