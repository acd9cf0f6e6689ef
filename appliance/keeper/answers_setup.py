"""Set-up: the first page's questions."""

import logging

from appliance.errors import JournalRefused
from appliance.keeper.desk import Desk, Handlers
from appliance.link.messages.base import Done
from appliance.link.messages.setup import (
    AskSetup,
    CheckPassword,
    FinishSetup,
    SetupFinished,
    SetupState,
    StartSetup,
    TotpOffer,
)
from appliance.model.people import Person, Role
from appliance.storage.journalline import Act
from appliance.storage.people import new_totp
from appliance.storage.people.founding import check_applicant

log = logging.getLogger(__name__)


class SetupAnswers:
    """Answers before anybody can sign in."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {
            AskSetup: self.state,
            StartSetup: self.start,
            CheckPassword: self.check_password,
            FinishSetup: self.finish,
        }

    def state(self, _request: AskSetup) -> SetupState:
        """Return whether the box has been set up."""
        return SetupState(self._stores.people.is_founded(), self._stores.people.practice())

    def start(self, request: StartSetup) -> TotpOffer:
        """Check the code and offer a second factor."""
        self._desk.setup_code.check(request.code, request.address)
        offer = new_totp(request.username, request.practice)
        return TotpOffer(offer.secret, offer.uri)

    def check_password(self, request: CheckPassword) -> Done:
        """Say whether the manager may have this password, before the phone's step."""
        self._desk.setup_code.check(request.code, request.address)
        manager = Person(request.username, request.name, Role.MANAGER)
        check_applicant(request.practice, manager, request.password)
        return Done()

    def finish(self, request: FinishSetup) -> SetupFinished:
        """Make the practice, its manager and its keys."""
        self._desk.setup_code.check(request.code, request.address)
        self._stores.journal.append(Act.SET_UP_BEGUN, address=request.address)
        founding = self._stores.people.found(
            request.practice,
            request.name,
            request.username,
            request.password,
            request.totp_secret,
            request.totp_code,
        )
        self._desk.setup_code.remove()
        try:
            self._stores.journal.append(Act.SET_UP)
        except JournalRefused:
            # It has been done, and the recovery sheet is shown only now: it must reach the manager all the same.
            log.error("that set-up was finished could not be written in the journal")
        return SetupFinished(founding.recovery_sheet, founding.recovery_codes)
