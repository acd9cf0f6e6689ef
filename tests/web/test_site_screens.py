"""Every screen, in every state that a box can be in: accessible, in the width there is, light, and quiet."""

import threading
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from box import MANAGER, days_from_now
from screens import CASEWORK, DATA, OTHERWISE, PAGES, WIDTHS, Visit, check_page, check_width, place
from werkzeug.exceptions import HTTPException

from appliance.config import Config
from appliance.model.people import Role
from appliance.model.status import Alarm, LineState
from appliance.web.app import make_app
from waiting import eventually

pytestmark = pytest.mark.browser

LIGHT_FIRST, LIGHT_AGAIN = 120_000, 20_000
"""Bytes of a page and its files, compressed, as a browser takes them that was never there, and that was."""

FORMS = {
    "/calls/{call}/hold": "Place on hold",
    "/calls/{call}/share": "Share",
    "/calls/{held}/holds/0/release": "Release the hold",
    "/people/add": "Add this person",
    "/people/{person}/name": "Change the name",
    "/people/{person}/password": "Set the new password",
    "/settings/retention/change": "Ask for this change",
    "/settings/practice": "Save",
    "/account/password": "Change the password",
    "/confirm": "Continue",
}
"""Forms, and the button that sends them."""

TABBABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, audio[controls]"

SEEN = """
[...document.querySelectorAll('SELECTOR')].filter(e => e.checkVisibility() && !e.disabled && e.tabIndex >= 0).map(e => {
  e.blur(); const line = s => s.outlineStyle === 'none' ? '' : s.outlineWidth + s.outlineColor;
  const look = s => [line(s), s.boxShadow, s.backgroundColor, s.borderColor].join();
  const box = e.closest('label') || e;
  const rest = look(getComputedStyle(e));
  e.focus({focusVisible: true});
  const lit = look(getComputedStyle(e)), at = e.getBoundingClientRect();
  const top = document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2);
  const covered = top && !e.contains(top) && !top.contains(e) && top.tagName !== 'LABEL';
  return [rest !== lit, !covered, e.outerHTML.slice(0, 120)];
}).filter(([lit, clear]) => !(lit && clear))
""".replace("SELECTOR", TABBABLE)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return make_app(Config(tmp_path_factory.mktemp("none")), None, threading.Event())


def test_no_screen_is_forgotten(app, box):
    """Each route that a person looks at is among those that the tests here go to, or is named as an exception."""
    adapter = app.url_map.bind("127.0.0.1")
    looked_at = set()
    for path in PAGES:
        try:
            looked_at.add(adapter.match(place(box, path))[0])
        except HTTPException as wrong:
            raise AssertionError(path) from wrong
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    screens = {endpoint for endpoint in routes - DATA if endpoint.split(".")[0] not in CASEWORK}
    assert screens - OTHERWISE - looked_at == set()


@contextmanager
def looking(page, name, wrong):
    """Look at a page as it is, in a narrow window, with text twice as large, and with the system's own colours."""
    page.set_viewport_size({"width": 1280, "height": 800})
    yield
    check_page(page, name, wrong)
    page.emulate_media(forced_colors="active")
    check_page(page, f"{name}, forced colours", wrong)
    page.emulate_media(forced_colors="none", reduced_motion="reduce", color_scheme="dark")
    page.set_viewport_size({"width": 320, "height": 800})
    check_page(page, f"{name}, narrow", wrong)
    page.emulate_media(reduced_motion="null", color_scheme="null")
    page.set_viewport_size({"width": 640, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    check_page(page, f"{name}, text twice as large", wrong)
    page.set_viewport_size({"width": 320, "height": 800})
    check_width(page, f"{name}, narrow and text twice as large", wrong)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(4))
def test_every_screen_is_accessible_and_fits_in_every_way_to_look_at_it(box, manager, visit, part):
    manager.prove()
    page, wrong = visit(MANAGER).page, []
    for path in PAGES[part::4]:
        with looking(page, path, wrong):
            page.goto(place(box, path))
            assert page.locator("h1").count() == 1, path
    assert wrong == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_focus_is_seen_wherever_it_is(box, visit):
    page, wrong = visit(MANAGER).page, []
    for path in PAGES:
        page.goto(place(box, path))
        page.keyboard.press("Tab")
        wrong += [(path, *one) for one in page.evaluate(SEEN)]
    assert wrong == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_form_with_mistakes_says_so_in_its_title_and_leads_to_them(box, visit):
    page, wrong = visit(MANAGER).page, []
    for path, button in FORMS.items():
        with looking(page, f"{path} with mistakes", wrong):
            page.goto(place(box, path))
            main = page.locator("main form")
            for field in main.locator("input[type=text], input[type=password], input:not([type]), textarea").all():
                if field.is_visible():
                    field.fill("")
            main.get_by_role("button", name=button, exact=True).click()
            assert page.title().startswith("Error: "), path
            assert page.evaluate("document.activeElement.className") == "nhsuk-error-summary", path
            page.locator(".nhsuk-error-summary a").first.click()
            assert page.evaluate("document.activeElement.matches('input, textarea, select')"), path
    assert wrong == []


@pytest.fixture
def trouble(box, manager):
    """One line is a fault, another is switched off, and three things are wrong with the box."""
    since = datetime.now(UTC)
    box.recorder.states.update({1: LineState.FAULT, 2: LineState.OFF})
    box.recorder.alarms = (
        Alarm("card", "Line 1 is not recorded: its sound card does not answer. Pull its plug and put it in.", since, 1),
        Alarm("clock", "The clock may be wrong. Confirm the date.", since),
        Alarm("disk", "The disk is nearly full: about 3 days are left. Call support.", since),
    )
    eventually(lambda: "nearly full" in manager.get("/attention").text, "it is noticed")
    yield
    box.recorder.states.update({1: LineState.IDLE, 2: LineState.IDLE})
    box.recorder.alarms = ()
    eventually(lambda: "nearly full" not in manager.get("/attention").text, "it is over")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_trouble_is_shown_as_well_as_rest(box, trouble, visit):
    page, wrong = visit(MANAGER).page, []
    for path in ("/", "/calls", "/lines", "/lines/1", "/attention", "/settings", "/settings/health"):
        with looking(page, f"{path} in trouble", wrong):
            page.goto(path)
            page.locator(".lk-chip[data-state='fault']").wait_for()
    assert wrong == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_box_without_anything_yet_is_shown_as_well(new_box, chromium):
    box = new_box()
    box.set_up()
    visit, wrong = Visit(chromium, box), []
    page = visit(MANAGER).page
    for path in ("/", "/calls", "/calls/expiring", "/lines", "/records", "/records/listening", "/people", "/attention",
                 "/settings/backup", "/settings/health", "/first-steps/lines"):  # fmt: skip
        with looking(page, f"{path} of an empty box", wrong):
            page.goto(path)
    visit.close()
    assert wrong == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_found_played_or_opened_on_a_page_is_accessible_too(box, visit, width):
    page, wrong = visit(MANAGER, width).page, []
    page.goto(f"/calls/{box.other_call}")
    if page.locator("[data-ask]").count():
        check_page(page, "the question before a call", wrong)
        page.get_by_role("button", name="Protect both parties").click()
    page.get_by_role("button", name="Back 10 s").wait_for()
    check_page(page, "player", wrong)
    page.goto("/calls")
    page.get_by_text("More ways to search", exact=True).click()
    check_page(page, "more ways to search", wrong)
    page.get_by_label("Number, or part of it").fill("000000")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("No calls match").wait_for()
    check_page(page, "no calls match", wrong)
    page.goto("/settings/health")
    for summary in page.locator("summary").all():
        summary.click()
    check_page(page, "health, all opened", wrong)
    assert wrong == []


@pytest.mark.parametrize("width", WIDTHS)
def test_what_strangers_see_is_accessible(visit, width):
    page, wrong = visit(width=width).page, []
    for path in ("/sign-in", "/rescue"):
        page.goto(path)
        check_page(page, path, wrong)
        page.locator("main form").get_by_role("button").last.click()
        assert page.title().startswith("Error: ")
        check_page(page, f"{path} with mistakes", wrong)
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.STAFF, Role.TECHNICIAN, Role.AUDITOR, Role.SENIOR, Role.PARTNER])
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


def test_the_lines_state_is_said_politely_and_only_when_it_changes(box, visit):
    page = visit(MANAGER).page
    for path in ("/", "/lines", f"/calls/{box.call}", "/settings/backup"):
        page.goto(path)
        regions = "[aria-live], [role=status], [role=alert]"
        assert page.locator("[aria-live=assertive]").count() == 0
        assert page.locator("[data-said]").inner_text() == ""
        page.evaluate(
            "window.said = []; new Set(document.querySelectorAll('" + regions + "')).forEach(e => new MutationObserver("
            "all => window.said.push(...all.map(one => one.target.outerHTML || one.target.data)))"
            ".observe(e, {childList: true, characterData: true, subtree: true}))"
        )
        box.recorder.level_dbfs -= 1.0
        page.wait_for_timeout(2500)
        assert page.evaluate("window.said") == [], path
    box.recorder.states[2] = LineState.RINGING
    try:
        page.goto("/")
        box.recorder.states[2] = LineState.RECORDING
        page.locator("[data-said]").filter(has_text="Line 2: Recording").wait_for(state="attached")
    finally:
        box.recorder.states[2] = LineState.IDLE


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_page_is_light(box, visit):
    page, heavy = visit(MANAGER).page, []
    browser = page.context.new_cdp_session(page)
    for path in (*PAGES, "/sign-in", "/rescue", "/requests", "/complaints", "/training", "/papers", "/policy"):
        browser.send("Network.clearBrowserCache")
        for most in (LIGHT_FIRST, LIGHT_AGAIN):
            page.goto(place(box, path))
            page.wait_for_load_state("load")
            weight = page.evaluate(
                "performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))"
                ".filter(e => !/audio$|events$/.test(e.name)).reduce((sum, e) => sum + e.transferSize, 0)"
            )
            assert weight > 500, "something was weighed"
            heavy += [(path, most, weight)] if weight >= most else []
    assert heavy == []
