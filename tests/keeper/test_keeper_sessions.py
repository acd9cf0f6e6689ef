"""Who is signed in, for how long, and that keys leave with them."""

import pytest

from appliance.errors import (
    FreshSignInNeeded,
    NotAllowed,
    NotSignedIn,
    SetupRefused,
    SignInRefused,
    SignInThrottled,
    VaultLocked,
)
from appliance.keeper.sessions import FRESH_S, IDLE_S, LONGEST_S
from appliance.link.messages.calls import CallQuery, ListCalls
from appliance.link.messages.lines import AskHome, AskLive
from appliance.link.messages.people import AddPerson, ListPeople
from appliance.link.messages.sessions import ProvePassword, SignIn, SignOut, WhoAmI
from appliance.link.messages.setup import AskSetup, StartSetup
from appliance.model.people import Role
from vaultbox import OTHER, PASSWORD, Box


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path)
    box.set_up()
    yield box
    box.close()


def test_a_session_says_whose_it_is(box):
    session = box.ask(WhoAmI(box.sign_in()))
    assert (session.person.username, session.person.role, session.practice) == (
        "manager",
        Role.MANAGER,
        "Anytown Practice",
    )
    assert session.fresh


def test_a_session_idles_out_and_its_key_leaves_memory(box):
    token = box.sign_in()
    live = box.desk.sessions.find(token)
    box.clock.advance(IDLE_S - 1)
    box.ask(WhoAmI(token))
    box.clock.advance(IDLE_S)
    with pytest.raises(NotSignedIn):
        box.ask(WhoAmI(token))
    box.chores.end_sessions()
    with pytest.raises(VaultLocked):
        live.opened.key.raw()
    assert box.acts()[-1] == "session ended"


def test_polling_keeps_nobody_signed_in(box):
    token = box.sign_in()
    for _ in range(3):
        box.clock.advance(IDLE_S / 4)
        box.ask(WhoAmI(token, active=False))
        box.ask(AskLive(token))
        box.ask(AskHome(token))
        box.ask(ListCalls(token, CallQuery()))
    box.clock.advance(IDLE_S / 4)
    with pytest.raises(NotSignedIn):
        box.ask(AskLive(token))


def test_a_day_is_over_however_active_somebody_was(box):
    token = box.sign_in()
    for _ in range(int(LONGEST_S / 600) - 1):
        box.clock.advance(600)
        box.ask(WhoAmI(token))
    box.clock.advance(600)
    with pytest.raises(NotSignedIn):
        box.ask(WhoAmI(token))


def test_several_sessions_of_one_person_end_one_by_one(box):
    one, other = box.sign_in(), box.sign_in()
    box.ask(SignOut(one))
    with pytest.raises(NotSignedIn):
        box.ask(WhoAmI(one))
    assert box.ask(WhoAmI(other)).person.username == "manager"


def test_a_restart_signs_everybody_out(box):
    token = box.sign_in()
    box.stores.journal.close()
    box.restart()
    with pytest.raises(NotSignedIn):
        box.ask(WhoAmI(token))


def test_no_token_rests_in_the_keeper(box):
    token = box.sign_in()
    assert all(token not in key for key in box.desk.sessions._live)


@pytest.mark.parametrize("token", [b"", b"x" * 32, b"\0" * 32])
def test_a_made_up_token_is_nobody(box, token):
    with pytest.raises(NotSignedIn):
        box.ask(WhoAmI(token))


def test_what_needs_a_fresh_password_is_refused_until_it_is_given_again(box):
    token = box.sign_in()
    box.clock.advance(FRESH_S)
    add = AddPerson(token, "partner", "A partner", Role.PARTNER, OTHER)
    with pytest.raises(FreshSignInNeeded):
        box.ask(add)
    with pytest.raises(SignInRefused):
        box.ask(ProvePassword(token, "wrong password here"))
    box.ask(ProvePassword(token, PASSWORD))
    assert box.ask(add).totp.secret
    assert "person added" in box.acts()


def test_a_wrong_sign_in_is_written_down_without_what_was_typed(box):
    for username in ("manager", "my secret password 99"):
        with pytest.raises(SignInRefused):
            box.ask(SignIn(username, "wrong password here", "000000", "192.0.2.9"))
    text = b"".join(path.read_bytes() for path in box.stores.journal_folder.glob("*.jsonl"))
    assert b"secret" not in text
    assert text.count(b'"sign-in refused"') == 2


def test_guessing_is_slowed_down(box):
    refusals = []
    for _ in range(7):
        with pytest.raises(SignInRefused) as refusal:
            box.ask(SignIn("manager", "wrong password here", "000000", "192.0.2.9"))
        refusals.append(refusal.value)
    assert isinstance(refusals[-1], SignInThrottled)
    assert refusals[-1].wait_s > 0
    assert not isinstance(refusals[0], SignInThrottled)


def test_the_setup_code_goes_when_it_was_used(box):
    assert not (box.folders.run / "setup-code").exists()
    assert box.ask(AskSetup()).done
    with pytest.raises(SetupRefused):
        box.ask(StartSetup("AAAA-BBBB-CCCC", "x", "y", "192.0.2.9"))


def test_a_new_box_shows_a_code_that_outlives_a_restart_and_only_it_opens(tmp_path):
    box = Box(tmp_path)
    path = box.folders.run / "setup-code"
    code = path.read_text().strip()
    assert path.stat().st_mode & 0o777 == 0o600
    box.stores.journal.close()
    box.restart()
    assert path.read_text().strip() == code
    assert box.ask(StartSetup(code.lower().replace("-", " "), "P", "manager", "192.0.2.9")).secret
    with pytest.raises(SetupRefused):
        box.ask(StartSetup("AAAA-BBBB-CCCC", "P", "manager", "192.0.2.9"))
    assert not any(code.encode() in file.read_bytes() for file in box.folders.vault.rglob("*.json"))


def test_guessing_the_setup_code_is_slowed_down(tmp_path):
    box = Box(tmp_path)
    refusals = []
    for _ in range(8):
        with pytest.raises((SetupRefused, SignInThrottled)) as refusal:
            box.ask(StartSetup("AAAA-BBBB-CCCC", "P", "manager", "192.0.2.9"))
        refusals.append(type(refusal.value))
    assert refusals[0] is SetupRefused
    assert refusals[-1] is SignInThrottled


@pytest.mark.parametrize("role", [Role.PARTNER, Role.SENIOR, Role.STAFF, Role.TECHNICIAN, Role.AUDITOR])
def test_only_a_manager_sees_the_list_of_people(box, role):
    token = box.add("somebody", role, box.sign_in())
    with pytest.raises(NotAllowed):
        box.ask(ListPeople(token))
    assert box.acts()[-1] == "refused"
