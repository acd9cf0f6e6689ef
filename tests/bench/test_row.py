"""A figure beside its peer's."""

import pytest

from appliance.bench.row import Limit, Row
from appliance.bench.stopwatch import Contender, own_cpu_s, program_cpu_s, taken_in_turn


def row(ours, peer, limit=None):
    return Row("a thing", ours, "s", "a peer", peer, limit)


def test_a_ratio_is_ours_as_a_multiple_of_the_peers():
    assert row(3.0, 2.0).ratio == 1.5


def test_there_is_no_ratio_without_a_peer_or_to_nothing():
    assert row(3.0, None).ratio is None
    assert row(3.0, 0.0).ratio is None


@pytest.mark.parametrize(
    ("ours", "peer", "limit", "kept"),
    [
        (0.8, 1.0, Limit(0.8), True),
        (0.81, 1.0, Limit(0.8), False),
        (1.5, 9.0, Limit(1.5, absolute=True), True),
        (1.6, 9.0, Limit(1.5, absolute=True), False),
        (1.6, None, Limit(1.5, absolute=True), False),
        (97, 100, Limit(0.97, least=True), True),
        (96, 100, Limit(0.97, least=True), False),
        (0.1, None, Limit(0.8), None),
        (0.1, 1.0, None, None),
    ],
)
def test_a_limit_is_kept_or_not_or_nothing_can_be_said(ours, peer, limit, kept):
    assert row(ours, peer, limit).kept is kept


def test_contenders_take_turns_and_the_least_of_each_is_told_per_hour():
    order = []

    def contender(name, figures):
        remaining = iter(figures)

        def run():
            order.append(name)
            return next(remaining)

        return Contender(name, run)

    taken = taken_in_turn([contender("a", [9.0, 1.0, 2.0]), contender("b", [4.0, 5.0, 60.0])], 3, audio_s=1800.0)
    assert taken == {"a": 2.0, "b": 8.0}
    assert order == ["a", "b"] * 3


def test_processor_time_is_that_of_the_work_alone():
    idle_s = own_cpu_s(lambda: None)
    busy_s = own_cpu_s(lambda: sum(range(3_000_000)))
    assert 0.0 <= idle_s < busy_s


def test_processor_time_of_a_program_is_counted():
    assert program_cpu_s(["python3", "-c", "sum(range(1000000))"]) > 0.005
