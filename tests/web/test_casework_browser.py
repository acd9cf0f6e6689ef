"""The pages of casework in the real Chromium: fit for everybody, on a desk and a telephone; a cut by dragging."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from box import MANAGER, days_from_now
from test_casework_pages import authorised, done, logged, today
from test_site_browser import becomes, check_page

from appliance.model.people import Role
from waiting import eventually

pytestmark = pytest.mark.browser

SHOWN = os.environ.get("LINEKEEPER_PICTURES")
"""A folder for pictures of the pages, to be looked at."""


@pytest.fixture(scope="module")
def work(box):
    """A case of each sort, brought some way; the paths of their pages."""
    clients, manager = box.clients, box.clients[Role.MANAGER]
    call = box.record(seconds=12.0, number="07700900778")
    eventually(lambda: manager.get(f"/calls/{call}").status == 200, "the keeper takes it in")
    request = authorised(box, clients, call)
    done(clients[Role.SENIOR], f"{request}/cut/{call}", start_0="0:03.00", end_0="0:05.50", why_0="a name")
    done(clients[Role.SENIOR], f"{request}/invite", **days_from_now("day", 0), time="9:30", room="Room 2")
    fields = {
        "complainant__name": "Mr Trelawny",
        "about": "a long wait",
        **today("received_on"),
        **today("happened_on"),
    }
    complaint = done(manager, f"/calls/{call}/complaint", kind="practice", **fields)
    asker = {
        "inquirer__body": "police", "inquirer__body_name": "The county force", "inquirer__officer": "An officer",
        "inquirer__reference": "X/1", "asked_for": "a call", "basis": "crime_and_tax", "form": "a form",
    }  # fmt: skip
    police = done(manager, f"/calls/{call}/police", **asker, **today("received_on"))
    flag = {"kind": "threat", "note": "threatened", "hold": "y", **today("happened_on")}
    incident = done(manager, f"/incidents/flag/{call}", **flag)
    share = {"staff": "staff", "private_setting": "y", "until-day": "1", "until-month": "1", "until-year": "2099"}
    assert manager.post_form(f"/training/share/{call}", **share).status == 409
    training = done(manager, f"/training/share/{call}", staff="staff", private_setting="y", **days_from_now("until", 7))
    done(manager, f"{training}/give_feedback", went_well="kind", to_try="say the name", next_step="a talk")
    fresh = logged(manager)
    return {"call": call, "request": request, "fresh": fresh, "complaint": complaint, "police": police,
            "incident": incident, "training": training, "reference": request.rsplit("/", 1)[1]}  # fmt: skip


PAGES = (
    "/requests", "/requests/log", "{request}", "{fresh}", "{fresh}/check_identity", "{fresh}/ask_identity",
    "{fresh}/find",
    "/appointments/{reference}", "/appointments/{reference}/{call}",
    "{request}/assess", "{request}/authorise", "{request}/invite", "{request}/cut/{call}", "{request}/copy",
    "{request}/close", "{fresh}/extend", "/complaints", "/complaints/log", "{complaint}", "{complaint}/close",
    "/police", "/police/log", "{police}", "{police}/check_back", "{police}/decide", "/incidents", "{incident}",
    "{incident}/support", "/incidents/flag/{call}", "/training", "{training}", "{training}/share_longer",
    "/training/share/{call}", "/letters/{reference}/cover", "/letters/wordings", "/letters/wordings/details",
    "/letters/wordings/cover", "/announcements", "/announcements/check", "/policy", "/policy/check", "/policy/text",
    "/policy/sentence/3", "/reports", "/reports/{month}", "/papers", "/papers/dpia", "/papers/poster", "/papers/ropa",
    "/calls/{call}/case", "/", "/calls/{call}", "{request}/print/record", "{training}/print/record",
    "/papers/lamp_card", "/letters/{reference}/appointment", "{request}/record_appointment",
)  # fmt: skip


def looked(page, name, width):
    if SHOWN:
        page.screenshot(path=str(Path(SHOWN) / f"{name}-{width}.png"), full_page=True)


def picture_of(path):
    return path.strip("/").replace("/", "_").replace("{", "one_").replace("}", "") or "home"


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("part", range(4))
def test_every_page_is_fit_for_everybody(visit, work, part, width):
    watched, wrong = visit(MANAGER, width), []
    month = datetime.now(UTC).strftime("%Y-%m")
    for path in PAGES[part::4]:
        at = path.format(month=month, **work)
        watched.page.goto(at)
        check_page(watched.page, at, wrong)
        looked(watched.page, picture_of(path), width)
    assert wrong == []
    assert watched.complaints == []


@pytest.mark.parametrize("width", [1280, 320])
def test_the_pages_of_staff_are_fit_for_everybody(visit, work, width):
    watched, wrong = visit("staff", width), []
    for path in ("/", "/training", "{training}", "{training}/listen", "{training}/countersign", "/requests/log"):
        at = path.format(**work)
        watched.page.goto(at)
        check_page(watched.page, at, wrong)
        looked(watched.page, f"staff_{picture_of(path)}", width)
    assert wrong == []
    assert watched.complaints == []


def test_a_mistake_is_told_at_the_head_and_at_its_field(visit, work):
    page, wrong = visit(MANAGER).page, []
    page.goto(f"{work['fresh']}/check_identity")
    page.get_by_role("button", name="Save the check").click()
    assert page.title().startswith("Error: ")
    assert page.get_by_role("link", name="Enter which proof was seen").get_attribute("href") == "#seen"
    check_page(page, "identity with a mistake", wrong)
    assert wrong == []


def test_a_cut_is_marked_by_dragging_over_the_sound(visit, work):
    watched = visit(MANAGER)
    page = watched.page
    page.goto(f"{work['request']}/cut/{work['call']}")
    becomes(page, "document.querySelectorAll('[data-cuts-marks] span').length === 1")
    strip = page.locator("[data-cuts]")
    strip.scroll_into_view_if_needed()
    at = strip.bounding_box()
    page.mouse.move(at["x"] + at["width"] * 0.5, at["y"] + 40)
    page.mouse.down()
    page.mouse.move(at["x"] + at["width"] * 0.75, at["y"] + 40)
    page.mouse.up()
    becomes(page, "document.querySelectorAll('[data-cuts-marks] span').length === 2")
    assert page.locator("#start_1").input_value().startswith("0:0")
    assert page.locator("#end_1").input_value() == "0:09.00"
    page.locator("#why_1").fill("another name")
    page.get_by_role("button", name="Save the cuts").click()
    assert "The cuts are saved" in page.locator("main").inner_text()
    page.goto(f"{work['request']}/cut/{work['call']}")
    assert page.locator("#why_1").input_value() == "another name"
    assert watched.complaints == []


def test_a_copy_is_made_and_taken_in_the_browser(visit, work):
    watched = visit(MANAGER)
    page, wrong = watched.page, []
    page.goto(f"{work['request']}/copy")
    page.get_by_label("Who gets it?").fill("Requester Seven")
    page.get_by_label("How does the copy go out?").fill("a stick, by hand")
    if page.get_by_label("Your password").count():
        page.locator("#password").fill("copper kettle 41 drifting")
    page.get_by_role("button", name="Make the copy").click()
    page.get_by_role("heading", name="Passphrase").wait_for(timeout=40_000)
    check_page(page, "the copy", wrong)
    looked(page, "copy_ready", 1280)
    with page.expect_download() as download:
        page.get_by_role("button", name="Take the copy").click()
    assert download.value.suggested_filename == f"{work['reference']}.zip"
    page.get_by_role("link", name="Print the custody sheet").click()
    check_page(page, "the custody sheet", wrong)
    looked(page, "custody", 1280)
    assert wrong == []
    assert watched.complaints == []
