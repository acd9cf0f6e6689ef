"""The locked Python packages as wheels for the board: the index's own, or built from their source."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement

from image.firmware.release import BUILD, ROOT, Release
from image.firmware.stages import Stage, run
from image.firmware.tools import LOG, in_tools

LOCK = ROOT / "requirements.lock"

FROM_SOURCE = frozenset({"lgpio", "pyaudio"})
"""pyaudio has no wheel for Linux; lgpio's for Python 3.13 is a stub without the library in it."""

_PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_26_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64")
_BUILDER = """
set -e
cd /build/workshop.sources
for archive in *.tar.gz; do tar xf "$archive" -C /build/workshop/tmp; done
mount -t proc proc /build/workshop/proc
cd /build/workshop/tmp
for folder in */; do
    # PYPI=1: lgpio's source then brings its C library along.
    chroot /build/workshop env -C "/tmp/${folder%/}" PYPI=1 CFLAGS=-g0 python3 -m pip wheel \\
        --no-index --no-deps --no-build-isolation --wheel-dir /tmp/wheels .
done
cp wheels/*.whl "$1"
"""


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of the lock file, with its line and hashes as pip reads them."""

    name: str
    lines: str


def locked(text: str, release: Release) -> Iterator[Locked]:
    """Yield what the lock file ``text`` asks for on the board, without the conditions that led to it."""
    board = {
        "python_full_version": f"{release.python}.0",
        "python_version": release.python,
        "platform_machine": "aarch64",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
    }
    for block in text.replace("\\\n", "").splitlines():
        wanted, *hashes = block.split("--hash=")
        if not hashes:
            continue
        requirement = Requirement(wanted)
        if requirement.marker is None or requirement.marker.evaluate(board):
            marks = " ".join(f"--hash={one.strip()}" for one in hashes)
            yield Locked(requirement.name, f"{requirement.name}{requirement.specifier} {marks}")


def wheels_stage(release: Release, workshop: str) -> Stage:
    """Return the stage that fetches and builds the wheels; ``workshop`` is the digest of what they are built in."""
    return Stage(
        "Wheels",
        BUILD / "wheels",
        (LOCK, workshop, release.python, *sorted(FROM_SOURCE)),
        lambda folder: _collect(release, folder),
    )


def _collect(release: Release, folder: Path) -> None:
    folder.mkdir()
    packages = list(locked(LOCK.read_text(encoding="utf-8"), release))
    ready = [package for package in packages if package.name not in FROM_SOURCE]
    sources = [package for package in packages if package.name in FROM_SOURCE]
    only_board = [f"--platform={platform}" for platform in _PLATFORMS]
    _download(ready, folder, ["--only-binary=:all:", f"--python-version={release.python}", *only_board])
    unbuilt = BUILD / "workshop.sources"
    subprocess.run(["rm", "-rf", unbuilt, BUILD / "workshop" / "tmp"], check=True)
    (BUILD / "workshop" / "tmp").mkdir(mode=0o1777)
    _download(sources, unbuilt, ["--no-binary=:all:", "--no-build-isolation"])
    in_tools(
        ["sh", "-c", _BUILDER, "builder", f"/build/{folder.name}"], "wheels", {"SOURCE_DATE_EPOCH": str(release.epoch)}
    )


def _download(packages: list[Locked], folder: Path, options: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    wanted = BUILD / "wanted.txt"
    wanted.write_text("".join(f"{package.lines}\n" for package in packages), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps"]
    run([*pip, "--require-hashes", "--dest", folder, *options, "--requirement", wanted], LOG / "wheels.log")
