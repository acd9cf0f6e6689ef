"""What people do with the pages, in the real Chromium."""

import re
from datetime import timedelta

import pyotp
import pytest
from box import MANAGER, PASSWORD
from screens import AUDIO, PAGES, Visit, becomes, check_page, place, tab_to

from appliance.model.calls import Span
from appliance.model.status import LineState
from waiting import eventually

pytestmark = pytest.mark.browser


def test_the_box_is_set_up_and_the_first_manager_signs_in(new_box, chromium):
    box = new_box()
    watched = Visit(chromium, box)()
    page, wrong = watched.page, []
    page.goto("/")
    assert page.url.endswith("/setup")
    check_page(page, "details", wrong)
    page.get_by_role("button", name="Continue").click()
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "nhsuk-error-summary"
    check_page(page, "code with mistakes", wrong)
    page.get_by_label("Setup code").fill(box.setup_code())
    page.get_by_role("button", name="Continue").click()
    check_page(page, "practice", wrong)
    page.get_by_label("Name of the practice").fill("Anytown Surgery")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Continue").click()
    check_page(page, "you", wrong)
    for label, text in (
        ("Your full name", "The Manager"),
        ("Username", MANAGER),
        ("Password again", "anytown surgery 1"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.locator("#password").fill("anytown surgery 1")
    page.get_by_role("button", name="Continue").click()
    assert "Leave out words" in page.locator("main").inner_text(), "before the phone is linked"
    check_page(page, "you with mistakes", wrong)
    page.get_by_label("Password again").fill(PASSWORD)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    check_page(page, "phone", wrong)
    secret = page.locator("#secret").inner_text().replace(" ", "")
    assert page.locator(".lk-qr img").evaluate("image => image.complete && image.naturalWidth > 20")
    page.get_by_label("6-digit code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Recording is on").wait_for()
    check_page(page, "done", wrong)
    codes = page.locator(".lk-codes li").all_inner_texts()
    assert len(codes) == 8
    assert len(page.locator("#sheet").inner_text()) > 40
    page.emulate_media(media="print")
    assert page.locator("#sheet").is_visible()
    assert not page.get_by_role("button", name="Print this page").is_visible()
    page.emulate_media(media="screen")
    page.get_by_label("I have printed it").check()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Username").fill(MANAGER)
    page.locator("#password").fill(PASSWORD)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Make a test call now").wait_for()
    check_page(page, "lines", wrong)
    call = box.record(seconds=3.0, ago=timedelta(seconds=10))
    page.locator(f"#newest a[href$='{call}']").wait_for(timeout=15_000)
    page.get_by_role("button", name="Continue").click()
    check_page(page, "keeping", wrong)
    page.get_by_role("button", name="Continue").click()
    check_page(page, "trust", wrong)
    page.get_by_role("link", name="Print the card of the lamps").click()
    check_page(page, "lamps", wrong)
    page.goto("/")
    check_page(page, "home", wrong)
    assert wrong == []
    assert not [text for text in watched.complaints if "422" not in text]


def test_the_latest_call_is_heard_with_two_clicks_and_sought(box, manager, visit):
    call = box.record(seconds=30.0, ago=timedelta(seconds=45))
    eventually(lambda: call in manager.get("/").text, "the keeper takes it in")
    watched = visit(MANAGER)
    page = watched.page
    page.goto("/")
    page.get_by_role("button", name="Listen to the latest call").click()
    assert page.url.endswith(call)
    page.get_by_role("button", name="Establish the facts").click()
    becomes(page, f"{AUDIO} && {AUDIO}.currentTime > 0.5")
    assert page.evaluate(f"{AUDIO}.duration") == pytest.approx(30.0, abs=0.1)
    assert page.evaluate("document.activeElement.textContent") == "Pause"
    page.get_by_role("button", name="On 10 s").click()
    becomes(page, f"{AUDIO}.currentTime > 10.6 && !{AUDIO}.seeking")
    page.locator("[data-position]").fill("20")
    becomes(page, f"{AUDIO}.currentTime > 20.3 && !{AUDIO}.seeking")
    assert page.locator("[data-position]").get_attribute("aria-valuetext").startswith("2")
    assert " of 30 seconds" in page.locator("[data-position]").get_attribute("aria-valuetext")
    page.get_by_label("Speed").select_option("2")
    assert page.evaluate(f"[{AUDIO}.playbackRate, {AUDIO}.preservesPitch]") == [2, True]
    page.locator("h1").click()
    page.keyboard.press("ArrowLeft")
    becomes(page, f"{AUDIO}.currentTime < 16")
    page.keyboard.press(" ")
    becomes(page, f"{AUDIO}.paused")
    assert page.evaluate("window.scrollY") == 0
    assert page.locator(".lk-wave canvas, .lk-wave div").count() > 0
    page.get_by_role("button", name="0:15").click()
    becomes(page, f"Math.abs({AUDIO}.currentTime - 15) < 0.3")
    assert "The Manager" in page.get_by_role("region", name="Who has listened").inner_text()
    assert watched.complaints == []
    assert watched.hosts == {f"127.0.0.1:{box.port}"}


def open_to_hear(visit, call, **more):
    """Open a call with its player ready; its purpose may have been said before."""
    watched = visit(MANAGER, **more)
    watched.page.goto(f"/calls/{call}")
    if watched.page.locator("[data-ask]").count():
        watched.page.get_by_role("button", name="Establish the facts").click()
    becomes(watched.page, f"!!{AUDIO} && {AUDIO}.readyState > 0")
    return watched.page


def test_silence_is_skipped_and_voices_are_evened_out(box, manager, visit):
    spans = (Span("speech", 0.0, 1.5), Span("speech", 20.0, 26.0))
    call = box.record(seconds=30.0, ago=timedelta(minutes=2), spans=spans)
    eventually(lambda: manager.get(f"/calls/{call}").status == 200, "the keeper takes it in")
    page = open_to_hear(visit, call)
    if page.evaluate(f"{AUDIO}.paused"):
        page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_label("Skip silence").check()
    becomes(page, f"{AUDIO}.currentTime > 19.5 && {AUDIO}.currentTime < 26")
    page.get_by_label("Even out loud and quiet voices").check()
    before = page.evaluate(f"{AUDIO}.currentTime")
    becomes(page, f"{AUDIO}.currentTime > {before} + 0.3")
    page.get_by_label("Even out loud and quiet voices").uncheck()


def test_a_link_leads_to_a_moment_and_holds_no_number(box, visit):
    page = open_to_hear(visit, box.call)
    page.locator("[data-position]").fill("12")
    page.get_by_role("button", name="Link to this moment").click()
    page.get_by_text("The link to 12 seconds is").wait_for()
    assert page.url.endswith(f"{box.call}#t=12")
    other = visit(MANAGER).page
    other.goto(page.url)
    becomes(other, f"!!{AUDIO} && {AUDIO}.currentTime === 12")
    other.goto(page.url.replace("#t=12", "#t=999999"))
    becomes(other, f"{AUDIO}.currentTime > 23")


def test_a_browser_that_cannot_play_the_format_is_offered_the_simple_version(box, visit):
    page = visit(MANAGER).page
    page.add_init_script("HTMLMediaElement.prototype.canPlayType = () => ''")
    page.goto(f"/calls/{box.call}")
    if page.locator("[data-ask]").count():
        page.get_by_role("button", name="Establish the facts").click()
    page.get_by_text("Your browser cannot play this format.").wait_for()
    page.get_by_role("button", name="Use the simple version").click()
    becomes(page, f"{AUDIO}.src.endsWith('.wav') && {AUDIO}.currentTime > 0.3")
    assert page.evaluate(f"{AUDIO}.duration") == pytest.approx(24.0, abs=0.01)
    page.locator("[data-position]").fill("18")
    becomes(page, f"{AUDIO}.currentTime > 18.2 && !{AUDIO}.seeking")


def test_a_call_is_held_and_released_by_keyboard_alone(box, manager, visit):
    call = box.record(seconds=2.0)
    eventually(lambda: manager.get(f"/calls/{call}").status == 200, "the keeper takes it in")
    page = visit(MANAGER).page
    page.goto(f"/calls/{call}")
    tab_to(page, "Place on hold")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Place this call on hold").wait_for()
    tab_to(page, "An ongoing complaint")
    page.keyboard.press(" ")
    page.keyboard.press("Tab")
    page.keyboard.type("C-2026-17")
    page.keyboard.press("Enter")
    page.get_by_text("The hold is placed").wait_for()
    tab_to(page, "Release this hold")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Release this hold").wait_for()
    tab_to(page, "Why is the hold no longer needed?")
    page.keyboard.type("The complaint is closed")
    if page.locator("#password").count():
        page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("The hold is released").wait_for()


def test_signing_out_leaves_nothing_behind(box, visit):
    page = visit("partner").page
    page.goto(f"/calls/{box.call}")
    page.get_by_role("button", name="Staff training needs").click()
    becomes(page, f"{AUDIO} && {AUDIO}.currentTime > 0.2")
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out").wait_for()
    page.go_back()
    page.wait_for_url(re.compile("/sign-in"))
    status = page.evaluate(
        f"fetch('/calls/{box.call}/audio', {{headers: {{Range: 'bytes=0-99'}}}}).then(r => r.status)"
    )
    assert status == 401


def test_a_change_of_a_line_is_shown_and_said_without_loading_the_page(box, manager, visit):
    page = visit(MANAGER).page
    page.goto("/")
    page.evaluate("window.untouched = true")
    try:
        box.recorder.states[2] = LineState.FAULT
        page.locator(".lk-chip[data-line='2'][data-state='fault']").wait_for()
        assert page.locator("[data-said]").inner_text() == "Line 2: Fault – not recording"
        assert page.get_by_role("heading", level=1).inner_text() == "Line 2 is not being recorded"
        box.recorder.states[2] = LineState.RECORDING
        page.locator(".lk-line-card[data-line='2'][data-state='recording']").wait_for()
        assert page.locator("[data-said]").inner_text() == "Line 2: Recording"
    finally:
        box.recorder.states[2] = LineState.IDLE
    page.locator(".lk-chip[data-line='2'][data-state='idle']").wait_for()
    assert page.evaluate("window.untouched")


def test_a_page_that_hears_nothing_any_more_says_so(new_box, chromium):
    box = new_box()
    box.set_up()
    page = Visit(chromium, box)(MANAGER).page
    page.clock.install()
    page.goto("/")
    page.locator(".lk-chip[data-state='idle']").first.wait_for()
    box.stop_service("web")
    box.stop_service("front")
    for _ in range(9):
        page.clock.run_for(1000)
    assert set(page.locator("[data-words]").all_inner_texts()) == {"Not known – reconnecting"}
    for _ in range(25):
        page.clock.run_for(1000)
    assert re.match(r"No contact with the recorder since \d\d:\d\d", page.locator("[data-problems]").inner_text())
    assert page.get_by_role("heading", level=1).inner_text() == "No contact with the recorder"


def test_a_call_can_be_heard_without_scripts(box, manager, visit):
    page = visit(MANAGER, java_script_enabled=False).page
    page.goto(f"/calls/{box.other_call}")
    if page.locator("[data-ask]").count():
        page.get_by_role("button", name="Improve how we work").click()
    assert page.locator("audio[controls]").is_visible()


def test_no_page_breaks_its_own_policy_or_asks_another_host(box, visit):
    watched = visit(MANAGER)
    for path in PAGES:
        watched.page.goto(place(box, path))
        watched.page.wait_for_load_state("load")
    assert watched.complaints == []
    assert watched.hosts == {f"127.0.0.1:{box.port}"}
