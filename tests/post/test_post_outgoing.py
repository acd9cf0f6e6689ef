"""What is due and when: each alarm is told once as it begins and once as it ends, whatever fails, never too often."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.model.health import AlarmRecord
from appliance.post.letter import Letter
from appliance.post.outgoing import MOST_AN_HOUR, REMIND, RETRY_S, STANDS_S, Outgoing, Sent

START = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)


class Day:
    """A day in the life of one way out; ``up`` is whether its server takes letters."""

    def __init__(self):
        self.outgoing, self.now_s, self.up = Outgoing(Sent(begun=True)), 0.0, True
        self.records, self.letters, self.tries = [], [], []

    @property
    def now(self):
        return START + timedelta(seconds=self.now_s)

    def begin(self, number, key="disk"):
        self.records.append(AlarmRecord(number, key, f"Trouble {number}.", self.now))

    def end(self, number):
        self.change(number, ended_at=self.now)

    def change(self, number, **how):
        self.records = [replace(one, **how) if one.number == number else one for one in self.records]

    def wait(self, s, step_s=5.0):
        until_s = self.now_s + s
        while self.now_s < until_s:
            self.now_s += step_s
            letter = self.outgoing.due(self.records, self.now, self.now_s)
            if not letter:
                continue
            self.tries.append(self.now_s)
            if self.up:
                self.letters.append(letter)
                self.outgoing.went(letter, self.now, self.now_s)
            else:
                self.outgoing.failed(self.now_s)

    def told(self):
        parts = ((letter.began, letter.still, letter.ended) for letter in self.letters)
        return [tuple([one.number for one in part] for part in three) for three in parts]


def test_an_alarm_is_told_once_when_it_begins_and_once_when_it_ends():
    day = Day()
    day.begin(1)
    day.wait(STANDS_S - 5)
    assert day.letters == []
    day.wait(600)
    assert day.told() == [([1], [], [])]
    day.end(1)
    day.wait(600)
    assert day.told()[1:] == [([], [], [1])]


def test_what_is_over_at_once_is_no_news():
    day = Day()
    day.begin(1)
    day.wait(5)
    day.end(1)
    day.wait(3600)
    assert day.letters == []


def test_what_falls_due_together_goes_in_one_letter():
    day = Day()
    for number in (1, 2, 3):
        day.begin(number)
    day.wait(60)
    assert day.told() == [([1, 2, 3], [], [])]


def test_there_is_a_reminder_each_day_until_somebody_has_seen_to_it():
    day = Day()
    day.begin(1)
    day.wait(60)
    day.wait(2.5 * REMIND.total_seconds(), 300)
    assert day.told()[1:] == [([], [1], []), ([], [1], [])]
    day.change(1, acknowledged_by="somebody")
    day.wait(3 * REMIND.total_seconds(), 300)
    assert len(day.letters) == 3


def test_what_somebody_saw_to_before_it_could_be_sent_is_not_sent():
    day = Day()
    day.begin(1)
    day.change(1, acknowledged_by="somebody")
    day.wait(3600)
    assert day.letters == []


def test_a_server_that_is_down_is_tried_ever_more_rarely_and_then_told_everything():
    day = Day()
    day.up = False
    day.begin(1)
    day.wait(6 * 3600)
    pauses = [b - a for a, b in zip(day.tries, day.tries[1:], strict=False)]
    assert pauses[: len(RETRY_S)] == list(RETRY_S)
    assert max(pauses) <= RETRY_S[-1] + 5
    day.begin(2)
    day.end(1)
    day.up = True
    day.wait(3600)
    assert day.told() == [([1, 2], [], [])]
    assert day.letters[0].began[0].ended_at is not None
    day.wait(3600)
    assert len(day.letters) == 1  # that it ended was in the same letter


def test_a_storm_of_alarms_is_at_most_so_many_letters_an_hour_and_none_is_lost():
    day = Day()
    for number in range(1, 61):
        day.begin(number)
        day.wait(60)
    assert len(day.letters) <= MOST_AN_HOUR + 1
    day.wait(3700)
    assert sorted(number for began, _, _ in day.told() for number in began) == list(range(1, 61))


def test_what_was_over_before_anybody_wanted_to_be_told_is_no_news():
    day = Day()
    day.outgoing = Outgoing()
    day.begin(1)
    day.wait(100)
    day.letters.clear()
    day.outgoing = Outgoing()
    day.end(1)
    day.begin(2)
    day.wait(100)
    assert day.told() == [([2], [], [])]


def test_after_a_restart_nothing_is_told_twice():
    day = Day()
    day.begin(1)
    day.wait(60)
    day.outgoing = Outgoing(day.outgoing.sent)
    day.wait(3600)
    assert day.told() == [([1], [], [])]


def test_a_book_of_alarms_begun_anew_with_the_same_numbers_is_told():
    day = Day()
    day.begin(1)
    day.wait(60)
    day.records.clear()
    day.begin(1)
    day.wait(60)
    assert day.told() == [([1], [], []), ([1], [], [])]


def test_what_nobody_knows_any_more_is_forgotten():
    day = Day()
    day.begin(1)
    day.wait(60)
    day.records.clear()
    day.wait(60)
    assert day.outgoing.sent.told == ()


_STEPS = st.lists(
    st.tuples(st.sampled_from(["begin", "end", "up", "down", "restart"]), st.integers(1, 5), st.floats(5.0, 4000.0)),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(_STEPS)
def test_whatever_happens_each_alarm_is_told_at_most_once_and_in_the_end_all_that_lasted_are(steps):
    day, next_number = Day(), 1
    for what, which, wait_s in steps:
        standing = [one for one in day.records if one.stands]
        if what == "begin":
            day.begin(next_number)
            next_number += 1
        elif what == "end" and standing:
            day.end(standing[which % len(standing)].number)
        elif what in ("up", "down"):
            day.up = what == "up"
        elif what == "restart":
            day.outgoing = Outgoing(day.outgoing.sent)
        day.wait(wait_s, step_s=10.0)
    day.up = True
    day.wait(3 * 3600, step_s=30.0)
    began = [number for numbers, _, _ in day.told() for number in numbers]
    ended = [number for _, _, numbers in day.told() for number in numbers]
    assert len(began) == len(set(began))
    assert len(ended) == len(set(ended))
    assert set(ended) <= set(began)
    lasted = {one.number for one in day.records if ((one.ended_at or day.now) - one.since).total_seconds() >= 60}
    assert lasted <= set(began)
    assert not day.outgoing.due(day.records, day.now, day.now_s) or isinstance(day.letters[-1], Letter)
