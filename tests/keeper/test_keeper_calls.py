"""Lists, searches, listening and holds, as the site asks for them."""

from datetime import date, timedelta

import pytest

from appliance.errors import FreshSignInNeeded, HoldTooLate, NoSuchCall, NotAllowed
from appliance.keeper.allowance import CALLS_AT_ONCE
from appliance.keeper.sessions import FRESH_S
from appliance.link.messages.call import GetCall, ReadAudio, StartListening
from appliance.link.messages.calls import CallQuery, ListCalls
from appliance.link.messages.holds import PlaceHold, ReleaseHold
from appliance.link.messages.lines import AskHome
from appliance.link.messages.records import ReadJournal
from appliance.link.messages.sessions import SignOut
from appliance.model.calls import CallerIdentity, Direction
from appliance.model.holds import HoldReason
from appliance.model.people import Purpose, Role
from appliance.service import Stopping

PLAIN = bytes(range(256)) * 80


def place(call, token, reference="A. Patient", review=date(2027, 2, 23)):
    return PlaceHold(token, call, HoldReason.COMPLAINT, reference, "rang twice", review)


def test_a_list_shows_what_is_sealed_to_whoever_may_see_it(box, token):
    box.clock.advance(60)
    out = box.taken(direction=Direction.OUT, dialled="02079460123")
    box.clock.advance(60)
    withheld = box.taken(number=None)
    box.clock.advance(60)
    known = box.taken(name="SURGERY", line=2)
    page = box.ask(ListCalls(token, CallQuery()))
    assert (page.total, page.complete) == (3, True)
    assert [row.call_id for row in page.calls] == [known, withheld, out]
    assert [row.number for row in page.calls] == ["01632960846", None, "02079460123"]
    assert page.calls[0].caller.name == "SURGERY"
    assert page.calls[0].line_name == "Back office"
    assert page.calls[1].caller.identity is CallerIdentity.WITHHELD
    assert box.ask(ListCalls(token, CallQuery(line=2))).total == 1
    assert [row.call_id for row in box.ask(ListCalls(token, CallQuery(), page=2, per_page=2)).calls] == [out]


def test_a_call_going_on_stands_first_and_is_counted_on_every_page(box, token):
    done = [box.taken() for _ in range(3)]
    opening, _ = box.begin()
    first = box.ask(ListCalls(token, CallQuery(), per_page=2))
    assert [row.call_id for row in first.calls] == [opening.call_id, done[-1]]
    assert first.calls[0].open
    assert first.total == 4
    assert [row.call_id for row in box.ask(ListCalls(token, CallQuery(), 2, 2)).calls] == [done[1], done[0]]
    call = box.ask(GetCall(token, opening.call_id))
    assert (call.integrity, call.audio_bytes) == ("open", 0)
    assert box.ask(ListCalls(token, CallQuery(number="960846"))).calls[0].open


def test_a_search_by_part_of_a_number_finds_calls_once_the_index_is_full(box, token):
    calls = [box.taken(number=f"0163296{number:04d}") for number in (846, 847, 123)]
    assert not box.ask(ListCalls(token, CallQuery(number="1632"))).complete
    box.desk.indexing.go_on(box.stopping)
    page = box.ask(ListCalls(token, CallQuery(number="+44 1632 960 84")))
    assert page.complete
    assert {row.call_id for row in page.calls} == set(calls[:2])
    later = box.taken(number="01632960848")
    box.desk.indexing.came_in([later])
    box.desk.indexing.go_on(box.stopping)
    assert box.ask(ListCalls(token, CallQuery(number="960848"))).total == 1
    assert box.acts().count("searched by number") == 3


def test_the_index_opens_again_from_disk_and_goes_with_the_last_who_may_use_it(box, token):
    call = box.taken()
    box.clock.advance(2 * 86400)
    token = box.sign_in()
    box.desk.indexing.go_on(box.stopping)
    assert [path.suffix for path in (box.folders.vault / "index").glob("2*")] == [".sealed"]
    box.ask(SignOut(token))
    assert not box.stores.index.unlocked
    box.close()
    box.restart()
    token = box.sign_in()
    box.stores.vault.meta(call).rename(box.stores.vault.meta(call).with_suffix(".away"))
    box.desk.indexing.go_on(Stopping())
    assert box.stores.index.search("960846") == {call}


def test_nobody_hears_before_saying_why_and_then_only_the_call_itself(box, token):
    call = box.taken(plain=PLAIN, trim=1000)
    with pytest.raises(NotAllowed, match="why"):
        box.ask(ReadAudio(token, call, 0, 100))
    box.ask(StartListening(token, call, Purpose.FACTS))
    box.ask(StartListening(token, call, Purpose.FACTS))
    told = box.ask(GetCall(token, call))
    assert (told.audio_bytes, told.integrity, told.purpose) == (len(PLAIN) - 1000, "unchanged", Purpose.FACTS)
    heard = b""
    while len(heard) < told.audio_bytes:
        heard += box.ask(ReadAudio(token, call, len(heard), 777)).data
    assert heard == PLAIN[:-1000]
    assert box.ask(ReadAudio(token, call, told.audio_bytes, 100)).data == b""
    assert box.ask(ReadAudio(token, call, 10**9, 100)).data == b""
    assert [(listen.name, listen.purpose) for listen in told.heard] == [("The manager", Purpose.FACTS)]
    assert box.acts().count("listened") == 1


def test_another_purpose_and_another_session_are_written_down_again(box, token):
    call = box.taken()
    box.ask(StartListening(token, call, Purpose.FACTS))
    box.ask(StartListening(token, call, Purpose.TRAINING))
    other = box.sign_in()
    with pytest.raises(NotAllowed):
        box.ask(ReadAudio(other, call, 0, 10))
    box.ask(StartListening(other, call, Purpose.FACTS))
    assert [one.purpose for one in box.ask(GetCall(token, call)).heard] == [
        Purpose.FACTS,
        Purpose.TRAINING,
        Purpose.FACTS,
    ]


def test_a_call_cut_short_is_played_as_far_as_it_is_genuine(box, token):
    opening, recording = box.begin(plain=PLAIN)
    box.stores.intake.take(frozenset())
    box.clock.advance(6)
    box.stores.intake.take(frozenset())
    told = box.ask(GetCall(token, opening.call_id))
    assert told.integrity == "cut short"
    assert told.row.cut_short
    assert len(PLAIN) - 1100 < told.audio_bytes <= len(PLAIN)
    box.ask(StartListening(token, opening.call_id, Purpose.FACTS))
    assert box.ask(ReadAudio(token, opening.call_id, 0, 99_999)).data == PLAIN[: told.audio_bytes]
    assert recording.plain_bytes == len(PLAIN)


@pytest.mark.parametrize("damage", ["flip", "cut", "gone", "sheet"])
def test_a_damaged_recording_says_so_and_gives_no_byte_that_is_not_genuine(box, token, damage):
    call = box.taken(plain=PLAIN)
    path = box.stores.vault.audio(call)
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[5000] ^= 1
        path.write_bytes(content)
    elif damage == "cut":
        path.write_bytes(content[:9000])
    elif damage == "gone":
        path.unlink()
    else:
        sheet = bytearray(box.stores.vault.meta(call).read_bytes())
        sheet[700] ^= 1
        box.stores.vault.meta(call).write_bytes(sheet)
    told = box.ask(GetCall(token, call))
    assert told.integrity == "damaged"
    assert told.row.damaged
    box.ask(StartListening(token, call, Purpose.FACTS))
    if told.audio_bytes:
        assert box.ask(ReadAudio(token, call, 0, 99_999)).data == PLAIN[: told.audio_bytes]
        assert told.audio_bytes < 9000
    else:
        with pytest.raises(NoSuchCall):
            box.ask(ReadAudio(token, call, 0, 100))


def test_what_goes_on_after_a_cut_is_linked_both_ways(box, token):
    first, _ = box.begin()
    box.clock.advance(2)
    second = box.taken(continues=first.call_id)
    box.clock.advance(6)
    box.stores.intake.take(frozenset())
    assert box.ask(GetCall(token, first.call_id)).continued_by == second
    assert box.ask(GetCall(token, second)).continues == first.call_id


def test_nobody_carries_the_archive_off(box, token):
    calls = [box.taken() for _ in range(int(CALLS_AT_ONCE) + 1)]
    for call in calls[:-1]:
        box.ask(StartListening(token, call, Purpose.FACTS))
    with pytest.raises(NotAllowed, match="Wait"):
        box.ask(StartListening(token, calls[-1], Purpose.FACTS))
    box.clock.advance(60)
    box.ask(StartListening(token, calls[-1], Purpose.FACTS))


def test_a_hold_keeps_its_words_sealed_and_shows_them_to_whoever_may_see_the_call(box, token):
    call = box.taken()
    box.ask(place(call, token))
    told = box.ask(GetCall(token, call))
    assert [(hold.reason, hold.reference, hold.note, hold.placed_by) for hold in told.holds] == [
        (HoldReason.COMPLAINT, "A. Patient", "rang twice", "The manager")
    ]
    assert told.row.held
    assert box.ask(ListCalls(token, CallQuery(held=True))).total == 1
    assert box.ask(ListCalls(token, CallQuery(held=False))).total == 0
    everything = [path for path in box.folders.root.rglob("*") if path.is_file()]
    assert not any(word in path.read_bytes() for path in everything for word in (b"Patient", b"rang twice", b"960846"))


def test_a_release_asks_for_the_password_and_tells_the_day(box, token):
    call = box.taken()
    box.ask(place(call, token))
    box.ask(place(call, token))
    box.clock.advance(FRESH_S)
    with pytest.raises(FreshSignInNeeded):
        box.ask(ReleaseHold(token, call, 0, "over"))
    token = box.sign_in()
    assert box.ask(ReleaseHold(token, call, 0, "over")).destroyed_on is None
    kept_until = box.ask(GetCall(token, call)).kept_until
    assert box.ask(ReleaseHold(token, call, 0, "over")).destroyed_on == kept_until + timedelta(days=8)


def test_a_hold_on_a_destroyed_call_is_too_late(box, token):
    call = box.taken()
    box.clock.advance(400 * 86400)
    box.stores.horizon.confirm()
    box.stores.disposal.sweep()
    box.clock.advance(8 * 86400)
    box.stores.horizon.confirm()
    box.stores.disposal.sweep()
    token = box.sign_in()
    with pytest.raises(HoldTooLate):
        box.ask(place(call, token))
    with pytest.raises(NoSuchCall):
        box.ask(GetCall(token, call))


RIGHTS = {
    Role.PARTNER: {"list", "get", "listen", "hold", "release", "journal"},
    Role.SENIOR: {"list", "get", "listen", "hold"},
    Role.STAFF: {"list"},  # of what is shared with them: nothing here
    Role.TECHNICIAN: set(),
    Role.AUDITOR: {"journal"},
}


@pytest.mark.parametrize("role", RIGHTS)
def test_each_role_may_do_what_it_may_and_nothing_else(box, token, role):
    call = box.taken()
    box.ask(place(call, token))
    token = box.add("somebody", role, token)
    acts = {
        "list": ListCalls(token, CallQuery()),
        "get": GetCall(token, call),
        "listen": StartListening(token, call, Purpose.FACTS),
        "hold": place(call, token),
        "release": ReleaseHold(token, call, 0, "over"),
        "journal": ReadJournal(token),
    }
    allowed = set()
    for name, request in acts.items():
        try:
            box.ask(request)
            allowed.add(name)
        except (NotAllowed, NoSuchCall):
            assert "refused" in box.acts()[-2:]
    assert allowed == RIGHTS[role]


@pytest.mark.parametrize("text", ["", "../people", "2026-11-23T163300Z-1-ffffff", "x" * 500])
def test_a_call_that_is_not_there_is_none(box, token, text):
    for request in (GetCall(token, text), StartListening(token, text, Purpose.FACTS), place(text, token)):
        with pytest.raises(NoSuchCall):
            box.ask(request)


def test_the_first_page_counts_what_there_is(box, token):
    box.taken()
    missed = box.missed()
    box.stores.intake.take(frozenset())
    last = box.taken()
    box.ask(place(last, token, review=date(2026, 11, 20)))
    home = box.ask(AskHome(token))
    assert (home.calls_today, home.holds, home.holds_to_review, home.expiring_soon) == (3, 1, 1, 0)
    assert home.latest == last != missed
    assert home.months_left is None
    for _ in range(6):
        box.clock.advance(86400)
        box.taken()
    token = box.sign_in()
    assert box.ask(AskHome(token)).months_left > 1
    assert box.ask(AskHome(box.add("auditor", Role.AUDITOR, token))).latest is None


def test_the_journal_is_read_in_words(box, token):
    call = box.taken()
    box.ask(StartListening(token, call, Purpose.TRAINING))
    box.chores.check_journal()
    page = box.ask(ReadJournal(token, 1, 2))
    assert [row.what for row in page.rows] == ["Listened, for staff training", "Signed in from 192.0.2.7"]
    assert page.rows[0].call_id == call
    assert page.intact
    assert page.checked_at == box.clock.now().at
