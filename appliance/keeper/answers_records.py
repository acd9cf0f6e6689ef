"""The journal, page by page and in words."""

from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.journalwords import in_words
from appliance.link.messages.records import JournalPage, JournalRow, ReadJournal
from appliance.model.people import Right
from appliance.storage.journalcheck import pages

MOST_A_PAGE = 200


class RecordAnswers:
    """Answers to whoever may read the journal."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {ReadJournal: self.page}

    def page(self, request: ReadJournal) -> JournalPage:
        """Return a page of the journal, newest first, and whether it adds up."""
        self._desk.gate.with_right(request, Right.READ_JOURNAL)
        per_page = max(1, min(request.per_page, MOST_A_PAGE))
        total, lines = pages(self._stores.journal_folder, max(1, request.page), per_page)
        rows = tuple(JournalRow(line.number, line.at, line.who, in_words(line), line.call) for line in lines)
        state = self._desk.journal_state
        intact = self._stores.journal.broken_after is None and (state.report is None or state.report.intact)
        return JournalPage(total, rows, intact, state.checked_at)
