"""The settings' pages: what each role sees of them, health, alarms, backup and the certificate."""

import re

import pytest

from appliance.model.people import Role
from appliance.model.status import Alarm
from appliance.web.help_pages import topics
from waiting import eventually


def test_each_role_is_led_to_its_own_settings(clients):
    links = {role: set(re.findall(r'href="(/[a-z/]+)">', clients[role].get("/settings").text)) for role in Role}
    assert {"/lines", "/people", "/settings/health", "/settings/backup", "/settings/network"} <= links[Role.MANAGER]
    assert "/people" not in links[Role.TECHNICIAN]
    assert "/settings/health" in links[Role.TECHNICIAN]
    for role in (Role.STAFF, Role.AUDITOR):
        assert clients[role].last is not None
        assert clients[role].get("/settings").status == 403
        assert "/settings" not in clients[role].get("/").text


def test_health_tells_of_disk_clock_and_lines(manager):
    page = manager.get("/settings/health").text
    for words in ("Disk", "free of", "Clock", "Line 1: Idle", "Recorder", "At work", "Last backup", "Version"):
        assert words in page


@pytest.fixture
def alarm(box, manager):
    """Something is wrong with the second line, and ends with the test."""
    since = box.recorder.began
    box.recorder.alarms = (Alarm("hum", "Line 2 hums. Call support about its wiring.", since, 2),)
    eventually(lambda: "Line 2 hums" in manager.get("/attention").text, "the alarm is listed")
    yield
    box.recorder.alarms = ()
    eventually(lambda: "Line 2 hums" not in manager.get("/attention").text, "the alarm has ended")


def test_somebody_sees_to_an_alarm_and_the_others_are_told(alarm, manager, clients):
    technician = clients[Role.TECHNICIAN]
    page = technician.get("/attention").text
    where = re.search(r"/attention/\d+/seen", page)[0]
    technician.post(where, {"csrf_token": technician.token("/attention")})
    assert technician.last.status == 303
    assert "technician has seen to it" in manager.get("/attention").text
    assert where not in manager.last.text
    assert "1 thing is wrong now" in manager.get("/settings/health").text


def test_an_alarm_that_has_ended_is_kept_with_its_times(alarm, box, manager):
    box.recorder.alarms = ()
    eventually(
        lambda: "Line 2 hums" in manager.get("/settings/health").text.split("What was wrong lately")[1], "it has ended"
    )


def test_an_alarm_that_there_is_not_is_404(manager):
    manager.post("/attention/999999/seen", {"csrf_token": manager.token("/people/add")})
    assert manager.last.status == 404


def test_a_backup_without_a_disk_is_refused_in_words(box, manager):
    assert "None is set up" in manager.get("/settings/backup").text
    manager.post("/settings/backup", {"csrf_token": manager.token("/people/add")})
    assert manager.last.status == 409
    assert "The settings name no folder for backups" in manager.last.text


def test_a_box_for_itself_alone_needs_no_certificate(manager):
    assert "these pages are for the recorder itself only" in re.sub(
        "These", "these", manager.get("/settings/network").text
    )
    for name in ("crt", "mobileconfig"):
        assert manager.get(f"/certificate/call-recorder.{name}").status == 404


@pytest.mark.parametrize(
    "path",
    ["/", "/calls", "{call}", "{call}/hold", "/records", "/people", "/lines", "/settings", "/settings/health",
     "/settings/backup", "/settings/network", "/attention"],
)  # fmt: skip
def test_every_page_has_its_own_help(box, manager, path):
    page = manager.get(path.format(call=f"/calls/{box.call}")).text
    assert "Help with this page" in page
    name = re.search(r'href="/help#([a-z]+)"', page)[1]
    assert f'id="{name}"' in manager.get("/help").text


def test_help_is_that_of_ones_role(clients):
    technician = clients[Role.TECHNICIAN].get("/help").text
    assert "Settings and health" in technician
    assert "Listening to a call" not in technician
    assert {topic.name for topic in topics() if f'id="{topic.name}"' in clients[Role.MANAGER].get("/help").text} == {
        topic.name for topic in topics()
    }
