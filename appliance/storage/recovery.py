"""The recovery sheet: the private half of the recovery key as a person can print, keep and type it.

18 groups of four base32 characters (RFC 4648, without 0, 1, 8 and 9). In each group the first three are data and the
fourth checks them and their place, so that a mistyped group is named. The data are 270 bits: 256 of the key, then 14 of
a checksum over all of it.
"""

import hashlib
import re

from appliance.errors import SheetMistyped
from appliance.storage.unsealing import PRIVATE, PrivateKey

GROUPS = 18
_SIZE = 4
_CHECK_BITS = GROUPS * (_SIZE - 1) * 5 - PRIVATE * 8
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_LOOKALIKES = str.maketrans("018", "OIB")


def sheet_text(key: PrivateKey) -> str:
    """Return the sheet of ``key``: groups joined by hyphens."""
    raw = key.raw()
    number = (int.from_bytes(raw, "big") << _CHECK_BITS) | _checksum(raw)
    data = _base32(number, GROUPS * (_SIZE - 1))
    threes = (data[at : at + _SIZE - 1] for at in range(0, len(data), _SIZE - 1))
    return "-".join(three + _check(place, three) for place, three in enumerate(threes))


def parse_sheet(text: str) -> PrivateKey:
    """Read a sheet as somebody typed it: any case, any spaces and hyphens, 0 for O, 1 for I, 8 for B.

    Raises:
        SheetMistyped: it does not add up; the text says which group, where that can be told.
    """
    groups = _groups(text.upper().translate(_LOOKALIKES))
    for place, group in enumerate(groups):
        if len(group) != _SIZE or any(c not in _ALPHABET for c in group) or group[-1] != _check(place, group[:-1]):
            raise SheetMistyped(f"Group {place + 1} of the recovery sheet is mistyped. Compare it again.")
    if len(groups) != GROUPS:
        raise SheetMistyped(f"The recovery sheet has {GROUPS} groups of four characters; {len(groups)} were typed.")
    number = 0
    for character in "".join(group[:-1] for group in groups):
        number = number << 5 | _ALPHABET.index(character)
    raw = (number >> _CHECK_BITS).to_bytes(PRIVATE, "big")
    if number & ((1 << _CHECK_BITS) - 1) != _checksum(raw):
        raise SheetMistyped("The recovery sheet was mistyped somewhere. Compare every group again.")
    return PrivateKey(raw)


def _groups(text: str) -> list[str]:
    """Split as typed where it was typed in groups, else into fours."""
    typed = re.findall(r"[^\s\-–—.,:;_]+", text)
    if len(typed) > 1 and all(len(group) <= _SIZE for group in typed):
        return typed
    run = "".join(typed)
    return [run[at : at + _SIZE] for at in range(0, len(run), _SIZE)]


def _check(place: int, three: str) -> str:
    return _ALPHABET[hashlib.sha256(f"linekeeper sheet group {place} {three}".encode()).digest()[0] % 32]


def _checksum(raw: bytes) -> int:
    digest = hashlib.sha256(b"linekeeper recovery sheet 1\n" + raw).digest()
    return int.from_bytes(digest[:2], "big") >> (16 - _CHECK_BITS)


def _base32(number: int, length: int) -> str:
    return "".join(_ALPHABET[number >> 5 * (length - 1 - at) & 31] for at in range(length))
