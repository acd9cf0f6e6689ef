"""One paper: a shipped text with its gaps filled in, read into blocks that a page and a PDF show alike.

The texts are plain: ``#`` a title, ``##`` a heading, ``-`` an item, ``|`` a row of a table, anything else a paragraph.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from string import Template


class PaperKind(StrEnum):
    """Which paper."""

    DPIA = "dpia"
    ROPA = "ropa"
    PRIVACY_NOTICE = "privacy_notice"
    POSTER = "poster"
    TELEPHONE_SCRIPT = "telephone_script"
    STAFF_NOTICE = "staff_notice"
    RETENTION_ENTRY = "retention_entry"
    LAMP_CARD = "lamp_card"
    RECOVERY_SHEET = "recovery_sheet"


TITLES: Mapping[PaperKind, str] = {
    PaperKind.DPIA: "Data protection impact assessment",
    PaperKind.ROPA: "Record of processing",
    PaperKind.PRIVACY_NOTICE: "Privacy notice, section on recordings",
    PaperKind.POSTER: "Poster for the waiting room",
    PaperKind.TELEPHONE_SCRIPT: "Telephone script",
    PaperKind.STAFF_NOTICE: "Notice to staff",
    PaperKind.RETENTION_ENTRY: "Entry for the retention schedule",
    PaperKind.LAMP_CARD: "Card beside the lamps",
    PaperKind.RECOVERY_SHEET: "Where the recovery sheet is",
}

CONFIRM = "Draft: confirm with your data protection officer before you use it."
TO_CONFIRM = frozenset(PaperKind) - {PaperKind.LAMP_CARD, PaperKind.RECOVERY_SHEET}
"""Papers whose wording is of law; the other two are of the box."""


SIGN_OFF = "Yours "


class BlockKind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    HEAD_ROW = "head_row"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its text, or of a row its cells."""

    kind: BlockKind
    cells: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text of a block that is no row."""
        return self.cells[0]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper to be shown or printed: ``note`` stands above it, ``large`` for what is read from afar.

    Of a ``letter`` the first block is the address and the second the date; its title is the subject below them, and
    ``head`` the lines of the practice's letterhead. ``SIGN_OFF`` begins the paragraph below which one
    signs. ``dense``: to fit on one page.
    """

    title: str
    blocks: tuple[Block, ...]
    note: str = ""
    large: bool = False
    letter: bool = False
    dense: bool = False
    head: tuple[str, ...] = ()


def paper(kind: PaperKind, values: Mapping[str, str], *, confirmed: bool = False) -> Sheet:
    """Return a paper filled in; a draft until the data protection officer has confirmed it."""
    filled = Template(_shipped(kind)).substitute(values)
    title, *lines = [line.strip() for line in filled.splitlines() if line.strip()]
    note = CONFIRM if kind in TO_CONFIRM and not confirmed else ""
    return Sheet(title.removeprefix("# "), blocks(lines), note, large=kind is PaperKind.POSTER)


def blocks(lines: Sequence[str]) -> tuple[Block, ...]:
    """Return the blocks of a text's lines; the first row of a table is its head."""
    found: list[Block] = []
    for line in lines:
        if line.startswith("## "):
            found.append(Block(BlockKind.HEADING, (line[3:],)))
        elif line.startswith("- "):
            found.append(Block(BlockKind.ITEM, (line[2:],)))
        elif line.startswith("|"):
            rows = {BlockKind.ROW, BlockKind.HEAD_ROW}
            kind = BlockKind.ROW if found and found[-1].kind in rows else BlockKind.HEAD_ROW
            found.append(Block(kind, tuple(cell.strip() for cell in line[1:].split("|"))))
        else:
            found.append(Block(BlockKind.PARAGRAPH, (line,)))
    return tuple(found)


@cache
def _shipped(kind: PaperKind) -> str:
    return resources.files("appliance.casework.papers").joinpath(f"{kind.value}.txt").read_text("utf-8")
