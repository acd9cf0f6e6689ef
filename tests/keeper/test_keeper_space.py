"""Room on the disk: how long it lasts, who is told when, and that a full one stops neither a hold nor a deletion."""

import contextlib
import os
import subprocess
from datetime import date, timedelta

import pytest

from appliance.clock import LONDON
from appliance.errors import JournalRefused, NotAllowed
from appliance.keeper.space import Room, Space
from appliance.link.messages.call import GetCall
from appliance.link.messages.holds import PlaceHold
from appliance.link.messages.settings import AskSpace
from appliance.model.holds import HoldReason
from appliance.model.people import Role
from appliance.storage.ballast import Ballast
from vaultbox import Box, UnsyncedDisk

DAY_S, GIB = 86400, 1 << 30


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path, disk=UnsyncedDisk())
    box.set_up()
    yield box
    box.close()


class Measured(Space):
    """A disk with as much room as a test says."""

    free, size = 100 * GIB, 200 * GIB

    def room(self):
        return Room(self.free, self.size)


@pytest.fixture
def space(box):
    stores = box.stores
    return Measured(box.folders.vault, stores.catalogue, stores.holds, stores.settings, box.clock)


def days_of_calls(box, days):
    """Record the same each day; return how many bytes a day takes."""
    for _ in range(days):
        box.taken(plain=bytes(9000))
        box.clock.advance(DAY_S)
    return box.stores.catalogue.bytes_by_day()[box.clock.now().at.date() - timedelta(days=1)]


def today(box):
    return box.clock.now().at.astimezone(LONDON).date()


def test_with_too_few_calls_nothing_is_foretold(box, space):
    assert space.forecast() is None
    days_of_calls(box, 2)
    assert space.forecast() is None
    assert space.words() == ""


def test_the_day_the_disk_is_full_is_foretold_while_nothing_expires_before(box, space):
    a_day = days_of_calls(box, 10)
    space.free = round(a_day * 45.5)
    forecast = space.forecast()
    assert forecast.full_on == today(box) + timedelta(days=45)
    assert forecast.months_left == pytest.approx(45.5 / 30.44, rel=0.01)


def test_what_expires_gives_its_room_back_so_that_a_years_room_lasts_for_good(box, space):
    a_day = days_of_calls(box, 20)
    needed = 366 + 8 - 20  # days until the first of them is destroyed
    space.free = a_day * (needed + 3)
    assert space.forecast().full_on is None
    space.free = a_day * (needed - 3)
    assert space.forecast().full_on == today(box) + timedelta(days=needed - 3)


def test_what_is_held_gives_no_room_back(box, space):
    a_day = days_of_calls(box, 20)
    space.free = a_day * (366 + 8 - 20 + 1)
    assert space.forecast().full_on is None
    token = box.sign_in()
    for entry in box.stores.catalogue.everything():
        box.ask(PlaceHold(token, entry.call_id, HoldReason.CLAIM, "r", "", date(2030, 1, 1)))
    assert space.forecast().full_on is not None


def test_staff_are_told_in_time_then_louder_and_last_that_calls_may_not_be_recorded():
    levels = [
        Room(50 * GIB, 200 * GIB).words,
        Room(3 * GIB, 200 * GIB).words,
        Room(GIB // 2, 200 * GIB).words,
        Room(GIB // 2, 200 * GIB, ballast=False).words,
    ]
    assert [words[:24] for words in levels] == [
        "",
        "The disk is filling up. ",
        "The disk is almost full:",
        "The disk is full: calls ",
    ]
    assert all("Nothing is deleted early" in words or "still work" in words for words in levels[1:])


def test_a_disk_that_will_be_full_soon_is_told_of_while_there_is_room_still(box, space, monkeypatch):
    days_of_calls(box, 10)
    space.free = 100 * GIB
    assert space.words() == ""
    monkeypatch.setattr(space, "_bytes_a_day", lambda: 2.0 * GIB)
    day = today(box) + timedelta(days=50)
    assert f"full on {day.day} {day:%B %Y}" in space.words()
    monkeypatch.setattr(space, "_bytes_a_day", lambda: 1.0 * GIB)
    assert space.words() == ""


def test_the_page_learns_how_long_the_disk_lasts(box):
    days_of_calls(box, 5)
    token = box.sign_in()
    told = box.ask(AskSpace(token))
    assert (told.months, told.full_on) == (12, None)
    assert told.months_left > 12
    assert 0 < told.free_bytes <= told.size_bytes
    with pytest.raises(NotAllowed):
        box.ask(AskSpace(box.add("staff", Role.STAFF, token)))


def test_ballast_is_taken_up_thrown_and_taken_up_again(tmp_path):
    ballast = Ballast(tmp_path, size=1 << 20, thrown_below=1 << 10)
    assert not ballast.tend(free=(1 << 20) + 500, spare=500)
    assert ballast.tend(free=(1 << 20) + 501, spare=500)
    path = tmp_path / "ballast"
    assert path.stat().st_size == 1 << 20
    assert path.stat().st_blocks * 512 >= 1 << 20
    assert path.stat().st_mode & 0o777 == 0o600
    assert ballast.tend(free=1 << 10, spare=0)
    assert not ballast.tend(free=(1 << 10) - 1, spare=0)
    assert not path.exists()
    assert ballast.tend(free=1 << 30, spare=0)


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of eight megabytes; only root may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("a small file system needs the right to mount one")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder):
    """Write until the disk is full, as calls do."""
    with (folder / "calls").open("ab", buffering=0) as file:
        for size in (1 << 16, 4096, 512, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass
    with pytest.raises(OSError, match="No space left"):
        (folder / "one more").write_bytes(b"x")


def test_on_a_full_disk_the_ballast_lets_holds_and_deletions_go_on(small_disk):
    box = Box(small_disk)
    box.set_up()
    ballast = Ballast(box.folders.vault, size=2 << 20, thrown_below=1 << 16)
    free = os.statvfs(small_disk)
    assert ballast.tend(free.f_bavail * free.f_frsize, 0)
    box.stores.disposal.sweep()
    old, kept = box.taken(), box.taken()
    box.clock.advance(400 * DAY_S)
    box.stores.boots.observe()
    box.stores.horizon.confirm()
    fill(small_disk)
    with pytest.raises(OSError, match="No space left"):
        box.sign_in()
    with pytest.raises((JournalRefused, OSError)):
        box.stores.disposal.sweep()
    assert box.stores.vault.has(old)
    assert box.stores.vault.has(kept)
    left = os.statvfs(small_disk)
    assert not ballast.tend(left.f_bavail * left.f_frsize, 0)
    box.clock.advance(30)
    token = box.sign_in()
    box.ask(PlaceHold(token, kept, HoldReason.CLAIM, "Ref 7", "", date(2030, 1, 1)))
    for _ in range(9):
        box.clock.advance(DAY_S)
        box.stores.disposal.sweep()
    assert not box.stores.vault.has(old)
    assert box.stores.trash.where(old) is None
    box.close()
    box.restart()
    box.stores.holds.read()
    token = box.sign_in()
    assert box.ask(GetCall(token, kept)).holds[0].reference == "Ref 7"
    box.close()
