"""Lines that are called by tone plans of the practice's own."""

import pytest

from appliance.clock import FakeClock
from appliance.config import parse
from appliance.errors import ConfigWrong
from appliance.recorder.service import RecorderService
from appliance.recorder.taps import Taps

OWN = "[exchange]\nring = [400, 200, 400, 2000]\ndial = [{ hz = [350, 440] }]\nringback = [{ hz = [425] }]\n"


def service(tmp_path, country):
    own = tmp_path / "own.toml"
    own.write_text(OWN)
    line = {"name": "Reception", "tap": "simulated", "country": country}
    config = parse({"folder": str(tmp_path / "data"), "line": [line], "recorder": {"tone_plans": str(own)}})
    return RecorderService(config, FakeClock(), Taps(config))


@pytest.mark.parametrize("country", ["exchange", "uk"])
def test_a_line_may_be_called_by_a_plan_of_the_practices_own_or_a_shipped_one(tmp_path, country):
    service(tmp_path, country)


def test_a_plan_that_is_in_neither_table_is_refused_with_those_of_both(tmp_path):
    with pytest.raises(ConfigWrong, match=r"Known: .*exchange.*uk"):
        service(tmp_path, "lab")
