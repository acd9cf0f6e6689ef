"""Telephone numbers as a person in the UK reads them: "01632 960846", "020 7946 2329", "07700 900123"."""

import re
from collections.abc import Iterable

_GROUPS: tuple[tuple[str, tuple[int, ...]], ...] = (
    (r"02\d{9}", (3, 4, 4)),
    (r"0(?:11\d|1\d1)\d{7}", (4, 3, 4)),
    (r"0(?:3|8|9)\d{9}", (4, 3, 4)),
    (r"0\d{9,10}", (5, 6)),
)
"""Forms of national numbers with the lengths of their groups (Ofcom's National Telephone Numbering Plan)."""


def spaced(number: str) -> str:
    """Return the number with spaces where UK usage puts them; +44 becomes 0, anything not known stays as it is."""
    national = re.sub(r"\A(?:\+44|0044)0?", "0", number)
    for form, groups in _GROUPS:
        if re.fullmatch(form, national, re.ASCII):
            return " ".join(_cut(national, groups))
    return national


def _cut(number: str, groups: tuple[int, ...]) -> Iterable[str]:
    for length in groups:
        if number:
            yield number[:length]
        number = number[length:]
