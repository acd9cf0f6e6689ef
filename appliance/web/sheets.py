"""Papers as PDF: the one door to fpdf2. The fonts travel with the file, so that it looks the same everywhere."""

import io
from collections.abc import Sequence
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from appliance.casework.papers.paper import SIGN_OFF, Block, BlockKind, Sheet

_FONTS = Path(__file__).with_name("fonts")
_FAMILY = "dejavu"
_MARGIN_MM = 20
_TEAL, _BLACK, _GREY = (11, 87, 89), (0, 0, 0), (80, 80, 80)
_SIZES, _LARGE, _DENSE = (16, 11, 10), (40, 26, 24), (13, 9, 8.5)
"""Points of title, heading and text: as usual, to be read from afar, and to fit on one page."""

_WINDOW_MM, _BELOW_WINDOW_MM = 50, 90
"""From the top of the page: where an address stands behind the window, and where it has ended."""

_TO_SIGN_MM = 16
"""Room for a signature."""

_BULLET_MM = 4
_COLUMNS = {2: (1, 2), 3: (3, 5, 3)}
"""How wide the columns of a table are, by their number."""

_ROWS = frozenset({BlockKind.ROW, BlockKind.HEAD_ROW})


def pdf(sheet: Sheet, foot: str) -> bytes:
    """Return a sheet as A4 pages; ``foot`` stands below each."""
    title, heading, text = _LARGE if sheet.large else _DENSE if sheet.dense else _SIZES
    page = _Page(foot)
    page.add_page()
    if sheet.note:
        page.say(sheet.note, 9, colour=_GREY, after=3)
    left = list(sheet.blocks)
    if sheet.letter:
        page.letterhead(sheet.head)
        page.address(left.pop(0).text, left.pop(0).text)
        page.say(sheet.title, heading, bold=True, after=4)
    else:
        page.say(sheet.title, title, bold=True, colour=_TEAL, after=4)
    while left:
        rows = _leading_rows(left)
        if rows:
            page.rows([row.cells for row in rows], text)
            left = left[len(rows) :]
            continue
        block = left.pop(0)
        if block.kind is BlockKind.HEADING:
            page.say(block.text, heading, bold=True, before=3, after=1)
        elif block.kind is BlockKind.ITEM:
            page.item(block.text, text)
        else:
            signs = sheet.letter and block.text.startswith(SIGN_OFF)
            page.say(block.text, text, after=_TO_SIGN_MM if signs else 8 if sheet.large else 2.5)
    out = io.BytesIO()
    page.output(out)
    return out.getvalue()


class _Page(FPDF):
    """A4 with our fonts and a line at its foot."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self._foot = foot
        self.set_margin(_MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=_MARGIN_MM)
        self.add_font(_FAMILY, "", _FONTS / "DejaVuSans.ttf")
        self.add_font(_FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.set_lang("en-GB")
        self.set_title(foot)

    def footer(self) -> None:
        """Draw the foot: what it is, and the page."""
        self.set_y(-15)
        self.set_font(_FAMILY, "", 8)
        self.set_text_color(*_GREY)
        self.cell(0, 5, f"{self._foot} – page {self.page_no()} of {{nb}}", align="L")

    def say(
        self, text: str, size: float, *, bold: bool = False, colour: Sequence[int] = _BLACK,
        before: float = 0, after: float = 0, indent: float = 0,
    ) -> None:  # fmt: skip
        """Write a paragraph; spaces in millimetres."""
        self.set_font(_FAMILY, "B" if bold else "", size)
        self.set_text_color(*colour)
        self.ln(before)
        self.set_x(_MARGIN_MM + indent)
        self.multi_cell(0, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(after)

    def item(self, text: str, size: float) -> None:
        """Write an item of a list; its lines stand below each other, beside the bullet."""
        self.set_font(_FAMILY, "", size)
        self.set_text_color(*_BLACK)
        self.set_x(_MARGIN_MM + _BULLET_MM)
        self.cell(_BULLET_MM, size * 0.5, "•")
        self.multi_cell(0, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(1)

    def letterhead(self, lines: Sequence[str]) -> None:
        """Write the practice's name, and below it where it is, above where the window shows."""
        for size, line in zip((14, *[9] * len(lines)), lines, strict=False):
            self.say(line, size, bold=size > 9, colour=_TEAL if size > 9 else _GREY)

    def address(self, address: str, day: str) -> None:
        """Write name and address where a window envelope (DL) shows them, and the date below."""
        self.set_y(_WINDOW_MM)
        self.say(address, 11)
        self.set_y(max(self.get_y() + 8, _BELOW_WINDOW_MM))
        self.say(day, 11, after=6)

    def rows(self, rows: Sequence[Sequence[str]], size: float) -> None:
        """Write a table, its first row as its head."""
        self.set_font(_FAMILY, "", size - 1)
        self.set_text_color(*_BLACK)
        self.set_draw_color(160, 160, 160)
        with self.table(
            col_widths=_COLUMNS.get(len(rows[0])),
            headings_style=FontFace(emphasis="BOLD", fill_color=(232, 241, 241)),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=size * 0.5,
            text_align="LEFT",
            padding=1 if size > _SIZES[2] - 1 else 0.55,
        ) as table:
            for cells in rows:
                row = table.row()
                for cell in cells:
                    row.cell(cell)
        self.ln(2)


def _leading_rows(left: Sequence[Block]) -> list[Block]:
    """Return the table that ``left`` begins with: its head and rows, up to the head of the next."""
    ends = (at for at, block in enumerate(left) if block.kind not in _ROWS or (at and block.kind is BlockKind.HEAD_ROW))
    return list(left[: next(ends, len(left))])
