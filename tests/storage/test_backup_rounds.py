"""The keeper's daily backup, the manager's own, and the alarm when the last is too old."""

from dataclasses import replace

import pytest

from appliance.config import BackupConfig
from appliance.errors import BackupRefused, FreshSignInNeeded, NotAllowed
from appliance.keeper import backups
from appliance.link.messages.backup import AskBackup, CheckBackup, StartBackup
from appliance.link.messages.sessions import ProvePassword
from appliance.model.people import Role
from appliance.storage.backup import read_manifest
from vaultbox import PASSWORD, Box, UnsyncedDisk

DAY_S = 86400


class BackedUpBox(Box):
    """A box whose settings name a folder."""

    def restart(self):
        self.usb = self.folders.root.parent / "usb"
        self.config = replace(self.config, backup=BackupConfig(str(self.usb), 7))
        super().restart()

    def plug_in(self):
        self.usb.mkdir()

    def a_day(self):
        self.clock.advance(DAY_S)
        self.chores.back_up()

    def alarms(self):
        return {alarm.key: alarm.text for alarm in self.desk.alarms.standing()}


@pytest.fixture
def box(tmp_path, monkeypatch):
    monkeypatch.setattr(backups, "same_disk", lambda _vault, _folder: False)  # tests have one disk
    box = BackedUpBox(tmp_path, disk=UnsyncedDisk())
    box.set_up()
    return box


@pytest.fixture
def token(box):
    return box.sign_in()


def test_without_a_folder_in_the_settings_nothing_is_made_and_nothing_said(tmp_path):
    box = Box(tmp_path, disk=UnsyncedDisk())
    box.set_up()
    box.chores.back_up()
    assert not [alarm for alarm in box.desk.alarms.standing() if alarm.key == "backup"]
    with pytest.raises(BackupRefused, match="no folder"):
        box.ask(StartBackup(box.sign_in()))
    assert not box.desk.backups.state().configured


def test_a_manager_starts_the_first_one_and_it_is_written_down(box, token):
    box.plug_in()
    box.taken()
    box.chores.back_up()
    assert "no backup yet" in box.alarms()["backup"]
    assert not list(box.usb.iterdir())  # an empty folder may be a disk that is not mounted
    box.ask(StartBackup(token))
    assert box.ask(AskBackup(token)).running
    box.chores.back_up()
    state = box.ask(AskBackup(token))
    assert (state.running, state.trouble, state.last_at) == (False, "", box.clock.now().at)
    assert "backup" not in box.alarms()
    assert box.acts()[-2:] == ["backup begun", "backed up"]
    assert read_manifest(box.usb).recordings == 1


def test_from_then_on_it_is_made_daily_with_nobody_signed_in(box, token):
    box.plug_in()
    box.ask(StartBackup(token))
    box.chores.back_up()
    for _ in range(3):
        box.taken()
        box.a_day()
    assert read_manifest(box.usb).recordings == 3
    assert box.acts().count("backed up") == 4
    box.clock.advance(3600)
    box.chores.back_up()
    assert box.acts().count("backed up") == 4


def test_an_old_backup_is_an_alarm_even_after_a_restart_and_goes_with_the_next(box, token):
    box.plug_in()
    box.ask(StartBackup(token))
    box.chores.back_up()
    box.usb.rename(box.usb.with_name("unplugged"))
    for _ in range(7):
        box.a_day()
    assert "backup" not in box.alarms()
    box.restart()
    box.a_day()
    assert "8 days old" in box.alarms()["backup"]
    box.usb.with_name("unplugged").rename(box.usb)
    box.clock.advance(3600)
    box.chores.back_up()
    assert "backup" not in box.alarms()


def test_one_made_from_the_command_line_counts(box, token):
    from appliance.storage.backup import BackupRun

    box.plug_in()
    BackupRun(box.folders.vault, box.usb, box.clock.now().at, UnsyncedDisk()).run()
    box.chores.back_up()
    assert "backup" not in box.alarms()


def test_what_is_wrong_with_a_backup_is_an_alarm_until_it_is_not(box, token):
    box.plug_in()
    (box.usb / "holiday.jpg").write_bytes(b"x")
    box.ask(StartBackup(token))
    box.chores.back_up()
    assert "something else" in box.ask(AskBackup(token)).trouble
    (box.usb / "holiday.jpg").unlink()
    box.ask(StartBackup(token))
    box.chores.back_up()
    assert box.alarms().get("backup") is None


def test_a_recording_that_only_the_backup_has_is_an_alarm(box, token):
    call = box.taken()
    box.plug_in()
    box.ask(StartBackup(token))
    box.chores.back_up()
    for path in list(box.stores.vault.shelf(call).iterdir()):
        path.unlink()
    box.a_day()
    assert "no longer on the box" in box.alarms()["backup"]


def test_the_boxs_own_disk_is_refused(box, token, monkeypatch):
    monkeypatch.setattr(backups, "same_disk", lambda _vault, _folder: True)
    with pytest.raises(BackupRefused, match="plugged in"):
        box.ask(StartBackup(token))
    box.plug_in()
    with pytest.raises(BackupRefused, match="own disk"):
        box.ask(StartBackup(token))


def test_only_a_manager_who_gave_the_password_just_now_starts_one(box, token):
    box.plug_in()
    for name, role in (("senior", Role.SENIOR), ("mender", Role.TECHNICIAN)):
        other = box.add(name, role, token)
        with pytest.raises(NotAllowed):
            box.ask(StartBackup(other))
        assert box.ask(AskBackup(other)).configured
    with pytest.raises(NotAllowed):
        box.ask(AskBackup(box.add("auditor", Role.AUDITOR, token)))
    box.clock.advance(11 * 60)
    with pytest.raises(FreshSignInNeeded):
        box.ask(StartBackup(token))
    box.ask(ProvePassword(token, PASSWORD))
    box.ask(StartBackup(token))


def test_a_keeper_that_ends_stops_on_the_way_and_says_nothing_was_made(box, token):
    box.plug_in()
    box.taken()
    box.ask(StartBackup(token))
    box.stopping.ask()
    box.chores.back_up()
    assert read_manifest(box.usb).finished_at is None
    assert box.acts()[-1] == "backup begun"


@pytest.fixture
def backed_up(box, token):
    """A box with three recordings, all in its backup."""
    box.plug_in()
    for _ in range(3):
        box.taken()
    box.ask(StartBackup(token))
    box.chores.back_up()
    return box


def looked_through(box, token):
    box.ask(CheckBackup(token))
    assert box.ask(AskBackup(token)).check.running
    box.chores.back_up()
    return box.ask(AskBackup(token)).check


def test_a_sound_backup_that_is_looked_through_is_told_and_written_down(backed_up, token):
    check = looked_through(backed_up, token)
    assert (check.running, check.sound, check.seen, check.at) == (False, True, 3, backed_up.clock.now().at)
    assert "All 3 recordings" in check.words
    assert "compared byte by byte" in check.words
    assert backed_up.acts()[-1] == "backup checked"


def test_a_damaged_backup_that_is_looked_through_is_told_and_written_down(backed_up, token):
    for audio in backed_up.usb.rglob("*.audio"):
        audio.write_bytes(bytes(audio.stat().st_size))
    check = looked_through(backed_up, token)
    assert not check.sound
    assert "is not what was written" in check.words or "damaged" in check.words
    assert backed_up.acts()[-1] == "backup checked"


def test_a_look_at_a_backup_whose_disk_is_away_or_empty_is_refused(box, token):
    with pytest.raises(BackupRefused, match="plugged in"):
        box.ask(CheckBackup(token))
    box.plug_in()
    with pytest.raises(BackupRefused, match="no backup"):
        box.ask(CheckBackup(token))
    box.chores.back_up()
    assert "backup checked" not in box.acts()


def test_only_a_manager_who_has_just_given_the_password_has_it_looked_through(backed_up, token):
    with pytest.raises(NotAllowed):
        backed_up.ask(CheckBackup(backed_up.add("partner", Role.PARTNER, token)))
    backed_up.clock.advance(660)
    with pytest.raises(FreshSignInNeeded):
        backed_up.ask(CheckBackup(token))


def test_a_keeper_that_stops_in_the_middle_of_a_look_says_nothing_of_it(backed_up, token):
    backed_up.ask(CheckBackup(token))
    backed_up.stopping.ask()
    backed_up.chores.back_up()
    check = backed_up.ask(AskBackup(token)).check
    assert (check.running, check.at, check.words) == (False, None, "")
    assert "backup checked" not in backed_up.acts()
