"""People: set-up, sign-in, second factors, changes of role and password, and what of the keys follows them."""

import random
import shutil
from datetime import timedelta

import pytest
from powercut import CutDisk, after_cut
from practice import DESK, OTHER, PASSWORD, Practice

from appliance.clock import FakeClock
from appliance.errors import (
    LinekeeperError,
    NotAllowed,
    PasswordTooWeak,
    PersonRefused,
    SetupRefused,
    SheetMistyped,
    SignInRefused,
    VaultLocked,
)
from appliance.model.people import Person, Role
from appliance.storage.keyring import Keyring
from appliance.storage.people import People
from appliance.storage.people.slots import Hardness, argon2id, calibrate
from appliance.storage.recovery import parse_sheet

MANAGER = Person("manager", "Somebody Example", Role.MANAGER)


@pytest.fixture
def practice(tmp_path):
    return Practice(tmp_path)


@pytest.fixture
def founded(practice):
    practice.found()
    return practice


@pytest.fixture
def manager(founded):
    return founded.sign_in()


def opens(practice, person):
    """Return whether a person can open the key that calls are sealed to now."""
    return practice.keyring.may_open(practice.keyring.current().kid, person.key.kid)


# --- set-up ----------------------------------------------------------------------------------------------------------


def test_a_new_box_has_nobody_and_lets_nobody_in(practice):
    assert not practice.people.is_founded()
    assert practice.people.everyone() == ()
    assert practice.people.practice() == ""
    with pytest.raises(SignInRefused):
        practice.people.sign_in("admin", "admin", "000000", DESK)


def test_set_up_makes_the_manager_who_can_sign_in_and_open_everything(practice):
    before = practice.keyring.current()
    practice.found()
    manager = practice.sign_in()
    assert practice.people.practice() == "Anytown Practice"
    assert practice.people.everyone() == (MANAGER,)
    assert practice.keyring.open(before.kid, manager.key).seal_to == before
    assert opens(practice, manager)


def test_set_up_is_done_once(founded):
    with pytest.raises(SetupRefused, match="already"):
        founded.found(username="another")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"practice": "  "}, SetupRefused),
        ({"practice": "x" * 101}, SetupRefused),
        ({"name": ""}, PersonRefused),
        ({"name": "Some\nbody"}, PersonRefused),
        ({"username": "a b"}, PersonRefused),
        ({"username": "../x"}, PersonRefused),
        ({"password": "short"}, PasswordTooWeak),
        ({"password": "Summer2026surgery!"}, PasswordTooWeak),
        ({"password": "anytown kettle 41 drifting"}, PasswordTooWeak),
        ({"totp_code": "000000"}, SetupRefused),
        ({"totp_code": ""}, SetupRefused),
        ({"totp_secret": "AAAA"}, SetupRefused),
        ({"totp_secret": "not base32 " * 4}, SetupRefused),
    ],
)
def test_set_up_with_any_part_refused_keeps_nothing(practice, wrong, error):
    key = practice.keyring.current()
    before = {path: path.read_bytes() for path in practice.vault.rglob("*.*")}
    with pytest.raises(error):
        practice.found(**wrong)
    assert {path: path.read_bytes() for path in practice.vault.rglob("*.*")} == before
    assert practice.keyring.current() == key
    practice.found()
    assert opens(practice, practice.sign_in())


def test_a_box_whose_list_of_people_was_lost_is_not_set_up_by_the_next_comer(founded):
    (founded.vault / "people.json").unlink()
    founded.restart()
    with pytest.raises(SetupRefused, match="set up before"):
        founded.found()


# --- sign-in ---------------------------------------------------------------------------------------------------------


def test_every_refusal_says_the_same_and_costs_one_hash(founded, manager):
    founded.add("nurse", Role.SENIOR, manager)
    founded.people.disable("nurse", manager)
    said, costs = set(), []
    for name, password, code in (
        ("manager", "wrong password 12", founded.code("manager")),
        ("manager", PASSWORD, "000000"),
        ("manager", PASSWORD + " ", founded.code("manager")),
        ("nobody", PASSWORD, founded.code("manager")),
        ("nurse", OTHER, founded.code("nurse")),
        ("", "", ""),
        ("manager'; --\0\ud800", PASSWORD, "12345\u0667"),
    ):
        founded.hashes = 0
        with pytest.raises(SignInRefused) as refused:
            founded.people.sign_in(name, password, code, name[:1])
        said.add(str(refused.value))
        costs.append(founded.hashes)
    assert len(said) == 1
    assert set(costs) == {1}


def test_the_code_of_the_second_factor_that_nobody_has_opens_and_changes_nothing(founded):
    """A wrong password goes the whole way with a made-up second factor, whose codes anybody can work out."""
    founded.secrets["nobody"] = "A" * 32
    for name in ("manager", "nobody"):
        with pytest.raises(SignInRefused):
            founded.people.sign_in(name, "wrong wrong wrong", founded.code("nobody"), DESK)
    with pytest.raises(SignInRefused):
        founded.people.sign_in("manager", PASSWORD, founded.code("nobody"), DESK)
    assert founded.sign_in().person == MANAGER


def test_a_password_is_taken_exactly_as_typed(founded, manager):
    odd = " Zwölf Körbe – grün \u0065\u0301 "
    founded.people.own.change_password("manager", PASSWORD, odd)
    assert founded.sign_in(password=odd).person == MANAGER
    for almost in (odd.strip(), odd.lower(), odd.replace("\u0065\u0301", "\u00e9"), odd[:-1]):
        with pytest.raises(SignInRefused):
            founded.sign_in(password=almost)


def test_a_password_of_4097_characters_is_refused_before_it_is_hashed(founded):
    founded.hashes = 0
    with pytest.raises(SignInRefused):
        founded.sign_in(password="x" * 4097)
    assert founded.hashes == 0


def test_a_password_of_128_characters_works_and_its_last_counts(founded):
    long = ("copper kettle 41 drifting over " * 5)[:127] + "!"
    founded.people.own.change_password("manager", PASSWORD, long)
    assert founded.sign_in(password=long)
    with pytest.raises(SignInRefused):
        founded.sign_in(password=long[:127] + "?")


def test_a_code_is_good_once_also_after_a_restart(founded):
    code = founded.code("manager")
    founded.people.sign_in("manager", PASSWORD, code, DESK)
    with pytest.raises(SignInRefused):
        founded.people.sign_in("manager", PASSWORD, code, DESK)
    founded.restart()
    with pytest.raises(SignInRefused):
        founded.people.sign_in("manager", PASSWORD, code, DESK)
    founded.clock.advance(30)
    assert founded.sign_in()


def test_the_code_of_set_up_is_spent_too(practice):
    practice.found()
    practice.clock.advance(-30)
    with pytest.raises(SignInRefused):
        practice.sign_in()


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_may_be_one_step_early_or_late(founded, steps, good):
    founded.clock.advance(300)
    code = founded.code("manager", steps)
    if good:
        assert founded.sign_in(code=code)
    else:
        with pytest.raises(SignInRefused):
            founded.sign_in(code=code)


def test_each_recovery_code_lets_in_once_however_it_is_typed(founded):
    first, second, *_ = founded.founding.recovery_codes
    assert founded.sign_in(code=first.lower().replace("-", " "))
    founded.restart()
    with pytest.raises(SignInRefused):
        founded.sign_in(code=first)
    assert founded.sign_in(code=second.replace("O", "0").replace("I", "1").replace("B", "8"))
    assert len(set(founded.founding.recovery_codes)) == 8


def test_nothing_that_lets_in_is_in_clear_on_the_disk(founded, manager):
    welcome = founded.add("nurse", Role.SENIOR, manager)
    sheet = founded.founding.recovery_sheet
    secrets = [PASSWORD, OTHER, *founded.secrets.values(), *founded.founding.recovery_codes, *welcome.recovery_codes]
    secrets += [sheet, sheet.replace("-", ""), *(code.replace("-", "") for code in welcome.recovery_codes)]
    assert founded.in_clear(*secrets) == []
    assert founded.in_clear("manager", "Anytown") == ["manager", "Anytown"]  # the search does find what is there


def test_only_the_keeper_can_read_the_vaults_files(founded):
    for path in founded.vault.rglob("*.json"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_forgotten_at_sign_out_opens_nothing_more(founded, manager):
    kid = founded.keyring.current().kid
    manager.forget()
    with pytest.raises(VaultLocked):
        founded.keyring.open(kid, manager.key)
    with pytest.raises(VaultLocked):
        founded.add("nurse", Role.SENIOR, manager)


def test_somebody_signed_in_shows_no_key_in_words(manager):
    assert "key" not in repr(manager).lower()


# --- people and their roles ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "hears"),
    [
        (Role.MANAGER, True),
        (Role.PARTNER, True),
        (Role.SENIOR, True),
        (Role.STAFF, False),
        (Role.TECHNICIAN, False),
        (Role.AUDITOR, False),
    ],
)
def test_recordings_are_granted_by_role_the_old_ones_and_the_new(founded, manager, role, hears):
    old = founded.keyring.kids()
    founded.add("person", role, manager)
    person = founded.sign_in("person", OTHER)
    founded.keyring.rotate(founded.people._register.roster.recipients())
    assert [founded.keyring.may_open(kid, person.key.kid) for kid in old] == [hears] * len(old)
    assert opens(founded, person) == hears
    if not hears:
        with pytest.raises(NotAllowed):
            founded.keyring.open(old[0], person.key)


def test_a_person_added_by_one_who_was_added_gets_everything_too(founded, manager):
    founded.add("second", Role.MANAGER, manager)
    second = founded.sign_in("second", OTHER)
    founded.add("third", Role.PARTNER, second)
    third = founded.sign_in("third", OTHER)
    assert all(founded.keyring.may_open(kid, third.key.kid) for kid in founded.keyring.kids())


def test_only_a_manager_of_this_moment_changes_people(founded, manager):
    founded.add("second", Role.MANAGER, manager)
    second = founded.sign_in("second", OTHER)
    founded.people.change_role("second", Role.SENIOR, manager)
    for change in (
        lambda: founded.add("third", Role.STAFF, second),
        lambda: founded.people.reset("manager", OTHER, second),
        lambda: founded.people.reset_second_factor("manager", second),
        lambda: founded.people.change_role("second", Role.MANAGER, second),
        lambda: founded.people.disable("manager", second),
        lambda: founded.people.enable("manager", second),
    ):
        with pytest.raises(NotAllowed):
            change()


def test_a_username_is_given_once(founded, manager):
    for name in ("manager", " Manager "):
        with pytest.raises(PersonRefused, match="already"):
            founded.people.add(Person(name, "Another", Role.STAFF), OTHER, manager)


def test_a_changed_password_is_the_only_thing_that_changes(founded, manager):
    founded.people.own.change_password("manager", PASSWORD, OTHER)
    with pytest.raises(SignInRefused):
        founded.sign_in()
    assert founded.sign_in(password=OTHER).key.kid == manager.key.kid
    with pytest.raises(SignInRefused):
        founded.people.own.change_password("manager", PASSWORD, OTHER)
    with pytest.raises(PasswordTooWeak):
        founded.people.own.change_password("manager", OTHER, "recorder recorder")


def test_a_reset_gives_a_new_key_and_keeps_the_second_factor(founded, manager):
    founded.add("nurse", Role.SENIOR, manager)
    old = founded.sign_in("nurse", OTHER)
    founded.people.reset("nurse", PASSWORD, manager)
    with pytest.raises(SignInRefused):
        founded.sign_in("nurse", OTHER)
    nurse = founded.sign_in("nurse", PASSWORD)
    kids = founded.keyring.kids()
    assert all(founded.keyring.may_open(kid, nurse.key.kid) for kid in kids)
    assert not any(founded.keyring.may_open(kid, old.key.kid) for kid in kids)


def test_a_new_second_factor_keeps_the_password_and_ends_the_old_phone(founded, manager):
    founded.add("nurse", Role.SENIOR, manager)
    old = founded.code("nurse")
    welcome = founded.people.reset_second_factor("nurse", manager)
    with pytest.raises(SignInRefused):
        founded.sign_in("nurse", OTHER, old)
    founded.secrets["nurse"] = welcome.totp.secret
    assert founded.sign_in("nurse", OTHER)


def test_a_manager_made_later_can_reset_those_who_were_there_before(founded, manager):
    founded.add("nurse", Role.SENIOR, manager)
    founded.add("second", Role.STAFF, manager)
    founded.people.change_role("second", Role.MANAGER, manager)
    second = founded.sign_in("second", OTHER)
    founded.people.reset("nurse", PASSWORD, second)
    founded.people.reset("manager", OTHER, second)
    assert founded.sign_in("nurse", PASSWORD)
    assert founded.sign_in("manager", OTHER)


def test_who_is_disabled_is_out_and_what_comes_next_is_sealed_to_another_key(founded, manager):
    founded.add("nurse", Role.SENIOR, manager)
    nurse, before = founded.sign_in("nurse", OTHER), founded.keyring.current()
    founded.people.disable("nurse", manager)
    assert founded.keyring.current() != before
    assert not any(founded.keyring.may_open(kid, nurse.key.kid) for kid in founded.keyring.kids())
    assert all(founded.keyring.may_open(kid, manager.key.kid) for kid in founded.keyring.kids())
    assert founded.people.everyone() == (MANAGER,)
    assert [person.username for person in founded.people.disabled()] == ["nurse"]
    founded.people.enable("nurse", manager)
    again = founded.sign_in("nurse", OTHER)
    assert all(founded.keyring.may_open(kid, again.key.kid) for kid in founded.keyring.kids())


def test_a_role_that_no_longer_hears_loses_its_grants(founded, manager):
    founded.add("nurse", Role.SENIOR, manager)
    nurse = founded.sign_in("nurse", OTHER)
    founded.people.change_role("nurse", Role.TECHNICIAN, manager)
    assert not any(founded.keyring.may_open(kid, nurse.key.kid) for kid in founded.keyring.kids())
    founded.people.change_role("nurse", Role.PARTNER, manager)
    assert all(founded.keyring.may_open(kid, nurse.key.kid) for kid in founded.keyring.kids())


def test_a_manager_no_more_cannot_read_other_peoples_second_factors(founded, manager):
    founded.add("second", Role.MANAGER, manager)
    second = founded.sign_in("second", OTHER)
    factor = lambda: founded.people._register.roster.find("manager").factor  # noqa: E731
    assert second.key.kid in factor()
    founded.people.change_role("second", Role.PARTNER, manager)
    assert second.key.kid not in factor()
    assert founded.sign_in()


def test_the_last_manager_cannot_go(founded, manager):
    founded.add("nurse", Role.SENIOR, manager)
    for change in (
        lambda: founded.people.disable("manager", manager),
        lambda: founded.people.change_role("manager", Role.PARTNER, manager),
    ):
        with pytest.raises(PersonRefused, match="last manager"):
            change()
    assert opens(founded, founded.sign_in())
    founded.add("second", Role.MANAGER, manager)
    founded.people.disable("manager", manager)
    assert opens(founded, founded.sign_in("second", OTHER))


def test_the_recovery_sheet_lets_the_manager_in_again(founded, manager):
    founded.add("nurse", Role.SENIOR, manager)
    sheet = founded.founding.recovery_sheet
    with pytest.raises(PersonRefused):
        founded.people.rescue(sheet, "nurse", OTHER)
    with pytest.raises(SheetMistyped):
        founded.people.rescue(sheet[:-1], "manager", OTHER)
    welcome = founded.people.rescue(sheet, "manager", "lantern copper 72 drifting")
    founded.secrets["manager"] = welcome.totp.secret
    again = founded.sign_in(password="lantern copper 72 drifting")
    assert all(founded.keyring.may_open(kid, again.key.kid) for kid in founded.keyring.kids())
    founded.people.reset("nurse", PASSWORD, again)
    assert founded.sign_in("nurse", PASSWORD)


def test_another_boxs_recovery_sheet_lets_nobody_in(founded, tmp_path):
    other = Practice(tmp_path / "other")
    sheet = other.found().recovery_sheet
    with pytest.raises(SheetMistyped, match="another box"):
        founded.people.rescue(sheet, "manager", OTHER)


# --- faults ----------------------------------------------------------------------------------------------------------


def test_damaged_files_of_the_vault_are_named_and_never_crash(founded):
    chance = random.Random(6)
    for path in sorted(founded.vault.rglob("*.json")):
        good = path.read_bytes()
        for _ in range(40):
            bad = bytearray(good)
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
            path.write_bytes(bytes(bad[: chance.choice((len(bad), chance.randrange(len(bad))))]))
            try:
                founded.restart()
                founded.keyring.current()
                founded.people.sign_in("manager", PASSWORD, founded.code("manager"), DESK)
            except LinekeeperError:
                pass
            finally:
                path.write_bytes(good)
    founded.clock.advance(90_000)
    founded.restart()
    assert founded.sign_in()


def a_day(practice):
    """Do what a manager does on a day; return what each step promised, as checks with the operation they hold from."""
    steps, promised = practice.disk.operations, []

    def promise(check):
        promised.append((len(steps), check))

    first = practice.keyring.current()
    promise(lambda after: after.keyring.current())
    practice.found()
    promise(lambda after: after.keyring.may_open(first.kid, after.sign_in().key.kid) or pytest.fail("no grant"))
    manager = practice.sign_in()
    practice.add("nurse", Role.SENIOR, manager)
    promise(lambda after: "nurse" in str(after.people.everyone() + after.people.disabled()) or pytest.fail("lost"))
    practice.add("second", Role.MANAGER, manager)
    practice.people.disable("nurse", manager)
    promise(lambda after: after.people.disabled()[0].username == "nurse" or pytest.fail("not disabled"))
    practice.clock.advance(40 * 24 * 3600)
    assert practice.people.rotate_if_due()
    rotated = practice.keyring.current()
    promise(lambda after: after.keyring.seal_to(rotated.kid))
    return promised, practice.founding


def cut_days(tmp_path, disk, cuts):
    """Cut the power during a day, again and again; what was promised must be so after each."""
    practice = Practice(tmp_path / "old", disk)
    promised, founding = a_day(practice)
    chance, operations = random.Random(8), practice.disk.operations
    for number in range(cuts):
        at, new = chance.randrange(len(operations) + 1), tmp_path / f"cut-{number}"
        new.mkdir()
        after_cut(operations[:at], chance, tmp_path / "old", new)
        after = Practice.__new__(Practice)
        after.__dict__ = {**practice.__dict__, "vault": new / "vault", "intake": new / "intake", "disk": CutDisk()}
        for folder in (after.vault, after.intake):
            folder.mkdir(exist_ok=True)
        after.restart()
        for since, check in promised:
            if since <= at:
                check(after)
        if after.people.is_founded():
            check_grants(after, founding)
        shutil.rmtree(new)


def test_a_power_cut_at_any_moment_loses_no_person_no_grant_and_no_revocation(tmp_path):
    cut_days(tmp_path, CutDisk(), 250)


@pytest.mark.parametrize("forgotten", ["people.json.new", "keyring.json.new", "vault", "grants"])
def test_leaving_out_one_sync_loses_something_and_the_model_sees_it(tmp_path, forgotten):
    with pytest.raises((LinekeeperError, AssertionError, pytest.fail.Exception)):
        cut_days(tmp_path, CutDisk(forgets=lambda path: path.name.endswith(forgotten)), 400)


def check_grants(after, founding):
    """The sheet opens every key in use, the current key is everybody's who hears, and nobody disabled has one."""
    sheet, roster = parse_sheet(founding.recovery_sheet), after.people._register.roster
    current = after.keyring.current().kid
    assert not (after.vault / "first-key.json").exists()
    assert after.keyring.open(current, sheet).kid == current
    for entry in roster.people:
        assert after.keyring.may_open(current, entry.seal_to.kid) == entry.entitled
        held = [kid for kid in after.keyring.kids() if after.keyring.may_open(kid, entry.seal_to.kid)]
        assert entry.entitled or not held


def test_a_month_has_its_own_key_made_with_nobody_signed_in(founded):
    first = founded.keyring.current()
    assert founded.people.rotate_if_due() is None
    founded.clock.jump(founded.clock.now().at + timedelta(days=8))  # 1 December
    second = founded.people.rotate_if_due()
    assert second == founded.keyring.current() != first
    assert founded.people.rotate_if_due() is None
    assert founded.keyring.open(second.kid, founded.sign_in().key)


def test_the_hardness_measured_is_never_under_the_standards(tmp_path):
    ticks = iter((0.0, 0.003))
    assert calibrate(0.5, lambda: next(ticks)) == Hardness(64 * 1024, 16, 4)
    ticks = iter((0.0, 9.0))
    assert calibrate(0.5, lambda: next(ticks)) == Hardness(64 * 1024, 3, 4)


def test_argon2id_is_rfc_9106s(tmp_path):
    """Of the reference implementation's own test vectors: version 19, t=2, m=65536, p=1."""
    key = argon2id(b"password", b"somesalt", Hardness(65_536, 2, 1))
    assert key.hex() == "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"


def test_defaults_are_a_real_argon2_and_a_real_clock_is_not_needed(tmp_path):
    (tmp_path / "vault").mkdir()
    (tmp_path / "intake").mkdir()
    clock = FakeClock()
    people = People(tmp_path / "vault", Keyring(tmp_path / "vault", tmp_path / "intake", clock), clock)
    with pytest.raises(SignInRefused):
        people.sign_in("manager", PASSWORD, "000000", DESK)
