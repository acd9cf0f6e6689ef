"""The backup's page: making one, looking through it, and what is said of one that is damaged."""

import tempfile
from pathlib import Path

import pytest
from box import MANAGER, Box

from appliance import config
from appliance.storage.backup import read_manifest
from waiting import eventually

BACKUP = "/settings/backup"


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory):
    """A box with a disk for backups, and a call that has been copied to it."""
    box = Box(tmp_path_factory.mktemp("backed-up"))
    disk = tempfile.TemporaryDirectory(dir="/dev/shm")  # the box refuses its own disk
    box.disk = Path(disk.name) / "backup"
    box.disk.mkdir()
    box.config_file.write_text(f'{box.config_file.read_text()}[backup]\nfolder = "{box.disk}"\n')
    box.config = config.load(box.config_file)
    box.start()
    try:
        box.set_up()
        box.manager = box.signed_in(MANAGER)
        box.record(seconds=6.0)
        eventually(lambda: "1 call" in box.manager.get("/calls").text, "the keeper takes it in")
        box.manager.post_form(BACKUP)
        assert box.manager.last.status == 303
        eventually(lambda: read_manifest(box.disk) is not None, "the backup is made", 30.0)
        eventually(lambda: "Back up now" in box.manager.get(BACKUP).text, "the page says that it is done")
        yield box
    finally:
        box.stop()
        disk.cleanup()


def looked_through(box):
    """Press the button; return what the page says in the end."""
    before = box.manager.get(BACKUP).text
    assert "Look through the backup" in before
    box.manager.post_form(f"{BACKUP}/check", page=BACKUP)
    assert box.manager.last.status == 303
    done = eventually(lambda: finding(box, before), "it has been looked through", 30.0)
    return done.split('id="restore-heading"')[1]


def finding(box, before):
    page = box.manager.get(BACKUP).text
    return page if "Looked through" in page and page != before and "is being looked through" not in page else ""


def test_a_backup_is_looked_through_and_then_told_of_as_damaged_once_it_is(backed_up):
    sound = looked_through(backed_up)
    assert "All 1 recordings" in sound
    assert "compared byte by byte" in sound
    assert "lk-note--care" not in sound
    for audio in backed_up.disk.rglob("*.audio"):
        audio.write_bytes(audio.read_bytes()[:-40] + bytes(40))
    damaged = looked_through(backed_up)
    assert "is not what was written: replace the backup’s disk" in damaged.replace("&#39;", "’")
    assert "lk-note--care" in damaged


def test_a_disk_that_was_taken_away_is_said_and_offers_no_look(backed_up):
    backed_up.disk.rename(backed_up.disk.with_name("elsewhere"))
    try:
        assert "Look through the backup" not in backed_up.manager.get(BACKUP).text
        assert "Not connected now" in backed_up.manager.last.text
        backed_up.manager.post(f"{BACKUP}/check", {"csrf_token": backed_up.manager.token("/people/add")})
        assert backed_up.manager.last.status == 409
        assert "Is the disk plugged in?" in backed_up.manager.last.text
    finally:
        backed_up.disk.with_name("elsewhere").rename(backed_up.disk)
