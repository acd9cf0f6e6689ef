"""How much rests on each threshold of the detector: every one moved by a fifth, up and down, and what that changes.

A table that hardly moves rests on physics; one that falls apart when a threshold moves was fitted to its corpus.
"""

import ast
import inspect
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib import import_module
from types import ModuleType
from typing import Any

import appliance.capture.detector
from appliance.bench.listening import calls_found
from appliance.bench.scoring import Score, score
from appliance.capture.simulator.corpus import CorpusLine

BY = 0.2

_ROOMS = ("callerid", "cadence", "clicks", "dtmf", "features", "floor", "fsk", "ring", "tonality", "voice")
"""The features' modules, beside the whole of ``appliance.capture.detector``."""

_NOT_THRESHOLDS = {
    *("HOP", "STEP", "ROWS", "WINDOW", "LEAD", "BIN_HZ", "BINS", "CELL", "CELLS", "LOOK_BACK", "QUIET_ROWS", "KEY_HZ"),
    *("PEAK", "BAUD", "BIT", "MODE", "LONGEST", "SINGLE", "MULTIPLE", "LIFTED_DBFS", "PACE", "TILTS", "WIDTHS"),
    *("TOGETHER", "TOGETHER_IN_TALK", "BLOCK", "KEPT_HOPS", "KEPT", "SIT_HZ", "_SCALE", "_SHORTEST_KEYED_NUMBER"),
    *("_NUMBER", "_NO_NUMBER", "_NAME", "_DATE", "_RECEIVER_DOWN_MESSAGES", "_LEVELS", "_RINGING", "_VOICE", "_HIGH"),
}
"""Sizes of windows, nominal values of standards and codes in messages: nothing is compared with them."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A constant of a module, as the code names it."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module.removeprefix('appliance.capture.')}.{self.name}"


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of moving one threshold by ``part``."""

    threshold: Threshold
    part: float
    before: Any
    value: Any
    score: Score


def thresholds() -> list[Threshold]:
    """Return every threshold of the detector and its features, in the order of the code."""
    return [Threshold(module.__name__, name) for module in _modules() for name in _constants(module)]


def table(lines: Sequence[CorpusLine], *, hooked: bool = False) -> Score:
    """Return the score of ``lines`` with the thresholds as they stand."""
    total = Score()
    for line in lines:
        found = calls_found(line.samples, line.profile.country, line.truth.hook if hooked else ())
        total += score(line.truth, found, rings=line.profile.ringing != "none")
    return total


def moved(lines: Sequence[CorpusLine], chosen: Sequence[Threshold]) -> Iterator[Moved]:
    """Yield the score with each of ``chosen`` moved down, then up, all others as they stand."""
    for threshold in chosen:
        before = getattr(sys.modules[threshold.module], threshold.name)
        for part in (-BY, BY):
            value = scaled(before, 1.0 + part)
            with _set(threshold, value):
                yield Moved(threshold, part, before, value, table(lines))


def scaled(value: Any, by: float) -> Any:
    """Return a number, or each of a tuple's, times ``by``; a whole number moves by one at least."""
    if isinstance(value, tuple):
        return tuple(scaled(one, by) for one in value)
    if isinstance(value, float):
        return value * by
    step = max(1, round(abs(value) * abs(by - 1.0)))
    return value + (step if by > 1.0 else -step)


def differences(before: Score, after: Score) -> str:
    """Say in words what differs between two scores."""
    told = []
    for field in fields(Score):
        if field.name in ("end_errors_s", "speech_s", "numbers"):
            continue
        change = getattr(after, field.name) - getattr(before, field.name)
        if abs(change) > 0.005:
            told.append(f"{field.name} {change:+.2f}" if isinstance(change, float) else f"{field.name} {change:+d}")
    ends = after.end_error_s(95) - before.end_error_s(95)
    return ", ".join([*told, *([f"end_p95_s {ends:+.2f}"] if abs(ends) > 0.05 else [])])


@contextmanager
def _set(threshold: Threshold, value: Any) -> Iterator[None]:
    """Give the threshold another value wherever it was imported to, for a while."""
    before = getattr(sys.modules[threshold.module], threshold.name)
    holders = [module for module in _holders() if _holds(module, threshold, before)]
    for module in holders:
        setattr(module, threshold.name, value)
    try:
        yield
    finally:
        for module in holders:
            setattr(module, threshold.name, before)


def _holders() -> list[ModuleType]:
    return [module for name, module in sys.modules.items() if name.startswith("appliance.capture.")]


def _holds(module: ModuleType, threshold: Threshold, value: Any) -> bool:
    """Say whether a module has this very constant, not one of its own of the same name."""
    if module.__name__ == threshold.module:
        return True
    return getattr(module, threshold.name, None) is value and threshold.name not in _constants(module)


def _modules() -> Iterator[ModuleType]:
    for room in _ROOMS:
        yield import_module(f"appliance.capture.{room}")
    for found in pkgutil.iter_modules(appliance.capture.detector.__path__):
        yield import_module(f"appliance.capture.detector.{found.name}")


def _constants(module: ModuleType) -> list[str]:
    """Return the names in capitals that a module itself gives a number, or a tuple of them."""
    assigned = (node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.Assign))
    targets = (target.id for node in assigned for target in node.targets if isinstance(target, ast.Name))
    return [
        name
        for name in targets
        if name.isupper() and name not in _NOT_THRESHOLDS and _is_numeric(getattr(module, name))
    ]


def _is_numeric(value: Any) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(_is_numeric(one) for one in value)
    return isinstance(value, int | float) and not isinstance(value, bool)
