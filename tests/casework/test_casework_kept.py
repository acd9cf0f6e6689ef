"""Cases in the keeper: sealed, held, journalled, and only for those whose role may."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
import tomli_w

from appliance.casework.access_requests.record import AccessRequest
from appliance.casework.assurance import MonthCounts
from appliance.casework.complaints.record import Complaint
from appliance.casework.policy.duties import Facts
from appliance.casework.reviews.record import Review
from appliance.cli import main
from appliance.clock import LONDON, ClockQuality
from appliance.codec import from_json
from appliance.config import BackupConfig, to_toml_values
from appliance.errors import (
    CaseChanged,
    FreshSignInNeeded,
    HoldNeeded,
    NoSuchCall,
    NoSuchCase,
    NotAllowed,
    StepMissing,
    WordsMissing,
)
from appliance.keeper.cases_keeping import CaseKeeping
from appliance.link.messages.call import GetCall, StartListening
from appliance.link.messages.cases import (
    AskAgenda,
    AskMonth,
    AskPolicyFacts,
    CaseKind,
    DoCase,
    DrawSample,
    GetCase,
    ListCases,
    LogCase,
    MyListens,
    SearchForCase,
)
from appliance.link.messages.holds import ReleaseHold
from appliance.link.messages.sessions import ProvePassword, WhoAmI
from appliance.model.people import Purpose, Role
from appliance.storage.backup import BackupRun, Rehearsed, note_rehearsal
from vaultbox import PASSWORD, Box, UnsyncedDisk

TODAY = "2026-11-23"


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path, disk=UnsyncedDisk())
    box.set_up()
    yield box
    box.close()


@pytest.fixture
def manager(box):
    return box.sign_in()


def words(**of):
    return json.dumps(of).encode()


def asked(box, token, **more):
    requester = {"name": "Requester Seven", "contact": "1 High Street"}
    given = words(requester=requester, ask={"way": "spoken", "wanted": "both"}, received_on=TODAY, **more)
    return box.ask(LogCase(token, CaseKind.ACCESS, given)).reference


def complained(box, token, calls=()):
    given = words(
        kind="practice", complainant={"name": "Mr Trelawny", "contact": "the post"}, about="a long wait",
        received_on=TODAY, happened_on=TODAY, calls=calls,
    )  # fmt: skip
    return box.ask(LogCase(token, CaseKind.COMPLAINT, given)).reference


def do(box, token, reference, act, **given):
    return box.ask(DoCase(token, reference, act, words(**given)))


def body(box, token, reference, shape=AccessRequest):
    return from_json(box.ask(GetCase(token, reference)).body, shape)


def test_what_is_logged_is_sealed_and_read_back_after_a_restart(box, manager):
    reference = asked(box, manager)
    assert reference == "AR-2026-001"
    assert body(box, manager, reference).requester.name == "Requester Seven"
    raw = b"".join(path.read_bytes() for path in box.folders.vault.rglob("*") if path.is_file())
    assert b"Seven" not in raw
    box.close()
    box.restart()
    assert body(box, box.sign_in(), reference).requester.name == "Requester Seven"


def test_staff_log_a_request_and_cannot_read_it_or_any_other(box, manager):
    staff = box.add("reception", Role.STAFF, manager)
    reference = asked(box, staff)
    assert body(box, manager, reference).logged_by == "reception"
    with pytest.raises(NoSuchCase):
        box.ask(GetCase(staff, reference))
    assert box.ask(ListCases(staff, CaseKind.ACCESS)).bodies == ()


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.AUDITOR])
def test_who_is_not_at_work_with_patients_logs_nothing_and_that_is_written_down(box, manager, role):
    other = box.add("other", role, manager)
    with pytest.raises(NotAllowed, match="Only the practice manager, a partner, senior staff or staff may log"):
        asked(box, other)
    assert box.acts()[-1] == "refused"
    with pytest.raises(NoSuchCase):
        box.ask(GetCase(other, "policy"))


def test_each_act_is_in_the_journal_before_the_case_changes_and_names_no_patient(box, manager):
    reference = asked(box, manager)
    do(box, manager, reference, "check_identity", seen="passport of Requester Seven", received_on=TODAY)
    assert box.acts()[-2:] == ["case logged", "case changed"]
    journal = b"".join(path.read_bytes() for path in box.stores.journal_folder.glob("*.jsonl"))
    assert b"identity checked" in journal
    assert b"Seven" not in journal


def test_a_search_holds_what_it_finds_and_the_hold_cannot_be_released_while_the_request_is_open(box, manager):
    call = box.taken()
    other = box.taken(number="02079460123")
    box.chores.open_sheets()
    reference = asked(box, manager)
    found = box.ask(SearchForCase(manager, reference, "her number", number="01632 960846"))
    assert (found.found, found.fresh) == (1, 1)
    assert box.stores.holds.held() == {call}
    assert other not in body(box, manager, reference).calls
    with pytest.raises(HoldNeeded, match=reference):
        box.ask(ReleaseHold(manager, call, 0, "in the way"))
    assert box.ask(GetCall(manager, call)).holds[0].reference == reference


def test_a_search_for_everything_is_refused(box, manager):
    reference = asked(box, manager)
    with pytest.raises(WordsMissing):
        box.ask(SearchForCase(manager, reference, "all"))


def test_closing_a_complaint_lets_its_calls_go_and_says_when_and_no_other_hold(box, manager):
    first, second = box.taken(), box.taken()
    complaint = complained(box, manager, [first, second])
    request = asked(box, manager)
    do(box, manager, request, "record_search", looked_for="this call", found=[second])
    do(box, manager, complaint, "acknowledge", acknowledged_on=TODAY)
    do(box, manager, complaint, "answer", answered_on=TODAY, next_body_told=True)
    told = box.ask(GetCase(manager, complaint)).calls
    assert [(one.held_otherwise, one.destroyed_on is None) for one in told] == [(False, False), (True, True)]
    done = do(box, manager, complaint, "close", holds_after="release")
    assert (done.released, done.destroyed_on) == (1, told[0].destroyed_on)
    assert box.stores.holds.held() == {second}


def test_a_complaint_that_is_kept_or_reopened_holds_its_calls_again(box, manager):
    call = box.taken()
    complaint = complained(box, manager, [call])
    do(box, manager, complaint, "close", holds_after="keep", withdrawn_because="by telephone")
    assert box.stores.holds.held() == {call}
    box.ask(ReleaseHold(manager, call, 0, "no longer needed"))
    assert box.stores.holds.held() == frozenset()
    do(box, manager, complaint, "reopen", why="the ombudsman asks")
    assert box.stores.holds.held() == {call}


def test_a_call_that_is_not_there_is_refused_and_nothing_is_logged(box, manager):
    with pytest.raises(NoSuchCall):
        complained(box, manager, [box.taken(), "2026-01-01T000000Z-1-00ffee"])
    with pytest.raises(NoSuchCall):
        complained(box, manager, ["../../people"])
    assert box.stores.casebook.references() == frozenset()
    assert box.stores.holds.held() == frozenset()


def test_words_that_the_rule_does_not_know_are_refused(box, manager):
    reference = asked(box, manager)
    for wrong in (b"{", b"[]", words(seen="passport"), words(seen="p", received_on=TODAY, by="partner")):
        with pytest.raises(WordsMissing):
            box.ask(DoCase(manager, reference, "check_identity", wrong))
    for act in ("give_copy", "hand_over", "log", "__init__"):
        with pytest.raises(StepMissing):
            do(box, manager, reference, act)


def test_two_people_at_once_do_not_undo_each_other(box, manager):
    reference = asked(box, manager)
    seen = box.ask(GetCase(manager, reference)).version
    do(box, manager, reference, "ask_identity")
    with pytest.raises(CaseChanged):
        box.ask(DoCase(manager, reference, "ask_clarification", words(question="Which year?"), seen))


def test_deciding_and_closing_ask_for_the_password_again(box, manager):
    reference = asked(box, manager)
    for _ in range(3):
        box.clock.advance(250)
        box.ask(WhoAmI(manager))
    with pytest.raises(FreshSignInNeeded):
        do(box, manager, reference, "authorise", granted=False, why="never came")
    with pytest.raises(FreshSignInNeeded):
        do(box, manager, reference, "close", ending="withdrawn", holds_after="release", why="by telephone")


def test_cases_move_on_to_the_key_of_the_month_and_open_without_the_old_one(box, manager):
    reference = complained(box, manager)
    old = box.stores.keyring.current().kid
    assert box.stores.casebook.kids() == {old}
    box.clock.advance(40 * 86400)
    assert box.stores.people.rotate_if_due() is not None
    token = box.sign_in()
    box.ask(ListCases(token, CaseKind.ACCESS))
    assert old not in box.stores.casebook.kids()
    box.stores.keyring.destroy(old)
    assert body(box, token, reference, Complaint).complainant.name == "Mr Trelawny"


def test_a_damaged_record_is_told_of_and_its_reference_is_not_given_again(box, manager):
    reference = complained(box, manager)
    (box.folders.vault / "cases" / f"{reference}.json").write_bytes(b"\0" * 900)
    box.close()
    box.restart()
    token = box.sign_in()
    assert box.ask(ListCases(token, CaseKind.COMPLAINT)).damaged == 1
    assert complained(box, token) == "CO-2026-002"


def test_the_single_records_begin_as_shipped_and_are_kept(box, manager):
    assert box.ask(GetCase(manager, "announcements")).version == 0
    given = {"place": "leaflet", "where": "of May", "says_recorded": True, "says_purpose": True}
    do(box, manager, "announcements", "check", **given)
    assert b"of May" in box.ask(GetCase(manager, "announcements")).body
    do(box, manager, "letters", "fill_in", details={"telephone": "01632 960000"})
    with pytest.raises(WordsMissing):
        do(box, manager, "letters", "fill_in", details={"colour": "teal"})


def test_holds_that_are_missing_are_placed_again(box, manager):
    call = box.taken()
    complained(box, manager, [call])
    (box.folders.vault / "holds" / f"{call}.json").unlink()
    box.stores.holds.read()
    assert not box.stores.holds.is_held(call)
    from appliance.keeper.cases_holds import CaseHolds

    assert CaseHolds(box.stores).settle() == 1
    assert box.stores.holds.is_held(call)
    assert CaseHolds(box.stores).settle() == 0


def test_what_is_due_is_told_in_words_the_most_urgent_first(box, manager):
    request, complaint = asked(box, manager), complained(box, manager)
    told = box.ask(AskAgenda(manager))
    assert [(one.reference, one.words, one.soon) for one in told.due] == [
        (complaint, "in 3 days", True),
        (request, "in 30 days", False),
    ]
    assert len(told.reminders) == 4
    box.clock.advance(35 * 86400)
    late = box.ask(AskAgenda(box.sign_in())).due
    assert [one.words for one in late] == ["Overdue by 32 days", "Overdue by 5 days"]


def test_a_shared_call_is_heard_by_its_member_of_staff_who_answers_and_sees_who_listened(box, manager):
    staff = box.add("reception", Role.STAFF, manager)
    call = box.taken()
    given = words(call_id=call, staff="reception", private_setting=True)
    reference = box.ask(LogCase(manager, CaseKind.REVIEW, given)).reference
    box.ask(StartListening(manager, call, Purpose.TRAINING))
    assert box.ask(GetCall(staff, call)).audio_bytes > 0
    feedback = {"went_well": "kind", "to_try": "say the name", "next_step": "a talk"}
    do(box, manager, reference, "give_feedback", **feedback)
    mine = box.ask(MyListens(staff))
    assert from_json(mine.bodies[0], Review).feedback.to_try == "say the name"
    assert [(one.call_id, one.name) for one in mine.heard] == [(call, "The manager")]
    do(box, staff, reference, "listen", private_setting=True)
    do(box, staff, reference, "countersign", reply="thank you")
    assert body(box, manager, reference, Review).reply == "thank you"
    other = box.add("other", Role.STAFF, box.sign_in())
    assert box.ask(MyListens(other)).bodies == ()
    with pytest.raises(NoSuchCase):
        box.ask(GetCase(other, reference))


def test_a_share_that_is_withdrawn_is_heard_no_more(box, manager):
    staff = box.add("reception", Role.STAFF, manager)
    call = box.taken()
    given = words(call_id=call, staff="reception", private_setting=True)
    reference = box.ask(LogCase(manager, CaseKind.REVIEW, given)).reference
    do(box, manager, reference, "withdraw", why="the wrong call")
    with pytest.raises(NoSuchCall):
        box.ask(GetCall(staff, call))


def test_a_sample_is_drawn_by_lot_and_never_of_what_was_reviewed(box, manager):
    box.add("reception", Role.STAFF, manager)
    calls = {box.taken(line=line) for line in (1, 2, 1, 2)}
    day = date(2026, 11, 23)
    drawn = box.ask(DrawSample(manager, day, day, 3))
    assert len(drawn.calls) == 3
    given = words(call_id=drawn.calls[0].call_id, staff="reception", private_setting=True, drawn=True)
    box.ask(LogCase(manager, CaseKind.REVIEW, given))
    again = box.ask(DrawSample(manager, day, day, 9))
    assert {one.call_id for one in again.calls} == calls - {drawn.calls[0].call_id}


def test_the_month_and_the_policy_are_counted_and_what_is_not_known_is_not_nought(box, manager):
    box.taken()
    box.missed()
    box.stores.intake.take(frozenset())
    complained(box, manager)
    month = from_json(box.ask(AskMonth(manager, date(2026, 11, 5))).body, MonthCounts)
    assert (month.first, month.last) == (date(2026, 11, 1), date(2026, 11, 23))
    assert (month.recorded, month.missed, month.complaints_open) == (1, 1, 1)
    assert (month.gaps, month.restore_tested_on, month.clock_unsure_min) == (None, None, 0.0)
    facts = from_json(box.ask(AskPolicyFacts(manager)).body, Facts)
    assert (facts.lines, facts.lines_recording, facts.listeners, facts.announcements_wrong) == (2, 0, 1, 3)


def test_a_damaged_record_raises_an_alarm_that_names_it_and_clears_when_it_is_mended(box, manager, capsys):
    whole = complained(box, manager)
    broken = complained(box, manager)
    path = box.folders.vault / "cases" / f"{broken}.json"
    kept = path.read_bytes()
    box.chores.check_cases()
    assert "cases" not in {alarm.key for alarm in box.desk.alarms.standing()}
    path.write_bytes(kept[:-100])
    box.chores.check_cases()
    texts = {alarm.key: alarm.text for alarm in box.desk.alarms.standing()}
    assert broken in texts["cases"]
    assert whole not in texts["cases"]
    assert verified(box) == 3
    assert f"{broken}: Its record is damaged" in capsys.readouterr().out
    path.write_bytes(kept)
    box.chores.check_cases()
    assert "cases" not in {alarm.key for alarm in box.desk.alarms.standing()}
    assert verified(box) == 0
    assert "records of casework: 2, 0 at fault" in capsys.readouterr().out


def verified(box):
    """Run ``linekeeper verify`` on the box's vault beside its keeper."""
    file = box.folders.root.parent / "linekeeper.toml"
    file.write_text(tomli_w.dumps(to_toml_values(box.config)))
    return main(["verify", "--config", str(file)])


def test_the_minutes_of_calls_that_no_confirmed_clock_vouches_for_are_counted(box, manager):
    box.taken()
    box.clock.reboot()
    box.clock.jump(box.clock.now().at, ClockQuality.UNSURE)
    box.taken(duration_s=150.0)
    month = from_json(box.ask(AskMonth(manager, date(2026, 11, 5))).body, MonthCounts)
    assert month.clock_unsure_min == 2.5


def test_a_rehearsed_restore_is_seen_when_the_backup_disk_is_back_and_only_this_boxs_own(box, manager, tmp_path):
    usb = tmp_path / "usb"
    usb.mkdir()
    BackupRun(box.folders.vault, usb, box.clock.now().at, UnsyncedDisk()).run()
    box.config = replace(box.config, backup=BackupConfig(str(usb)))

    def tested_on(rehearsed):
        note_rehearsal(usb, rehearsed)
        box.close()
        box.restart()
        box.chores.back_up()
        return from_json(box.ask(AskMonth(box.sign_in(), date(2026, 11, 5))).body, MonthCounts).restore_tested_on

    now = box.clock.now().at
    assert tested_on(Rehearsed(now, opened=False)) is None
    assert tested_on(Rehearsed(now + timedelta(days=3), opened=True)) is None
    assert tested_on(Rehearsed(now, opened=True)) == now.astimezone(LONDON).date()
    assert tested_on(Rehearsed(now - timedelta(days=9), opened=True)) == now.astimezone(LONDON).date()


DAY_S = 24 * 3600.0


def years_on(box, years):
    """Let time pass with the box on, a sweep every other day."""
    for _ in range(round(years * 365.25 / 2)):
        box.clock.advance(2 * DAY_S)
        box.stores.horizon.advance(box.clock.now().at.date())
    return CaseKeeping(box.stores).destroy_old()


def closed(box, token, holds_after, calls=()):
    reference = complained(box, token, calls)
    do(box, token, reference, "acknowledge", acknowledged_on=TODAY)
    do(box, token, reference, "answer", answered_on=TODAY, next_body_told=True)
    box.ask(ProvePassword(token, PASSWORD))
    do(box, token, reference, "close", holds_after=holds_after)
    return reference


def test_a_closed_cases_record_is_destroyed_when_its_years_are_over_and_never_while_open_or_held(
    box, manager, tmp_path
):
    held, freed = box.taken(), box.taken()
    kept = closed(box, manager, "keep", [held])
    gone = closed(box, manager, "release", [freed])
    still_open = complained(box, manager)
    usb = tmp_path / "usb"
    usb.mkdir()
    BackupRun(box.folders.vault, usb, box.clock.now().at, UnsyncedDisk()).run()
    assert years_on(box, 9.98) == 0
    assert years_on(box, 0.06) == 1
    assert set(box.stores.casebook.references()) == {kept, still_open}
    assert box.acts().count("case record destroyed") == 1
    assert not (box.folders.vault / "cases" / f"{gone}.json").exists()
    BackupRun(box.folders.vault, usb, box.clock.now().at, UnsyncedDisk()).run()
    assert {path.stem for path in (usb / "vault" / "cases").iterdir()} == {kept, still_open}


def test_nothing_of_a_case_is_destroyed_on_a_clock_that_is_not_confirmed(box, manager):
    reference = closed(box, manager, "release")
    years_on(box, 9.9)
    box.clock.advance(60 * DAY_S)
    box.clock.jump(box.clock.now().at, ClockQuality.UNSURE)
    assert CaseKeeping(box.stores).destroy_old() == 0
    assert reference in box.stores.casebook.references()


def test_resealing_a_closed_case_does_not_begin_its_years_anew(box, manager):
    reference = closed(box, manager, "release")
    before = box.stores.casebook.head(reference).changed_at
    box.clock.advance(40 * DAY_S)
    box.chores.change_key()
    box.ask(ListCases(box.sign_in(), CaseKind.COMPLAINT))
    assert box.stores.casebook.head(reference).changed_at == before
    assert not box.stores.casebook.not_sealed_to(box.stores.keyring.current().kid)
