"""The three people of the demo, and what they have done in its month."""

import secrets
from dataclasses import dataclass

import pyotp

from appliance.clock import LONDON, FakeClock
from appliance.codec import to_json
from appliance.demo.caseload import DemoCase
from appliance.keeper.service import Answers
from appliance.link.messages.call import StartListening
from appliance.link.messages.calls import CallPage, CallQuery, ListCalls
from appliance.link.messages.cases import CaseDone, DoCase, LogCase
from appliance.link.messages.people import AddPerson, PersonAdded
from appliance.link.messages.sessions import SignedIn, SignIn, SignOut
from appliance.link.messages.setup import FinishSetup, StartSetup, TotpOffer
from appliance.model.calls import CallId
from appliance.model.people import Purpose, Role

PRACTICE = "Simulated Surgery"
_ADDRESS = "127.0.0.1"
_WORDS = (
    "anchor", "barley", "candle", "dolphin", "ember", "falcon", "garnet", "hazel", "island", "juniper", "kettle",
    "lantern", "meadow", "nutmeg", "orchard", "pebble", "quartz", "ribbon", "saffron", "thistle", "umber", "velvet",
    "willow", "yarrow",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to sign in as. ``totp_secret`` makes the six-digit codes."""

    username: str
    name: str
    role: Role
    password: str
    totp_secret: str

    def code(self, at: float) -> str:
        """Return the six digits of the Unix time ``at``."""
        return str(pyotp.TOTP(self.totp_secret).at(int(at)))


class Staff:
    """Sets the practice up and acts in its people's names, through the same requests as the site."""

    def __init__(self, answers: Answers, clock: FakeClock) -> None:
        """Ask ``answers``, at the time of ``clock``."""
        self._answers, self._clock = answers, clock

    def found(self, setup_code: str) -> list[DemoPerson]:
        """Set the practice up; return the manager, a senior receptionist and a receptionist."""
        password = new_password()
        offer = self._answers.answer(StartSetup(setup_code, PRACTICE, "manager", _ADDRESS))
        assert isinstance(offer, TotpOffer)  # noqa: S101  # the keeper's own reply
        manager = DemoPerson("manager", "Demo manager", Role.MANAGER, password, offer.secret)
        code = manager.code(self._clock.now().at.timestamp())
        setup = FinishSetup(
            setup_code, PRACTICE, manager.name, manager.username, password, offer.secret, code, _ADDRESS
        )
        self._answers.answer(setup)
        token = self._signed_in(manager)
        return [
            manager,
            self._added(token, "senior", "Demo senior receptionist", Role.SENIOR),
            self._added(token, "staff", "Demo receptionist", Role.STAFF),
        ]

    def listen(self, person: DemoPerson, purpose: Purpose) -> None:
        """Let ``person`` listen to the newest call."""
        token = self._signed_in(person)
        self._answers.answer(StartListening(token, self._newest(token), purpose))
        self._answers.answer(SignOut(token))

    def open_case(self, person: DemoPerson, case: DemoCase) -> None:
        """Let ``person`` log a case about the newest call, and go on with it."""
        token, today = self._signed_in(person), self._clock.now().at.astimezone(LONDON).date()
        call = self._newest(token)
        done = self._answers.answer(LogCase(token, case.kind, to_json(case.log(call, today))))
        assert isinstance(done, CaseDone)  # noqa: S101
        for act, words in case.acts(call, today):
            self._answers.answer(DoCase(token, done.reference, act, to_json(words)))
        self._answers.answer(SignOut(token))

    def _newest(self, token: bytes) -> CallId:
        """Return the newest call that has ended: the day's last may still be going on."""
        page = self._answers.answer(ListCalls(token, CallQuery(missed=False), per_page=5))
        assert isinstance(page, CallPage)  # noqa: S101
        return next(row.call_id for row in page.calls if not row.open)

    def _signed_in(self, person: DemoPerson) -> bytes:
        self._clock.advance(60)  # a code is good once
        code = person.code(self._clock.now().at.timestamp())
        reply = self._answers.answer(SignIn(person.username, person.password, code, _ADDRESS))
        assert isinstance(reply, SignedIn)  # noqa: S101
        return reply.token

    def _added(self, token: bytes, username: str, name: str, role: Role) -> DemoPerson:
        password = new_password()
        reply = self._answers.answer(AddPerson(token, username, name, role, password))
        assert isinstance(reply, PersonAdded)  # noqa: S101
        return DemoPerson(username, name, role, password, reply.totp.secret)


def new_password() -> str:
    """Return four random words: good enough for a folder that is thrown away, and easy to type."""
    return "-".join(secrets.choice(_WORDS) for _ in range(4))
