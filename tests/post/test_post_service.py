"""The post as it runs: alarms in, letters out, over failures and restarts, and a word to the keeper of what fails."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest
import tomli_w
from servers import Authority, HookServer

from appliance.clock import FakeClock
from appliance.codec import read_json, to_json
from appliance.config import AlarmsConfig, Config, parse, to_toml_values
from appliance.errors import ConfigWrong, PostFailed
from appliance.files import replace_quickly
from appliance.model.health import ALARMS_FILE, POST_FILE, AlarmRecord, PostTrouble
from appliance.post.service import TROUBLE_AFTER, PostService
from appliance.service import Stopping
from vaultbox import Box
from waiting import eventually


class Postman:
    """A way that a test opens and shuts."""

    name = "e-mail"

    def __init__(self):
        self.letters, self.why = [], ""

    def send(self, letter):
        if self.why:
            raise PostFailed(self.why)
        self.letters.append(letter)


class Round:
    """A post on a clock moved by hand; ``alarms`` is what the keeper has published."""

    def __init__(self, folder):
        self.folder, self.clock, self.man = folder, FakeClock(), Postman()
        folder.mkdir(exist_ok=True)
        self.records = []
        self.restart()

    def restart(self):
        self.post = PostService(self.folder / ALARMS_FILE, self.folder / "post", [self.man], self.clock)

    def publish(self, *records):
        self.records = list(records)
        replace_quickly(self.folder / ALARMS_FILE, to_json(self.records))

    def wait(self, s):
        for _ in range(round(s / 5)):
            self.clock.advance(5)
            self.post.look()

    def alarm(self, number=1, **more):
        return AlarmRecord(number, "disk", "The disk is filling up.", self.clock.now().at, **more)

    def troubles(self):
        return read_json(self.folder / "post" / POST_FILE, tuple[PostTrouble, ...])


@pytest.fixture
def round_(tmp_path):
    round_ = Round(tmp_path / "box")
    round_.publish()
    round_.wait(5)
    return round_


def test_an_alarm_is_sent_once_and_not_again_after_a_restart(round_):
    round_.publish(round_.alarm())
    round_.wait(60)
    round_.restart()
    round_.wait(60)
    assert len(round_.man.letters) == 1


def test_a_way_that_fails_is_told_to_the_keeper_after_two_minutes_and_taken_back_when_it_works(round_):
    round_.man.why = "The mail server cannot be reached."
    round_.publish(round_.alarm())
    round_.wait(60)
    assert round_.troubles() == ()
    round_.wait(180)
    assert round_.troubles() == (PostTrouble("e-mail", "The mail server cannot be reached."),)
    round_.man.why = ""
    round_.wait(900)
    assert round_.troubles() == ()
    assert len(round_.man.letters) == 1


def test_the_keeper_makes_an_alarm_of_it(tmp_path):
    box = Box(tmp_path)
    box.folders.post.mkdir(parents=True)
    trouble = PostTrouble("e-mail", "The mail server cannot be reached.")
    replace_quickly(box.folders.post / POST_FILE, to_json((trouble,)))
    box.desk.health.look()
    (alarm,) = [one for one in box.desk.alarms.standing() if one.key == "post"]
    assert alarm.text == "Alarms cannot be sent by e-mail. The mail server cannot be reached."
    replace_quickly(box.folders.post / POST_FILE, b"damaged")
    box.desk.health.look()
    assert "post" not in {one.key for one in box.desk.alarms.standing()}
    box.close()


@pytest.mark.parametrize("damage", [b"", b"\0" * 20, b"{}", b'[{"number":1}]'])
def test_a_list_that_cannot_be_read_ends_no_alarm(round_, damage):
    alarm = round_.alarm()
    round_.publish(alarm)
    round_.wait(60)
    replace_quickly(round_.folder / ALARMS_FILE, damage)
    round_.wait(600)
    round_.publish(alarm)
    round_.wait(600)
    assert len(round_.man.letters) == 1


def test_before_the_keeper_has_said_anything_nothing_is_sent(tmp_path):
    round_ = Round(tmp_path / "box")
    round_.wait(60)
    assert round_.man.letters == []


def test_what_was_sent_is_forgotten_with_a_damaged_file_and_told_again_rather_than_not(round_, caplog):
    round_.publish(round_.alarm())
    round_.wait(60)
    (round_.folder / "post" / "sent.json").write_bytes(b"damaged")
    round_.restart()
    round_.wait(60)
    assert len(round_.man.letters) == 2
    assert "not known" in caplog.text


def test_a_run_ends_when_it_is_asked_to(round_):
    stopping = Stopping()
    stopping.ask()
    round_.post.run(stopping)


def test_failures_are_logged_once_while_they_are_the_same(round_, caplog):
    round_.man.why = "The mail server cannot be reached."
    round_.publish(round_.alarm())
    round_.wait(TROUBLE_AFTER * 200)
    assert caplog.text.count("cannot be reached") == 1


def test_the_programs_post_sends_the_keepers_alarms_to_a_real_webhook(tmp_path):
    """The whole way: an alarm in the keeper, its file, the post's own process, TLS, a server."""
    authority = Authority(tmp_path)
    server = HookServer(authority.context())
    box = Box(tmp_path)
    alarms = AlarmsConfig(webhook=f"https://127.0.0.1:{server.port}/hook", authority_file=str(authority.file))
    settings = tmp_path / "linekeeper.toml"
    settings.write_text(tomli_w.dumps(to_toml_values(Config(box.config.folder, box.config.line, alarms=alarms))))
    box.desk.alarms.raise_("disk", "The disk is filling up.")
    box.clock.jump(box.clock.now().at - timedelta(days=1))
    box.desk.health.note_alarms()
    command = [sys.executable, "-m", "appliance", "post", "--config", str(settings)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        eventually(lambda: server.posts, "the alarm is posted")
        assert [one["key"] for one in server.said()[0]["began"]] == ["disk"]
    finally:
        process.terminate()
        assert process.wait(30) == 0
        process.stderr.close()
        server.close()
        box.close()


def test_a_trial_says_whether_the_way_works(tmp_path):
    authority = Authority(tmp_path)
    server = HookServer(authority.context())
    alarms = {"webhook": f"https://127.0.0.1:{server.port}/", "authority_file": str(authority.file)}
    settings = tmp_path / "linekeeper.toml"
    settings.write_text(tomli_w.dumps({"folder": str(tmp_path / "data"), "alarms": alarms}))
    command = [sys.executable, "-m", "appliance", "post", "--config", str(settings), "--try"]
    tried = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (tried.returncode, tried.stdout) == (0, "webhook: sent\n")
    assert server.said()[0]["began"][0]["text"] == "This is a trial. Nothing is wrong."
    server.close()
    failed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert failed.returncode == 1
    assert "cannot be reached" in failed.stderr


def test_health_on_the_command_line_is_what_the_keeper_last_said(tmp_path):
    from datetime import UTC, datetime

    box = Box(tmp_path)
    box.clock.jump(datetime.now(UTC))
    box.desk.alarms.raise_("disk", "The disk is filling up.")
    box.desk.health.note_alarms()
    box.desk.health.look()
    settings = tmp_path / "linekeeper.toml"
    settings.write_text(tomli_w.dumps(to_toml_values(box.config)))
    command = [sys.executable, "-m", "appliance", "health", "--config", str(settings)]
    told = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 1  # an alarm stands
    assert json.loads(told.stdout)["alarms"] == 1
    words = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
    assert "1, 1 of them not seen to" in words
    (box.folders.health / "health.json").unlink()
    silent = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "Is it running" in silent.stderr
    box.close()


@pytest.mark.parametrize(
    "alarms",
    [
        {"mail_to": ["manager@example.org"]},
        {"mail_to": ["manager@example.org"], "mail_host": "mail.example.org", "mail_from": "no address"},
        {"mail_to": ["a@b\nBcc: c@d"], "mail_host": "mail.example.org", "mail_from": "a@example.org"},
        {"mail_user": "box"},
        {"webhook": "http://example.org/hook"},
        {"webhook": "https://user:password@example.org/hook"},
        {"mail_security": "none"},
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(alarms):
    with pytest.raises(ConfigWrong, match="alarms"):
        parse({"alarms": alarms})
