"""From the spool into the vault: finished calls at once, calls whose recorder has gone with what is genuine."""

from datetime import timedelta

import pytest

from appliance.clock import ClockQuality
from appliance.errors import NoSuchCall
from appliance.model.calls import Direction
from appliance.storage.daycolumns import Choice
from appliance.storage.intake import QUIET_S, missing_days
from appliance.storage.sheet import read_sheet
from vaultbox import Box


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path)


def take(box, open_now=()):
    return [entry.call_id for entry in box.stores.intake.take(frozenset(open_now))]


def listed(box):
    return [entry.call_id for entry in box.stores.catalogue.some(Choice(), 0, 100)[1]]


def test_a_finished_call_moves_into_the_vault_and_onto_the_list(box):
    call = box.call(direction=Direction.IN, line=2)
    assert take(box) == [call]
    assert list(box.folders.spool.iterdir()) == []
    entry = box.stores.catalogue.get(call)
    assert (entry.line, entry.direction, entry.duration_s, entry.missed, entry.cut_short) == (
        2,
        Direction.IN,
        10.0,
        False,
        False,
    )
    assert entry.size == sum(path.stat().st_size for path in box.stores.vault.shelf(call).iterdir())
    assert take(box) == []


def test_a_missed_call_is_listed_without_audio(box):
    call = box.missed()
    assert take(box) == [call]
    assert box.stores.catalogue.get(call).missed
    assert not box.stores.vault.audio(call).exists()


def test_a_call_going_on_stays_where_it_is(box):
    opening, recording = box.begin()
    for _ in range(20):
        box.clock.advance(1)
        recording.audio.write(b"more" * 1000)
        recording.sync()
        assert take(box) == []
    assert [call for call, _ in box.stores.intake.open_calls()] == [opening.call_id]


def test_a_silent_call_that_the_recorder_says_it_has_stays(box):
    opening, _ = box.begin()
    for _ in range(20):
        box.clock.advance(1)
        assert take(box, {opening.call_id}) == []


def test_a_call_whose_recorder_has_gone_is_taken_in_cut_short(box):
    opening, _ = box.begin(plain=b"x" * 30_000)
    assert take(box) == []
    box.clock.advance(QUIET_S - 0.1)
    assert take(box) == []
    box.clock.advance(0.2)
    assert take(box) == [opening.call_id]
    entry = box.stores.catalogue.get(opening.call_id)
    assert entry.cut_short
    assert entry.duration_s == pytest.approx(10, abs=0.5)
    sheet = read_sheet(box.stores.vault.meta(opening.call_id))
    assert sheet.cut is not None
    assert sheet.cut.audio_bytes <= 30_000
    assert take(box) == []


def test_what_goes_on_after_a_restart_says_what_it_continues(box):
    first, _ = box.begin()
    box.clock.advance(2)
    second = box.call(continues=first.call_id)
    take(box)
    box.clock.advance(QUIET_S + 1)
    take(box)
    assert box.stores.catalogue.get(second).continues == first.call_id
    assert box.stores.catalogue.get(first.call_id).cut_short


@pytest.mark.parametrize("damage", ["empty", "torn", "flipped", "other"])
def test_a_call_whose_sheet_is_damaged_is_taken_in_and_listed_as_damaged(box, damage):
    call = box.call()
    path = box.spool.meta(call)
    content = path.read_bytes()
    changed = {
        "empty": b"",
        "torn": content[:100],
        "flipped": content[:50] + bytes([content[50] ^ 1]) + content[51:],
        "other": content.replace(call.encode(), call[:-1].encode() + b"f", 1),
    }
    path.write_bytes(changed[damage])
    assert take(box) == []
    box.clock.advance(QUIET_S + 1)
    assert take(box) == [call]
    entry = box.stores.catalogue.get(call)
    assert entry.damaged
    assert box.stores.vault.audio(call).exists()
    assert box.stores.boots.counted_from(entry.stated) is None
    box.stores.boots.observe()
    assert box.stores.boots.counted_from(entry.stated) == box.clock.now().at


def test_files_of_other_names_are_left_alone(box):
    stranger = box.folders.spool / "notes.meta"
    stranger.write_bytes(b"?")
    assert take(box) == []
    assert stranger.exists()


def test_reindex_from_the_files_alone_gives_the_same_catalogue(box):
    for number in range(12):
        box.clock.advance(20_000)
        if number == 4:
            box.clock.reboot(100)
            box.clock.jump(box.clock.now().at - timedelta(days=400), ClockQuality.UNSURE)
        if number == 7:
            box.clock.jump(box.clock.now().at + timedelta(days=400), ClockQuality.SYNCHRONISED)
            box.chores.look_at_clock()
        box.missed() if number % 3 == 0 else box.call(number=None if number % 2 else "01632960846")
        take(box)
    before = box.stores.catalogue.some(Choice(), 0, 100)
    assert before[0] == 12
    assert [entry.started_at for entry in before[1]] == sorted((one.started_at for one in before[1]), reverse=True)
    for path in (box.folders.vault / "catalogue").iterdir():
        path.unlink()
    box.restart()
    box.chores.mend_catalogue()
    assert box.stores.catalogue.some(Choice(), 0, 100) == before


def test_calls_recorded_before_the_clock_was_set_are_listed_where_they_truly_were(box):
    first = box.taken()
    box.clock.reboot(3600)
    true = box.clock.now().at
    box.clock.jump(true - timedelta(days=3), ClockQuality.UNSURE)
    second = box.taken()
    assert listed(box) == [first, second]
    box.clock.jump(true, ClockQuality.SYNCHRONISED)
    box.chores.look_at_clock()
    assert listed(box) == [second, first]
    assert box.stores.catalogue.get(second).started_at == true
    box.restart()
    assert listed(box) == [second, first]


def test_audio_that_a_power_cut_left_behind_follows_its_sheet(box):
    call = box.call()
    box.stores.vault.take(call, box.folders.spool)
    box.stores.vault.audio(call).rename(box.spool.audio(call))
    take(box)
    assert box.stores.vault.audio(call).exists()


def test_a_recording_that_came_in_without_its_entry_is_noticed_and_listed(box):
    call = box.taken()
    other = box.call()
    box.stores.vault.take(other, box.folders.spool)
    box.restart()
    assert missing_days(box.stores.vault, box.stores.catalogue) == [call[:10]]
    box.chores.mend_catalogue()
    assert listed(box) == [other, call]
    assert missing_days(box.stores.vault, box.stores.catalogue) == []


def test_a_call_that_was_never_taken_in_is_no_call(box):
    with pytest.raises(NoSuchCall):
        box.stores.catalogue.get(box.call())
