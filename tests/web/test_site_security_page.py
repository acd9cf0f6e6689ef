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


def test_every_test_it_names_exists():
    for name in re.findall(r"`((?:tests/\w+/)?test_\w+\.py)`", PAGE):
        path = ROOT / name if "/" in name else ROOT / "tests" / "web" / name
        assert path.exists(), name


@pytest.mark.parametrize("requirement", WRITTEN)
def test_what_must_be_written_down_is(requirement):
    assert re.search(rf"\*\*[^*]*\b{re.escape(requirement)}\b[^*]*\*\*", PAGE)
