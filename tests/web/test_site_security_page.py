"""SECURITY.md names tests that there are, and has every chapter that ASVS asks to be written down."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text()
WRITTEN = [
    "2.1.1", "2.1.2", "2.1.3", "5.1.1", "6.1.1", "6.1.2", "6.1.3", "7.1.1", "7.1.2", "8.1.1",
    "8.1.2", "11.1.1", "11.1.2", "13.1.1", "14.1.1", "14.1.2", "15.1.1", "15.1.3", "16.1.1",
]  # fmt: skip


ROWS = re.findall(r"^\| ([\d., ]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
DEFINED = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
}
REQUIRED = """
1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.2.9 1.3.2 1.3.7 1.3.10 1.5.2 2.2.1 2.2.2 2.2.3 2.3.1 2.3.2 2.3.3 2.4.1 3.2.1 3.3.1 3.3.2
3.3.3 3.3.4 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.5.1 3.5.3 3.7.2 4.1.1 4.1.2 4.1.3 4.2.1 5.2.1 5.2.2 5.3.2 5.4.1 5.4.2
6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.2.9 6.2.10 6.2.11 6.2.12 6.3.1 6.3.2 6.3.3 6.3.4 6.4.1 6.4.3 6.5.1
6.5.2 6.5.3 6.5.4 6.5.5 7.2.1 7.2.2 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2 8.2.1 8.2.2 8.2.3
11.2.3 11.3.1 11.4.1 11.5.1 12.1.1 12.1.2 12.2.1 13.4.1 13.4.2 13.4.3 13.4.4 13.4.5 13.4.6 14.2.1 14.3.1 14.3.2 14.3.3
15.1.2 15.2.1 15.2.2 15.3.1 15.3.3 15.3.4 15.3.5 15.3.7 16.2.1 16.2.2 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.4.2
16.5.1 16.5.3
""".split()  # noqa: SIM905  # a table is read more easily
"""What applies of ASVS 5.0, levels 1 and 2, and can be tested (two of level 3 with it)."""


def test_every_requirement_that_applies_has_its_row_and_no_other():
    listed = [one for ids, _, _ in ROWS for one in ids.split(", ")]
    assert sorted(listed) == sorted(REQUIRED)
    assert len(ROWS) == 86


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_row_names_a_test_that_there_is_or_the_reason(row):
    _, _, held = row
    named = re.findall(r"`(test_\w+)`", held)
    assert named or "othing can be uploaded" in held or "ruff" in held
    assert set(named) <= DEFINED


@pytest.mark.parametrize("requirement", WRITTEN)
def test_what_must_be_written_down_is(requirement):
    assert re.search(rf"\*\*[^*]*\b{re.escape(requirement)}\b[^*]*\*\*", PAGE)
