"""Telephone numbers as they are compared: digits alone, and the United Kingdom's +44 as 0."""

import re

_HOME = "44"


def normal_number(text: str | None) -> str:
    """Return a number, or a part of one, in its comparable form: ``+44 1632 960846`` and ``01632 960 846`` are alike.

    Another country's ``+33`` becomes ``0033``, as it is dialled here. Whatever is not a digit is left out, the ``(0)``
    of ``+44 (0)1632`` too.
    """
    if not text:
        return ""
    tidy = re.sub(r"^\s*(?:\+|00)\s*44\s*\(0\)", "+44", text)
    digits = re.sub(r"[^0-9]", "", tidy)
    if tidy.lstrip(" (").startswith("+"):
        digits = f"00{digits}"
    if digits.startswith(f"00{_HOME}"):
        rest = digits[2 + len(_HOME) :]
        return rest if rest.startswith("0") else f"0{rest}"
    return digits
