"""Copies that leave the box: made while somebody waits, recorded before they can be taken, kept in memory alone."""

from enum import StrEnum

from appliance.link.messages.base import Message, Signed
from appliance.model.calls import CallId


class Fill(StrEnum):
    """What stands in the place of what was cut."""

    SILENCE = "silence"
    TONE = "tone"


class MakePack(Signed, frozen=True):
    """Begin to make a copy for an access request or a body -> ``Done``. Needs a fresh sign-in and the case's steps.

    ``means`` is how the copy goes out and ``passphrase_by`` how the passphrase does, which must be another way.
    ``parts``: for a body, what of a call is given, in seconds; whole calls where it has none.
    """

    reference: str
    calls: tuple[CallId, ...]
    to: str
    means: str
    passphrase_by: str
    fill: Fill = Fill.TONE
    parts: tuple[tuple[CallId, float, float], ...] = ()


class AskPack(Signed, frozen=True):
    """-> ``PackState`` of the copy of this reference that this person asked for."""

    reference: str


class PackStage(StrEnum):
    """How far a copy is."""

    NONE = "none"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class PackState(Message, frozen=True):
    """``done`` from 0 to 1. ``passphrase`` and ``custody`` (its sheet) once it is ready; ``why`` where it failed."""

    stage: PackStage
    done: float = 0.0
    size: int = 0
    sha256: str = ""
    passphrase: str = ""
    custody: str = ""
    why: str = ""


class ReadPack(Signed, frozen=True):
    """-> ``PackPiece``: a range of the archive. The first reading of it is written in the journal."""

    reference: str
    offset: int
    length: int


class PackPiece(Message, frozen=True):
    """``total`` is the archive's whole length."""

    total: int
    data: bytes


class DropPack(Signed, frozen=True):
    """Let go of the copy -> ``Done``."""

    reference: str


Request = MakePack | AskPack | ReadPack | DropPack

Reply = PackState | PackPiece
