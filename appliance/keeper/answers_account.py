"""One's own account: password, second factor and recovery codes; and the way back in with the recovery sheet."""

from appliance.errors import LinekeeperError, SignInRefused, SignInThrottled
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.sessions import LiveSession
from appliance.link.messages.base import Done
from appliance.link.messages.people import (
    ChangePassword,
    OfferSecondFactor,
    PersonAdded,
    RecoveryCodes,
    RenewRecoveryCodes,
    Rescue,
    TakeSecondFactor,
)
from appliance.link.messages.setup import TotpOffer
from appliance.storage.journalline import BOX, Act
from appliance.storage.people.roster import as_username


class AccountAnswers:
    """Answers to everybody about themselves. Each change ends one's other sessions."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {
            ChangePassword: self.change_password,
            OfferSecondFactor: self.offer_second_factor,
            TakeSecondFactor: self.take_second_factor,
            RenewRecoveryCodes: self.renew_codes,
            Rescue: self.rescue,
        }

    def change_password(self, request: ChangePassword) -> Done:
        """Change one's password, with the one that counts until now."""
        session = self._desk.gate.signed_in(request)
        who = session.person.username
        self._stores.journal.append(Act.PASSWORD_CHANGED, who)
        try:
            self._stores.people.own.change_password(who, request.current, request.password)
        except SignInRefused as refusal:
            if not isinstance(refusal, SignInThrottled):
                self._stores.journal.append(Act.SIGN_IN_REFUSED, BOX, account=who, address=session.origin.address)
            raise
        except LinekeeperError:
            self._stores.journal.append(Act.REFUSED, who, request=type(request).__name__)
            raise
        self._desk.sessions.prove(request.token)
        self._end_others(session)
        return Done()

    def offer_second_factor(self, request: OfferSecondFactor) -> TotpOffer:
        """Offer a second factor."""
        offer = self._stores.people.own.offer_second_factor(self._desk.gate.fresh(request).opened)
        return TotpOffer(offer.secret, offer.uri)

    def take_second_factor(self, request: TakeSecondFactor) -> RecoveryCodes:
        """Take the second factor that was offered."""
        session = self._desk.gate.fresh(request)
        own, who = self._stores.people.own, session.person.username
        self._stores.journal.append(Act.FACTOR_CHANGED, who)
        try:
            codes = own.take_second_factor(session.opened, request.secret, request.code)
        except LinekeeperError:
            self._stores.journal.append(Act.REFUSED, who, request=type(request).__name__)
            raise
        self._end_others(session)
        return RecoveryCodes(codes)

    def renew_codes(self, request: RenewRecoveryCodes) -> RecoveryCodes:
        """Make recovery codes anew."""
        session = self._desk.gate.fresh(request)
        self._stores.journal.append(Act.CODES_RENEWED, session.person.username)
        return RecoveryCodes(self._stores.people.own.renew_codes(session.opened))

    def rescue(self, request: Rescue) -> PersonAdded:
        """Let a manager in again with the recovery sheet; whoever was signed in as them is not any more."""
        account = as_username(request.username)
        people = self._stores.people
        known = any(person.username == account for person in people.everyone())
        self._stores.journal.append(Act.RESCUED, BOX, account=account if known else "nobody", address=request.address)
        try:
            welcome = people.rescue(request.sheet, account, request.password, request.address)
        except LinekeeperError:
            self._stores.journal.append(Act.REFUSED, BOX, request=type(request).__name__, address=request.address)
            raise
        self._desk.end_sessions(lambda live: live.person.username == account)
        return PersonAdded(TotpOffer(welcome.totp.secret, welcome.totp.uri), welcome.recovery_codes)

    def _end_others(self, session: LiveSession) -> None:
        who = session.person.username
        self._desk.end_sessions(lambda live: live is not session and live.person.username == who)
