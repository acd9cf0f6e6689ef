"""What somebody wants of a line while a call goes on: a pause, an end of it, or not to be recorded at all.

The site asks the keeper, and the keeper leaves the recorder a note in the ``intake`` folder, which is all that it ever
tells it. A wish is for now: one that is older than a few seconds, or of another boot, is nobody's any more.
"""

from dataclasses import dataclass
from enum import StrEnum

VALID_S = 5.0
"""How old a wish may be when the recorder finds it."""


class WishKind(StrEnum):
    """What is wanted. ``PAUSE`` is for card payments and ends by itself; ``OBJECT`` lasts to the end of the call."""

    PAUSE = "pause"
    RESUME = "resume"
    OBJECT = "object"
    LAMP_TEST = "lamp_test"


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish. ``number`` grows; ``line`` counts from 1, 0 for the whole box; ``boottime_s`` is when it was made.

    ``by`` is the username of whoever wants it.
    """

    number: int
    kind: WishKind
    line: int
    boot_id: str
    boottime_s: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class KeeperWord:
    """The note: the latest wishes, and whether an alarm of the keeper's stands, for the box's lamp."""

    wishes: tuple[Wish, ...] = ()
    attention: bool = False


FILE_NAME = "word.json"
"""In the ``intake`` folder: a ``KeeperWord``."""
