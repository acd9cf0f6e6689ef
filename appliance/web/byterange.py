"""The Range header of one byte range (RFC 9110, 14.2). Pure."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes ``first`` up to and with ``last`` of a thing of ``total`` bytes. Never empty."""

    first: int
    last: int
    total: int

    @property
    def length(self) -> int:
        """How many bytes it is."""
        return self.last - self.first + 1

    def content_range(self) -> str:
        """Return the value of the Content-Range header."""
        return f"bytes {self.first}-{self.last}/{self.total}"


class Unsatisfiable(ValueError):
    """The range lies past the end: answered with 416."""


def parse(header: str | None, total: int) -> ByteRange | None:
    """Read a Range header for a thing of ``total`` bytes.

    None means: answer with the whole. So do several ranges and anything malformed, which RFC 9110 lets a server ignore.

    Raises:
        Unsatisfiable: it is one well-formed range, and no byte of the thing is in it.
    """
    found = _ONE_RANGE.fullmatch(header or "")
    if not found or found[1] == found[2] == "":
        return None
    if not found[1]:
        return _suffix(int(found[2]), total)
    first, last = int(found[1]), int(found[2] or total)
    if last < first and found[2]:
        return None
    if first >= total:
        raise Unsatisfiable
    return ByteRange(first, min(last, total - 1), total)


def _suffix(length: int, total: int) -> ByteRange:
    if not length or not total:
        raise Unsatisfiable
    return ByteRange(max(0, total - length), total - 1, total)
