"""The long run in short: a year and a month of a practice in seconds, with every kind of fault and every deed once."""

import tempfile
from pathlib import Path

import pytest

from longrun.plan import SMALL, Trouble, shifts
from longrun.running import long_run, quick_folder
from vaultbox import QUICK


@pytest.mark.filterwarnings("ignore:Passing SelectField choices as tuples")  # wtforms on itself, within this process
@pytest.mark.slow
@pytest.mark.timeout(400)  # of a crowded machine
def test_after_a_month_of_faults_the_box_says_what_truly_was_and_nothing_has_leaked():
    with tempfile.TemporaryDirectory(prefix="linekeeper-long-run-", dir=quick_folder()) as folder:
        report = long_run(Path(folder), SMALL, 1, QUICK)
    assert report.wrong == ()


def test_the_short_month_has_every_kind_of_fault_in_it():
    events = [event.what for shift in shifts(SMALL, 1) for event in shift.events]
    assert {what for what in events if isinstance(what, Trouble)} == set(Trouble)
