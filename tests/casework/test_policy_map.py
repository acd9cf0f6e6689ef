"""docs/policy.md is true: no sentence is left over, and each page, rule and test that it names is there."""

import ast
import re
from pathlib import Path

from appliance.casework.policy.record import default_policy

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "docs" / "policy.md").read_text("utf-8").splitlines()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in LINES if re.match(r"\| \d+ \|", line)]


def defined(path):
    """Every name that a module defines at its top."""
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign | ast.Assign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def test_every_sentence_of_the_policy_is_mapped_in_order_and_none_is_left_over():
    assert [row[1] for row in ROWS] == [one.sentence.text for one in default_policy().carried]
    assert [int(row[0]) for row in ROWS] == list(range(1, len(ROWS) + 1))


def test_every_rule_that_is_named_exists():
    rules = re.findall(r"`(appliance\.[\w.]+)`", "\n".join(LINES))
    assert len(rules) >= len(ROWS)
    for rule in rules:
        module, name = rule.rsplit(".", 1)
        assert name in defined(ROOT / f"{module.replace('.', '/')}.py"), rule


def test_every_test_that_is_named_exists():
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", "\n".join(LINES))
    assert len(tests) >= len(ROWS)
    for path, name in tests:
        assert name in defined(ROOT / path), name


def test_every_sentence_has_a_page_and_every_page_that_is_named_exists():
    assert all(re.search(r"`[\w-]+\.html`", row[2]) for row in ROWS)
    for line in LINES:
        for page in re.findall(r"`([\w-]+\.html)`", line):
            assert (ROOT / "appliance" / "web" / "templates" / page).is_file(), page
