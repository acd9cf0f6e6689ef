"""The five jobs that people come for, in at most three clicks each; and what a browser must show on every page."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from box import MANAGER, PASSWORD, days_from_now
from test_site_browser import AUDIO, PAGES, WCAG, Visit, becomes, check_page

from appliance.model.people import Role
from waiting import eventually

pytestmark = pytest.mark.browser

MOST_CLICKS = 3
KINDS = (
    "/", "/calls", "{call}", "{call}/hold", "/lines", "/records", "/people", "/account", "/settings/retention",
    "/settings/health", "/attention",
)  # fmt: skip
"""One page of each kind: the others have the same parts."""
MEDIA = {
    "forced colours": {"forced_colors": "active"},
    "text twice as large": {},
    "no motion, dark": {"reduced_motion": "reduce", "color_scheme": "dark"},
}


@pytest.fixture(scope="module")
def visits(chromium, box):
    visit = Visit(chromium, box)
    yield visit
    visit.close()


@pytest.fixture
def visit(visits):
    yield visits
    visits.close_pages()


class Hand:
    """Clicks, and counts."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def click(self, role, name):
        self.page.get_by_role(role, name=name).first.click()
        self.clicks += 1


@pytest.fixture
def hand(visit):
    page = visit(MANAGER).page
    page.goto("/")
    return Hand(page)


@pytest.fixture
def call(box, manager):
    """Return a new call, the latest."""
    call_id = box.record(seconds=12.0, ago=timedelta(seconds=20))
    eventually(lambda: call_id in manager.get("/").text, "the keeper takes it in")
    return call_id


def test_the_latest_call_is_heard(hand, call):
    hand.page.reload()
    hand.click("button", "Listen to the latest call")
    hand.click("button", "Establish the facts")
    becomes(hand.page, f"{AUDIO} && {AUDIO}.currentTime > 0.2")
    assert hand.clicks <= MOST_CLICKS


def test_a_call_is_found_by_its_number_and_heard(hand, call):
    hand.page.get_by_label("Number, or part of it").fill("960 846")
    hand.page.keyboard.press("Enter")
    hand.click("link", "Open")
    if hand.page.locator("[data-ask]").count():
        hand.click("button", "Establish the facts")
    else:
        hand.click("button", "Play")
    becomes(hand.page, f"{AUDIO} && {AUDIO}.currentTime > 0.2")
    assert hand.clicks <= MOST_CLICKS


def test_a_call_is_put_on_hold(hand, call):
    hand.page.goto(f"/calls/{call}")
    hand.click("button", "Place on hold")
    hand.page.get_by_label("An ongoing complaint").check()
    hand.click("button", "Place on hold")
    hand.page.get_by_text("The hold is placed").wait_for()
    assert hand.clicks + 1 <= MOST_CLICKS, "with the one that opened the call"


def test_a_call_is_shared_with_a_colleague(hand, call):
    hand.page.goto(f"/calls/{call}")
    hand.click("button", "Share with a colleague")
    hand.page.get_by_label("The staff").check()
    hand.click("button", "Share")
    hand.page.get_by_text("Shared. They find it").wait_for()
    assert hand.clicks + 1 <= MOST_CLICKS
    hand.click("button", "Take back")
    hand.page.get_by_text("It is shared with them no more").wait_for()


def test_the_way_out_is_in_sight_on_the_smallest_screen(box, visit):
    page = visit(MANAGER, 320).page
    for path in PAGES:
        page.goto(path.format(call=f"/calls/{box.call}", missed=f"/calls/{box.missed}", id=box.call))
        place = page.get_by_role("button", name="Sign out", exact=True).bounding_box()
        assert place["y"] + place["height"] <= 800, path
        assert place["x"] + place["width"] <= 320, path
        assert place["height"] >= 24, path


def test_a_password_is_hidden_can_be_shown_and_pasted(visit):
    page = visit().page
    page.goto("/sign-in")
    field = page.locator("#password")
    assert field.get_attribute("type") == "password"
    assert field.get_attribute("autocomplete") == "current-password"
    assert page.locator("#username").get_attribute("autocomplete") == "username"
    assert page.locator("#code").get_attribute("autocomplete") == "one-time-code"
    kept = field.evaluate(
        "e => e.dispatchEvent(new ClipboardEvent('paste', {bubbles: true, cancelable: true,"
        " clipboardData: new DataTransfer()}))"
    )
    assert kept, "pasting is not prevented"
    field.fill(PASSWORD)
    page.get_by_role("button", name="Show").click()
    assert field.get_attribute("type") == "text"


@pytest.mark.slow
@pytest.mark.parametrize("state", list(MEDIA))
def test_every_kind_of_page_is_accessible_in(box, visit, state):
    page, wrong = visit(MANAGER, 640 if state == "text twice as large" else 1280).page, []
    media = {
        "forced colours": {"forced_colors": "active"},
        "no motion, dark": {"reduced_motion": "reduce", "color_scheme": "dark"},
    }
    page.emulate_media(**media.get(state, {}))
    for path in KINDS:
        page.goto(path.format(call=f"/calls/{box.call}", missed=f"/calls/{box.missed}", id=box.call))
        if state == "text twice as large":
            page.evaluate("document.documentElement.style.fontSize = '200%'")
        check_page(page, path, wrong)
    assert wrong == []


@pytest.mark.parametrize("role", [Role.STAFF, Role.TECHNICIAN, Role.AUDITOR])
def test_what_each_other_role_sees_is_accessible_and_fits(box, visit, manager, role):
    manager.post_form(f"/calls/{box.call}/share", username="staff", **days_from_now("until", 3))
    page, wrong = visit(str(role), 320).page, []
    for path in ("/", "/account", "/help", "/my-calls", f"/calls/{box.call}", "/records", "/settings/health", "/lines"):
        page.goto(path)
        check_page(page, f"{role} {path}", wrong)
    assert wrong == []


def test_errors_are_pages_too(box, visit):
    page, wrong = visit("senior").page, []
    for path, title in (
        ("/people", "You do not have access"),
        ("/nowhere", "find that page"),
        ("/calls?page=0", "find that"),
    ):
        page.goto(path)
        assert title in page.title()
        check_page(page, path, wrong)
    assert wrong == []


def test_printed_pages_leave_out_what_is_no_use_on_paper(box, visit):
    page = visit(MANAGER).page
    page.emulate_media(media="print")
    for path in ("/calls", f"/calls/{box.call}", "/records", "/first-steps/lamps", "/records/print", "/help"):
        page.goto(path)
        for part in (".lk-bar", ".lk-nav", ".lk-lines", ".lk-foot", "button:not([data-go])", ".lk-help"):
            assert not any(one.is_visible() for one in page.locator(part).all()), (path, part)
        assert page.locator("h1").is_visible()


def test_the_lines_state_is_said_politely_and_only_when_it_changes(box, visit):
    page = visit(MANAGER).page
    page.goto("/")
    live = page.evaluate(
        "[...document.querySelectorAll('[aria-live], [role=status], [role=alert]')].map(e => e.outerHTML)"
    )
    assert all("assertive" not in one for one in live)
    assert page.locator("[data-said]").inner_text() == ""
    assert Axe().run(page, options=WCAG).response["violations"] == []
    assert not re.search(r"(?i)blink|marquee", page.content())
