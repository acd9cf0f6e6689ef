"""The journal by kind and by call, and anchors that prove it was not changed."""

from datetime import date

import pytest

from appliance.errors import NotAllowed
from appliance.keeper.journalkinds import KINDS
from appliance.keeper.journalwords import in_words
from appliance.link.messages.call import StartListening
from appliance.link.messages.holds import PlaceHold
from appliance.link.messages.records import AskAnchor, CompareAnchor, Kind, ReadJournal
from appliance.model.holds import HoldReason
from appliance.model.people import Purpose, Role
from appliance.storage.journalcheck import pages
from appliance.storage.journalline import Act, JournalLine


def test_the_journal_is_read_by_kind_and_by_call_page_by_page(box, token):
    calls = [box.taken() for _ in range(3)]
    for call in calls:
        for purpose in (Purpose.FACTS, Purpose.TRAINING):
            box.ask(StartListening(token, call, purpose))
    box.ask(PlaceHold(token, calls[0], HoldReason.CLAIM, "ref", "", date(2027, 2, 1)))
    heard = [box.ask(ReadJournal(token, page, 4, Kind.LISTENING)) for page in (1, 2, 3)]
    assert [page.total for page in heard] == [6, 6, 6]
    assert [row.call_id for page in heard for row in page.rows] == [call for call in reversed(calls) for _ in range(2)]
    of_call = box.ask(ReadJournal(token, call_id=calls[0]))
    assert [row.what.split()[0] for row in of_call.rows] == ["Placed", "Listened,", "Listened,"]
    assert box.ask(ReadJournal(token, kind=Kind.HOLDS, call_id=calls[1])).total == 0
    assert box.ask(ReadJournal(token, kind=Kind.PEOPLE)).total == 0
    assert box.ask(ReadJournal(token, kind=Kind.SIGN_INS)).total == 1
    everything = box.ask(ReadJournal(token, per_page=200))
    assert everything.total == len(everything.rows) > 8


def test_a_word_in_a_fact_of_another_kind_of_line_is_no_match(box, token):
    box.stores.journal.append(Act.REFUSED, "manager", request='"act":"listened"')
    assert box.ask(ReadJournal(token, kind=Kind.LISTENING)).total == 0


def test_every_act_has_words_and_what_people_do_has_a_kind(box):
    line = next(iter(pages(box.stores.journal_folder, 1, 1)[1]))
    assert all(in_words(JournalLine(0, line.at, line.clock, "x", act)) != act for act in Act)
    own = {
        Act.SET_UP_BEGUN,
        Act.BACKUP_BEGUN,
        Act.BACKED_UP,
        Act.STARTED,
        Act.STOPPED,
        Act.REPAIRED,
        Act.RESUMED,
        Act.CHECKPOINT,
        Act.ALARM_ACKNOWLEDGED,
        Act.LISTENING_KEPT,
    }
    assert own | {act for acts in KINDS.values() for act in acts} >= set(Act)


def test_the_page_says_how_many_entries_were_checked_and_after_which_they_stop_adding_up(box, token):
    box.chores.check_journal()
    page = box.ask(ReadJournal(token))
    assert (page.intact, page.entries, page.broken_after) == (True, page.total, None)
    path = next(box.stores.journal_folder.glob("*.jsonl"))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[2].replace(b"manager", b"mangler"), *lines[3:]]))
    box.chores.check_journal()
    page = box.ask(ReadJournal(token))
    assert (page.intact, page.broken_after) == (False, 1)


def test_a_printed_anchor_agrees_until_something_before_it_is_changed(box, token):
    printed = box.ask(AskAnchor(token))
    assert len(printed.sum) == 64
    box.taken()
    for _ in range(3):
        box.sign_in()
    assert box.ask(CompareAnchor(token, printed.number, f" {printed.sum.upper()}\n")).agrees
    assert not box.ask(CompareAnchor(token, printed.number, "0" * 64)).agrees
    assert not box.ask(CompareAnchor(token, printed.number + 1, printed.sum)).agrees
    assert not box.ask(CompareAnchor(token, -1, printed.sum)).agrees
    assert not box.ask(CompareAnchor(token, 10**6, printed.sum)).agrees
    path = next(box.stores.journal_folder.glob("*.jsonl"))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    assert box.ask(CompareAnchor(token, printed.number, printed.sum)).agrees
    path.write_bytes(b"".join([lines[0], *lines[2:]]))
    assert not box.ask(CompareAnchor(token, printed.number, printed.sum)).agrees


def test_anchors_are_for_those_who_read_the_journal(box, token):
    senior = box.add("senior", Role.SENIOR, token)
    for request in (AskAnchor(senior), CompareAnchor(senior, 0, "0" * 64), ReadJournal(senior)):
        with pytest.raises(NotAllowed):
            box.ask(request)
    auditor = box.add("auditor", Role.AUDITOR, token)
    assert box.ask(AskAnchor(auditor)).number > 0
