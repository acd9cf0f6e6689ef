"""The locked Python packages as wheels for the board: the index's own, or built from their source."""

import shutil
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

# Each source's own build backend, told that it runs on the board: the board's compiler, and the settings that the
# board's Python was compiled with. -g0: a debugger's paths would differ from build to build.
_BUILDER = """
set -e
workshop=/build/workshop
rm -rf "$workshop/tmp/sources"
mkdir -p "$workshop/tmp/sources/made"
cp /build/unbuilt/*.tar.gz "$workshop/tmp/sources"
mount -t proc proc "$workshop/proc"
chroot "$workshop" sh -ec '
    cd /tmp/sources
    export PYPI=1  # lgpio then brings its C library along
    export _PYTHON_HOST_PLATFORM=linux-aarch64 _PYTHON_SYSCONFIGDATA_NAME=_sysconfigdata__aarch64-linux-gnu
    export CC=aarch64-linux-gnu-gcc LDSHARED="aarch64-linux-gnu-gcc -shared" CFLAGS=-g0
    for archive in *.tar.gz; do
        tar -xzf "$archive"
        cd "${archive%.tar.gz}"
        python3 -c "import sys, setuptools.build_meta as backend; backend.build_wheel(sys.argv[1])" /tmp/sources/made
        cd ..
    done
'
cp "$workshop"/tmp/sources/made/*.whl "$1"
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
    unbuilt = BUILD / "unbuilt"
    shutil.rmtree(unbuilt, ignore_errors=True)
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
