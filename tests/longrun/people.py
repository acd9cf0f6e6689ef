"""The practice's people at their browsers: what each does in the month, through the site, and what it came to."""

import re
from datetime import timedelta

import pyotp

from appliance.clock import LONDON
from appliance.model.people import Role
from web.browserless import Browserless

MANAGER, SENIOR, STAFF = "manager", "senior", "staff"
PASSWORDS = {MANAGER: "copper kettle 41 drifting", SENIOR: "violet harbour 72 lantern", STAFF: "amber ladder 18 reed"}
REQUESTER, CONTACT, OFFICER = "Requester Longrun", "Longrun Cottage, Anytown", "Officer Longrun"
_CODE_S = 30


class Refused(AssertionError):
    """A page did not do what it should have."""


class Browser(Browserless):
    """A browser that looks at each answer: what is not expected ends the run, with the page's own words."""

    def must(self, status, path, page=None, **fields):
        answer = self.post_form(path, page, **fields)
        return self.expect(status, path, answer)

    def see(self, path, status=200, **headers):
        return self.expect(status, path, self.get(path, **headers))

    def expect(self, status, path, answer):
        if answer.status != status:
            words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))
            raise Refused(f"{path}: {answer.status} instead of {status}: …{words[-600:]}")
        return answer


class People:
    """Everybody of the practice. ``held`` are the calls that must stay, ``secrets`` what must be found in no file."""

    def __init__(self, house):
        self._house, self._clock = house, house.clock
        self._secrets, self._used, self._at_work = {}, {}, {}
        self.secrets = dict.fromkeys(PASSWORDS.values(), "a password")
        self.secrets |= {REQUESTER: "a requester's name", CONTACT: "an address", OFFICER: "an officer's name"}
        self.held, self.by_hand, self.released, self.cases = set(), set(), set(), []
        self.sign_ins, self.refused, self.heard = 0, 0, 0

    # --- signing in -------------------------------------------------------------------------------------------------

    def set_up(self):
        """Set the box up and add the others; return the recovery sheet."""
        client = self._browser()
        code = (self._house.config.folders.run / "setup-code").read_text().strip()
        password = PASSWORDS[MANAGER]
        client.post_form("/setup", code=code)
        client.post_form("/setup/practice", practice="Anytown Surgery", clock="right")
        client.post_form("/setup/you", name="The Manager", username=MANAGER, password=password, again=password)
        self._take_down(MANAGER, client.see("/setup/second-factor").text)
        done = client.must(200, "/setup/second-factor", code=self._code(MANAGER)).text
        sheet = re.search(r'id="sheet">([^<]+)<', done)[1].strip()
        codes = re.findall(r"<li>([^<]+)</li>", done[done.index('class="lk-codes"') :])
        self.secrets |= {sheet: "the recovery sheet", code: "the setup code"} | dict.fromkeys(codes, "a recovery code")
        manager = self.sign_in(MANAGER)
        manager.prove(password)
        for username, role in ((SENIOR, Role.SENIOR), (STAFF, Role.STAFF)):
            password = PASSWORDS[username]
            form = {"name": f"The {username}", "username": username, "role": role}
            answer = manager.must(303, "/people/add", **form, password=password, again=password)
            self._take_down(username, manager.see(answer.headers["Location"]).text)
        return sheet

    def sign_in(self, username):
        client = self._browser()
        client.must(303, "/sign-in", username=username, password=PASSWORDS[username], code=self._code(username))
        self.sign_ins += 1
        return client

    def at_work(self, username):
        """Return somebody's browser: signed in, again if the box was started anew meanwhile."""
        client = self._at_work.get(username)
        if client is None or client.get("/account").status != 200:
            client = self._at_work[username] = self.sign_in(username)
        return client

    def go_home(self):
        """Everybody signs out."""
        for client in self._at_work.values():
            if client.get("/account").status == 200:
                client.must(303, "/sign-out", "/account")
        self._at_work.clear()

    def mistype(self):
        """Somebody mistypes a password, and somebody else never signs in at all."""
        client = self._browser()
        client.must(403, "/sign-in", username=SENIOR, password="violet harbour 72 latern", code="000000")
        for path in ("/calls", "/people", "/records", "/health"):
            if client.get(path).status == 200:
                raise Refused(f"{path} was shown to somebody who is not signed in")
            self.refused += 1

    # --- what is done -----------------------------------------------------------------------------------------------

    def listen(self, call):
        """The senior receptionist looks through the list, and listens to a call."""
        client = self.at_work(SENIOR)
        client.see("/")
        client.see("/calls")
        client.see(f"/calls/{call}")
        client.expect(303, "listen", client.post_form(f"/calls/{call}/listen", f"/calls/{call}", purpose="facts"))
        sound = client.see(f"/calls/{call}/audio", 206, Range="bytes=0-40000")
        if not sound.body.startswith(b"OggS"):
            raise Refused("what was played is no Ogg stream")
        self.heard += 1

    def search(self, number):
        """The manager looks for a number."""
        client = self.at_work(MANAGER)
        self._house.keeper.turn()
        where = client.expect(303, "/search", client.post_form("/search", "/calls", number=number[-6:]))
        client.see(where.headers["Location"])

    def hold(self, call, reason="claim"):
        """The manager places a hold."""
        client = self.at_work(MANAGER)
        client.must(303, f"/calls/{call}/hold", reason=reason, reference="L-1", note="", **self._day("review_on", 60))
        self.held.add(call)
        self.by_hand.add(call)

    def release(self, call):
        """The manager releases the hold that stands on a call."""
        client = self.at_work(MANAGER)
        client.must(303, f"/calls/{call}/holds/0/release", why="settled", password=PASSWORDS[MANAGER])
        self.held.discard(call)
        self.released.add(call)

    def access_request(self, call):
        """The senior receptionist logs an access request and puts a call into it, which holds it."""
        client = self.at_work(SENIOR)
        fields = {"requester__name": REQUESTER, "requester__contact": CONTACT, "ask__way": "spoken"}
        fields |= {"ask__wanted": "both", "ask__looking_for": "a call"}
        where = client.must(303, "/requests/log", **fields, **self._day("received_on", 0)).headers["Location"]
        client.must(303, f"{where}/check_identity", seen="passport", **self._day("received_on", 0))
        client.must(303, f"/calls/{call}/case", reference=where.rsplit("/", 1)[1])
        self.cases.append(where)
        self.held.add(call)

    def police_request(self, call):
        """The police ask for a call; the senior receptionist logs it, and calls back."""
        client = self.at_work(SENIOR)
        asked = {"inquirer__body": "police", "inquirer__body_name": "The county force", "inquirer__officer": OFFICER}
        asked |= {"inquirer__reference": "X/1", "asked_for": "a call", "basis": "crime_and_tax", "form": "a form"}
        where = client.must(303, f"/calls/{call}/police", **asked, **self._day("received_on", 0)).headers["Location"]
        client.must(303, f"{where}/check_back", found_in="the force's page", spoke_to="the desk", genuine="yes")
        self.cases.append(where)
        self.held.add(call)

    def pause(self, line):
        """Whoever takes a call pauses its recording for a card payment; return whether there was one to pause."""
        client = self.at_work(STAFF)
        if "Pause recording" not in client.see(f"/lines/{line}").text:
            return False
        client.expect(303, "pause", client.post_form(f"/lines/{line}/pause", f"/lines/{line}"))
        return "Recording is paused." in client.see(f"/lines/{line}").text

    # --- how --------------------------------------------------------------------------------------------------------

    def _browser(self):
        return Browser(self._house.config.web.port)

    def _code(self, username):
        """Return what the phone shows; a code is good once, so the next is waited for."""
        now_s = self._clock.now().at.timestamp()
        if now_s // _CODE_S == self._used.get(username):
            self._house.wait(_CODE_S - now_s % _CODE_S + 0.1)
            now_s = self._clock.now().at.timestamp()
        self._used[username] = now_s // _CODE_S
        return pyotp.TOTP(self._secrets[username]).at(int(now_s))

    def _take_down(self, username, page):
        secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
        self._secrets[username] = secret
        self.secrets[secret] = "a phone's secret"

    def _day(self, name, days):
        when = (self._clock.now().at.astimezone(LONDON) + timedelta(days=days)).date()
        return {f"{name}-day": when.day, f"{name}-month": when.month, f"{name}-year": when.year}
