"""An update is uploaded on its page, by the real script in the real browser and without."""

import json
import random
import shutil

import pytest
from box import MANAGER, PASSWORD
from browserless import field
from screens import check_page

from appliance.model.people import Role

FORM = "application/x-www-form-urlencoded"
PIECE = 60 * 1024


@pytest.fixture
def incoming(box):
    """The folder the box takes updates from."""
    folder = box.config.folders.updates / "incoming"
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder.parent)


def sent(client, what, body, kind="application/octet-stream", **headers):
    return client.request("POST", f"/settings/updates/{what}", body, {"Content-Type": kind, **headers})


def test_an_update_is_uploaded_in_pieces_that_any_page_may_send(incoming, clients):
    technician = clients[Role.TECHNICIAN]
    technician.prove()
    page = technician.get("/settings/updates").text
    assert "Upload an update" in page
    token, bundle = {"X-CSRFToken": field(page, "csrf_token")}, b"hsqs" + bytes(range(256)) * 500
    begun = json.loads(sent(technician, "begin", f"size={len(bundle)}", FORM, **token).body)
    at = begun["at"]
    for _ in range(3):
        answer = sent(technician, f"piece?place={begun['place']}&at={at}", bundle[at : at + PIECE], **token)
        at = json.loads(answer.body)["at"]
    assert at == len(bundle)
    assert (incoming / "update.raucb").read_bytes() == bundle
    page = technician.get("/settings/updates").text
    assert "The recorder checks it now" in page
    assert "Upload an update" not in page
    refused = sent(technician, "begin", "size=100000", FORM, **token)
    assert (refused.status, "under way" in refused.text) == (409, True)


def test_an_upload_without_the_pages_token_or_with_a_large_body_is_refused(incoming, manager):
    manager.prove()
    token = {"X-CSRFToken": field(manager.get("/settings/updates").text, "csrf_token")}
    assert sent(manager, "begin", "size=100000", FORM).status == 400
    place = json.loads(sent(manager, "begin", "size=100000", FORM, **token).body)["place"]
    assert sent(manager, f"piece?place={place}&at=0", b"hsqs" + bytes(PIECE - 4)).status == 400
    assert sent(manager, f"piece?place={place}&at=0", b"hsqs" + bytes(64 * 1024), **token).status == 413
    assert sent(manager, "piece?place=another&at=0", b"hsqs", **token).status == 409
    assert (incoming / "update.part").stat().st_size == 0


@pytest.mark.usefixtures("incoming")
def test_who_may_not_bring_updates_is_offered_no_upload(clients):
    assert "Upload an update" not in clients[Role.PARTNER].get("/settings/updates").text


WATCH_THE_BAR = (
    "new MutationObserver(() => console.log(document.querySelector('progress').value))"
    ".observe(document.querySelector('progress'), { attributes: true })"
)


def lose_the_answer(route):
    """Let the piece reach the recorder, and its answer not the page."""
    route.fetch()
    route.fulfill(status=503, body="")


@pytest.mark.browser
def test_a_manager_uploads_an_update_and_sees_how_far_it_is(incoming, visit, tmp_path):
    bundle = tmp_path / "linekeeper-9.9.raucb"
    bundle.write_bytes(b"hsqs" + random.Random(1).randbytes(3_000_000))
    watched, wrong = visit(MANAGER), []
    page, seen = watched.page, []
    page.goto("/confirm?back=/settings/updates")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.on("console", lambda message: seen.append(message.text) if message.type == "log" else None)
    page.evaluate(WATCH_THE_BAR)
    page.route("**/settings/updates/piece?*&at=614400", lose_the_answer, times=1)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        check_page(page, f"upload at {width}", wrong)
    page.get_by_label("The update’s file").set_input_files(bundle)
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("The recorder checks it now").wait_for()
    assert (incoming / "update.raucb").read_bytes() == bundle.read_bytes()
    shown = [float(text) for text in seen]
    assert len(shown) == 49
    assert shown == sorted(shown)
    assert (shown[0], shown[-1]) == (pytest.approx(PIECE / 3_000_004), 1.0)
    check_page(page, "uploaded", wrong)
    assert wrong == []
    assert [text for text in watched.complaints if "503" not in text] == []
