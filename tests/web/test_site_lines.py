"""The lines' page: meters of what each line sounds like, in words too, and what is wrong with its wiring."""

import json
from datetime import UTC, datetime

import pytest

from appliance.model.people import Role
from appliance.model.status import Alarm, LineState, LineStatus
from appliance.web.lines import sound
from waiting import eventually

NOW = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)
HUM = Alarm("wiring-hum", "Line 1: There is mains hum under the calls. Move the tap's cable away.", NOW, 1)


def line(**more):
    return LineStatus(1, "Line 1", LineState.IDLE, NOW, -38.0, floor_dbfs=-71.2, hum_dbfs=-80.0, **more)


def test_a_line_s_measures_become_meters_between_empty_and_full():
    meters = {meter.name: meter for meter in sound(line(clipped=0.05, dc=-0.02), (), contact=True).meters}
    assert (meters["level"].share, meters["level"].text) == (0.525, "−38 dB")
    assert (meters["floor"].share, meters["floor"].text) == (0.11, "−71 dB")
    assert meters["hum"].share == 0.0
    assert (meters["clipped"].share, meters["clipped"].text) == (0.05, "5.0%")
    assert (meters["dc"].share, meters["dc"].text) == (0.02, "-2.0%")


@pytest.mark.parametrize(
    ("ppm", "text"), [(23.1, "2.0 s a day fast"), (-50.0, "4.3 s a day slow"), (0.0, "0.0 s a day slow")]
)
def test_how_wrong_a_card_s_clock_is_stands_by_its_line_once_it_is_known(ppm, text):
    assert "clock" not in {meter.name for meter in sound(line(), (), contact=True).meters}
    (clock,) = [meter for meter in sound(line(skew_ppm=ppm), (), contact=True).meters if meter.name == "clock"]
    assert clock.text == text


@pytest.mark.parametrize("dbfs", [-120.0, -80.0, -3.0, 0.0, 2.0])
def test_a_meter_is_never_less_than_empty_or_more_than_full(dbfs):
    told = LineStatus(1, "Line 1", LineState.RECORDING, NOW, dbfs, floor_dbfs=dbfs, hum_dbfs=dbfs, dc=-1.5)
    assert all(0.0 <= meter.share <= 1.0 for meter in sound(told, (), contact=True).meters)


def test_only_the_line_s_own_alarms_stand_by_it():
    other = Alarm("line", "Line 2 is not being recorded.", NOW, 2)
    assert sound(line(), (HUM, other), contact=True).wrong == (HUM.text,)


@pytest.mark.parametrize("state", [LineState.FAULT, LineState.OFF, LineState.STARTING])
def test_a_line_that_is_not_heard_has_no_meters(state):
    assert sound(LineStatus(1, "Line 1", state, NOW, -50.0), (), contact=True).meters == ()


def test_without_contact_nothing_is_claimed_of_a_line():
    told = sound(line(), (HUM,), contact=False)
    assert (told.heard, told.meters, told.wrong) == (False, (), ())


@pytest.mark.parametrize("role", list(Role))
def test_everybody_signed_in_sees_the_lines(clients, role):
    page = clients[role].get("/lines").text
    assert page.count("<meter ") == 10
    assert "Background noise" in page
    assert "−71 dB" in page
    assert 'href="/lines"' in clients[role].get("/").text


def test_the_figures_follow_the_line_and_what_is_wrong_is_said(box, manager):
    box.recorder.level_dbfs, box.recorder.alarms = -20.0, (HUM,)
    try:
        first = eventually(
            lambda: next((one for one in json.loads(manager.get("/lines/levels").text) if one["wrong"]), None),
            "the alarm reaches the page",
        )
        assert (first["name"], first["wrong"]) == ("Line 1", [HUM.text])
        assert first["meters"][0]["text"] == "−20 dB"
        page = manager.get("/lines").text
        assert page.count("There is mains hum") == 2  # in the strip, and by the line
    finally:
        box.recorder.level_dbfs, box.recorder.alarms = -50.0, ()
    eventually(lambda: not json.loads(manager.get("/lines/levels").text)[0]["wrong"], "the alarm goes")
