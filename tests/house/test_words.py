"""The project speaks of itself alone, and keeps personal data out of what it writes about itself."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FOREIGN = re.compile(r"(?<![\w.])/(?:root|home)/|https?://(?:deb|files|registry|pypi)\.", re.IGNORECASE)
"""Paths of a machine, and hosts that packages come from."""


def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts():
    for path in tracked():
        try:
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def test_no_machine_and_no_package_host_is_named():
    here = Path(__file__).relative_to(ROOT)
    found = [
        f"{path}: {line.strip()[:80]}"
        for path, text in texts()
        if path != here
        for line in text.splitlines()
        if FOREIGN.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("suffix", [".py", ".html", ".toml", ".md"])
def test_every_text_file_ends_with_one_newline(suffix):
    wrong = [
        str(path)
        for path, text in texts()
        if path.suffix == suffix and text and (not text.endswith("\n") or text.endswith("\n\n"))
    ]
    assert wrong == []


def test_every_error_is_raised_somewhere_or_is_a_branch_of_the_tree():
    import ast

    source = (ROOT / "appliance" / "errors.py").read_text()
    names = {node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    elsewhere = "\n".join(path.read_text() for path in tracked("appliance/*.py") if path.name != "errors.py")
    unused = {name for name in names if not re.search(rf"\b{name}\b", elsewhere) and f"({name})" not in source}
    assert unused == set()
