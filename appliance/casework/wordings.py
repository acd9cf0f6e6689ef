"""The practice's own details and wordings for letters and papers: filled in once, kept beside the cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from appliance.casework.cases import CASEWORKERS, DECIDERS, Recorded, must_be, noted
from appliance.casework.letters.letter import LetterKind, checked_text
from appliance.casework.papers.paper import TO_CONFIRM, PaperKind
from appliance.errors import WordsMissing
from appliance.model.people import Person

LONGEST_DETAIL = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Wordings(Recorded):
    """``details`` by name (``DETAILS``); ``texts`` are the practice's own letters; ``confirmed``: seen by its DPO.

    ``papers`` that the data protection officer has confirmed, and when: those are drafts no more.
    """

    details: dict[str, str]
    texts: dict[LetterKind, str]
    confirmed: tuple[LetterKind, ...] = ()
    confirmed_on: date | None = None
    papers: dict[PaperKind, date] = field(default_factory=dict)

    def detail(self, name: str) -> str:
        """Return a detail, or a gap to be filled in by hand."""
        return self.details.get(name, "").strip() or f"[{DETAILS[name]}]"


DETAILS: Mapping[str, str] = {
    "address": "Address of the practice",
    "telephone": "Telephone of the practice",
    "website": "Website of the practice",
    "contact_person": "Whom a visitor asks for at reception",
    "dpo": "Data protection officer: name and how to reach them",
    "ico_number": "Registration number with the Information Commissioner",
    "advocacy": "Independent complaints advocacy service",
}
"""What letters and papers need to know of the practice, beside its name."""

COMMISSIONER = (
    "Information Commissioner’s Office, Wycliffe House, Water Lane, Wilmslow SK9 5AF, 0303 123 1113, ico.org.uk"
)
OMBUDSMAN = "Parliamentary and Health Service Ombudsman, 0345 015 4033, www.ombudsman.org.uk"


def shipped() -> Wordings:
    """Return what the box is shipped with: nothing filled in."""
    return Wordings(details={}, texts={})


def fill_in(wordings: Wordings, by: Person, today: date, details: dict[str, str]) -> Wordings:
    """Write the practice's details down, in the place of those of the same name.

    Raises:
        NotAllowed
        WordsMissing: a detail that nothing asks for, or one that is too long.
    """
    must_be(by, CASEWORKERS, "fill in the practice's details")
    for name, words in details.items():
        if name not in DETAILS or len(words) > LONGEST_DETAIL:
            raise WordsMissing(f"A detail is one of those on the page, and at most {LONGEST_DETAIL} characters.")
    kept = {**wordings.details, **{name: " ".join(words.split()) for name, words in details.items()}}
    return noted(wordings, by, today, "details filled in", details=kept)


def reword(wordings: Wordings, by: Person, today: date, *, kind: LetterKind, text: str, confirmed: bool) -> Wordings:
    """Use the practice's own wording for a letter, or with no ``text`` the shipped one; and say if the DPO has seen it.

    Raises:
        NotAllowed
        WordsMissing: it cannot be filled in.
    """
    must_be(by, DECIDERS, "change the wording of a letter")
    texts = {one: words for one, words in wordings.texts.items() if one is not kind}
    if text.strip():
        texts[kind] = checked_text(kind, text)
    seen = {one for one in wordings.confirmed if one is not kind} | ({kind} if confirmed else set())
    return noted(wordings, by, today, "letter reworded", texts=texts, confirmed=tuple(sorted(seen)), confirmed_on=today)


def confirm_paper(wordings: Wordings, by: Person, today: date, *, kind: PaperKind, confirmed: bool) -> Wordings:
    """Note that the data protection officer has confirmed a paper as it is filled in now, or that it is a draft again.

    Raises:
        NotAllowed
        WordsMissing: the paper is none that needs it.
    """
    must_be(by, DECIDERS, "say that a paper is confirmed")
    if kind not in TO_CONFIRM:
        raise WordsMissing("This paper needs no confirmation: it is of the box and not of the law.")
    papers = {one: day for one, day in wordings.papers.items() if one is not kind}
    if confirmed:
        papers[kind] = today
    act = "paper confirmed" if confirmed else "paper a draft again"
    return noted(wordings, by, today, act, papers=papers)
