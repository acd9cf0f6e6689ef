"""The workflows of casework through the pages, by the right roles, and refused to the wrong ones."""

import io
import re
import wave
import zipfile
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from box import MANAGER, days_from_now

from appliance.audio import RATE
from appliance.clock import LONDON, FakeClock
from appliance.model.gaps import GapCause, Why
from appliance.model.people import Role
from appliance.recorder.diary import Diary
from appliance.recorder.gapwatch import stated
from appliance.recorder.instant import read
from appliance.storage.gapnotes import Lost
from waiting import eventually


def today(name):
    return days_from_now(name, 0)


@pytest.fixture
def call(box, manager):
    """The id of a new call, which nobody else tests with."""
    call_id = box.record(seconds=12.0, number="07700900777")
    eventually(lambda: manager.get(f"/calls/{call_id}").status == 200, "the keeper takes it in")
    return call_id


def logged(client, **more):
    fields = {
        "requester__name": "Requester Seven", "requester__contact": "1 High Street\nAnytown", "ask__way": "spoken",
        "ask__wanted": "both", "ask__looking_for": "a call in the spring", **today("received_on"), **more,
    }  # fmt: skip
    client.post_form("/requests/log", **fields)
    assert client.last.status == 303, client.last.text
    return client.last.headers["Location"]


def done(client, path, **fields):
    client.post_form(path, **fields)
    assert client.last.status == 303, re.sub(r"<[^>]+>", " ", client.last.text)[-3000:]
    return client.last.headers["Location"]


def authorised(box, clients, call, verdict="redact"):
    """Bring a request as far as its copy; return its path."""
    senior, partner = clients[Role.SENIOR], clients[Role.PARTNER]
    where = logged(senior)
    done(senior, f"{where}/check_identity", seen="passport", **today("received_on"))
    box_number = {"looked_for": "her number", "number": "", **today("first"), **today("last")}
    del box_number["number"]
    senior.post_form(f"/calls/{call}/case", reference=where.rsplit("/", 1)[1])
    assert senior.last.status == 303
    done(
        senior, f"{where}/assess", verdict_0=verdict, why_0="another patient is named", third_parties="cut out",
        serious_harm="none", clinician="a partner", privilege="none",
    )  # fmt: skip
    partner.prove()
    done(partner, f"{where}/authorise", granted="yes")
    return where


def test_a_request_goes_from_the_asking_to_the_printed_letter_and_the_closing(box, clients, call):
    senior, partner = clients[Role.SENIOR], clients[Role.PARTNER]
    where = authorised(box, clients, call)
    page = senior.get(where).text
    assert "Requester Seven" in page
    assert "On hold" in page
    assert re.search(r"Received \d+ \w+, due ", page)
    done(senior, f"{where}/cut/{call}", start_0="0:03.00", end_0="0:05.50", why_0="a name")
    done(senior, f"{where}/invite", **days_from_now("day", 0), time="9:30", room="Room 2")
    done(
        senior, f"{where}/record_appointment", outcome="heard", present="Requester Seven, The senior",
        private_setting="y",
    )  # fmt: skip
    reference = where.rsplit("/", 1)[1]
    senior.prove()
    done(
        senior, f"{where}/copy", calls=call, to="Requester Seven", means="a stick, by hand", passphrase_by="telephone",
        fill="silence",
    )  # fmt: skip
    eventually(lambda: "The copy is ready" in senior.get(f"/copies/{reference}").text, "the copy is made")
    assert re.search(r'lk-passphrase">(\w{4}-){4}\w{4}<', senior.last.text)
    assert "CUSTODY SHEET" in senior.get(f"/copies/{reference}/custody").text
    archive = senior.get(f"/copies/{reference}/file")
    assert archive.headers["Content-Type"] == "application/zip"
    assert len(zipfile.ZipFile(io.BytesIO(archive.body)).namelist()) == 3
    for kind in ("acknowledgement", "identity", "appointment", "cover", "refusal", "nothing_found", "extension"):
        page = senior.get(f"/letters/{reference}/{kind}").text
        assert "Requester Seven" in page, kind
        assert "confirm with your data protection officer" in page, kind
    letter = {
        "address": "Requester Seven\n1 High Street",
        "subject": "Your copy",
        "body": "Dear Requester Seven,\n\nHere.",
    }
    senior.post_form(f"/letters/{reference}/cover", **letter, **{"as": "page"})
    assert "Here." in senior.last.text
    senior.post_form(f"/letters/{reference}/cover", **letter, **{"as": "pdf"})
    assert senior.last.body.startswith(b"%PDF-")
    partner.prove()
    done(
        partner, f"{where}/close", ending="answered", holds_after="release", told_of_commissioner="y",
        **today("told_on"),
    )  # fmt: skip
    assert "will be deleted by" in partner.get(where).text
    assert "None. This call is deleted automatically" in partner.get(f"/calls/{call}").text


def test_at_an_appointment_the_cut_version_is_played_and_no_other(box, clients, call):
    senior, where = clients[Role.SENIOR], authorised(box, clients, call)
    player = f"/appointments/{where.rsplit('/', 1)[1]}/{call}"
    assert senior.get(player).status == 409
    assert "Make the listening appointment first" in senior.last.text
    done(senior, f"{where}/invite", **days_from_now("day", 0), time="9:30", room="Room 2")
    assert "Play for the appointment" in senior.get(where).text
    assert senior.get(player).status == 409
    assert "no redactions yet" in senior.last.text
    done(senior, f"{where}/cut/{call}", start_0="0:03.00", end_0="0:05.50", why_0="a name")
    assert senior.get(f"{player}/audio.wav").status == 404
    assert clients[Role.AUDITOR].get(player).status == 403
    done(senior, player)
    eventually(lambda: "1 part is silent" in senior.get(player).text, "the cut version is made")
    sound = senior.get(f"{player}/audio.wav")
    assert sound.headers["Accept-Ranges"] == "bytes"
    with wave.open(io.BytesIO(sound.body)) as file:
        assert file.getframerate() == RATE
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    silent = samples[3 * RATE : int(5.5 * RATE)]
    assert not silent.any()
    assert all(np.abs(samples[at * RATE : (at + 1) * RATE]).max() > 500 for at in (1, 7, 10))
    done(senior, f"{where}/cut/{call}", start_0="0:07.00", end_0="0:08.00", why_0="another name")
    assert senior.get(f"{player}/audio.wav").status == 404
    assert "Make it ready to play" in senior.get(player).text


def test_the_wrong_roles_are_refused_in_words_that_say_who_may(box, clients, call):
    senior = clients[Role.SENIOR]
    where = logged(senior)
    senior.prove()
    senior.post_form(f"{where}/authorise", granted="no", why="excessive")
    assert senior.last.status == 403
    assert "Only the practice manager or a partner may authorise an access request." in senior.last.text
    staff = clients[Role.STAFF]
    for path in (
        where,
        "/requests",
        "/police",
        "/complaints",
        "/incidents",
        "/papers",
        "/policy",
        f"/calls/{call}/case",
    ):
        assert staff.get(path).status == 403, path
    for role in (Role.TECHNICIAN, Role.AUDITOR):
        assert clients[role].get("/requests/log").status == 403


def test_a_copy_is_not_made_before_its_steps_and_the_page_says_what_is_missing(clients):
    senior = clients[Role.SENIOR]
    where = logged(senior)
    assert "[passphrase by]" in senior.get(f"/letters/{where.rsplit('/', 1)[1]}/cover").text
    senior.prove()
    senior.post_form(f"{where}/copy", to="her", means="stick", passphrase_by="telephone", fill="tone", calls="x")
    assert senior.last.status in (404, 409)
    reference = where.rsplit("/", 1)[1]
    assert senior.get(f"/copies/{reference}/file").status == 404


def test_staff_log_a_request_and_are_told_its_reference_and_no_more(clients):
    staff = clients[Role.STAFF]
    assert logged(staff) == "/"
    assert re.search(r"AR-\d{4}-\d{3} is logged", staff.get("/").text)


def test_a_search_on_the_page_holds_what_it_finds(box, clients, call):
    senior = clients[Role.SENIOR]
    where = logged(senior)
    eventually(
        lambda: senior.post_form(f"{where}/find", looked_for="her number", number="07700 900777").status == 303,
        "the numbers are opened",
    )
    page = senior.get(where).text
    assert "They are on hold" in page
    assert f"/calls/{call}" in page
    assert senior.post_form(f"{where}/find", looked_for="everything").status == 409
    assert "Search by a number" in senior.last.text


def test_a_complaint_goes_from_the_log_to_its_closing_which_names_the_day_of_deletion(box, clients, call):
    senior, partner = clients[Role.SENIOR], clients[Role.PARTNER]
    where = done(
        senior, f"/calls/{call}/complaint", kind="practice", complainant__name="Mr Trelawny",
        complainant__contact="the post", about="a long wait", **today("received_on"), **today("happened_on"),
    )  # fmt: skip
    page = senior.get(where).text
    assert "Acknowledge by" in page
    assert "If you release the hold, 1 call will be deleted by" in page
    assert "Parliamentary and Health Service Ombudsman" in page
    done(senior, f"{where}/acknowledge", **today("acknowledged_on"))
    done(senior, f"{where}/note", words="The call was heard.")
    senior.post_form(f"{where}/answer", next_body_told="y", **today("answered_on"))
    assert "Only the practice manager or a partner may answer a complaint." in senior.last.text
    done(partner, f"{where}/answer", next_body_told="y", **today("answered_on"))
    reference = where.rsplit("/", 1)[1]
    assert "Mr Trelawny" in senior.get(f"/letters/{reference}/complaint_acknowledgement").text
    partner.prove()
    done(partner, f"{where}/close", holds_after="release")
    assert "1 call will be deleted by" in partner.get(where).text
    done(partner, f"{where}/reopen", why="the ombudsman asks")
    assert "An ongoing complaint" in partner.get(f"/calls/{call}").text


def test_a_data_protection_complaint_has_thirty_days_and_the_commissioner(clients):
    senior = clients[Role.SENIOR]
    where = done(
        senior, "/complaints/log", kind="data_protection", complainant__name="Mr Trelawny", about="a recording",
        **today("received_on"), **today("happened_on"),
    )  # fmt: skip
    page = senior.get(where).text
    assert "The Information Commissioner" in page
    assert re.search(r"in (29|3\d) days", page)


FORCE = {
    "inquirer__body": "police", "inquirer__body_name": "The county force", "inquirer__officer": "An officer",
    "inquirer__reference": "X/1", "asked_for": "a call", "basis": "crime_and_tax", "form": "a form",
}  # fmt: skip


def test_the_police_get_a_copy_from_the_manager_alone(box, clients, manager, call):
    staff, senior = clients[Role.STAFF], clients[Role.SENIOR]
    assert done(staff, "/police/log", **FORCE, **today("received_on")) == "/"
    where = done(senior, f"/calls/{call}/police", **FORCE, **today("received_on"))
    done(senior, f"{where}/check_back", found_in="the force's own page", spoke_to="the desk", genuine="yes")
    senior.prove()
    senior.post_form(f"{where}/decide", granted="yes", calls=call, necessity="a threat")
    assert "Only the practice manager may decide" in senior.last.text
    manager.prove()
    done(manager, f"{where}/decide", granted="yes", calls=call, necessity="a threat was made")
    asked = {"calls": call, "to": "an officer", "means": "by hand", "passphrase_by": "telephone"}
    assert manager.post_form(f"{where}/copy", **asked, from_0="0:09", upto_0="0:04").status == 422
    assert "must end after it begins" in manager.last.text
    done(manager, f"{where}/copy", **asked, from_0="0:02", upto_0="0:05.5")
    reference = where.rsplit("/", 1)[1]
    eventually(lambda: "The copy is ready" in manager.get(f"/copies/{reference}").text, "the copy is made")
    assert "In this copy: 3.5 s, from 2.00 s to 5.50 s of it" in manager.get(f"/copies/{reference}/custody").text
    assert "from 2.00 s to 5.50 s, SHA-256" in manager.get(where).text
    done(manager, f"{where}/sign_receipt", signed_by="an officer", **today("signed_on"))
    manager.prove()
    done(manager, f"{where}/close", holds_after="keep")
    assert "Police or a court" in manager.get(f"/calls/{call}").text


def test_a_list_of_more_than_a_page_has_its_older_cases_on_the_next(clients):
    senior = clients[Role.SENIOR]
    for _ in range(26):
        done(senior, "/police/log", **FORCE, **today("received_on"))
    page = senior.get("/police").text
    assert len(re.findall(r"PB-\d{4}-\d{3}</a>", page)) == 25
    assert "Page 1 of " in page
    newest = set(re.findall(r"PB-\d{4}-\d{3}", page))
    older = set(re.findall(r"PB-\d{4}-\d{3}", senior.get("/police?page=2").text))
    assert older
    assert not older & newest
    assert senior.get("/police?page=99").status == 404


def test_the_cover_letter_says_how_the_archive_is_opened(box, clients, call):
    reference = authorised(box, clients, call, verdict="give").rsplit("/", 1)[1]
    letter = clients[Role.SENIOR].get(f"/letters/{reference}/cover").text
    assert "7-Zip" in letter
    assert "Type the passphrase" in letter


def test_a_gap_that_the_recorder_wrote_is_counted_in_the_months_report(new_box):
    box = new_box()
    box.set_up()
    manager = box.signed_in(MANAGER)
    clock = FakeClock(datetime.now(UTC) - timedelta(minutes=20))
    folders, month = box.config.folders, clock.now().at.astimezone(LONDON).strftime("%Y-%m")
    assert "not known" in manager.get(f"/reports/{month}").text.split("Gaps in recording", 1)[1][:200]
    diary = Diary(folders.spool, folders.live, ("Line 1", "Line 2"), read(clock))
    diary.write((), read(clock))
    clock.advance(60)
    start = stated(read(clock))
    clock.advance(130)
    lost = Lost(1, start, stated(read(clock)), Why(GapCause.CARD, "The sound card gives no sound."))
    diary.write([lost], read(clock))
    clock.advance(17 * 60)
    diary.end((), read(clock))

    def counted():
        page = manager.get(f"/reports/{month}").text
        return re.search(r"\b1, together 2 min\b", page) and "each line’s page" in page

    eventually(counted, "the gap is in the report")


def test_a_call_is_reviewed_by_both_in_private(box, clients, manager, call):
    senior, staff = clients[Role.SENIOR], clients[Role.STAFF]
    assert senior.post_form(f"/training/share/{call}", staff="staff", **days_from_now("until", 7)).status == 422
    assert "private setting" in senior.last.text
    where = done(senior, f"/training/share/{call}", staff="staff", private_setting="y", **days_from_now("until", 7))
    done(senior, f"{where}/give_feedback", went_well="kind", to_try="say the name", next_step="a talk")
    senior.post_form(f"/calls/{call}/listen", page=f"/calls/{call}/hold", purpose="training")
    page = staff.get("/training").text
    assert "There is feedback for you" in page
    assert "The senior" in page
    assert "Staff training needs" in page
    assert "say the name" in staff.get(where).text
    assert "not there any more" not in staff.last.text
    done(staff, f"{where}/listen", private_setting="y")
    done(staff, f"{where}/countersign", reply="thank you")
    assert "thank you" in senior.get(where).text
    assert re.search(r"Signed by both</dt><dd>[1-9]", senior.get("/training").text)


def test_calls_are_drawn_by_lot(clients, call):
    senior = clients[Role.SENIOR]
    senior.post_form("/training/draw/by/lot", page="/training", size="3", **days_from_now("first", -7), **today("last"))
    assert senior.last.status == 200
    assert "with the seed" in senior.last.text
    assert "Share for training" in senior.last.text


def test_staff_flag_an_abusive_call_and_it_is_seen_to(box, clients, manager, call):
    senior, staff = clients[Role.SENIOR], clients[Role.STAFF]
    assert (
        done(staff, f"/incidents/flag/{call}", kind="threat", note="threatened", hold="y", **today("happened_on"))
        == "/"
    )
    page = senior.get("/incidents").text
    reference = max(re.findall(r"IN-\d{4}-\d{3}", page))
    where = f"/incidents/{reference}"
    assert "threatened" in senior.get(where).text
    done(senior, f"{where}/support", words="a talk")
    manager.prove()
    done(manager, f"{where}/close", outcome="a warning letter", holds_after="release")
    assert "a warning letter" in senior.get(where).text


def test_what_callers_are_told_is_checked_and_the_home_page_reminds(clients):
    senior = clients[Role.SENIOR]
    where = {"place": "website", "where": "the front page", "says_recorded": "yes", **today("checked_on")}
    senior.post_form("/announcements/check", **where, says_purpose="no")
    assert "what is wrong with it" in senior.last.text
    done(senior, "/announcements/check", **where, says_purpose="no", note="the web firm mends it")
    assert "not right" in senior.get("/announcements").text
    assert "Website: last checked" in senior.get("/").text
    done(senior, "/announcements/check", **where, says_purpose="yes")
    assert "Website: last checked" not in senior.get("/").text


def test_an_urgent_case_is_on_the_home_page(clients):
    senior = clients[Role.SENIOR]
    where = logged(senior, **days_from_now("received_on", -60))
    page = senior.get("/").text
    assert where in page
    assert "Overdue by" in page


def test_the_policy_is_shown_sentence_by_sentence_checked_and_replaced(clients, manager):
    senior = clients[Role.SENIOR]
    page = senior.get("/policy").text
    assert "12 months: on" in page
    assert "Callers" not in page
    assert senior.get("/policy/check").status == 403
    manager.post_form("/policy/check")
    assert manager.last.status == 409
    assert "Confirm or remark on each sentence" in manager.last.text
    every = {f"good-{number}": "y" for number in range(40)}
    done(manager, "/policy/check", **every)
    assert "Last checked on" in manager.get("/policy").text
    kept = manager.token("/policy/text")
    old = re.search(r"<textarea[^>]*>(.*?)</textarea>", manager.last.text, re.DOTALL)[1]
    assert kept
    done(manager, "/policy/text", text="Playback\n\nEverybody is told. The policy applies to all practice staff.")
    page = manager.get("/policy").text
    assert "Nothing carries this sentence out yet" in page
    done(manager, "/policy/sentence/0", duties="announcements")
    assert "Nothing carries this sentence out yet" not in manager.get("/policy").text
    from html import unescape

    done(manager, "/policy/text", text=unescape(old))


def test_the_months_report_is_one_page_and_names_nobody(clients, manager):
    month = datetime.now(UTC).astimezone(LONDON).strftime("%Y-%m")
    assert month in manager.get("/reports").text
    page = manager.get(f"/reports/{month}").text
    assert "Calls recorded" in page
    assert "Anchor of the records" in page
    for name in ("The senior", "Requester Seven", "07700"):
        assert name not in page.split("<article", 1)[1].split("</article", 1)[0]
    made = manager.get(f"/reports/{month}/pdf")
    assert made.body.startswith(b"%PDF-")
    assert made.body.count(b"/Type /Page\n") == 1
    for wrong in ("2999-01", "2026-13", "x"):
        assert manager.get(f"/reports/{wrong}").status == 404
    assert clients[Role.SENIOR].get(f"/reports/{month}").status == 403


@pytest.mark.parametrize(
    "kind",
    ["dpia", "ropa", "privacy_notice", "poster", "telephone_script", "staff_notice", "retention_entry", "lamp_card",
     "recovery_sheet"],
)  # fmt: skip
def test_every_paper_is_filled_in_and_is_a_pdf_too(manager, kind):
    page = manager.get(f"/papers/{kind}").text
    assert "$" not in page.split("<article", 1)[1].split("</article", 1)[0]
    assert manager.get(f"/papers/{kind}/pdf").body.startswith(b"%PDF-")


def test_the_practices_details_and_wordings_stand_in_letters(clients, manager):
    done(manager, "/letters/wordings/details", telephone="01632 960000", dpo="The officer", address="2 Mill Lane")
    assert "2 Mill Lane" in manager.get("/papers/ropa").text
    where = logged(manager)
    reference = where.rsplit("/", 1)[1]
    assert "01632 960000" in manager.get(f"/letters/{reference}/acknowledgement").text
    text = "Your request $reference\n\nDear $name,\n\nWe have it."
    done(manager, "/letters/wordings/acknowledgement", text=text, confirmed="y")
    page = manager.get(f"/letters/{reference}/acknowledgement").text
    assert "We have it." in page
    assert "Draft wording" not in page
    manager.post_form("/letters/wordings/acknowledgement", text="Only $nonsense\n\nx")
    assert manager.last.status == 422
    assert "does not know" in manager.last.text
    assert clients[Role.SENIOR].get("/letters/wordings/acknowledgement").status == 403
    done(manager, "/letters/wordings/acknowledgement", text="")
    assert "Draft wording" in manager.get(f"/letters/{reference}/acknowledgement").text


def test_what_is_typed_is_shown_and_never_run(clients):
    senior = clients[Role.SENIOR]
    where = logged(senior, requester__name='"><script>alert(1)</script>{{7*7}}')
    page = senior.get(where).text
    assert "<script>alert" not in page
    assert "{{7*7}}" in page
