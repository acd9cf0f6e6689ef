"""What is being built, from where, and in which folders."""

import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from appliance import __version__

ROOT = Path(__file__).resolve().parents[2]
IMAGE = ROOT / "image"
BUILD = ROOT / "build" / "image"


@dataclass(frozen=True, slots=True)
class Release:
    """``image/release.toml``. Sizes are in MiB; ``epoch`` in seconds."""

    debian: str
    kernel_from: str
    architecture: str
    python: str
    epoch: int
    firmware_mib: int
    root_mib: int
    version: str


@dataclass(frozen=True, slots=True)
class Mirrors:
    """Where Debian's packages come from: what this machine itself uses."""

    debian: str
    security: str


def read_release(path: Path = IMAGE / "release.toml") -> Release:
    """Read the release."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    card = raw.pop("card")
    return Release(**raw, firmware_mib=card["firmware"], root_mib=card["root"], version=__version__)


def find_mirrors() -> Mirrors:
    """Ask apt which archive this machine's own packages come from.

    Raises:
        SystemExit: apt knows of no Debian archive yet.
    """
    query = ["apt-get", "indextargets", "--format", "$(SITE) $(CODENAME) $(ORIGIN)", "Created-By: Packages"]
    listed = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    sites = {codename: site for site, codename, *origin in rows if origin == ["Debian"]}
    security = next((site for codename, site in sites.items() if codename.endswith("-security")), "")
    debian = next((site for codename, site in sites.items() if "-" not in codename), "")
    if not debian or not security:
        sys.exit("apt names no Debian archive with security updates: run “apt-get update” first.")
    return Mirrors(debian, security)


def read_packages(name: str) -> list[str]:
    """Read one of the package lists in ``image/``."""
    lines = (IMAGE / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def sources(release: Release, mirrors: Mirrors, *, board: bool) -> list[str]:
    """Return apt's source lines; those of the board have its firmware and the newer kernel."""
    parts = "main non-free-firmware" if board else "main"
    suite = release.debian
    lines = [
        f"deb {mirrors.debian} {suite} {parts}",
        f"deb {mirrors.debian} {suite}-updates {parts}",
        f"deb {mirrors.security} {suite}-security {parts}",
    ]
    return [*lines, f"deb {mirrors.debian} {release.kernel_from} {parts}"] if board else lines
