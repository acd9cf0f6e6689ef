"""The recorder's diary: durable within a second, bounded when the disk takes nothing, and never silently incomplete."""

import errno
from datetime import timedelta

import pytest
from spooled import FailingDisk

from appliance.clock import ClockQuality, FakeClock
from appliance.model.gaps import GapCause, Why
from appliance.recorder.diary import ALIVE_S, MOST_WAITING, RETRY_S, Diary
from appliance.recorder.gapwatch import stated
from appliance.recorder.instant import read
from appliance.storage.gapnotes import SIGN_OF_LIFE, Lost
from appliance.storage.gaps import Ledger
from appliance.storage.gapstore import GapStore

CARD = Why(GapCause.CARD)


class Desk:
    """A diary on a disk that can fail, and what the keeper would make of it."""

    def __init__(self, folder):
        self.folder, self.clock, self.disk = folder, FakeClock(), FailingDisk()
        for name in ("spool", "live"):
            (folder / name).mkdir(exist_ok=True)
        self.start()

    def start(self):
        self.diary = Diary(self.folder / "spool", self.folder / "live", ("Reception",), read(self.clock), self.disk)

    def live(self, s, *notes):
        """Let ``s`` seconds pass; whether a chapter was begun is returned."""
        begun = self.diary.write(notes, read(self.clock))
        for _ in range(round(s)):
            self.clock.advance(1.0)
            begun |= self.diary.write((), read(self.clock))
        return begun

    def lost(self, s):
        start = stated(read(self.clock))
        self.clock.advance(s)
        return Lost(1, start, stated(read(self.clock)), CARD)

    def gaps(self):
        chapters = GapStore(self.folder / "spool", self.folder / "vault").chapters()
        accounts = Ledger([one.chapter for one in chapters]).accounts()
        return [(gap.why.cause, round(gap.length_s)) for account in accounts for gap in account.gaps]

    def chapters(self):
        return len(list((self.folder / "spool").glob("*.listening")))


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_loss_is_on_the_disk_within_a_second(desk):
    desk.live(5)
    desk.live(2, desk.lost(3.0))
    assert desk.gaps() == [(GapCause.CARD, 3)]


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_what_a_disk_refuses_is_written_when_it_takes_it_again(desk, fault, caplog):
    desk.live(5)
    desk.disk.fault = fault
    desk.live(60, desk.lost(3.0))
    desk.live(60, desk.lost(4.0))
    assert desk.gaps() == []
    desk.disk.fault = None
    assert desk.live(RETRY_S + 1)  # a new chapter: the old one may end in a torn line
    assert desk.gaps() == [(GapCause.CARD, 3), (GapCause.CARD, 4)]
    assert caplog.text.count("cannot be written") == 1


def test_a_disk_that_refuses_from_the_start_hides_no_minute(desk):
    desk.live(5)
    desk.diary.end((), read(desk.clock))
    desk.clock.advance(600)
    desk.start()
    desk.disk.fault = errno.EROFS
    desk.live(120)
    desk.disk.fault = None
    desk.live(RETRY_S + 1)
    assert desk.gaps() == [(GapCause.STOPPED, 600)]


def test_memory_is_bounded_while_nothing_is_taken_and_the_loss_is_claimed_whole(desk):
    desk.live(5)
    desk.disk.fault = errno.ENOSPC
    for _ in range(MOST_WAITING + 500):
        desk.live(0, desk.lost(0.1))
    assert len(desk.diary._waiting) <= MOST_WAITING
    desk.disk.fault = None
    desk.live(RETRY_S + 1)
    assert sum(s for _, s in desk.gaps()) == pytest.approx((MOST_WAITING + 500) * 0.1, abs=2)


def test_a_chapter_covers_a_day_and_the_next_goes_straight_on(desk):
    for _ in range(3):
        desk.diary.write((), read(desk.clock))
        desk.clock.advance(24 * 3600)
    desk.live(2)
    assert desk.chapters() == 4
    assert desk.gaps() == []


def test_chapters_follow_one_another_also_when_the_clock_goes_back(desk):
    desk.live(20)
    desk.diary.end((), read(desk.clock))
    desk.clock.jump(desk.clock.now().at - timedelta(days=400), ClockQuality.UNSURE)
    desk.clock.reboot()
    desk.start()
    desk.live(20)
    names = sorted(path.name for path in (desk.folder / "spool").iterdir())
    assert [name[9:13] for name in names] == ["2026", "2025"]
    assert desk.gaps()[-1][0] is GapCause.CLOCK


def test_a_crash_is_known_to_two_seconds_without_a_sign_of_life_to_ten_minutes(desk):
    desk.live(ALIVE_S + 30)
    desk.clock.advance(50)
    desk.start()
    desk.live(1)
    ((cause, length_s),) = desk.gaps()
    assert (cause, 50 <= length_s <= 53) == (GapCause.STOPPED, True)
    (desk.folder / "live" / SIGN_OF_LIFE).write_bytes(b"{")
    desk.live(30)
    (desk.folder / "live" / SIGN_OF_LIFE).write_bytes(b"{")  # as a power cut may leave it
    desk.clock.advance(50)
    desk.start()
    desk.live(1)
    assert desk.gaps()[-1][1] >= 80  # more is claimed than was lost, never less


def test_chapters_stay_in_order_where_a_full_disk_comes_before_a_power_cut_that_takes_the_sign_of_life(desk):
    desk.live(2)
    desk.disk.fault = errno.ENOSPC
    desk.live(120, desk.lost(1))
    desk.disk.fault = None
    desk.live(RETRY_S + 2)
    before = {path.name for path in (desk.folder / "spool").glob("*.listening")}
    (desk.folder / "live" / SIGN_OF_LIFE).unlink()
    desk.clock.reboot(60.0)
    desk.start()
    desk.live(2)
    (newest,) = {path.name for path in (desk.folder / "spool").glob("*.listening")} - before
    assert newest > max(before)
