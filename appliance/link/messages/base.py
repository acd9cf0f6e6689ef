"""The roots of every message, and the replies that many requests share."""

import msgspec


class Message(msgspec.Struct, frozen=True, tag=True):
    """The root of every message; the class name is the tag on the wire."""


class Signed(Message, frozen=True):
    """A request by somebody signed in. ``token`` is the 32 random bytes of their session."""

    token: bytes


class Done(Message, frozen=True):
    """It was done; there is nothing to say about it."""


class Refused(Message, frozen=True):
    """It was not done. ``error`` is the name of a class in ``appliance.errors``; ``text`` is fit to be shown."""

    error: str
    text: str
    wait_s: int = 0


Reply = Done | Refused
