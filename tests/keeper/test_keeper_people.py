"""People changed by those who look after them, and by themselves; sessions seen and ended."""

import pyotp
import pytest

from appliance.errors import (
    FreshSignInNeeded,
    NotAllowed,
    NotSignedIn,
    PasswordTooWeak,
    PersonRefused,
    SetupRefused,
    SheetMistyped,
    SignInRefused,
    SignInThrottled,
    VaultLocked,
)
from appliance.keeper.sessions import FRESH_S
from appliance.link.messages.call import GetCall
from appliance.link.messages.calls import CallQuery, ListCalls
from appliance.link.messages.people import (
    AddPerson,
    ChangePassword,
    ChangeRole,
    DisablePerson,
    EnablePerson,
    ListPeople,
    OfferSecondFactor,
    RenamePerson,
    RenewRecoveryCodes,
    Rescue,
    ResetPassword,
    ResetSecondFactor,
    TakeSecondFactor,
)
from appliance.link.messages.sessions import (
    EndOtherSessions,
    EndSession,
    ListSessions,
    ProvePassword,
    SignIn,
    WhoAmI,
)
from appliance.link.messages.setup import CheckPassword, StartSetup
from appliance.model.people import Role
from vaultbox import DESK, OTHER, PASSWORD, Box, UnsyncedDisk

THIRD = "amber glacier 33 whistle"


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path, disk=UnsyncedDisk())
    box.finished = box.set_up()
    yield box
    box.close()


@pytest.fixture
def token(box):
    return box.sign_in()


def signed_out(box, token):
    with pytest.raises(NotSignedIn):
        box.ask(WhoAmI(token))
    return True


CHANGES = [
    lambda token: RenamePerson(token, "senior", "Another Name"),
    lambda token: ChangeRole(token, "senior", Role.STAFF),
    lambda token: DisablePerson(token, "senior"),
    lambda token: EnablePerson(token, "senior"),
    lambda token: ResetPassword(token, "senior", THIRD),
    lambda token: ResetSecondFactor(token, "senior"),
    lambda token: AddPerson(token, "new", "Somebody New", Role.STAFF, THIRD),
]


@pytest.mark.parametrize("change", CHANGES)
def test_people_are_changed_only_by_a_manager_who_gave_the_password_just_now(box, token, change):
    senior = box.add("senior", Role.SENIOR, token)
    before = box.ask(ListPeople(token))
    with pytest.raises(NotAllowed):
        box.ask(change(senior))
    assert box.acts()[-1] == "refused"
    box.clock.advance(FRESH_S)
    with pytest.raises(FreshSignInNeeded):
        box.ask(change(token))
    assert box.ask(ListPeople(token)) == before


@pytest.mark.parametrize(
    ("change", "act"),
    [
        (lambda token: ChangeRole(token, "senior", Role.STAFF), "role changed"),
        (lambda token: DisablePerson(token, "senior"), "person disabled"),
        (lambda token: ResetPassword(token, "senior", THIRD), "password reset"),
        (lambda token: ResetSecondFactor(token, "senior"), "second factor reset"),
    ],
)
def test_who_is_changed_is_signed_out_everywhere_before_the_answer(box, token, change, act):
    first, second = box.add("senior", Role.SENIOR, token), box.sign_in("senior", OTHER)
    key = box.desk.sessions.find(first).opened.key
    box.ask(change(token))
    assert signed_out(box, first)
    assert signed_out(box, second)
    with pytest.raises(VaultLocked):
        key.raw()
    assert act in box.acts()
    assert box.ask(WhoAmI(token)).person.username == "manager"


def test_the_last_manager_neither_goes_nor_becomes_something_else(box, token):
    for change in (DisablePerson(token, "manager"), ChangeRole(token, "manager", Role.PARTNER)):
        with pytest.raises(PersonRefused, match="last manager"):
            box.ask(change)
        assert box.acts()[-1] == "refused"
    assert box.ask(WhoAmI(token)).person.role is Role.MANAGER
    box.add("deputy", Role.MANAGER, token)
    box.ask(DisablePerson(token, "manager"))
    assert signed_out(box, token)
    with pytest.raises(SignInRefused):
        box.sign_in()


def test_a_role_that_hears_no_calls_opens_none_and_the_next_calls_are_sealed_anew(box, token):
    call = box.taken()
    box.add("senior", Role.SENIOR, token)
    before = box.stores.keyring.current().kid
    box.ask(ChangeRole(token, "senior", Role.TECHNICIAN))
    assert box.stores.keyring.current().kid != before
    technician = box.sign_in("senior", OTHER)
    with pytest.raises(NotAllowed):
        box.ask(ListCalls(technician, CallQuery()))
    box.ask(ChangeRole(token, "senior", Role.PARTNER))
    partner = box.sign_in("senior", OTHER)
    assert box.ask(GetCall(partner, call)).row.number == "01632960846"


def test_somebody_who_left_is_listed_apart_and_may_come_back(box, token):
    box.add("senior", Role.SENIOR, token)
    with pytest.raises(PersonRefused):
        box.ask(EnablePerson(token, "senior"))
    box.ask(DisablePerson(token, " Senior "))
    listed = box.ask(ListPeople(token))
    assert ([one.username for one in listed.people], [one.username for one in listed.left]) == (["manager"], ["senior"])
    with pytest.raises(SignInRefused):
        box.sign_in("senior", OTHER)
    box.ask(EnablePerson(token, "senior"))
    box.clock.advance(30)
    assert box.ask(WhoAmI(box.sign_in("senior", OTHER))).person.role is Role.SENIOR


def test_another_name_is_seen_at_once_and_signs_nobody_out(box, token):
    senior = box.add("senior", Role.SENIOR, token)
    box.ask(RenamePerson(token, "senior", "  Newly Married "))
    assert box.ask(WhoAmI(senior)).person.name == "Newly Married"
    with pytest.raises(PersonRefused):
        box.ask(RenamePerson(token, "senior", " "))
    with pytest.raises(PersonRefused):
        box.ask(RenamePerson(token, "nobody", "Some Name"))
    journal = b"".join(path.read_bytes() for path in box.stores.journal_folder.glob("*.jsonl"))
    assert b"Newly" not in journal


def test_a_reset_gives_a_password_and_the_old_recordings_with_it(box, token):
    call = box.taken()
    box.add("senior", Role.SENIOR, token)
    reset = box.ask(ResetPassword(token, "senior", THIRD))
    assert (reset.totp, reset.recovery_codes) == (None, ())
    with pytest.raises(SignInRefused):
        box.sign_in("senior", OTHER)
    box.clock.advance(30)
    assert box.ask(GetCall(box.sign_in("senior", THIRD), call)).row.number == "01632960846"
    reset = box.ask(ResetPassword(token, "senior", OTHER, second_factor=True))
    with pytest.raises(SignInRefused):
        box.sign_in("senior", OTHER)
    box.secrets["senior"] = reset.totp.secret
    assert box.ask(WhoAmI(box.sign_in("senior", OTHER)))
    assert len(reset.recovery_codes) == 8


def test_nobody_resets_their_own_account_past_their_password(box, token):
    for change in (ResetPassword(token, "manager", THIRD), ResetSecondFactor(token, "manager")):
        with pytest.raises(PersonRefused, match="your account"):
            box.ask(change)
    box.add("senior", Role.SENIOR, token)
    with pytest.raises(PasswordTooWeak):
        box.ask(ResetPassword(token, "senior", "recorder1234"))
    assert box.acts()[-1] == "refused"


def test_ones_own_password_changes_with_the_old_one_and_ends_the_other_sessions(box, token):
    staff = box.add("staff", Role.STAFF, token)
    other = box.sign_in("staff", OTHER)
    with pytest.raises(SignInRefused):
        box.ask(ChangePassword(staff, "not the password", THIRD))
    assert box.acts()[-1] == "sign-in refused"
    with pytest.raises(PasswordTooWeak):
        box.ask(ChangePassword(staff, OTHER, "short"))
    assert box.ask(WhoAmI(other))
    box.ask(ChangePassword(staff, OTHER, THIRD))
    assert signed_out(box, other)
    assert box.ask(WhoAmI(staff)).fresh
    with pytest.raises(SignInRefused):
        box.sign_in("staff", OTHER)
    assert box.sign_in("staff", THIRD)


def test_guessing_the_old_password_in_a_stolen_session_is_slowed_down(box, token):
    refusals = []
    for _ in range(7):
        with pytest.raises(SignInRefused) as refusal:
            box.ask(ChangePassword(token, "not the password", THIRD))
        refusals.append(refusal.value)
    assert isinstance(refusals[-1], SignInThrottled)


def test_a_new_phone_counts_only_once_a_code_of_it_was_given(box, token):
    other = box.sign_in()
    offer = box.ask(OfferSecondFactor(token))
    with pytest.raises(PersonRefused, match="old phone"):
        box.ask(TakeSecondFactor(token, offer.secret, "000000"))
    with pytest.raises(PersonRefused):
        box.ask(TakeSecondFactor(token, "A" * 8, "000000"))
    assert box.sign_in()
    at = int(box.clock.now().at.timestamp())
    codes = box.ask(TakeSecondFactor(token, offer.secret, pyotp.TOTP(offer.secret).at(at))).codes
    assert len(codes) == 8
    assert signed_out(box, other)
    box.clock.advance(30)
    with pytest.raises(SignInRefused):
        box.sign_in()
    box.secrets["manager"] = offer.secret
    assert box.sign_in()
    assert box.ask(SignIn("manager", PASSWORD, codes[0], DESK))


def test_new_recovery_codes_end_the_old_ones_and_keep_the_phone(box, token):
    codes = box.ask(RenewRecoveryCodes(token)).codes
    with pytest.raises(SignInRefused):
        box.ask(SignIn("manager", PASSWORD, box.finished.recovery_codes[0], DESK))
    assert box.ask(SignIn("manager", PASSWORD, codes[3], DESK))
    assert box.sign_in()
    box.clock.advance(FRESH_S)
    for request in (RenewRecoveryCodes(token), OfferSecondFactor(token), TakeSecondFactor(token, "A" * 32, "000000")):
        with pytest.raises(FreshSignInNeeded):
            box.ask(request)
    box.ask(ProvePassword(token, PASSWORD))
    assert box.ask(RenewRecoveryCodes(token)).codes != codes


def test_the_recovery_sheet_lets_a_manager_in_again(box, token):
    call = box.taken()
    sheet = box.finished.recovery_sheet
    with pytest.raises(SheetMistyped):
        box.ask(Rescue(sheet[:-1], "manager", THIRD, DESK))
    with pytest.raises(PersonRefused):
        box.ask(Rescue(sheet, "nobody", THIRD, DESK))
    added = box.ask(Rescue(sheet, "Manager", THIRD, DESK))
    assert signed_out(box, token)
    box.secrets["manager"] = added.totp.secret
    again = box.sign_in(password=THIRD)
    assert box.ask(GetCall(again, call)).row.number == "01632960846"
    assert box.acts().count("let in with the recovery sheet") == 3


def test_guessing_recovery_sheets_is_slowed_down(box):
    refusals = []
    for _ in range(7):
        with pytest.raises((SheetMistyped, SignInThrottled)) as refusal:
            box.ask(Rescue("AAAA", "manager", THIRD, DESK))
        refusals.append(refusal.type)
    assert (refusals[0], refusals[-1]) == (SheetMistyped, SignInThrottled)


def test_people_see_their_own_sessions_and_a_manager_everybodys(box, token):
    staff = box.add("staff", Role.STAFF, token)
    signed = box.ask(SignIn("staff", OTHER, box.code("staff"), "192.0.2.50", "Firefox on Windows"))
    box.clock.advance(60)
    box.ask(WhoAmI(staff))
    own = box.ask(ListSessions(staff)).sessions
    assert [(row.address, row.browser, row.this) for row in own] == [
        ("192.0.2.50", "Firefox on Windows", False),
        (DESK, "", True),
    ]
    assert own[0].active_at == own[0].since
    assert own[1].active_at > own[1].since
    with pytest.raises(NotAllowed):
        box.ask(ListSessions(staff, everybody=True))
    everybody = box.ask(ListSessions(token, everybody=True)).sessions
    assert {row.person.username for row in everybody} == {"manager", "staff"}
    box.ask(EndSession(staff, own[0].number))
    assert signed_out(box, signed.token)
    assert box.acts()[-1] == "session ended"
    box.ask(EndSession(staff, own[0].number))


def test_only_a_manager_ends_another_persons_session(box, token):
    staff = box.add("staff", Role.STAFF, token)
    numbers = {row.person.username: row.number for row in box.ask(ListSessions(token, everybody=True)).sessions}
    with pytest.raises(NotAllowed):
        box.ask(EndSession(staff, numbers["manager"]))
    assert box.ask(WhoAmI(token))
    box.ask(EndSession(token, numbers["staff"]))
    assert signed_out(box, staff)


def test_all_other_sessions_end_at_once(box, token):
    staff, other, third = box.add("staff", Role.STAFF, token), box.sign_in(), box.sign_in()
    box.ask(EndOtherSessions(token))
    assert signed_out(box, other)
    assert signed_out(box, third)
    assert box.ask(WhoAmI(staff))
    with pytest.raises(NotAllowed):
        box.ask(EndOtherSessions(staff, everybody=True))
    box.ask(EndOtherSessions(token, everybody=True))
    assert signed_out(box, staff)
    assert box.ask(WhoAmI(token))


def test_set_up_says_that_a_password_is_weak_before_the_phone_is_needed(tmp_path):
    box = Box(tmp_path, disk=UnsyncedDisk())
    code = (box.folders.run / "setup-code").read_text().strip()
    given = {"practice": "Anytown Practice", "name": "The manager", "username": "manager", "address": DESK}
    with pytest.raises(PasswordTooWeak):
        box.ask(CheckPassword(code, password="anytown anytown", **given))
    with pytest.raises(SetupRefused):
        box.ask(CheckPassword(code, password=PASSWORD, **{**given, "practice": " "}))
    with pytest.raises(PersonRefused):
        box.ask(CheckPassword(code, password=PASSWORD, **{**given, "username": "x y"}))
    with pytest.raises(SetupRefused, match="set-up code"):
        box.ask(CheckPassword("AAAA-BBBB-CCCC", password=PASSWORD, **given))
    box.ask(CheckPassword(code, password=PASSWORD, **given))
    assert box.ask(StartSetup(code, "Anytown Practice", "manager", DESK)).secret
    assert not box.stores.people.is_founded()
    box.close()
