"""Guessing is slow: per account, per address, across restarts, and whatever the clock says."""

import threading
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from practice import PASSWORD, Practice

from appliance.clock import FakeClock
from appliance.errors import SignInRefused, SignInThrottled
from appliance.storage.people.throttle import ACCOUNT_FREE, ADDRESS_FREE, LONGEST_WAIT_S, MOST_KEPT, Throttle

HERE = "192.0.2.7"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def throttle(tmp_path, clock):
    return Throttle(tmp_path / "tries.json", clock)


def fail(throttle, count, username="manager", address=None):
    for number in range(count):
        throttle.charge(username, address or f"192.0.2.{number}")


def wait_of(throttle, username="manager", address="198.51.100.1"):
    with pytest.raises(SignInThrottled) as refused:
        throttle.charge(username, address)
    return refused.value.wait_s


def test_five_failures_are_free_then_the_wait_grows_up_to_an_hour(throttle, clock):
    fail(throttle, ACCOUNT_FREE)
    waits = []
    for _ in range(6):
        waits.append(wait_of(throttle))
        clock.advance(waits[-1])
        fail(throttle, 1)
    assert waits == [300, 600, 1200, 2400, 3600, 3600]


def test_the_wait_is_counted_down_and_a_try_too_early_does_not_lengthen_it(throttle, clock):
    fail(throttle, ACCOUNT_FREE)
    for passed in range(1, 300, 50):
        clock.advance(50 if passed > 1 else 1)
        assert wait_of(throttle) == 300 - passed
    clock.advance(49)
    fail(throttle, 1)


def test_the_last_second_of_a_wait_is_waited_too(throttle, clock):
    fail(throttle, ACCOUNT_FREE)
    clock.advance(299)
    assert wait_of(throttle) == 1
    clock.advance(0.5)
    assert wait_of(throttle) == 1
    clock.advance(0.5)
    fail(throttle, 1)


def test_failures_count_as_much_on_a_box_that_has_been_on_for_weeks(throttle, clock):
    clock.advance(30 * 24 * 3600)
    fail(throttle, ACCOUNT_FREE)
    assert wait_of(throttle) == 300


def test_getting_in_gives_the_address_one_try_back_and_not_two(throttle):
    throttle.charge("somebody", HERE)
    throttle.charge("manager", HERE)
    throttle.take_back("manager", HERE)
    for number in range(ADDRESS_FREE - 1):
        throttle.charge(f"person{number}", HERE)
    wait_of(throttle, "another", HERE)


def test_an_address_that_tries_many_names_waits_too(throttle):
    for number in range(ADDRESS_FREE):
        throttle.charge(f"person{number}", HERE)
    assert wait_of(throttle, "another", HERE) == 300
    throttle.charge("another", "192.0.2.8")


def test_who_is_signed_in_already_is_not_held_up_by_others_who_mistype(throttle):
    for number in range(3 * ADDRESS_FREE):
        throttle.charge(f"person{number}", "")
    throttle.charge("manager", "")


def test_who_gets_in_has_their_failures_forgotten_and_the_address_only_its_last(throttle):
    fail(throttle, ACCOUNT_FREE - 1, address=HERE)
    throttle.charge("manager", HERE)
    throttle.take_back("manager", HERE)
    fail(throttle, ACCOUNT_FREE, address="192.0.2.9")
    wait_of(throttle)
    for number in range(ADDRESS_FREE - (ACCOUNT_FREE - 1)):
        throttle.charge(f"person{number}", HERE)
    wait_of(throttle, "another", HERE)


def test_a_restart_of_the_keeper_changes_nothing(tmp_path, throttle, clock):
    fail(throttle, ACCOUNT_FREE)
    clock.advance(100)
    assert wait_of(Throttle(tmp_path / "tries.json", clock)) == 200


def test_a_restart_of_the_box_begins_the_wait_again_and_no_clock_shortens_or_lengthens_it(tmp_path, throttle, clock):
    fail(throttle, ACCOUNT_FREE)
    clock.jump(datetime(2036, 1, 1, tzinfo=UTC))
    assert wait_of(throttle) == 300
    clock.reboot()
    clock.jump(datetime(1970, 1, 1, tzinfo=UTC))
    again = Throttle(tmp_path / "tries.json", clock)
    assert wait_of(again) == 300
    clock.advance(300)
    fail(again, 1)


def test_failures_are_forgotten_after_a_day(throttle, clock):
    fail(throttle, ACCOUNT_FREE)
    clock.advance(24 * 3600 + 1)
    fail(throttle, ACCOUNT_FREE)


def test_what_was_typed_as_a_name_is_not_kept_in_clear(tmp_path, throttle):
    throttle.charge("my password by mistake", HERE)
    kept = (tmp_path / "tries.json").read_text()
    assert "mistake" not in kept
    assert HERE not in kept


def test_a_damaged_file_does_not_lock_everybody_out(tmp_path, throttle, clock):
    fail(throttle, ACCOUNT_FREE)
    (tmp_path / "tries.json").write_bytes(b"{")
    fail(Throttle(tmp_path / "tries.json", clock), 1)


def test_names_by_the_thousand_do_not_fill_the_memory_nor_drop_who_is_being_guessed(tmp_path, throttle, clock):
    fail(throttle, ACCOUNT_FREE)
    many = {f"{number:024x}": (1, clock.monotonic()) for number in range(3 * MOST_KEPT)}
    throttle._tries.update({key: type(next(iter(throttle._tries.values())))(*tries) for key, tries in many.items()})
    throttle.charge("someone", HERE)
    assert len(throttle._tries) == MOST_KEPT
    wait_of(throttle)


def test_sign_in_is_throttled_for_known_and_unknown_names_alike_before_any_hash(tmp_path):
    practice = Practice(tmp_path)
    practice.found()
    told = []
    for name in ("manager", "nobody"):
        for number in range(ACCOUNT_FREE):
            with pytest.raises(SignInRefused):
                practice.sign_in(name, "wrong wrong wrong", "000000", address=f"{name}{number}")
        practice.hashes = 0
        with pytest.raises(SignInThrottled) as refused:
            practice.sign_in(name, PASSWORD, practice.code("manager"))
        told.append((str(refused.value), refused.value.wait_s, practice.hashes))
    assert told == [(told[0][0], 300, 0)] * 2
    practice.clock.advance(300)
    assert practice.sign_in()


def test_a_wrong_password_when_proving_counts_too(tmp_path):
    practice = Practice(tmp_path)
    practice.found()
    for _ in range(ACCOUNT_FREE):
        with pytest.raises(SignInRefused):
            practice.people.prove("manager", "wrong wrong wrong")
    with pytest.raises(SignInThrottled):
        practice.people.prove("manager", PASSWORD)


@pytest.fixture
def founded(tmp_path):
    practice = Practice(tmp_path)
    practice.found()
    return practice


def refused_not_throttled(act):
    """The try was looked at: it came neither too early nor from where too many came."""
    with pytest.raises(SignInRefused) as refused:
        act()
    return not isinstance(refused.value, SignInThrottled)


def guess(practice, username, address):
    return refused_not_throttled(lambda: practice.people.sign_in(username, "wrong wrong wrong", "000000", address))


def prove_wrongly(practice, username, address=""):
    return refused_not_throttled(lambda: practice.people.prove(username, "wrong wrong wrong", address))


def test_guessing_at_one_account_holds_up_no_other(founded):
    assert all(guess(founded, "partner", f"192.0.2.{number}") for number in range(ACCOUNT_FREE))
    assert not guess(founded, "partner", HERE)
    assert founded.sign_in()


def test_an_address_that_guesses_at_many_accounts_is_held_up_and_no_other_address_is(founded):
    assert all(guess(founded, f"person{number}", HERE) for number in range(ADDRESS_FREE))
    with pytest.raises(SignInThrottled):
        founded.sign_in(address=HERE)
    assert founded.sign_in(address="192.0.2.8")


def test_whoever_gets_in_again_and_again_is_never_held_up(founded):
    for _ in range(ADDRESS_FREE + 1):
        assert founded.sign_in(address=HERE)


def test_getting_in_forgets_what_was_mistyped_before(founded):
    for _ in range(2):
        assert all(guess(founded, "manager", f"192.0.2.{number}") for number in range(ACCOUNT_FREE - 1))
        assert founded.sign_in()


def test_passwords_mistyped_while_signed_in_hold_up_that_person_alone(founded):
    for number in range(ADDRESS_FREE):
        assert prove_wrongly(founded, f"person{number}")
    assert all(prove_wrongly(founded, "partner") for _ in range(ACCOUNT_FREE))
    assert not prove_wrongly(founded, "partner")
    for _ in range(ACCOUNT_FREE + 1):
        founded.people.prove("manager", PASSWORD)


def test_a_password_proved_from_an_address_counts_there(founded):
    for _ in range(ADDRESS_FREE + 1):
        founded.people.prove("manager", PASSWORD, HERE)
    assert all(prove_wrongly(founded, f"person{number}", HERE) for number in range(ADDRESS_FREE))
    assert not prove_wrongly(founded, "another", HERE)


def test_many_tries_at_once_gain_nothing(tmp_path):
    practice = Practice(tmp_path)
    practice.found()
    practice.hashes = 0
    ends, start = [], threading.Barrier(16)

    def guess(number):
        start.wait(10)
        try:
            practice.people.sign_in("manager", f"wrong wrong {number}", "000000", f"192.0.2.{number}")
        except SignInThrottled:
            ends.append("throttled")
        except SignInRefused:
            ends.append("refused")

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(ends) == ["refused"] * ACCOUNT_FREE + ["throttled"] * (16 - ACCOUNT_FREE)
    assert practice.hashes == ACCOUNT_FREE


class Guessing(RuleBasedStateMachine):
    """However an attacker waits, restarts things and sets clocks, tries per hour stay few."""

    def __init__(self):
        super().__init__()
        import tempfile
        from pathlib import Path

        self.folder = tempfile.TemporaryDirectory()
        self.path, self.clock = Path(self.folder.name) / "tries.json", FakeClock()
        self.throttle, self.tried = Throttle(self.path, self.clock), []
        self.passed, self.longest = 0.0, 1

    def teardown(self):
        self.folder.cleanup()

    @rule(address=st.integers(0, 3))
    def guess(self, address):
        try:
            self.throttle.charge("manager", str(address))
        except SignInThrottled as told:
            self.longest = max(self.longest, told.wait_s)
        else:
            self.tried.append(self.passed)

    @rule(seconds=st.floats(0, 4000))
    def wait(self, seconds):
        self.clock.advance(seconds)
        self.passed += seconds

    @rule(year=st.integers(1970, 2100))
    def set_clock(self, year):
        self.clock.jump(datetime(year, 1, 1, tzinfo=UTC))

    @rule()
    def restart_box(self):
        self.clock.reboot()
        self.passed += 30
        self.throttle = Throttle(self.path, self.clock)

    @rule()
    def restart_keeper(self):
        self.throttle = Throttle(self.path, self.clock)

    @invariant()
    def few_tries(self):
        recent = [at for at in self.tried if at > self.passed - 3600]
        assert len(recent) <= ACCOUNT_FREE + 4
        assert 0 < self.longest <= LONGEST_WAIT_S


GuessingTest = Guessing.TestCase
GuessingTest.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
