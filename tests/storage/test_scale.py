"""The catalogue at size: what ``linekeeper bench`` measures can be measured, and a keeper stays small."""

import subprocess
import sys

import pytest

from appliance.bench.catalogue import measure
from appliance.bench.practice import A_DAY

NOT_IN_A_KEEPER = ("numpy", "av", "zxcvbn", "flask", "rich", "pyaudio", "sqlite3", "asyncio")


def test_a_keeper_loads_nothing_that_it_does_not_need_to_stay_small():
    program = f"import appliance.keeper.service, sys; print([n for n in {NOT_IN_A_KEEPER!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return {row.name: row for row in measure(tmp_path_factory.mktemp("bench"), 2 * A_DAY, lambda _words: None)}


def test_everything_that_is_claimed_of_the_catalogue_is_measured_beside_sqlite(rows):
    claimed = {name for name, row in rows.items() if row.limit is not None}
    assert claimed == {
        "insert a recording",
        "newest 50, after an insert",
        "search by part of a number",
        "set a legal hold, journal line and all",
        "memory of a keeper, signed in",
    }
    assert all(row.peer and row.ours > 0 for row in rows.values())


def test_an_insert_writes_its_day_and_no_more(rows):
    assert rows["written for one insert"].ours < (A_DAY + 100) * 400


def test_a_keeper_with_few_recordings_is_far_below_its_limit(rows):
    assert rows["memory of a keeper, signed in"].ours < 50
