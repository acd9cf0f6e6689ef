"""The journal: nothing can be changed, removed, added or moved unseen, and nothing is done that it cannot hold."""

import errno
import os
import random

import pytest

from appliance.clock import FakeClock
from appliance.errors import JournalRefused
from appliance.model.calls import CallId
from appliance.storage.journal import Anchor, Journal, public_key_of
from appliance.storage.journalcheck import check, mentions, pages
from appliance.storage.journalline import Act

CALL = CallId("2026-11-23T163300Z-1-7f3a9c")
MONTH_S = 31 * 86400


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def journal(tmp_path, clock):
    journal = Journal(tmp_path, clock)
    yield journal
    journal.close()


def filled(journal, clock, lines=30, every_s=86400):
    for number in range(lines):
        journal.append(Act.LISTENED, "manager", CALL, purpose="facts", turn=str(number))
        clock.advance(every_s)
    journal.checkpoint()


def months(folder):
    return sorted(folder.glob("*.jsonl"))


def test_what_was_done_comes_back_newest_first_over_months(tmp_path, journal, clock):
    filled(journal, clock, lines=70)
    total, lines = pages(tmp_path, 1, 5)
    assert total == 72  # one checkpoint after 64 lines, and one at the end
    assert [line.number for line in lines] == [71, 70, 69, 68, 67]
    assert len(months(tmp_path)) >= 3
    total, lines = pages(tmp_path, 15, 5)
    assert [line.number for line in lines] == [1, 0]
    assert lines[-1].more["turn"] == "0"
    assert pages(tmp_path, 16, 5) == (72, [])


def test_a_whole_journal_adds_up_and_shows_each_line(tmp_path, journal, clock):
    filled(journal, clock)
    seen = []
    report = check(tmp_path, journal.public_key, [journal.anchor], seen.append)
    assert report.intact
    assert report.count == len(seen) == 31
    assert public_key_of(tmp_path) == journal.public_key


def test_a_restart_goes_on_with_the_chain(tmp_path, journal, clock):
    filled(journal, clock)
    journal.close()
    again = Journal(tmp_path, clock)
    again.append(Act.STARTED)
    assert again.anchor.number == 31
    assert check(tmp_path, again.public_key).intact
    again.close()


def tamperings(folder, chance):
    """Yield ways to change the files by hand, each undone before the next."""
    for path in months(folder):
        lines = path.read_bytes().splitlines(keepends=True)
        at = chance.randrange(len(lines))
        position = chance.randrange(len(lines[at]) - 1)
        flipped = bytearray(lines[at])
        flipped[position] ^= 1 << chance.randrange(8)
        yield path, [*lines[:at], bytes(flipped), *lines[at + 1 :]]
        yield path, [*lines[:at], *lines[at + 1 :]]
        yield path, [*lines[:at], lines[at], *lines[at:]]
        yield path, [*lines[:at], lines[at].replace(b"manager", b"partner"), *lines[at + 1 :]]
        yield path, [*lines[:at], lines[at].replace(b",", b", ", 1), *lines[at + 1 :]]
        if len(lines) > 1:
            other = (at + 1) % len(lines)
            swapped = list(lines)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            yield path, swapped
        yield path, lines[:at]
        yield path, []


def test_every_tampering_with_a_line_is_caught(tmp_path, journal, clock):
    filled(journal, clock, lines=40)
    journal.close()
    chance, tried = random.Random(1), 0
    for _ in range(20):
        for path, lines in tamperings(tmp_path, chance):
            before = path.read_bytes()
            if b"".join(lines) == before:
                continue
            path.write_bytes(b"".join(lines))
            assert not check(tmp_path, journal.public_key).intact, path
            path.write_bytes(before)
            tried += 1
    assert tried >= 300
    assert check(tmp_path, journal.public_key).intact


def test_a_month_that_was_taken_away_is_missed(tmp_path, journal, clock):
    filled(journal, clock, lines=70)
    for path in months(tmp_path):
        before = path.read_bytes()
        path.unlink()
        assert not check(tmp_path, journal.public_key).intact
        path.write_bytes(before)


def test_a_journal_rewritten_whole_is_caught_by_another_key_and_by_an_anchor_elsewhere(tmp_path, clock):
    kept = tmp_path / "kept"
    kept.mkdir()
    first = Journal(kept, clock)
    filled(first, clock)
    first.close()
    forged_folder = tmp_path / "forged"
    forged_folder.mkdir()
    forged = Journal(forged_folder, clock)
    filled(forged, clock)
    forged.close()
    assert not check(forged_folder, first.public_key).intact
    assert check(forged_folder, forged.public_key).intact
    assert not check(forged_folder, forged.public_key, [first.anchor]).intact
    assert not check(kept, first.public_key, [Anchor(500, "0" * 64)]).intact


@pytest.mark.parametrize("torn", [b'{"act":"listened', b"\0" * 80, b'{"act"' + b"\0" * 40 + b"\n", b"\n"[:0] + b"{"])
def test_a_last_line_torn_by_a_power_cut_is_removed_and_that_is_written_down(tmp_path, journal, clock, torn):
    filled(journal, clock, lines=3)
    journal.close()
    with months(tmp_path)[-1].open("ab") as file:
        file.write(torn)
    again = Journal(tmp_path, clock)
    assert again.broken_after is None
    assert pages(tmp_path, 1, 1)[1][0].act == Act.REPAIRED
    assert check(tmp_path, again.public_key).intact
    again.close()


def test_a_journal_that_does_not_add_up_is_left_as_it_is_and_gone_on_with_elsewhere(tmp_path, journal, clock):
    filled(journal, clock, lines=5, every_s=1)
    journal.close()
    path = months(tmp_path)[-1]
    altered = path.read_bytes().replace(b'"turn":"2"', b'"turn":"9"')
    path.write_bytes(altered)
    for _ in range(3):
        again = Journal(tmp_path, clock)
        assert again.broken_after == 1
        again.append(Act.STARTED)
        again.close()
    assert path.read_bytes() == altered
    assert check(tmp_path, again.public_key).broken_after == 1
    assert [path.name for path in months(tmp_path)] == ["2026-11.jsonl", "2026-11.r1.jsonl"]


class FullDisk:
    """The machine's disk, which can be filled."""

    def __init__(self):
        self.full, self.taken = False, 0

    def __getattr__(self, name):
        return getattr(os, name)

    def write(self, fd, data):
        if self.full:
            os.write(fd, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(fd, data)


def test_what_cannot_be_written_down_is_refused_and_leaves_no_trace(tmp_path, clock):
    disk = FullDisk()
    journal = Journal(tmp_path, clock, disk)
    journal.append(Act.STARTED)
    disk.full = True
    for _ in range(3):
        with pytest.raises(JournalRefused):
            journal.append(Act.LISTENED, "manager", CALL)
    disk.full = False
    journal.append(Act.STOPPED)
    acts = [line.act for line in pages(tmp_path, 1, 9)[1]]
    assert acts == [Act.STOPPED, Act.REPAIRED, Act.STARTED]
    assert check(tmp_path, journal.public_key).intact
    journal.close()


def test_a_clock_that_went_back_keeps_the_order(tmp_path, journal, clock):
    journal.append(Act.STARTED)
    clock.advance(2 * MONTH_S)
    journal.append(Act.STARTED)
    clock.jump(clock.now().at.replace(year=1970))
    journal.append(Act.STARTED)
    journal.close()
    again = Journal(tmp_path, clock)
    assert again.broken_after is None
    assert again.anchor.number == 2
    assert check(tmp_path, again.public_key).intact
    again.close()


def test_lines_about_a_call_are_found(tmp_path, journal):
    journal.append(Act.STARTED)
    journal.append(Act.DESTROYED, call=CALL, rule="12 months")
    assert [line.act for line in mentions(tmp_path, CALL.encode())] == [Act.DESTROYED]
