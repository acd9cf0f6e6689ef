"""The five workflows of casework in the real Chromium, each by its people in their own sessions, down to the paper."""

import re

import pytest
from box import PASSWORD, days_from_now
from test_site_browser import check_page

from appliance.model.people import Role
from waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

CLERK = "senior"
EVERYONE = "Only the practice manager, a partner, senior staff or staff may open this page."


class Somebody:
    """One person at their browser. Every page they come to is checked; ``wrong`` is shared by all."""

    def __init__(self, watched, wrong):
        self.page, self._watched, self._wrong = watched.page, watched, wrong

    def open(self, path):
        """Go to a page by its address; return its words."""
        self.page.goto(path)
        return self.checked()

    def press(self, name):
        """Press the button, or follow the link, of the page's own part that is called so; return what then is there."""
        main = self.page.locator("main")
        named = re.compile(rf"^{re.escape(name)}")
        with self.page.expect_navigation():
            main.get_by_role("link", name=named).or_(main.get_by_role("button", name=named)).first.click()
        return self.checked()

    def fill(self, **told):
        """Fill fields in by their names; a date takes three boxes, a choice its value, a box to tick True."""
        for name, value in told.items():
            if value is True:
                self.page.locator(f"input[name='{name}']").check()
            elif self.page.locator(f"input[type=radio][name='{name}']").count():
                self.page.locator(f"input[name='{name}'][value='{value}']").check()
            else:
                self.page.locator(f"[name='{name}']").fill(str(value))
        if self.page.locator("#password").count():
            self.page.locator("#password").fill(PASSWORD)

    def checked(self):
        check_page(self.page, self.page.url, self._wrong)
        return self.words

    @property
    def words(self):
        return self.page.locator("main").inner_text()

    def refused(self, path, who):
        """Go where one may not: the page says so, and who may."""
        answer = self.page.goto(path)
        assert answer.status == 403, path
        assert who in self.checked()
        self._watched.complaints.clear()  # the browser notes the status itself

    def printed(self):
        """Return how many sheets of A4 the page takes, as it is printed."""
        made = self.page.pdf(format="A4")
        return len(re.findall(rb"/Type\s*/Page\b", made))


class Practice:
    """The people of one test, whose pages must have no fault in the end."""

    def __init__(self, visits):
        self._visits, self.wrong, self._watched = visits, [], []

    def __call__(self, username, width=1280):
        watched = self._visits(username, width)
        self._watched.append(watched)
        return Somebody(watched, self.wrong)

    def without_fault(self):
        assert self.wrong == []
        assert [one.complaints for one in self._watched if one.complaints] == []


@pytest.fixture
def practice(visits):
    people = Practice(visits)
    yield people
    people.without_fault()
    visits.close_pages()


@pytest.fixture
def call(box, manager):
    call_id = box.record(seconds=12.0, number="07700900779")
    eventually(lambda: manager.get(f"/calls/{call_id}").status == 200, "the keeper takes it in")
    return call_id


def reference(words):
    return re.search(r"[A-Z]{2}-\d{4}-\d{3}", words)[0]


def test_a_request_is_logged_by_staff_authorised_by_a_partner_heard_copied_and_closed(practice, call):
    staff, clerk, partner = practice("staff", 320), practice(CLERK), practice("partner")
    staff.open("/")
    staff.press("Log a request for recordings")
    staff.fill(
        requester__name="Requester Seven", requester__contact="1 High Street\nAnytown", ask__way="spoken",
        ask__wanted="both", ask__looking_for="a call in the spring",
    )  # fmt: skip
    number = reference(staff.press("Log the request"))
    where = f"/requests/{number}"
    staff.refused(where, "Only the practice manager, a partner or senior staff may open this page.")
    assert number in clerk.open("/requests")
    clerk.press(number)
    clerk.press("Check identity")
    clerk.fill(seen="passport")
    clerk.press("Save the check")
    clerk.press("Find calls")
    clerk.fill(looked_for="her number", number="07700 900779")
    assert "They are on hold" in eventually(lambda: _found(clerk), "the box knows its numbers")
    clerk.press("Assess what can be released")
    clerk.fill(
        verdict_0="redact", why_0="another patient is named", third_parties="cut out", serious_harm="none",
        clinician="a partner", privilege="none",
    )  # fmt: skip
    for one in range(1, clerk.page.locator("[name^='why_']").count()):
        clerk.fill(**{f"verdict_{one}": "not_theirs", f"why_{one}": "somebody else"})
    assert "For the practice manager or a partner" in clerk.press("Save the assessment")
    clerk.refused(f"{where}/authorise", "Only the practice manager or a partner may authorise an access request.")
    partner.open(where)
    partner.press("Authorise or refuse")
    partner.fill(granted="yes")
    partner.press("Save the decision")
    clerk.open(where)
    clerk.press("Cut parts out")
    clerk.fill(start_0="0:03.00", end_0="0:05.50", why_0="a name")
    clerk.press("Save the cuts")
    _heard_at_an_appointment(clerk)
    _copied(clerk)
    clerk.open(f"/letters/{number}/cover")
    letter = clerk.press("Show as it prints")
    assert "Anytown Surgery" in letter
    assert "7-Zip" in letter
    assert "a name" in letter
    assert "[" not in letter
    assert clerk.printed() == 1
    partner.open(where)
    assert "deleted by" in partner.press("Close the request")
    partner.fill(ending="answered", holds_after="release", told_of_commissioner=True, **days_from_now("told_on", 0))
    assert "will be deleted by" in partner.press("Close the request")
    assert "Played to the requester of" in partner.open(f"/calls/{call}")


def _found(clerk):
    words = clerk.press("Search and hold")
    return "" if "still opening" in words else words


def _heard_at_an_appointment(clerk):
    clerk.press("Listening appointment")
    clerk.fill(**days_from_now("day", 0), time="9:30", room="Room 2")
    clerk.press("Save the appointment")
    clerk.press("Play for the appointment")
    clerk.press("Call from 07700 900779")
    clerk.press("Make it ready to play")
    clerk.page.get_by_role("heading", name="Play it").wait_for(timeout=40_000)
    assert "1 part is silent" in clerk.checked()
    clerk.press("Write down how the appointment went")
    clerk.fill(outcome="heard", present="Requester Seven, the clerk", private_setting=True)
    clerk.press("Save")


def _copied(clerk):
    clerk.press("Make a copy")
    clerk.fill(to="Requester Seven", means="a stick, by hand")
    clerk.press("Make the copy")
    clerk.page.get_by_role("heading", name="Passphrase").wait_for(timeout=40_000)
    clerk.checked()
    with clerk.page.expect_download() as taken:
        clerk.page.get_by_role("button", name="Take the copy").click()
    assert taken.value.suggested_filename.endswith(".zip")
    assert "a name" in clerk.press("Print the custody sheet")
    assert clerk.printed() == 1


def test_a_complaint_is_logged_by_staff_and_answered_and_closed_by_a_partner(practice, call):
    staff, clerk, partner = practice("staff"), practice(CLERK, 320), practice("partner")
    staff.open("/")
    staff.press("Log a complaint")
    staff.fill(
        kind="practice", complainant__name="Complainant Nine", complainant__contact="2 Mill Lane", about="a wait"
    )
    number = reference(staff.press("Log the complaint"))
    where = f"/complaints/{number}"
    clerk.open(f"/calls/{call}/case")
    assert "is added to" in clerk.press(f"{number}: Complainant Nine")
    clerk.press("Acknowledge")
    clerk.press("Save")
    clerk.press("Write a note")
    clerk.fill(words="The call was heard.")
    clerk.press("Save the note")
    clerk.refused(f"{where}/answer", "Only the practice manager or a partner may answer a complaint.")
    clerk.open(f"/letters/{number}/complaint_answer")
    clerk.fill(body="Dear Complainant Nine,\n\nWe are sorry for the wait.\n\nYours sincerely,\n\nThe partner")
    assert "We are sorry for the wait." in clerk.press("Show as it prints")
    assert clerk.printed() == 1
    partner.open(where)
    partner.press("Answer")
    partner.fill(next_body_told=True)
    partner.press("Save")
    assert "If you release the holds, 1 call is deleted by" in partner.press("Close the complaint")
    partner.fill(holds_after="release")
    assert "1 call will be deleted by" in partner.press("Close the complaint")
    assert "Print the record" in clerk.open(where)
    clerk.refused(f"{where}/reopen", "Only the practice manager or a partner may reopen a complaint.")


def test_the_police_are_called_back_by_a_clerk_and_get_a_copy_from_the_manager_alone(practice, call):
    staff, clerk, manager = practice("staff"), practice(CLERK), practice("manager", 320)
    staff.open("/")
    staff.press("The police or another body ask")
    staff.fill(
        inquirer__body="police", inquirer__body_name="The county force", inquirer__officer="An officer",
        inquirer__reference="X/1", asked_for="a call", basis="crime_and_tax", form="a form",
    )  # fmt: skip
    number = reference(staff.press("Enter the request"))
    where = f"/police/{number}"
    clerk.open(f"/calls/{call}/case")
    clerk.press(f"{number}: The county force")
    clerk.press("Call them back")
    clerk.fill(found_in="the force’s own page", spoke_to="the desk", genuine="yes")
    assert "For the practice manager" in clerk.press("Save the check")
    alone = "Only the practice manager may"
    for who in (clerk, practice("partner")):
        who.refused(f"{where}/decide", f"{alone} decide on a request of the police or another body.")
        who.refused(f"{where}/copy", f"{alone} hand recordings to the police or another body.")
    assert f"{number}: the practice manager decides" in manager.open("/")
    manager.press(number)
    manager.press("Decide")
    manager.fill(granted="yes", calls=True, necessity="a threat was made")
    manager.press("Save the decision")
    manager.press("Hand over a copy")
    manager.fill(to="An officer", means="by hand", from_0="0:02", upto_0="0:05.5")
    manager.press("Make the copy")
    manager.page.get_by_role("heading", name="Passphrase").wait_for(timeout=40_000)
    manager.checked()
    manager.open(f"/letters/{number}/body_cover")
    letter = manager.press("Show as it prints")
    assert "X/1" in letter
    assert "Signature and date" in letter
    assert manager.printed() == 1
    manager.open(where)
    manager.press("Note the receipt")
    manager.fill(signed_by="An officer", **days_from_now("signed_on", 0))
    manager.press("Save the receipt")
    manager.press("Close the request")
    manager.fill(holds_after="release")
    assert "will be deleted by" in manager.press("Close the request")


def test_a_call_is_shared_for_training_heard_in_private_and_signed_by_both(practice, call):
    clerk, staff = practice(CLERK), practice("staff", 320)
    clerk.open(f"/calls/{call}")
    clerk.press("Share for training")
    clerk.fill(staff="staff", part_from="0:02", part_to="0:09", private_setting=True)
    number = reference(clerk.press("Share"))
    where = f"/training/{number}"
    clerk.press("Give feedback")
    clerk.fill(went_well="kind", to_try="say the name", next_step="a talk")
    clerk.press("Save the feedback")
    assert "There is feedback for you" in staff.open("/training")
    staff.open(where)
    staff.press("Hear the call")
    staff.fill(private_setting=True)
    assert "Why do you need to listen?" in staff.press("Go to the call")
    staff.open(where)
    staff.press("Countersign")
    staff.fill(reply="thank you")
    assert "Finished: both have signed" in staff.press("Countersign")
    staff.refused(f"{where}/give_feedback", "Only the practice manager, a partner or senior staff may give feedback.")
    assert "thank you" in clerk.open(where)
    assert "say the name" in clerk.press("Print the record of this case")
    assert clerk.printed() == 1
    for role in (Role.TECHNICIAN, Role.AUDITOR):
        practice(role).refused(where, EVERYONE)


def test_what_callers_are_told_the_policy_and_the_month_are_checked_and_printed(practice):
    clerk, manager = practice(CLERK, 320), practice("manager")
    clerk.open("/announcements")
    clerk.press("Write down a check")
    clerk.fill(place="leaflet", where="the leaflet of May", says_recorded="yes", says_purpose="yes")
    assert "Good" in clerk.press("Save the check")
    assert clerk.printed() == 1
    clerk.open("/policy")
    may = "Only the practice manager or a partner may open this page."
    for path in ("/policy/check", "/policy/text", "/policy/sentence/3"):
        clerk.refused(path, may)
    clerk.refused("/reports", may)
    manager.open("/policy")
    manager.press("Sign the yearly check")
    for tick in manager.page.locator("main input[type=checkbox]").all():
        tick.check()
    assert "The yearly check is signed" in manager.press("Sign the check")
    manager.open("/papers")
    manager.press("Monthly reports")
    manager.press(manager.page.locator("main li a").first.inner_text())
    assert "Calls recorded" in manager.words
    assert manager.printed() == 1
    manager.open("/papers")
    manager.press("Poster for the waiting room")
    assert "Draft: confirm" in manager.words
    poster = manager.press("Our data protection officer has confirmed it")
    assert "Draft: confirm" not in poster
    assert "Calls to and from this surgery are recorded" in poster
    assert manager.printed() == 1
    assert "Draft: confirm" in manager.press("Make it a draft again")
