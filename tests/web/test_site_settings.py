"""The settings' pages: what each role sees of them, health, alarms, backup and the certificate."""

import json
import plistlib
import re
import shutil
import ssl
import threading
from datetime import UTC, datetime

import pytest

from appliance.casework.policy.record import default_policy
from appliance.config import Config
from appliance.link.messages.network import Authority
from appliance.model.people import Role
from appliance.model.status import Alarm
from appliance.storage.certificate import ensure_certificate
from appliance.web.app import make_app
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
    assert re.search(r"\d things? (is|are) wrong now", manager.get("/settings/health").text)


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


@pytest.fixture
def said_of_updates(box):
    """The folder in which the box says how its updates stand."""
    folder = box.config.folders.updates
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def test_updates_tell_what_became_of_them(said_of_updates, manager, clients):
    assert "No update has been brought yet" in manager.get("/settings/updates").text
    at = "2026-11-24T12:00:00+00:00"
    ended = {"at": at, "outcome": "rolled back", "version": "1.0", "offered": "1.1", "text": "Line 1 was not heard."}
    (said_of_updates / "history.jsonl").write_text(f"{json.dumps(ended)}\n")
    waits = {"stage": "waiting", "version": "1.0", "offered": "1.2", "text": "It waits for the lines.", "well": ["1"]}
    (said_of_updates / "status.json").write_text(json.dumps({**waits, "at": at}))
    page = clients[Role.TECHNICIAN].get("/settings/updates").text
    assert "It waits for the lines." in page
    assert 'data-freshen="3000"' in page
    assert "Given up" in page
    assert "Line 1 was not heard." in page
    (said_of_updates / "status.json").write_text("{")
    assert "cannot be read" in manager.get("/settings/updates").text


def test_where_the_programs_are_looked_after_otherwise_the_page_says_so(manager):
    assert "is looked after separately" in manager.get("/settings/updates").text


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


class CertificateOnly:
    """The keeper's end as far as the certificate's two files ask it."""

    def __init__(self, pem):
        self._pem = pem

    def ask(self, request, kind):
        return Authority(self._pem)


def test_the_certificate_is_downloaded_under_a_fixed_name(tmp_path):
    made = ensure_certificate(tmp_path, "recorder.local", (), datetime.now(UTC))
    pem = made.authority.read_text()
    client = make_app(Config(), CertificateOnly(pem), threading.Event()).test_client()
    plain = client.get("/certificate/call-recorder.crt", headers={"Host": "127.0.0.1"})
    assert plain.headers["Content-Disposition"] == 'attachment; filename="call-recorder.crt"'
    assert plain.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert plain.text == pem
    profile = client.get("/certificate/call-recorder.mobileconfig", headers={"Host": "127.0.0.1"})
    assert profile.headers["Content-Disposition"] == 'attachment; filename="call-recorder.mobileconfig"'
    (root,) = plistlib.loads(profile.data)["PayloadContent"]
    assert root["PayloadType"] == "com.apple.security.root"
    assert root["PayloadContent"] == ssl.PEM_cert_to_DER_cert(pem)
    assert b"PRIVATE" not in plain.data + profile.data


def test_keeping_recordings_differently_takes_a_reason_and_two_people(manager, clients):
    partner = clients[Role.PARTNER]
    manager.prove()
    assert manager.post_form("/settings/retention/change", months="0", reason="x").status == 422
    assert manager.post_form("/settings/retention/change", months="6", reason="").status == 422
    manager.post_form("/settings/retention/change", months="11", reason="The partners decided it")
    assert manager.last.status == 303
    page = manager.get("/settings/retention").text
    assert "Waiting to be confirmed: 11 months" in page
    assert "Recordings are kept for 12 months" in page
    manager.post_form("/settings/retention/confirm", page="/settings/retention", months="11")
    assert manager.last.status == 422, "not by who asked for it"
    partner.prove()
    partner.post_form("/settings/retention/confirm", page="/settings/retention", months="10")
    assert partner.last.status == 422, "not what was asked for"
    partner.post_form("/settings/retention/confirm", page="/settings/retention", months="11")
    assert partner.last.status == 303
    page = manager.get("/settings/retention").text
    assert "Recordings are kept for 11 months" in page
    assert "The partners decided it" in page
    manager.post_form("/settings/retention/change", months="12", reason="Back to the policy")
    partner.post_form("/settings/retention/confirm", page="/settings/retention", months="12")
    assert "Recordings are kept for 12 months" in manager.get("/settings/retention").text


def test_the_practices_own_policy_is_quoted_and_not_the_shipped_one(manager):
    shipped = default_policy().text
    assert "automatically deleted" in manager.get("/settings/retention").text
    manager.post_form("/policy/text", text="Recordings lie in the box.\nThey are deleted after 9 months.")
    try:
        assert "automatically deleted" not in manager.get("/settings/retention").text
        assert "has no sentence that is known to say how long" in manager.last.text
        assert "has no sentence that is known" in manager.get("/first-steps/keeping").text
        manager.post_form("/policy/sentence/1", duties="retention")
        assert "“They are deleted after 9 months.”" in manager.get("/settings/retention").text
        assert "“They are deleted after 9 months.”" in manager.get("/first-steps/keeping").text
        manager.prove()
        assert "recording policy says 9." in manager.get("/settings/retention/change").text
    finally:
        manager.post_form("/policy/text", text=shipped)
    assert "automatically deleted" in manager.get("/settings/retention").text


def test_a_proposal_is_dropped(manager):
    manager.prove()
    manager.post_form("/settings/retention/change", months="9", reason="A try")
    manager.post_form("/settings/retention/withdraw", page="/settings/retention")
    assert "Waiting to be confirmed" not in manager.get("/settings/retention").text


def test_senior_staff_see_nothing_of_it_and_the_partner_only_confirms(clients):
    assert clients[Role.SENIOR].get("/settings/retention").status == 403
    assert clients[Role.PARTNER].get("/settings/retention/change").status == 403


def test_the_practice_gets_another_name_everywhere(manager, clients):
    manager.prove()
    manager.post_form("/settings/practice", practice="Newtown Surgery", contact="1 High Street\nNewtown")
    assert manager.last.status == 303
    assert "Newtown Surgery" in clients[Role.SENIOR].get("/").text
    assert manager.post_form("/settings/practice", practice="", contact="").status == 422
    manager.post_form("/settings/practice", practice="Anytown Surgery", contact="")


def test_the_records_are_read_by_kind_and_proved(box, manager):
    listening = manager.get("/records/listening").text
    assert "Signed in" not in listening.split("<table")[-1]
    assert manager.get("/records/nonsense").status == 404
    page = manager.get("/records/print").text
    number = re.search(r"Entry <strong>(\d+)</strong>", page)[1]
    sum_ = re.search(r'id="sum">([0-9a-f ]+)<', page)[1]
    manager.post_form("/records/print", number=number, sum=sum_)
    assert f"everything up to entry {number} is as it was" in manager.last.text
    manager.post_form("/records/print", number=number, sum="0" * 64)
    assert "It does not agree" in manager.last.text
    assert manager.post_form("/records/print", number="x", sum="short").status == 422
    call = manager.get(f"/records/call/{box.call}").text
    assert "What was done with this call" in call


def test_what_will_be_deleted_is_listed(manager):
    page = manager.get("/calls/expiring").text
    assert "In the next 30 days: 0 calls" in page
    assert "Deleted, and not destroyed yet: 0 calls" in page
