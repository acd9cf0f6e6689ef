"""The demo: a month of calls that the product's own parts have recorded, kept and held."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from appliance.config import Config
from appliance.demo import build as building
from appliance.demo import month
from appliance.demo.build import build, demo_config
from appliance.keeper.service import KeeperService
from appliance.link.messages.calls import CallPage, CallQuery, ListCalls
from appliance.link.messages.cases import CaseKind
from appliance.link.messages.sessions import SignedIn, SignIn
from appliance.model.people import Role
from appliance.service import Stopping

pytestmark = pytest.mark.timeout(240)

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


def test_a_month_has_calls_on_working_days_only_and_none_in_the_future():
    calls = month.planned_month(NOW, lines=2, seed=1)
    assert {call.starts.weekday() for call in calls} <= {0, 1, 2, 3, 4}
    assert calls == sorted(calls, key=lambda call: call.starts)
    assert NOW - timedelta(days=32) < calls[0].starts
    assert calls[-1].starts < NOW
    assert {call.line for call in calls} == {1, 2}


@pytest.fixture
def few_calls(monkeypatch):
    """Every twelfth call of the month."""
    planned = month.planned_month
    monkeypatch.setattr(building, "planned_month", lambda *month: list(itertools.islice(planned(*month), 0, None, 12)))


@pytest.mark.usefixtures("few_calls")
def test_three_people_can_sign_in_and_find_the_month_with_a_case_of_each_sort(tmp_path):
    config = demo_config(Config(folder=tmp_path))
    told = []
    people = build(config, lambda done, total: told.append((done, total)))
    assert told == [(done, told[0][1]) for done in range(1, told[0][1] + 1)]
    assert [person.role for person in people] == [Role.MANAGER, Role.SENIOR, Role.STAFF]
    keeper = KeeperService(config, Stopping())
    pages = []
    for person in people:
        code = person.code(keeper.desk.clock.now().at.timestamp())
        reply = keeper.answers.answer(SignIn(person.username, person.password, code, ""))
        assert isinstance(reply, SignedIn)
        if person.role is not Role.STAFF:
            pages.append(keeper.answers.answer(ListCalls(reply.token, CallQuery(), per_page=100)))
    page = pages[0]
    assert isinstance(page, CallPage)
    assert page.total == told[0][1]
    held = set[str]()
    for kind in (CaseKind.COMPLAINT, CaseKind.ACCESS, CaseKind.DISCLOSURE):
        (head,) = keeper.desk.stores.casebook.heads(kind)
        assert head.is_open
        held |= set(head.calls)
    assert len(keeper.desk.stores.casebook.heads(CaseKind.REVIEW)) == 1
    assert {row.call_id for row in page.calls if row.held} == held
    assert not any(row.cut_short or row.damaged or row.open for row in page.calls)
    stopping = keeper._stopping
    stopping.ask()
    keeper.run()
