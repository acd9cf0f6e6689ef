"""The gap ledger: whatever ends a recorder, each second of a line was listened to or has a cause."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.clock import ClockQuality
from appliance.model.gaps import GapCause, Why
from appliance.storage.entry import Stated
from appliance.storage.gapnotes import (
    Alive,
    Began,
    Ended,
    LastKnown,
    Losing,
    Lost,
    condensed,
    read_chapter,
    written,
)
from appliance.storage.gaps import Ledger

T0 = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
CARD = Why(GapCause.CARD, "The sound card gives no sound.")
LINES = ("Reception", "Back office")


def at(s, boot="a", booted=0.0, quality=ClockQuality.SYNCHRONISED):
    """The instant ``s`` seconds after the test's beginning; the boot began ``booted`` seconds after it."""
    return Stated(T0 + timedelta(seconds=s), quality, boot, 100.0 + s - booted)


def chapter(*notes):
    return read_chapter(b"".join(map(written, notes)))


def ledger(*chapters, now=None, heard=None):
    now = None if now is None else T0 + timedelta(seconds=now)
    accounts = Ledger(chapters, heard_until=heard or now, now=now).accounts()
    return {account.line_name: account for account in accounts}


def gaps(account):
    return [((gap.start - T0).total_seconds(), (gap.end - T0).total_seconds(), gap.why.cause) for gap in account.gaps]


def test_a_loss_is_in_the_ledger_of_its_line_alone():
    said = ledger(chapter(Began(at(0), LINES), Lost(2, at(10), at(13), CARD), Alive(at(60))))
    assert gaps(said["Back office"]) == [(10, 13, GapCause.CARD)]
    assert gaps(said["Reception"]) == []
    assert (said["Reception"].last - T0).total_seconds() == 60


def test_a_loss_that_a_crash_left_open_goes_on_until_the_line_is_heard_again():
    said = ledger(
        chapter(Began(at(0), LINES), Losing(1, at(10), CARD)),
        chapter(Began(at(40), LINES, LastKnown(at(30))), Lost(1, at(40), at(41), Why(GapCause.STOPPED))),
    )
    assert gaps(said["Reception"]) == [(10, 30, GapCause.CARD), (30, 41, GapCause.STOPPED)]
    assert gaps(said["Back office"]) == [(30, 40, GapCause.STOPPED)]


@pytest.mark.parametrize("clean", [True, False])
def test_a_box_that_was_off_is_a_gap_of_every_line(clean):
    off = chapter(Began(at(0), LINES), *([Ended(at(20))] if clean else []))
    on = chapter(Began(at(80, "b", 70), LINES, LastKnown(at(20), clean=clean)))
    for account in ledger(off, on).values():
        assert gaps(account) == [(20, 80, GapCause.POWER)]
        assert account.gaps[0].why.detail == ("shut down" if clean else "cut off")


def test_a_loss_that_was_taken_back_is_none():
    said = ledger(chapter(Began(at(0), LINES), Losing(1, at(10), CARD), Lost(1, at(10), at(10), CARD), Alive(at(90))))
    assert gaps(said["Reception"]) == []


def test_what_the_sign_of_life_did_not_live_to_say_the_last_note_says():
    said = ledger(chapter(Began(at(0), LINES), Alive(at(600))), chapter(Began(at(700, "b", 690), LINES)))
    assert gaps(said["Reception"]) == [(600, 700, GapCause.POWER)]


def test_a_clock_that_went_back_is_a_gap_of_unknown_length():
    said = ledger(chapter(Began(at(5000), LINES), Alive(at(5100))), chapter(Began(at(100, "b", 90), LINES)))
    assert gaps(said["Reception"]) == [(5100, 5100, GapCause.CLOCK)]
    assert said["Reception"].gaps[0].unsure


def test_a_chapter_that_goes_straight_on_leaves_no_gap():
    said = ledger(
        chapter(Began(at(0), LINES), Losing(1, at(50), CARD), Alive(at(90))),
        chapter(Began(at(100), LINES, LastKnown(at(100))), Losing(1, at(50), CARD), Lost(1, at(50), at(120), CARD)),
        now=130,
    )
    assert gaps(said["Reception"]) == [(50, 120, GapCause.CARD)]
    assert gaps(said["Back office"]) == []


def test_a_loss_going_on_now_is_open():
    said = ledger(chapter(Began(at(0), LINES), Losing(1, at(50), CARD)), now=80)
    (gap,) = said["Reception"].gaps
    assert gap.open
    assert gap.length_s == 30


def test_a_recorder_that_is_not_running_now_is_a_gap_that_lasts():
    said = ledger(chapter(Began(at(0), LINES)), heard=T0 + timedelta(seconds=50), now=200)
    for account in said.values():
        (gap,) = account.gaps
        assert (gap.open, gap.why) == (True, Why(GapCause.STOPPED, "not running"))
        assert gaps(account) == [(50, 200, GapCause.STOPPED)]


def test_the_times_of_an_unsure_boot_are_those_its_clock_was_later_set_to():
    def when(stated):
        return (stated.at + timedelta(days=300) if stated.boot_id == "b" else stated.at), True

    first = chapter(Began(at(0), LINES), Ended(at(20)))
    second = chapter(Began(at(80 - 300 * 86400, "b"), LINES, LastKnown(at(20), clean=True)))
    (account, _) = Ledger((first, second), when).accounts()
    assert gaps(account) == [(20, 80, GapCause.POWER)]


def test_a_line_that_was_not_yet_there_has_no_account_before_it_was():
    said = ledger(
        chapter(Began(at(0), ("Reception",)), Ended(at(20))),
        chapter(Began(at(30), LINES, LastKnown(at(20), clean=True))),
    )
    assert (said["Back office"].first - T0).total_seconds() == 30
    assert gaps(said["Reception"]) == [(20, 30, GapCause.STOPPED)]


# --- files ---


def test_a_torn_last_line_is_left_out_and_a_damaged_one_is_counted():
    good = b"".join(map(written, [Began(at(0), LINES), Lost(1, at(1), at(2), CARD), Alive(at(9))]))
    assert read_chapter(good[:-5]).damaged == 0
    assert (len(read_chapter(good[:-5]).notes), read_chapter(good[:-5]).last) == (1, at(2))
    broken = good.replace(b'"cause":"card"', b'"cause":"disk"')
    assert read_chapter(broken).damaged == 1


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_a_file_of_anything_is_no_chapter_and_no_error(data):
    found = read_chapter(data)
    assert found is None or found.notes is not None


@settings(deadline=None)
@given(st.integers(0, 400))
def test_a_chapter_cut_anywhere_holds_the_notes_that_were_whole(length):
    notes = [Began(at(0), LINES), Lost(1, at(1), at(2), CARD), Losing(2, at(3), CARD)]
    lines = [written(note) for note in notes]
    found = read_chapter(b"".join(lines)[:length])
    whole = sum(sum(map(len, lines[: n + 1])) <= length for n in range(3))
    assert (0 if found is None else 1 + len(found.notes)) == whole


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 2), st.integers(0, 500), st.integers(1, 60)), max_size=30))
def test_condensed_notes_claim_no_less(stretches):
    notes = [Lost(line, at(start), at(start + length), CARD) for line, start, length in stretches]
    fewer = condensed(notes)
    assert len(fewer) <= 2
    for note in notes:
        assert any(
            one.line == note.line and one.start.at <= note.start.at and one.end.at >= note.end.at for one in fewer
        )


# --- what must always hold ---

lives = st.lists(
    st.tuples(
        st.floats(1, 2000),  # how long the recorder ran
        st.floats(0, 500),  # and then did not
        st.booleans(),  # was asked to stop
        st.booleans(),  # the machine was started anew
        st.lists(st.tuples(st.integers(1, 2), st.floats(0, 1), st.floats(0, 1)), max_size=5),
        st.floats(0, 9),  # how old its last sign of life was when it crashed
    ),
    min_size=1,
    max_size=8,
)


def told(lives):
    """Let recorders live and die as ``lives`` say; return their chapters, and what each line truly lost."""
    now, boot, booted, chapters, known, lost = 0.0, 0, 0.0, [], None, {1: [], 2: []}
    for ran_s, off_s, clean, reboot, stretches, age_s in lives:
        began, end = now, now + ran_s
        notes = [Began(at(began, f"{boot}", booted), LINES, known)]
        for line, a, b in stretches:
            start, stop = sorted((began + a * ran_s, began + b * ran_s))
            if stop > start:
                notes.append(Lost(line, at(start, f"{boot}", booted), at(stop, f"{boot}", booted), CARD))
                lost[line].append((start, stop))
        last = end if clean else max(began, end - age_s)
        known = LastKnown(at(last, f"{boot}", booted), clean=clean)
        notes += [Ended(at(end, f"{boot}", booted))] if clean else []
        chapters.append(chapter(*notes))
        now = end + off_s
        for losses in lost.values():
            losses.append((end, now))
        if reboot:
            boot, booted = boot + 1, now - 5.0
    return chapters, lost, now


@settings(deadline=None)
@given(lives)
def test_every_lost_second_is_in_the_ledger_and_no_two_gaps_overlap(lives):
    chapters, lost, _ = told(lives)
    accounts = Ledger(chapters).accounts()
    for line, account in enumerate(accounts, start=1):
        claimed = gaps(account)
        for (_, end, _), (start, *_) in pairwise(claimed):
            assert start >= end
        assert all(end > start for start, end, _ in claimed)
        for start, end in lost[line][:-1]:  # after the last life nobody was there to say so
            middle = (start + end) / 2
            if end - start > 1e-3:
                assert any(a - 1e-3 <= middle <= b + 1e-3 for a, b, _ in claimed)


@settings(deadline=None)
@given(lives)
def test_the_ledger_claims_nothing_that_was_listened_to_but_for_the_age_of_the_last_sign_of_life(lives):
    chapters, lost, _ = told(lives)
    for line, account in enumerate(Ledger(chapters).accounts(), start=1):
        true_s = sum(end - start for start, end in merged(lost[line][:-1]))
        assert account.gap_s <= true_s + 11.0 * len(lives)  # its age, and a second that joins two stretches


def merged(stretches):
    """Stretches as the fewest that cover the same."""
    out = []
    for start, end in sorted(stretches):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
