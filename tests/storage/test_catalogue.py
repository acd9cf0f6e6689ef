"""The catalogue against a plain list that is sorted and filtered in the simplest way."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.clock import LONDON, ClockQuality
from appliance.errors import NoSuchCall
from appliance.model.calls import Direction, call_id
from appliance.storage.catalogue import Catalogue
from appliance.storage.daycolumns import Choice, Glance
from appliance.storage.entry import Entry, Stated

START = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


def an_entry(at, salt, line=1, direction=Direction.IN, missed=False, duration_s=60.0, started_at=None):
    return Entry(
        call_id=call_id(at, line, f"{salt:06x}"),
        line=line,
        started_at=started_at or at,
        stated=Stated(at, ClockQuality.SYNCHRONISED, "boot-1", 12.5),
        duration_s=duration_s,
        direction=direction,
        missed=missed,
        cut_short=salt % 5 == 0,
        size=1000 + salt,
        kid="k",
    )


def entries(seed, count, days=20):
    """Return calls over the change to summer time, some just about midnight, some with a corrected start."""
    chance = random.Random(seed)
    made = []
    for salt in range(count):
        at = START + timedelta(seconds=chance.randrange(days * 86400))
        if chance.random() < 0.2:
            at = at.replace(hour=chance.choice([0, 23]), minute=chance.choice([0, 30, 59]))
        started_at = at + timedelta(days=chance.randrange(1, 400)) if chance.random() < 0.1 else None
        direction = chance.choice(list(Direction))
        missed = chance.random() < 0.2
        made.append(
            an_entry(at, salt, chance.randrange(1, 4), direction, missed, float(chance.randrange(600)), started_at)
        )
    return made


def matches(choice, entry):
    day = entry.started_at.astimezone(LONDON).date()
    return (
        (choice.first is None or day >= choice.first)
        and (choice.last is None or day <= choice.last)
        and choice.line in (None, entry.line)
        and choice.direction in (None, entry.direction)
        and choice.missed in (None, entry.missed)
        and (choice.shortest_s is None or entry.duration_s >= choice.shortest_s)
        and (choice.longest_s is None or entry.duration_s <= choice.longest_s)
        and (choice.among is None or entry.call_id in choice.among)
        and entry.call_id not in choice.without
    )


def at_a_glance(entry):
    return Glance(
        entry.call_id, entry.line, entry.started_at, entry.duration_s, entry.direction, entry.missed, entry.cut_short
    )


ALL = entries(1, 250)
days = st.none() | st.dates(date(2026, 3, 18), date(2026, 4, 12))
some_ids = st.frozensets(st.sampled_from([entry.call_id for entry in ALL]), max_size=30)
choices = st.builds(
    Choice,
    first=days,
    last=days,
    line=st.none() | st.integers(1, 4),
    direction=st.none() | st.sampled_from(list(Direction)),
    missed=st.none() | st.booleans(),
    shortest_s=st.none() | st.integers(0, 600).map(float),
    longest_s=st.none() | st.integers(0, 600).map(float),
    among=st.none() | some_ids,
    without=some_ids,
)


def nothing_to_rebuild(day):
    raise AssertionError(f"{day} should not need to be rebuilt")


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    catalogue = Catalogue(tmp_path_factory.mktemp("catalogue"), nothing_to_rebuild)
    for entry in ALL:
        catalogue.put(entry)
    return catalogue


@settings(deadline=None, max_examples=150)
@given(choice=choices, skip=st.integers(0, 60), most=st.integers(1, 40))
def test_every_choice_gives_what_a_plain_filter_gives(full, choice, skip, most):
    wanted = sorted((one for one in ALL if matches(choice, one)), key=lambda one: one.order, reverse=True)
    assert full.some(choice, skip, most) == (len(wanted), wanted[skip : skip + most])
    assert full.bytes_of(choice) == sum(one.size for one in wanted)
    assert full.glances(choice, skip, most) == (len(wanted), list(map(at_a_glance, wanted[skip : skip + most])))


def test_a_catalogue_opened_again_says_the_same(full):
    again = Catalogue(full._folder, nothing_to_rebuild)
    assert again.some(Choice(), 0, 500) == full.some(Choice(), 0, 500)
    assert again.warm() == len(ALL)


def test_an_entry_can_be_changed_and_removed(tmp_path):
    catalogue = Catalogue(tmp_path, nothing_to_rebuild)
    entry = an_entry(START, 1)
    catalogue.put(entry)
    longer = an_entry(START, 1, duration_s=90.0)
    catalogue.put(longer)
    assert catalogue.get(entry.call_id) == longer
    assert catalogue.some(Choice()) == (1, [longer])
    catalogue.remove(entry.call_id)
    catalogue.remove(entry.call_id)
    assert catalogue.some(Choice()) == (0, [])
    with pytest.raises(NoSuchCall):
        catalogue.get(entry.call_id)


def test_a_corrected_start_moves_a_call_to_the_day_it_truly_was(tmp_path):
    catalogue = Catalogue(tmp_path, nothing_to_rebuild)
    in_1970 = datetime(1970, 1, 1, 0, 2, tzinfo=UTC)
    catalogue.put(an_entry(in_1970, 1))
    catalogue.put(an_entry(START, 2))
    assert [one.started_at for one in catalogue.some(Choice(), 0, 9)[1]] == [START, in_1970]
    later = START + timedelta(hours=1)
    catalogue.put(an_entry(in_1970, 1, started_at=later))
    for opened in (catalogue, Catalogue(tmp_path, nothing_to_rebuild)):
        assert [one.started_at for one in opened.some(Choice(), 0, 9)[1]] == [later, START]
        assert opened.some(Choice(last=date(1970, 1, 2)))[0] == 0
    catalogue.remove(an_entry(in_1970, 1).call_id)
    assert Catalogue(tmp_path, nothing_to_rebuild).some(Choice(), 0, 9)[0] == 1


@pytest.mark.parametrize(
    "damage", [b"", b"\0" * 50, b'{"_default": {"1": {"call_id": "x"}}}', b"[1]", b'{"_default":1}']
)
def test_a_day_file_that_cannot_be_read_is_rebuilt_from_the_recordings(tmp_path, damage):
    made = [an_entry(START, 1), an_entry(START + timedelta(minutes=1), 2)]
    catalogue = Catalogue(tmp_path, lambda _day: made)
    for entry in made:
        catalogue.put(entry)
    (tmp_path / "2026-03-20.json").write_bytes(damage)
    again = Catalogue(tmp_path, lambda _day: made)
    assert again.some(Choice(), 0, 9) == (2, made[::-1])
    assert Catalogue(tmp_path, nothing_to_rebuild).some(Choice(), 0, 9) == (2, made[::-1])


def test_a_rewritten_day_finds_its_strays_again(tmp_path):
    stray = an_entry(START, 1, started_at=START + timedelta(days=30))
    catalogue = Catalogue(tmp_path, lambda _day: [stray])
    catalogue.put(stray)
    (tmp_path / "strays.json").write_bytes(b"damaged")
    lost = Catalogue(tmp_path, lambda _day: [stray])
    assert lost.rewrite("2026-03-20") == 1
    assert lost.some(Choice(first=date(2026, 4, 1)))[0] == 1
    assert Catalogue(tmp_path, nothing_to_rebuild).some(Choice(first=date(2026, 4, 1)))[0] == 1
