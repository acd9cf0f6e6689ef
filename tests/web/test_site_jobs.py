"""The five jobs that people come for, in at most three clicks each; and what a browser must show on every page."""

from datetime import timedelta

import pytest
from box import MANAGER, PASSWORD
from screens import AUDIO, PAGES, becomes, place, tab_to

from waiting import eventually

pytestmark = pytest.mark.browser

MOST_CLICKS = 3


class Hand:
    """Clicks, and counts."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def click(self, role, name):
        self.page.get_by_role(role, name=name).first.click()
        self.clicks += 1


class Keys:
    """Does with the keyboard alone what ``Hand`` does: Tab, Enter and Space, and the focus is seen all the way."""

    def __init__(self, page):
        self.page = page

    def to(self, name):
        tab_to(self.page, name, most=90)

    def press(self, name, key="Enter"):
        self.to(name)
        self.page.keyboard.press(key)

    def type(self, name, text):
        self.to(name)
        self.page.keyboard.type(text)


@pytest.fixture
def hand(visit):
    page = visit(MANAGER).page
    page.goto("/")
    return Hand(page)


@pytest.fixture
def keys(visit):
    page = visit(MANAGER).page
    page.goto("/")
    return Keys(page)


@pytest.fixture
def call(box, manager):
    """Return a new call, the latest."""
    call_id = box.record(seconds=12.0, ago=timedelta(seconds=20))
    eventually(lambda: call_id in manager.get("/").text, "the keeper takes it in")
    return call_id


def sounds(page):
    becomes(page, f"{AUDIO} && {AUDIO}.currentTime > 0.2")


def test_whether_calls_are_recorded_is_answered_before_any_click(hand):
    assert hand.page.get_by_role("heading", level=1).inner_text() == "Both lines are being recorded"


def test_the_latest_call_is_heard(hand, call):
    hand.page.reload()
    hand.click("button", "Listen to the latest call")
    hand.click("button", "Establish the facts")
    sounds(hand.page)
    assert hand.clicks <= MOST_CLICKS


def test_the_latest_call_is_heard_by_keyboard(keys, call):
    keys.page.reload()
    keys.press("Listen to the latest call")
    keys.page.wait_for_url("**/calls/*")
    keys.press("Establish the facts")
    sounds(keys.page)
    keys.page.keyboard.press("Space")
    becomes(keys.page, f"{AUDIO}.paused")


def test_a_call_is_found_by_its_number_and_heard(hand, call):
    hand.page.get_by_label("Number, or part of it").fill("960 846")
    hand.page.keyboard.press("Enter")
    hand.click("link", "Open")
    if hand.page.locator("[data-ask]").count():
        hand.click("button", "Establish the facts")
    else:
        hand.click("button", "Play")
    sounds(hand.page)
    assert hand.clicks <= MOST_CLICKS


def test_a_call_is_found_by_its_number_by_keyboard(keys, call):
    keys.type("Number, or part of it", "960 846")
    keys.page.keyboard.press("Enter")
    keys.page.get_by_role("heading", name="calls found").wait_for()
    for _ in range(60):
        keys.page.keyboard.press("Tab")
        if keys.page.evaluate("(document.activeElement.getAttribute('href') || '').startsWith('/calls/2')"):
            break
    keys.page.keyboard.press("Enter")
    keys.page.get_by_role("heading", level=1, name="Call from 01632 960846").wait_for()


def test_a_call_is_put_on_hold(hand, call):
    hand.page.reload()
    hand.click("button", "Listen to the latest call")
    hand.click("button", "Place on hold")
    hand.page.get_by_label("An ongoing complaint").check()
    hand.click("button", "Place on hold")
    hand.page.get_by_text("The hold is placed").wait_for()
    assert hand.clicks <= MOST_CLICKS, "besides the reason"


def test_a_call_is_put_on_hold_by_keyboard(keys, call):
    keys.page.reload()
    keys.press("Listen to the latest call")
    keys.page.wait_for_url("**/calls/*")
    keys.press("Place on hold")
    keys.page.get_by_role("heading", name="Place this call on hold").wait_for()
    keys.press("An ongoing complaint", "Space")
    keys.press("Place on hold")
    keys.page.get_by_text("The hold is placed").wait_for()


def fill_request(page):
    page.get_by_label("Who asks?").fill("The caller")
    page.get_by_label("How can they be reached?").fill("1 High Street, Anytown")
    page.get_by_label("Spoken, in person or by telephone").check()
    page.get_by_label("Both, or did not say").check()


def test_a_request_is_logged(hand):
    hand.click("button", "Log a request")
    fill_request(hand.page)
    hand.click("button", "Log the request")
    hand.page.get_by_role("heading", level=1).filter(has_text="AR-").wait_for()
    assert hand.clicks <= MOST_CLICKS


def test_a_request_is_logged_by_keyboard(keys):
    keys.press("Log a request")
    keys.page.wait_for_url("**/requests/log")
    keys.type("Who asks?", "The caller")
    keys.type("How can they be reached?", "1 High Street, Anytown")
    keys.press("Spoken, in person or by telephone", "Space")
    keys.to("To listen")
    keys.page.keyboard.press("ArrowDown")
    assert keys.page.evaluate("document.activeElement.checked"), "arrows choose among radio buttons"
    keys.press("Log the request")
    keys.page.get_by_role("heading", level=1).filter(has_text="AR-").wait_for()


def test_a_call_is_shared_with_a_colleague(hand, call):
    hand.page.reload()
    hand.click("button", "Listen to the latest call")
    hand.click("button", "Share with a colleague")
    hand.page.get_by_label("The staff").check()
    hand.click("button", "Share")
    hand.page.get_by_text("Shared. They find it").wait_for()
    assert hand.clicks <= MOST_CLICKS
    hand.click("button", "Take back")
    hand.page.get_by_text("It is shared with them no more").wait_for()


def test_a_call_is_shared_by_keyboard(keys, call):
    keys.page.reload()
    keys.press("Listen to the latest call")
    keys.page.wait_for_url("**/calls/*")
    keys.press("Share with a colleague")
    keys.page.wait_for_url("**/share")
    for _ in range(30):
        keys.page.keyboard.press("Tab")
        if keys.page.evaluate("document.activeElement.type === 'radio'"):
            break
    while not keys.page.evaluate("document.activeElement.labels[0].textContent.includes('The staff')"):
        keys.page.keyboard.press("ArrowDown")
    keys.page.keyboard.press("Space")
    keys.press("Share")
    keys.page.get_by_text("Shared. They find it").wait_for()


def test_the_way_out_is_in_sight_on_the_smallest_screen(box, visit):
    page = visit(MANAGER, 320).page
    for path in PAGES:
        page.goto(place(box, path))
        way_out = page.get_by_role("button", name="Sign out", exact=True).bounding_box()
        assert way_out["y"] + way_out["height"] <= 800, path
        assert way_out["x"] + way_out["width"] <= 320, path
        assert way_out["height"] >= 24, path


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


def test_printed_pages_leave_out_what_is_no_use_on_paper(box, visit):
    page = visit(MANAGER).page
    page.emulate_media(media="print")
    for path in ("/calls", f"/calls/{box.call}", "/records", "/first-steps/lamps", "/records/print", "/help"):
        page.goto(path)
        for part in (".lk-bar", ".lk-nav", ".lk-lines", ".lk-foot", "button:not([data-go])", ".lk-help"):
            assert not any(one.is_visible() for one in page.locator(part).all()), (path, part)
        assert page.locator("h1").is_visible()
