"""The recorder's diary over power cuts: whatever the disk keeps of it, no lost second is taken for a listened one."""

import random
from itertools import pairwise

import pytest
from powercut import CutDisk, after_cut

from appliance.clock import FakeClock
from appliance.model.gaps import GapCause, Why
from appliance.recorder.diary import SYNC_BEAT_S, Diary
from appliance.recorder.gapwatch import TOLD_AFTER_S, GapWatch
from appliance.recorder.instant import read
from appliance.storage.gaps import Ledger
from appliance.storage.gapstore import GapStore

CARD = Why(GapCause.CARD)
LINE = ("Reception",)
LOST_S = ((10, 14), (25, 40), (50, 58))
LASTS_S = 60


class Life:
    """A recorder of one line that is not heard in ``LOST_S``, second by second, on a disk that remembers."""

    def __init__(self, folder):
        self.spool, self.live = folder / "spool", folder / "live"
        for made in (self.spool, self.live):
            made.mkdir(parents=True)
        self.clock, self.disk, self.operations_at = FakeClock(), CutDisk(), []
        self.began = read(self.clock)

    def run(self):
        diary = Diary(self.spool, self.live, LINE, self.began, self.disk)
        watch = GapWatch(1, self.began)
        for second in range(LASTS_S):
            before = read(self.clock)
            self.clock.advance(1.0)
            now = read(self.clock)
            if any(start <= second < end for start, end in LOST_S):
                watch.miss(now, CARD)
            else:
                watch.hear(before, now, None, CARD)
            if diary.write(watch.notes(now), now):
                watch.retell()
            self.operations_at.append(len(self.disk.operations))
        return self


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    return Life(tmp_path_factory.mktemp("life")).run()


def test_a_power_cut_between_any_two_steps_hides_no_loss(life, tmp_path):
    chance = random.Random(5)
    for count in range(1, len(life.disk.operations) + 1):
        left = tmp_path / f"{count}"
        after_cut(life.disk.operations[:count], chance, life.spool.parent, left)
        for folder in ("spool", "live"):
            (left / folder).mkdir(parents=True, exist_ok=True)
        ran_s = next((s + 1 for s, done in enumerate(life.operations_at) if done >= count), LASTS_S)
        clock = FakeClock()
        clock.advance(ran_s)
        clock.reboot(down_s=45.0)
        _live_on(left, clock)
        accounts = Ledger([one.chapter for one in GapStore(left / "spool", left / "vault").chapters()]).accounts()
        (account,) = accounts
        _check(account, life.began.moment.at, ran_s)


def _live_on(folder, clock):
    """The recorder that is started after the cut: it hears its line at once."""
    began = read(clock)
    diary, watch = Diary(folder / "spool", folder / "live", LINE, began, CutDisk()), GapWatch(1, began)
    clock.advance(1.0)
    watch.hear(began, read(clock), None, CARD)
    diary.write(watch.notes(read(clock)), read(clock))


def _check(account, began, ran_s):
    """Every loss that had been going on for long enough to be told, and the time without power, are in the ledger."""
    claimed = [((gap.start - began).total_seconds(), (gap.end - began).total_seconds()) for gap in account.gaps]
    assert all(end <= start for (_, end), (start, _) in pairwise(claimed))
    assert any(start <= ran_s and end >= ran_s + 44 for start, end in claimed) or account.first > began
    told_until = ran_s - SYNC_BEAT_S - TOLD_AFTER_S - 1
    for start, end in LOST_S:
        if end - 1 <= told_until:
            assert any(a <= start + 0.01 and b >= end - 1.01 for a, b in claimed), (start, end, claimed)
