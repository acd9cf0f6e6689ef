"""One box for all tests of the pages, set up once, with one person of each role and a few calls."""

import re
from datetime import timedelta

import pytest
from box import MANAGER, Box, days_from_now
from screens import Visit

from appliance.model.people import Role
from waiting import eventually


@pytest.fixture(scope="session")
def new_box(tmp_path_factory):
    """Makes boxes that have not been set up, and stops them all in the end."""
    made = []

    def make():
        made.append(Box(tmp_path_factory.mktemp("box")))
        return made[-1].start()

    yield make
    for box in made:
        box.stop()


@pytest.fixture(scope="session")
def box(new_box):
    """A box that has been set up, with everybody and some calls."""
    box = new_box()
    box.set_up()
    manager = box.signed_in(MANAGER)
    for role in Role:
        if role is not Role.MANAGER:
            box.add_person(manager, role)
    box.clients = {role: box.signed_in(role) for role in Role}
    box.call = box.record(seconds=24.0, ago=timedelta(minutes=5))
    box.other_call = box.record(seconds=6.0, number=None, ago=timedelta(hours=3), line=2)
    box.missed = box.record(seconds=0.0, missed=True, ago=timedelta(days=1))
    box.held = box.record(seconds=8.0, number=None, ago=timedelta(days=2), line=2)
    eventually(lambda: "4 calls" in manager.get("/calls").text, "the keeper takes the calls in")
    manager.post_form(f"/calls/{box.held}/hold", reason="claim", **days_from_now("review", 60))
    assert manager.last.status == 303, manager.last.text
    box.person = re.search(r'/people/([^"/]+)"[^>]*>Change<[^>]*> The staff<', manager.get("/people").text)[1]
    return box


@pytest.fixture
def manager(box):
    """The manager's browser, without a screen; shared, so tests leave it signed in."""
    return box.clients[Role.MANAGER]


@pytest.fixture
def clients(box):
    """A browser for each role."""
    return box.clients


@pytest.fixture(scope="module")
def visits(chromium, box):
    visit = Visit(chromium, box)
    yield visit
    visit.close()


@pytest.fixture
def visit(visits):
    """Opens pages of the shared box in the real browser."""
    yield visits
    visits.close_pages()
