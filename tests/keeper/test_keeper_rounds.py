"""What the keeper does by itself, and what it tells staff."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.clock import ClockQuality
from appliance.codec import to_json
from appliance.errors import FreshSignInNeeded, NotAllowed
from appliance.files import replace_quickly
from appliance.keeper.live import BELIEVED_S
from appliance.keeper.rounds import Round, Rounds
from appliance.keeper.sessions import FRESH_S
from appliance.keeper.space import Room
from appliance.link.messages.holds import AllowDeletions, ConfirmClock
from appliance.link.messages.lines import AskLive
from appliance.model.people import Role
from appliance.model.status import Alarm, LineState, LineStatus, RecorderStatus
from vaultbox import Box

GIB = 1 << 30


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path)
    yield box
    box.close()


def recorder_says(box, state=LineState.IDLE, at=None, call_id=None):
    now = at or box.clock.now().at
    line = LineStatus(1, "Reception", state, now, -60.0, call_id)
    status = RecorderStatus(now, now, (line,), (Alarm("quiet", "The line is quiet.", now, 1),))
    replace_quickly(box.folders.live / "recorder.json", to_json(status))


def alarms(box):
    return {alarm.key for alarm in box.desk.alarms.standing()}


def test_the_recorders_word_is_passed_on_until_it_is_too_old(box):
    recorder_says(box, LineState.RINGING)
    box.desk.live.look()
    live = box.desk.live.now(0, 0)
    assert live.contact
    assert live.lines[0].state is LineState.RINGING
    assert [alarm.key for alarm in live.alarms] == ["quiet"]
    box.clock.advance(BELIEVED_S + 0.1)
    box.desk.live.look()
    later = box.desk.live.now(0, 0)
    assert not later.contact
    assert later.contact_at == live.contact_at
    assert later.version != live.version


def test_nothing_new_keeps_the_version(box):
    recorder_says(box)
    box.desk.live.look()
    version = box.desk.live.now(0, 0).version
    box.desk.live.look()
    assert box.desk.live.now(0, 0).version == version


def test_a_word_left_from_before_a_restart_is_not_taken_for_news(box):
    recorder_says(box, at=box.clock.now().at - timedelta(minutes=5))
    box.desk.live.look()
    assert not box.desk.live.now(0, 0).contact
    recorder_says(box)
    box.desk.live.look()
    assert box.desk.live.now(0, 0).contact


@pytest.mark.parametrize("damage", [b"", b"\0\0", b"[]", b'{"at":1}'])
def test_a_word_that_cannot_be_read_is_no_word(box, damage):
    (box.folders.live / "recorder.json").write_bytes(damage)
    box.desk.live.look()
    assert not box.desk.live.now(0, 0).contact


def test_a_page_that_waits_is_told_at_once(box):
    box.set_up()
    token = box.sign_in()
    seen = box.ask(AskLive(token)).version
    rounds = Rounds("test", [Round("look", 0.0, lambda: _news(box), "")], box.desk.alarms, box.clock)
    rounds.start()
    live = box.ask(AskLive(token, seen, 20.0))
    rounds.stop()
    assert live.version != seen
    assert live.lines


def _news(box):
    recorder_says(box, LineState.RECORDING)
    box.desk.live.look()


def test_a_round_that_fails_is_told_and_stops_no_other(box):
    done, trouble = [], [OSError("the disk is gone")]

    def failing():
        done.append("failing")
        if trouble:
            raise trouble[0]

    rounds = [Round("first", 1.0, failing, "Call support."), Round("second", 1.0, lambda: done.append("second"), "")]
    run = Rounds("test", rounds, box.desk.alarms, box.clock)
    run.do_due()
    assert done == ["failing", "second"]
    assert alarms(box) == {"round-first"}
    run.do_due()
    assert len(done) == 2
    trouble.clear()
    box.clock.advance(1.0)
    run.do_due()
    assert done == ["failing", "second"] * 2
    assert alarms(box) == set()


def test_an_unsure_clock_is_an_alarm_until_it_is_set(box):
    box.clock.jump(datetime(1970, 1, 1, tzinfo=UTC), ClockQuality.UNSURE)
    box.chores.look_at_clock()
    assert alarms(box) == {"clock"}
    box.clock.jump(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), ClockQuality.SYNCHRONISED)
    box.chores.look_at_clock()
    assert alarms(box) == set()


def test_a_clock_far_ahead_waits_for_a_person_who_compares_the_date(box):
    box.set_up()
    box.taken()
    box.chores.sweep()
    box.clock.jump(box.clock.now().at + timedelta(days=400))
    box.chores.sweep()
    assert alarms(box) == {"clock-ahead"}
    token = box.sign_in()
    today = box.clock.now().at.date()
    with pytest.raises(NotAllowed, match="date"):
        box.ask(ConfirmClock(token, today - timedelta(days=1)))
    partner = box.add("partner", Role.PARTNER, token)
    with pytest.raises(NotAllowed):
        box.ask(ConfirmClock(partner, today))
    box.ask(ConfirmClock(token, today))
    box.chores.sweep()
    assert alarms(box) == set()
    assert "clock confirmed" in box.acts()
    box.clock.advance(FRESH_S)
    with pytest.raises(FreshSignInNeeded):
        box.ask(AllowDeletions(token, 100))


def test_a_hold_that_cannot_be_read_is_an_alarm(box):
    box.chores.sweep()
    (box.stores.vault.holds / "2026-11-23T163300Z-1-7f3a9c.json").write_bytes(b"\0")
    box.chores.sweep()
    assert alarms(box) == {"deletions"}


def test_a_journal_that_does_not_add_up_is_an_alarm_and_stops_deletion(box):
    box.set_up()
    path = next(box.stores.journal_folder.glob("*.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"set up", b"set no"))
    box.chores.check_journal()
    assert alarms(box) == {"journal"}
    box.chores.sweep()
    assert alarms(box) == {"journal", "deletions"}


def test_a_full_disk_is_told_at_two_levels_and_deletes_nothing():
    assert Room(free=40 * GIB, size=60 * GIB).words == ""
    low, very_low = Room(2 * GIB, 60 * GIB).words, Room(GIB // 2, 60 * GIB).words
    assert "filling up" in low
    assert "almost full" in very_low
    assert "Nothing is deleted early" in low
    assert "Nothing is deleted early" in very_low


def test_a_new_month_has_a_new_key_with_nobody_signed_in(box):
    box.set_up()
    before = box.stores.keyring.current()
    box.chores.change_key()
    assert box.stores.keyring.current() == before
    box.clock.advance(31 * 86400)
    old = box.taken()
    box.chores.change_key()
    assert box.stores.keyring.current() != before
    assert box.acts()[-1] == "recording key made"
    assert box.stores.catalogue.get(old).kid == before.kid
    assert box.stores.catalogue.get(box.taken()).kid == box.stores.keyring.current().kid
