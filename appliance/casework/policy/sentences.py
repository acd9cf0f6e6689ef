"""A policy's text as sentences, each with the heading it stands under."""

import re
from dataclasses import dataclass

_BULLET = re.compile(r"^\s*(?:[·•*–-]|\d+[.)])\s*")
_LEFTOVER = re.compile(r"\[bookmark:[^\]]*\]")
_END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!\bDr\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)\s+(?=[A-Z“\"(])")
_HEADING_CHARS = 60
"""A line this short that ends like no sentence is a heading."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence or bullet. ``text`` has single spaces, so that a changed line break changes nothing."""

    heading: str
    text: str


def sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a policy in order; a bullet is one, a heading is none. Repeated ones are kept once."""
    heading, found = "", list[Sentence]()
    for paragraph in text.splitlines():
        line = " ".join(_LEFTOVER.sub("", paragraph).split())
        if _is_heading(line):
            heading = line
            continue
        found += [Sentence(heading, part) for part in _END.split(_BULLET.sub("", line)) if part]
    return tuple(dict.fromkeys(found))


def _is_heading(line: str) -> bool:
    return 0 < len(line) <= _HEADING_CHARS and not _BULLET.match(line) and line[-1] not in ".!?:;,"


def months_named(text: str) -> frozenset[int]:
    """Return the numbers of months that a text names: the page compares them with the setting."""
    years = {12 * int(number) for number in re.findall(r"\b(\d+)\s+years?\b", text)}
    return frozenset(years | {int(number) for number in re.findall(r"\b(\d+)\s+(?:calendar\s+)?months?\b", text)})
