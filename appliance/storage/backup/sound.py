"""Is a file of the box still fit to take an older copy's place? A backup must not learn a failing card's mistakes."""

import hashlib

import msgspec

from appliance.codec import from_json
from appliance.errors import SealBroken
from appliance.model.calls import CallId
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
