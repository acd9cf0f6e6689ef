"""The tools root: a small Debian of this machine's architecture, in which everything else is made.

So a build gives the same on Debian 12 and 13, and the machine itself needs nothing but mmdebstrap.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from image.firmware.release import BUILD, ROOT, Mirrors, Release, read_packages, sources
from image.firmware.stages import Stage, run

TOOLS = BUILD / "tools"
LOG = BUILD / "log"

_ARM64_ELF = (
    r":linekeeper-aarch64:M:0:\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
    r":\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:"
)
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/root"}
"""The environment of what runs there: nothing of this machine's settings shows in what is made."""

_BINFMT = Path("/proc/sys/fs/binfmt_misc")

# Mounts live and die with this shell: nothing stays mounted whatever happens.
_ENTER = """
set -e
tools=$1 build=$2 source=$3; shift 3
mount --rbind /dev "$tools/dev"
mount -t proc proc "$tools/proc"
mount --rbind /sys "$tools/sys"
mkdir -p "$tools/build" "$tools/source"
mount --rbind "$build" "$tools/build"
mount --bind -o ro "$source" "$tools/source"
cp -L /etc/resolv.conf /etc/hosts "$tools/etc/"
exec chroot "$tools" "$@"
"""


def tools_stage(release: Release, mirrors: Mirrors) -> Stage:
    """Return the stage that makes the tools root."""
    return _native_stage("Tools", TOOLS, release, mirrors, "packages-tools.txt")


def workshop_stage(release: Release, mirrors: Mirrors) -> Stage:
    """Return the stage that makes the root in which missing wheels are compiled for the board."""
    return _native_stage("Workshop for wheels", BUILD / "workshop", release, mirrors, "packages-build.txt")


def _native_stage(name: str, folder: Path, release: Release, mirrors: Mirrors, packages: str) -> Stage:
    """Return a stage that makes a root of this machine's architecture, in which packages of the board's may lie too."""
    wanted = read_packages(packages)

    def make(path: Path) -> None:
        if shutil.which("mmdebstrap") is None:
            run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "mmdebstrap"], LOG / "tools.log")
        own = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
        architectures = dict.fromkeys([own.stdout.strip(), release.architecture])
        options = ["--variant=minbase", "--mode=root", '--aptopt=Apt::Install-Recommends "false"']
        options += [f"--architectures={','.join(architectures)}", f"--include={','.join(wanted)}"]
        lines = sources(release, mirrors, board=False)
        run(["mmdebstrap", *options, release.debian, path, *lines], LOG / "tools.log")

    return Stage(name, folder, (release.debian, release.architecture, *wanted), make)


def in_tools(command: Sequence[str], log: str, env: dict[str, str] | None = None) -> None:
    """Run ``command`` in the tools root, where the build folder is ``/build`` and the project ``/source``."""
    run(entering(command), LOG / f"{log}.log", env={**CLEAN, **(env or {})})


def entering(command: Sequence[str]) -> list[str]:
    """Return what runs ``command`` in the tools root; it ends with whoever started it."""
    here = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child"]
    return [*here, "sh", "-c", _ENTER, "enter", str(TOOLS), str(BUILD), str(ROOT), *command]


def let_arm64_run() -> None:
    """Let the kernel run arm64 programs with the tools root's QEMU; on an arm64 machine there is nothing to do.

    Raises:
        SystemExit: this kernel or container cannot.
    """
    if platform.machine() == "aarch64":
        return
    if not (_BINFMT / "register").exists():
        run(["mount", "-t", "binfmt_misc", "none", _BINFMT], LOG / "tools.log")
    ours = _BINFMT / "linekeeper-aarch64"
    if ours.exists():
        ours.write_text("-1", encoding="ascii")
    try:
        # F: opened now, so that it also works in roots that have no QEMU of their own.
        (_BINFMT / "register").write_text(f"{_ARM64_ELF}{TOOLS}/usr/bin/qemu-aarch64:PF", encoding="ascii")
    except OSError as wrong:
        sys.exit(f"The kernel does not take an emulator for arm64 programs ({os.strerror(wrong.errno or 0)}).")
