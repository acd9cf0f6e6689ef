"""What the site refused by itself, written down like what the keeper refuses."""

import logging
import re
import threading

from appliance.errors import JournalRefused
from appliance.keeper.desk import Desk, Handlers
from appliance.link.messages.base import Done
from appliance.link.messages.sessions import NoteRefusal
from appliance.storage.journalline import Act

log = logging.getLogger(__name__)

AGAIN_S = 60.0
"""The same page and person are written down again only after this: a page loaded in a loop fills no journal."""

_PAGE = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}", re.ASCII)
_MOST = 1000


class RefusalAnswers:
    """Answers to the site's word that it let somebody not in."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk = desk
        self._lock = threading.Lock()
        self._noted: dict[tuple[str, str], float] = {}

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {NoteRefusal: self.note}

    def note(self, request: NoteRefusal) -> Done:
        """Write it down. The site's refusal stands even if that fails, and a name that is none is not repeated."""
        who = self._desk.gate.signed_in(request).person.username
        page = request.page if _PAGE.fullmatch(request.page) else "a page"
        if self._is_new((who, page)):
            try:
                self._desk.stores.journal.append(Act.REFUSED, who, request=page)
            except JournalRefused:
                log.error("a refusal could not be written in the journal")
        return Done()

    def _is_new(self, refusal: tuple[str, str]) -> bool:
        now_s = self._desk.clock.monotonic()
        with self._lock:
            fresh = {key: at_s for key, at_s in self._noted.items() if now_s - at_s < AGAIN_S}
            self._noted = fresh if len(fresh) < _MOST else {}
            return self._noted.setdefault(refusal, now_s) == now_s
