"""A call shared with one member of staff, until a date: what they see, hear, and never do."""

import io
from datetime import date, timedelta

import av
import pytest
from test_excerpt import staircase

from appliance.errors import NoSuchCall, NotAllowed, NotSignedIn, ShareRefused
from appliance.keeper.sessions import IDLE_S
from appliance.link.messages.call import GetCall, ReadAudio, StartListening
from appliance.link.messages.calls import CallQuery, ListCalls
from appliance.link.messages.people import ChangeRole, DisablePerson, ListColleagues, ResetPassword
from appliance.link.messages.sessions import SignOut, WhoAmI
from appliance.link.messages.shares import ListShares, ShareCall, WithdrawShare
from appliance.model.people import Purpose, Role
from vaultbox import NUMBER, OTHER

UNTIL = date(2026, 12, 7)


@pytest.fixture(scope="module")
def plain():
    return staircase()


@pytest.fixture
def staff(box, token):
    return box.add("staff", Role.STAFF, token)


def listed(box, staff):
    return [row.call_id for row in box.ask(ListCalls(staff, CallQuery())).calls]


def heard(box, staff, call):
    box.ask(StartListening(staff, call, Purpose.TRAINING))
    data = b""
    while part := box.ask(ReadAudio(staff, call, len(data), 10_000)).data:
        data += part
    return data


def test_staff_hear_what_is_shared_with_them_and_see_no_number(box, token, staff, plain):
    other, call = box.taken(), box.taken(plain=plain, duration_s=12.0, name="A. PATIENT")
    assert listed(box, staff) == []
    box.ask(ShareCall(token, call, "staff", UNTIL))
    (row,) = box.ask(ListCalls(staff, CallQuery(number=NUMBER))).calls
    assert (row.call_id, row.number, row.caller.name, row.line_name) == (call, None, None, "Reception")
    told = box.ask(GetCall(staff, call))
    assert told.peaks == bytes(range(50))
    assert (told.audio_bytes, told.integrity, told.heard) == (len(plain), "unchanged", ())
    with pytest.raises(NotAllowed, match="why"):
        box.ask(ReadAudio(staff, call, 0, 100))
    assert heard(box, staff, call) == plain
    for request in (GetCall(staff, other), StartListening(staff, other, Purpose.FACTS), ReadAudio(staff, other, 0, 9)):
        with pytest.raises(NoSuchCall):
            box.ask(request)
    assert box.acts().count("refused") == 4
    (listen,) = box.ask(GetCall(token, call)).heard
    assert (listen.name, listen.purpose) == ("staff of Anytown", Purpose.TRAINING)
    assert [(share.name, share.by) for share in box.ask(GetCall(token, call)).shared] == [
        ("staff of Anytown", "The manager")
    ]


def test_a_part_of_a_call_is_all_that_is_given_of_it(box, token, staff, plain):
    call = box.taken(plain=plain, duration_s=12.0)
    box.ask(ShareCall(token, call, "staff", UNTIL, first_s=4.0, last_s=6.0))
    told = box.ask(GetCall(staff, call))
    assert told.row.duration_s == 2.0
    assert told.peaks == bytes(range(40, 50))
    data = heard(box, staff, call)
    assert len(data) == told.audio_bytes < len(plain) / 4
    with av.open(io.BytesIO(data)) as container:
        frames = [frame.samples for frame in container.decode(audio=0)]
    assert sum(frames) / 48_000 == pytest.approx(2.0, abs=0.25)
    box.ask(ShareCall(token, call, "staff", UNTIL, first_s=4.0))
    assert box.ask(GetCall(staff, call)).row.duration_s == 8.0


def test_a_share_ends_on_its_day_in_the_middle_of_listening(box, token, staff, plain):
    call = box.taken(plain=plain, duration_s=12.0)
    today = date(2026, 11, 23)
    box.ask(ShareCall(token, call, "staff", today))
    heard(box, staff, call)
    box.clock.jump(box.clock.now().at.replace(hour=23, minute=59, second=59))
    assert box.ask(ReadAudio(staff, call, 0, 10)).data == plain[:10]
    box.clock.advance(1)
    with pytest.raises(NoSuchCall):
        box.ask(ReadAudio(staff, call, 0, 10))
    assert listed(box, staff) == []
    assert box.ask(ListShares(token)).shares == ()


def test_a_share_that_is_taken_back_ends_at_once(box, token, staff, plain):
    call = box.taken(plain=plain, duration_s=12.0)
    box.ask(ShareCall(token, call, "staff", UNTIL))
    heard(box, staff, call)
    box.ask(WithdrawShare(token, call, "Staff "))
    with pytest.raises(NoSuchCall):
        box.ask(ReadAudio(staff, call, 0, 10))
    box.ask(WithdrawShare(token, call, "staff"))
    assert box.acts().count("share withdrawn") == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda token: ChangeRole(token, "staff", Role.AUDITOR),
        lambda token: DisablePerson(token, "staff"),
        lambda token: ResetPassword(token, "staff", "amber glacier 33 whistle"),
    ],
)
def test_shares_go_with_the_role_the_account_or_the_key(box, token, staff, plain, change):
    call = box.taken(plain=plain, duration_s=12.0)
    box.ask(ShareCall(token, call, "staff", UNTIL))
    box.ask(change(token))
    with pytest.raises(NotSignedIn):
        box.ask(WhoAmI(staff))
    assert box.ask(ListShares(token)).shares == ()


def test_what_was_opened_by_a_share_is_closed_with_the_session(box, token, staff, plain):
    call = box.taken(plain=plain, duration_s=12.0)
    box.ask(ShareCall(token, call, "staff", UNTIL))
    heard(box, staff, call)
    (sound,) = box.desk.shared_shelf._open.values()
    box.ask(SignOut(staff))
    assert sound._raw.closed
    box.clock.advance(30)
    again = box.sign_in("staff", OTHER)
    assert heard(box, again, call) == plain
    (sound,) = box.desk.shared_shelf._open.values()
    box.clock.advance(IDLE_S)
    box.chores.end_sessions()
    assert sound._raw.closed


@pytest.mark.parametrize("role", [Role.PARTNER, Role.SENIOR, Role.MANAGER, Role.TECHNICIAN, Role.AUDITOR])
def test_a_call_is_shared_only_with_those_who_hear_shares_alone(box, token, role, plain):
    call = box.taken(plain=plain, duration_s=12.0)
    box.add("somebody", role, token)
    with pytest.raises(ShareRefused):
        box.ask(ShareCall(token, call, "somebody", UNTIL))
    assert "call shared" not in box.acts()
    assert box.ask(ListColleagues(token)).people == ()


def test_what_cannot_be_shared_is_refused_with_the_reason(box, token, staff, plain):
    call, missed = box.taken(plain=plain, duration_s=12.0), box.missed()
    box.stores.intake.take(frozenset())
    assert [person.username for person in box.ask(ListColleagues(token)).people] == ["staff"]
    wrong = [
        (ShareCall(token, call, "nobody", UNTIL), "member of staff"),
        (ShareCall(token, call, "staff", date(2026, 11, 22)), "is over"),
        (ShareCall(token, call, "staff", date(2026, 11, 23) + timedelta(days=93)), "at most 92"),
        (ShareCall(token, call, "staff", UNTIL, 5.0, 5.0), "stretch"),
        (ShareCall(token, call, "staff", UNTIL, 12.0), "stretch"),
        (ShareCall(token, call, "staff", UNTIL, -1.0, 5.0), "stretch"),
        (ShareCall(token, call, "staff", UNTIL, float("nan"), 5.0), "stretch"),
        (ShareCall(token, missed, "staff", UNTIL), "nothing to hear"),
    ]
    for request, words in wrong:
        with pytest.raises(ShareRefused, match=words):
            box.ask(request)
    for request in (ShareCall(staff, call, "staff", UNTIL), WithdrawShare(staff, call, "staff"), ListColleagues(staff)):
        with pytest.raises(NotAllowed):
            box.ask(request)
    assert "call shared" not in box.acts()


def test_staff_see_their_own_shares_and_the_auditor_none(box, token, staff, plain):
    call = box.taken(plain=plain, duration_s=12.0)
    other = box.add("other", Role.STAFF, token)
    box.ask(ShareCall(token, call, "staff", UNTIL, 1.0, 3.0))
    (own,) = box.ask(ListShares(staff)).shares
    assert (own.call_id, own.until, own.first_s, own.last_s) == (call, UNTIL, 1.0, 3.0)
    assert box.ask(ListShares(other)).shares == ()
    auditor = box.add("auditor", Role.AUDITOR, token)
    for request in (ListShares(auditor), ListCalls(auditor, CallQuery())):
        with pytest.raises(NotAllowed):
            box.ask(request)


def test_a_damaged_recording_that_is_shared_is_said_to_be(box, token, staff, plain):
    call = box.taken(plain=plain, duration_s=12.0)
    box.ask(ShareCall(token, call, "staff", UNTIL))
    box.stores.vault.audio(call).unlink()
    told = box.ask(GetCall(staff, call))
    assert (told.audio_bytes, told.integrity) == (0, "damaged")
