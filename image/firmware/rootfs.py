"""The board's Debian root, made by mmdebstrap with this machine's own processor doing all it can."""

from pathlib import Path

from image.firmware.release import BUILD, IMAGE, Mirrors, Release, read_packages, sources
from image.firmware.stages import Stage
from image.firmware.tools import in_tools

_EXCLUDED = (
    "/usr/share/man/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/doc/*",
    "/usr/lib/modules/*/kernel/drivers/gpu/drm/amd/*",
    "/usr/lib/modules/*/kernel/drivers/gpu/drm/nouveau/*",
    "/usr/lib/modules/*/kernel/drivers/gpu/drm/radeon/*",
    "/usr/lib/modules/*/kernel/drivers/infiniband/*",
    "/usr/lib/modules/*/kernel/drivers/media/*",
    "/usr/lib/modules/*/kernel/drivers/net/wireless/*",
    "/usr/lib/modules/*/kernel/drivers/staging/*",
)
_INCLUDED = ("/usr/share/doc/*/copyright",)  # licences ask to be passed on


def rootfs_stage(release: Release, mirrors: Mirrors) -> Stage:
    """Return the stage that makes the board's root, without the application."""
    packages = read_packages("packages.txt")
    return Stage(
        "Root file system",
        BUILD / "rootfs.tar",
        (
            release.debian,
            release.kernel_from,
            str(release.epoch),
            *packages,
            *_EXCLUDED,
            IMAGE / "hooks",
            IMAGE / "initramfs",
        ),
        lambda path: _bootstrap(release, mirrors, packages, path),
    )


def _bootstrap(release: Release, mirrors: Mirrors, packages: list[str], path: Path) -> None:
    options = [
        f"--arch={release.architecture}",
        "--variant=minbase",
        "--mode=root",
        "--format=tar",
        '--aptopt=Apt::Install-Recommends "false"',
        "--setup-hook=/source/image/hooks/setup",
        "--essential-hook=/source/image/hooks/essential",
        "--customize-hook=/source/image/hooks/customise",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in _EXCLUDED),
        *(f"--dpkgopt=path-include={pattern}" for pattern in _INCLUDED),
    ]
    command = ["mmdebstrap", *options, f"--include={','.join(packages)}", release.debian, f"/build/{path.name}"]
    env = {"SOURCE_DATE_EPOCH": str(release.epoch), "KERNEL_FROM": release.kernel_from, "PYTHON": release.python}
    in_tools([*command, *sources(release, mirrors, board=True)], "rootfs", env)
