"""Caller display as a modem writes it out (``+VCID=1``): DATE, TIME, NMBR, NAME, one a line; P or O for no number."""

import re

from appliance.model.calls import Caller, CallerIdentity

_FIELD = re.compile(r"^\s*(DATE|TIME|NMBR|DDN|NAME|MESG)\s*=\s*(.*?)\s*$")
_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")

_ABSENT = {
    "P": CallerIdentity.WITHHELD,
    "PRIVATE": CallerIdentity.WITHHELD,
    "WITHHELD": CallerIdentity.WITHHELD,
    "O": CallerIdentity.UNAVAILABLE,
    "UNAVAILABLE": CallerIdentity.UNAVAILABLE,
    "OUT OF AREA": CallerIdentity.UNAVAILABLE,
}
_LONGEST_NAME = 50


class CallerText:
    """Takes lines as they come, and gives a caller when their number has come. DATE begins the next caller's."""

    def __init__(self) -> None:
        """Nothing has come."""
        self._name: str | None = None

    def line(self, text: str) -> Caller | None:
        """Return the caller that ``text`` makes known; None for any other line."""
        field = _FIELD.match(text)
        if field is None:
            return None
        tag, value = field.groups()
        if tag == "DATE":
            self._name = None
        if tag == "NAME" and value not in _ABSENT:
            self._name = value[:_LONGEST_NAME] or None
        return self._caller(value) if tag == "NMBR" else None

    def report(self, text: str) -> Caller | None:
        """Return the caller of a whole report, whatever the order of its lines."""
        lines = re.split(r"[\r\n]+", text)
        found = None
        for line in sorted(lines, key=lambda one: "NMBR" in one):
            found = self.line(line) or found
        return found

    def _caller(self, value: str) -> Caller:
        absent = _ABSENT.get(value.upper())
        if absent is not None:
            return Caller(absent, None, self._name)
        digits = value.replace(" ", "").replace("-", "")
        if _NUMBER.fullmatch(digits):
            return Caller(CallerIdentity.NUMBER, digits, self._name)
        return Caller(CallerIdentity.UNAVAILABLE, None, self._name)


def is_caller_text(text: str) -> bool:
    """Say whether a line is of caller display: then it holds personal data and goes into no log."""
    return _FIELD.match(text) is not None
