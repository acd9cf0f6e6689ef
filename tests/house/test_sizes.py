"""Rooms stay small enough to be read at one sitting: measured here, printed by the test command."""

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "appliance"

MODULE_LINES, FUNCTION_LINES, LONGEST_FUNCTION = 250, 25, 60


@dataclass(frozen=True)
class Piece:
    where: str
    lines: int


def modules():
    return [Piece(str(path.relative_to(ROOT)), len(path.read_text().splitlines())) for path in ROOT.rglob("*.py")]


def functions():
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Piece(f"{path.relative_to(ROOT)}:{node.name}", _body_lines(node))


def _body_lines(function):
    """Count the lines of a function without its docstring, which is written for length."""
    first = function.body[0]
    has_words = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    words = first.end_lineno - first.lineno + 1 if has_words else 0
    return function.end_lineno - function.lineno + 1 - words


def share_within(pieces, limit):
    return sum(piece.lines <= limit for piece in pieces) / len(pieces)


@pytest.fixture
def say(record_property):
    """Have the test command print some words at its end."""
    return lambda words: record_property("size", words)


def test_nine_modules_in_ten_are_under_250_lines(say):
    pieces = sorted(modules(), key=lambda piece: -piece.lines)
    say(
        f"{len(pieces)} modules, {share_within(pieces, MODULE_LINES):.0%} within {MODULE_LINES} lines; "
        f"longest: {pieces[0].where} ({pieces[0].lines})"
    )
    assert share_within(pieces, MODULE_LINES) >= 0.9


def test_nine_functions_in_ten_are_under_25_lines_and_none_over_60(say):
    pieces = sorted(functions(), key=lambda piece: -piece.lines)
    median = pieces[len(pieces) // 2].lines
    say(
        f"{len(pieces)} functions, {share_within(pieces, FUNCTION_LINES):.0%} within {FUNCTION_LINES} lines, "
        f"median {median}; longest: {pieces[0].where} ({pieces[0].lines})"
    )
    assert share_within(pieces, FUNCTION_LINES) >= 0.9
    assert [piece for piece in pieces if piece.lines > LONGEST_FUNCTION] == []
