"""One letter: a shipped text, or the practice's own, with its placeholders filled in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from string import Template

from appliance.errors import WordsMissing

CONFIRM = "Draft wording: confirm with your data protection officer before you use it."
"""Stands beside each letter whose text nobody has confirmed; it is not part of the letter."""

_NAME = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


class LetterKind(StrEnum):
    """Which letter."""

    ACKNOWLEDGEMENT = "acknowledgement"
    IDENTITY = "identity"
    CLARIFICATION = "clarification"
    EXTENSION = "extension"
    APPOINTMENT = "appointment"
    COVER = "cover"
    NOTHING_FOUND = "nothing_found"
    REFUSAL = "refusal"
    COMPLAINT_ACKNOWLEDGEMENT = "complaint_acknowledgement"
    COMPLAINT_DELAY = "complaint_delay"
    COMPLAINT_ANSWER = "complaint_answer"
    DATA_COMPLAINT_ACKNOWLEDGEMENT = "data_complaint_acknowledgement"
    DATA_COMPLAINT_ANSWER = "data_complaint_answer"
    BODY_COVER = "body_cover"
    BODY_REFUSAL = "body_refusal"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready to be edited and printed: ``body`` in paragraphs, ``note`` for the practice's eyes alone."""

    kind: LetterKind
    subject: str
    body: tuple[str, ...]
    note: str


@cache
def shipped_text(kind: LetterKind) -> str:
    """Return the text that the box is shipped with: the subject, an empty line, paragraphs."""
    return resources.files("appliance.casework.letters").joinpath(f"{kind.value}.txt").read_text("utf-8")


def editable(text: str) -> str:
    """Return a letter's text with each paragraph on one line, as it is changed on a page."""
    return "\n\n".join(_paragraphs(text))


def placeholders(kind: LetterKind) -> frozenset[str]:
    """Return the names that a letter of this kind may use; a practice's own text has no other."""
    return _names(shipped_text(kind))


def letter(kind: LetterKind, values: Mapping[str, str], own_text: str = "", *, confirmed: bool = False) -> Letter:
    """Fill a letter in. ``own_text`` is the practice's own wording, in the same form.

    Raises:
        WordsMissing: a placeholder is unknown or has no value; the text names it.
    """
    text = checked_text(kind, own_text) if own_text else shipped_text(kind)
    for name in sorted(_names(text)):
        if not values.get(name, "").strip():
            raise WordsMissing(f"The letter needs “{name.replace('_', ' ')}”.")
    subject, *paragraphs = _paragraphs(text)
    filled = tuple(Template(one).substitute(values) for one in paragraphs)
    return Letter(kind, Template(subject).substitute(values), filled, "" if confirmed else CONFIRM)


def checked_text(kind: LetterKind, own_text: str) -> str:
    """Return a practice's own text if it can be filled in.

    Raises:
        WordsMissing: no subject and paragraph, or a placeholder that this letter does not know.
    """
    if len(_paragraphs(own_text)) < 2:
        raise WordsMissing("A letter has a subject, an empty line, and at least one paragraph.")
    if not Template(own_text).is_valid():
        raise WordsMissing("A “$” stands alone. Write “$$” for the sign itself.")
    unknown = sorted(_names(own_text) - placeholders(kind))
    if unknown:
        raise WordsMissing(f"This letter does not know “${unknown[0]}”. It knows: {', '.join(placeholders(kind))}.")
    return own_text


def _names(text: str) -> frozenset[str]:
    return frozenset(braced or bare for _, braced, bare in _NAME.findall(text) if braced or bare)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
