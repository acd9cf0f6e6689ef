"""Who may do what: each request is let through here, whatever the site has checked already.

A request extends its session only if it is ``active``: WhoAmI, which the site asks for all that a person does, and
sound. What a page asks by itself must not keep somebody signed in who has left the room.
"""

import logging

from appliance.clock import Clock
from appliance.errors import FreshSignInNeeded, JournalRefused, NotAllowed
from appliance.keeper.sessions import LiveSession, Sessions
from appliance.link.messages.base import Signed
from appliance.model.calls import CallId
from appliance.model.people import Right
from appliance.storage.journal import Journal
from appliance.storage.journalline import Act

log = logging.getLogger(__name__)


class Gate:
    """Checks sessions and rights, and writes refusals down."""

    def __init__(self, sessions: Sessions, journal: Journal, clock: Clock) -> None:
        """Let through who has a session in ``sessions``."""
        self.sessions, self._journal, self._clock = sessions, journal, clock

    def signed_in(self, request: Signed, active: bool = False) -> LiveSession:
        """Return the session of a request that anybody signed in may make.

        Raises:
            NotSignedIn: there is none.
        """
        return self.sessions.find(request.token, active)

    def with_right(
        self, request: Signed, right: Right, call_id: CallId | None = None, *, active: bool = False
    ) -> LiveSession:
        """Return the session of a request that needs a right; it is extended if the request is ``active``.

        Raises:
            NotSignedIn: there is none. NotAllowed: the role has not the right.
        """
        session = self.signed_in(request, active)
        if not session.person.may(right):
            self.refused(session, request, call_id)
            raise NotAllowed("You do not have access to this. Ask the practice manager.")
        return session

    def freshly(self, request: Signed, right: Right, call_id: CallId | None = None) -> LiveSession:
        """As ``with_right``, and the password must have been given in the last ten minutes.

        Raises:
            FreshSignInNeeded: it was not.
        """
        session = self.with_right(request, right, call_id)
        self._check_fresh(session)
        return session

    def fresh(self, request: Signed) -> LiveSession:
        """As ``signed_in``, and the password must have been given in the last ten minutes.

        Raises:
            NotSignedIn: there is no session. FreshSignInNeeded: it was not.
        """
        session = self.signed_in(request)
        self._check_fresh(session)
        return session

    def refused(self, session: LiveSession, request: Signed, call_id: CallId | None) -> None:
        """Write down that somebody asked for what they may not have. A refusal stands even if that fails."""
        try:
            self._journal.append(Act.REFUSED, session.person.username, call_id, request=type(request).__name__)
        except JournalRefused:
            log.error("a refusal could not be written in the journal")

    def _check_fresh(self, session: LiveSession) -> None:
        if not session.fresh(self._clock.monotonic()):
            raise FreshSignInNeeded("Give your password again to do this.")
