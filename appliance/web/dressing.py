"""The files under /static: nginx sends them, kept by browsers for a year, so each is asked for by its own hash."""

import functools
import json
from pathlib import Path

_MANIFEST = Path(__file__).with_name("static") / "manifest.json"
_HASH_SHOWN = 12


def url(name: str) -> str:
    """Return the path of a file with its hash.

    Raises:
        KeyError: there is no such file.
    """
    return f"/static/{name}?v={_hashes()[name][:_HASH_SHOWN]}"


@functools.cache
def _hashes() -> dict[str, str]:
    return {row["file"]: row["sha256"] for row in json.loads(_MANIFEST.read_text(encoding="utf-8"))}
