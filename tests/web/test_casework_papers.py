"""Papers and the report as PDF: one page where one is promised, with the fonts in the file."""

from dataclasses import replace
from datetime import date

import pytest

from appliance.casework.assurance import MonthCounts, monthly_report
from appliance.casework.papers.paper import Block, BlockKind, PaperKind, Sheet, blocks, paper
from appliance.web.reports import as_sheet
from appliance.web.sheets import pdf

WORST = MonthCounts(
    first=date(2026, 9, 1), last=date(2026, 9, 30), lines=2, recorded=41_200, missed=212, gaps=31, gaps_s=4000.0,
    damaged=1, heard=31, exported=2, held=3, deleted=3890, expired_not_deleted=1, requests_open=1, requests_overdue=1,
    complaints_open=2, complaints_overdue=1, disclosures=1, announcements_wrong=3, disk_months_left=None,
    clock_unsure_min=None, backup_on=None, restore_tested_on=None, journal_entries=18_204, journal_intact=False,
    anchor="ab" * 32,
)  # fmt: skip
VALUES = dict.fromkeys(
    (
        "practice",
        "today",
        "lines",
        "months",
        "announcements",
        "dpo",
        "address",
        "telephone",
        "ico_number",
        "commissioner",
    ),
    "what is filled in",
)


def pages(made):
    return made.count(b"/Type /Page\n")


@pytest.mark.parametrize("counts", [WORST, replace(WORST, gaps=None)])
def test_the_worst_month_is_one_page(counts):
    made = pdf(as_sheet(monthly_report("The Long Named Surgery of Anytown and Otherville", counts)), "report")
    assert pages(made) == 1


@pytest.mark.parametrize("kind", list(PaperKind))
def test_a_paper_is_filled_in_and_has_its_fonts_with_it(kind):
    sheet = paper(kind, VALUES)
    said = " ".join(cell for block in sheet.blocks for cell in block.cells)
    assert ("what is filled in" in said) is (kind is not PaperKind.RECOVERY_SHEET)
    made = pdf(sheet, "a paper")
    assert made.count(b"/FontFile2") >= 1
    assert pages(made) <= 2


def test_a_paper_without_a_value_is_not_printed_with_a_gap_that_nobody_sees():
    with pytest.raises(KeyError):
        paper(PaperKind.POSTER, {})


def test_a_text_is_read_into_its_blocks():
    read = blocks(["## One", "words", "- an item", "| a | b", "| c | d", "words", "| e | f"])
    assert [block.kind for block in read] == [
        BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.HEAD_ROW, BlockKind.ROW,
        BlockKind.PARAGRAPH, BlockKind.HEAD_ROW,
    ]  # fmt: skip
    assert read[4].cells == ("c", "d")


def test_any_letter_becomes_a_pdf_whatever_people_typed():
    typed = "<b>bold</b> & “quoted” – ümlaut, ellipsis… €5 **not bold** " * 40
    letter = Sheet(
        "Subject", tuple(Block(BlockKind.PARAGRAPH, (text,)) for text in ("A\nB", "Monday", typed)), letter=True
    )
    assert pdf(letter, "letter").startswith(b"%PDF-")
