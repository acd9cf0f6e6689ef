"""A few things remembered between two pages, in memory only: a search, the first page of set-up, a new person's codes.

Each lies under a random name that says nothing, so that no number or name is ever part of a URL.
"""

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """Things by opaque name, each only for the owner who put it there, for a time, and only so many in all."""

    def __init__(self, most: int, keep_s: float, monotonic: Callable[[], float]) -> None:
        """Keep at most ``most`` things, the oldest going first, each for ``keep_s`` seconds of ``monotonic``."""
        self._most, self._keep_s, self._monotonic = most, keep_s, monotonic
        self._things: OrderedDict[str, tuple[float, bytes, T]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, thing: T, owner: bytes = b"") -> str:
        """Keep ``thing`` and return its name: 128 random bits. ``owner`` is a session's token, or empty for anyone."""
        name = secrets.token_urlsafe(16)
        with self._lock:
            self._things[name] = (self._monotonic() + self._keep_s, _digest(owner), thing)
            while len(self._things) > self._most:
                self._things.popitem(last=False)
        return name

    def get(self, name: str, owner: bytes = b"") -> T | None:
        """Return the thing of that name; None where it is somebody else's, has been forgotten or never was."""
        with self._lock:
            until, whose, thing = self._things.get(name, (0.0, b"", None))
            if until <= self._monotonic():
                self._things.pop(name, None)
                return None
        return thing if whose == _digest(owner) else None

    def drop(self, name: str) -> None:
        """Forget the thing of that name, if there is one."""
        with self._lock:
            self._things.pop(name, None)


def _digest(owner: bytes) -> bytes:
    return hashlib.sha256(owner).digest()
