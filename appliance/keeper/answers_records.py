"""The journal, page by page and in words."""

from appliance.errors import JournalBroken
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.journalkinds import KINDS
from appliance.keeper.journalwords import in_words
from appliance.link.messages.records import (
    AnchorCompared,
    AskAnchor,
    CompareAnchor,
    JournalAnchor,
    JournalPage,
    JournalRow,
    ReadJournal,
)
from appliance.model.people import Right
from appliance.storage.journal import Anchor
from appliance.storage.journalcheck import chosen, holds, pages

MOST_A_PAGE = 200


class RecordAnswers:
    """Answers to whoever may read the journal."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {ReadJournal: self.page, AskAnchor: self.anchor, CompareAnchor: self.compare}

    def page(self, request: ReadJournal) -> JournalPage:
        """Return a page of the journal, newest first, and whether it adds up."""
        self._desk.gate.with_right(request, Right.READ_JOURNAL)
        per_page, page = max(1, min(request.per_page, MOST_A_PAGE)), max(1, request.page)
        if request.kind is None and request.call_id is None:
            total, lines = pages(self._stores.journal_folder, page, per_page)
        else:
            acts = KINDS[request.kind] if request.kind else frozenset()
            total, lines = chosen(self._stores.journal_folder, page, per_page, acts, request.call_id)
        rows = tuple(JournalRow(line.number, line.at, line.who, in_words(line), line.call) for line in lines)
        state = self._desk.journal_state
        report, broken_after = state.report, self._stores.journal.broken_after
        if broken_after is None and report is not None:
            broken_after = report.broken_after
        entries = report.count if report else 0
        return JournalPage(total, rows, broken_after is None, state.checked_at, entries, broken_after)

    def anchor(self, request: AskAnchor) -> JournalAnchor:
        """Return where the journal ends now, to be printed or kept elsewhere."""
        self._desk.gate.with_right(request, Right.READ_JOURNAL)
        anchor = self._stores.journal.anchor
        if anchor is None:
            raise JournalBroken("The journal is empty.")
        return JournalAnchor(anchor.number, anchor.sum)

    def compare(self, request: CompareAnchor) -> AnchorCompared:
        """Follow the journal from its first entry to one that was printed, and say whether it is still the same."""
        self._desk.gate.with_right(request, Right.READ_JOURNAL)
        journal = self._stores.journal
        anchor = Anchor(request.number, request.sum.strip().lower())
        return AnchorCompared(holds(self._stores.journal_folder, journal.public_key, anchor))
