"""Values to bytes and back: canonical JSON for what rests on disk, MessagePack for what crosses a socket."""

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from appliance.errors import SealBroken

T = TypeVar("T")


def to_json(value: Any) -> bytes:
    """Encode as canonical JSON: keys sorted, no white space, so that the same value is always the same bytes."""
    return msgspec.json.encode(value, order="deterministic")


def from_json(data: bytes, kind: type[T]) -> T:
    """Decode JSON as ``kind``.

    Raises:
        SealBroken: the bytes are not JSON, or not of that shape. The text never quotes the bytes.
    """
    try:
        return msgspec.json.decode(data, type=kind, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise SealBroken(f"This is not a well-formed {kind.__name__}.") from wrong


def read_json(path: Path, kind: type[T]) -> T | None:
    """Read ``path`` as ``kind``; None when there is no such file.

    Raises:
        SealBroken: it is there and cannot be understood.
    """
    try:
        return from_json(path.read_bytes(), kind)
    except FileNotFoundError:
        return None
