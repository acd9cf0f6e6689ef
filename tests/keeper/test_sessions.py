"""Sessions by themselves, to the second: when they end, whom a look at them meets, and what becomes of their keys."""

from dataclasses import replace

import pytest

from appliance.clock import FakeClock
from appliance.errors import NotSignedIn, VaultLocked
from appliance.keeper.sessions import FRESH_S, IDLE_S, LONGEST_S, NOWHERE, Origin, Sessions
from appliance.model.people import Person, Role
from appliance.storage.people import OpenedPerson
from appliance.storage.unsealing import PrivateKey


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def sessions(clock):
    return Sessions(clock)


def somebody(username="manager", role=Role.MANAGER):
    return OpenedPerson(Person(username, f"The {username}", role), PrivateKey.generate())


def forgotten(opened):
    try:
        opened.key.raw()
    except VaultLocked:
        return True
    return False


def test_a_session_knows_who_from_where_and_since_when(sessions, clock):
    origin, opened = Origin("192.0.2.7", "a browser"), somebody()
    session = sessions.find(sessions.open(opened, origin))
    assert (session.person, session.origin, session.since) == (opened.person, origin, clock.now().at)
    assert sessions.find(sessions.open(somebody())).origin is NOWHERE


def test_a_session_ends_at_fifteen_idle_minutes_and_not_a_moment_before(sessions, clock):
    token = sessions.open(somebody())
    clock.advance(IDLE_S - 1)
    sessions.find(token)
    clock.advance(IDLE_S)
    with pytest.raises(NotSignedIn):
        sessions.find(token)


def test_a_session_ends_at_eight_hours_and_not_a_moment_before(sessions, clock):
    token = sessions.open(somebody())
    for _ in range(LONGEST_S // 600 - 1):
        clock.advance(600)
        sessions.find(token)
    clock.advance(599)
    sessions.find(token)
    clock.advance(1)
    with pytest.raises(NotSignedIn):
        sessions.find(token)


def test_a_password_counts_as_given_just_now_for_ten_minutes_and_not_a_moment_longer(sessions, clock):
    token = sessions.open(somebody())
    clock.advance(FRESH_S - 1)
    assert sessions.find(token).fresh(clock.monotonic())
    clock.advance(1)
    assert not sessions.find(token).fresh(clock.monotonic())
    sessions.prove(token)
    clock.advance(FRESH_S - 1)
    assert sessions.find(token).fresh(clock.monotonic())


def test_a_look_that_is_no_activity_finds_and_keeps_nobody_from_idling(sessions, clock):
    token = sessions.open(somebody())
    clock.advance(IDLE_S - 1)
    assert sessions.find(token, active=False).person.username == "manager"
    clock.advance(1)
    with pytest.raises(NotSignedIn):
        sessions.find(token)


def test_the_live_sessions_are_listed_newest_first_without_those_that_are_over(sessions, clock):
    sessions.open(somebody("early"))
    clock.advance(IDLE_S - 1)
    for username in ("manager", "partner"):
        sessions.open(somebody(username))
    assert [session.person.username for session in sessions.live()] == ["partner", "manager", "early"]
    clock.advance(1)
    assert [session.person.username for session in sessions.live()] == ["partner", "manager"]
    assert len({session.number for session in sessions.live()}) == 2


def test_only_who_may_list_calls_and_is_still_signed_in_stands_for_the_others(sessions, clock):
    sessions.open(somebody("technician", Role.TECHNICIAN))
    assert sessions.entitled() is None
    sessions.open(somebody("senior", Role.SENIOR))
    assert sessions.entitled().person.username == "senior"
    clock.advance(IDLE_S)
    assert sessions.entitled() is None


def test_signing_out_ends_one_session_and_lets_go_of_its_key(sessions):
    going, staying = somebody("going"), somebody("staying")
    token, other = sessions.open(going), sessions.open(staying)
    assert sessions.close(token).opened is going
    assert forgotten(going)
    assert not forgotten(staying)
    assert sessions.find(other).person.username == "staying"
    with pytest.raises(NotSignedIn):
        sessions.close(token)


def test_those_that_are_over_are_ended_and_told_and_the_others_stay(sessions, clock):
    late = somebody("late")
    sessions.open(late)
    clock.advance(IDLE_S)
    token = sessions.open(somebody("early"))
    assert [session.person.username for session in sessions.expire()] == ["late"]
    assert forgotten(late)
    assert sessions.find(token).person.username == "early"
    assert sessions.count() == 1


def test_when_the_keeper_stops_every_key_leaves_memory(sessions):
    people = [somebody("one"), somebody("two")]
    for opened in people:
        sessions.open(opened)
    assert {session.opened for session in sessions.end_all()} == set(people)
    assert all(forgotten(opened) for opened in people)
    assert sessions.count() == 0


def test_a_new_name_reaches_the_sessions_of_that_person_alone(sessions):
    token, other = sessions.open(somebody("manager")), sessions.open(somebody("partner"))
    sessions.rename(replace(sessions.find(token).person, name="Another name"))
    assert sessions.find(token).person.name == "Another name"
    assert sessions.find(other).person.name == "The partner"
    assert not forgotten(sessions.find(token).opened)
