"""Links back to where somebody was going, safe to follow: only ever a path of this site."""

import re

_PATH = re.compile(r"/(?!/)[A-Za-z0-9/_.~-]*(?:\?[A-Za-z0-9=&_.~-]*)?", re.ASCII)
_LONGEST = 300


def safe_path(text: str | None) -> str:
    """Return ``text`` if it is a plain path of this site, else "/": never another host, scheme or script."""
    if text and len(text) <= _LONGEST and _PATH.fullmatch(text):
        return text
    return "/"
