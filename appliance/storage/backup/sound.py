"""Is a file of the box still fit to take an older copy's place? A backup must not learn a failing card's mistakes."""

import hashlib
from pathlib import Path

import msgspec

from appliance.codec import from_json
from appliance.errors import SealBroken
from appliance.model.calls import CallId
from appliance.storage.backup.sums import FileSum
from appliance.storage.sheet import parse


class _Checked(msgspec.Struct, frozen=True):
    body: msgspec.Raw
    sum: str


def sheet_kid(data: bytes, call_id: CallId) -> str:
    """Return the name of the key that a sheet is sealed to; empty where the sheet is damaged."""
    try:
        return parse(data, call_id).opening.kid
    except SealBroken:
        return ""


def has_gone_on(path: Path, told: FileSum) -> bool:
    """Return whether a file that is not as listed is a whole sheet, no shorter than it was then.

    A run that was cut off between copying a sheet that had changed and listing it leaves that; the next run lists it.
    """
    if path.suffix != ".meta" or not path.exists() or path.stat().st_size < told.size:
        return False
    return bool(sheet_kid(path.read_bytes(), CallId(path.stem)))


def is_sound(name: str, data: bytes) -> bool:
    """Return whether a file of the vault that is JSON can be read, and says what its own sum says, if it has one."""
    if not name.endswith(".json"):
        return bool(data)
    if data.startswith(b'{"body":'):
        try:
            file = from_json(data, _Checked)
        except SealBroken:
            return False
        return hashlib.sha256(bytes(file.body)).hexdigest() == file.sum
    try:
        from_json(data, object)
    except SealBroken:
        return False
    return True
