"""A bundle as RAUC sees it: signed by whom this box trusts, for this kind of box, of which version."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

COMPATIBLE = "linekeeper-arm64"
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}")


class BundleRefused(Exception):
    """It is not to be installed; the text says why, for the page."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One whose signature holds."""

    path: Path
    version: str


def read_bundle(path: Path) -> Bundle:
    """Let RAUC check the signature, and read what the bundle says of itself.

    Raises:
        BundleRefused: it is not signed by the maker, is damaged, or is for something else.
    """
    shown = subprocess.run(
        ["/usr/bin/rauc", "info", "--output-format=json", str(path)], capture_output=True, text=True, check=False
    )
    if shown.returncode:
        raise BundleRefused("This file is not an update signed for this box, or it is damaged. Nothing was changed.")
    return bundle_of(path, shown.stdout)


def bundle_of(path: Path, described: str) -> Bundle:
    """Read RAUC's description of a bundle whose signature holds.

    Raises:
        BundleRefused: it is for something else, or its version cannot be compared.
    """
    said = json.loads(described)
    if said.get("compatible") != COMPATIBLE:
        raise BundleRefused("This update is for another kind of box. Nothing was changed.")
    version = str(said.get("version", ""))
    if not _VERSION.fullmatch(version):
        raise BundleRefused("This update does not say its version. Nothing was changed.")
    return Bundle(path, version)


def is_newer(offered: str, running: str) -> bool:
    """Return whether one version is later than another; both are numbers with dots between."""
    return _numbers(offered) > _numbers(running)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(number) for number in re.findall(r"\d+", version.split("+", maxsplit=1)[0])]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
