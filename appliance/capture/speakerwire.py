"""What the recorder and the child process that plays say to each other, on its stdin and its stdout."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

_REQUEST = struct.Struct("<IIIi")
_STARTED = struct.Struct("<cd")
_TROUBLE = struct.Struct("<cI")

_LONGEST_NAME, _LONGEST_PCM = 1000, 1 << 26

Read = Callable[[int], bytes]
"""Gives exactly so many bytes, fewer only at the end."""


@dataclass(frozen=True, slots=True)
class Request:
    """Play ``pcm`` (signed 16 bits, mono) at ``rate`` Hz on a channel (from 0) of the card that answers to ``card``.

    A ``channel`` of -1 is all of them.
    """

    card: str
    channel: int
    rate: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Started:
    """The first sample left for the card at ``at_s`` of the monotonic clock, as near as the card tells."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Ended:
    """It was played to its end."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not, and why."""

    text: str


Reply = Started | Ended | Failed


def packed_request(request: Request) -> bytes:
    """Return the bytes of a request."""
    name = request.card.encode()
    return _REQUEST.pack(len(name), len(request.pcm), request.rate, request.channel) + name + request.pcm


def read_request(read: Read) -> Request | None:
    """Read one request; None at the end."""
    head = read(_REQUEST.size)
    if len(head) < _REQUEST.size:
        return None
    name, pcm, rate, channel = _REQUEST.unpack(head)
    if name > _LONGEST_NAME or pcm > _LONGEST_PCM:
        return None
    return Request(read(name).decode(), channel, rate, read(pcm))


def packed_reply(reply: Reply) -> bytes:
    """Return the bytes of a reply."""
    if isinstance(reply, Started):
        return _STARTED.pack(b"S", reply.at_s)
    if isinstance(reply, Ended):
        return b"E"
    text = reply.text.encode()
    return _TROUBLE.pack(b"T", len(text)) + text


class Replies:
    """Turns the child's bytes, in pieces of any size, back into replies."""

    def __init__(self) -> None:
        """Nothing has come."""
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Reply]:
        """Return the replies that are whole now.

        Raises:
            ValueError: these are not a child's bytes.
        """
        self._pending += data
        replies = []
        while (reply := self._next()) is not None:
            replies.append(reply)
        return replies

    def _next(self) -> Reply | None:
        kind = bytes(self._pending[:1])
        if kind == b"E":
            del self._pending[:1]
            return Ended()
        if kind == b"S" and len(self._pending) >= _STARTED.size:
            _, at_s = _STARTED.unpack_from(self._pending)
            del self._pending[: _STARTED.size]
            return Started(at_s)
        if kind == b"T" and len(self._pending) >= _TROUBLE.size:
            _, length = _TROUBLE.unpack_from(self._pending)
            end = _TROUBLE.size + length
            if length <= _LONGEST_NAME and len(self._pending) >= end:
                text = self._pending[_TROUBLE.size : end].decode()
                del self._pending[:end]
                return Failed(text)
        if kind not in (b"", b"S", b"T"):
            raise ValueError("not a reply")
        return None
