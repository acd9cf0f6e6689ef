"""The list of parts (SBOM): every Debian package and Python package on the box, as CycloneDX 1.6."""

import email.parser
import json
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from image.firmware.release import Release

_PACKAGES = "./usr/share/linekeeper/packages"


def write_parts(root: Path, wheels: Path, path: Path, release: Release) -> None:
    """Write the parts of the root archive ``root`` and of ``wheels`` to ``path``."""
    with tarfile.open(root) as archive:
        member = archive.extractfile(_PACKAGES)
        status = member.read().decode() if member else ""
    parts = [*debian_parts(status, release), *python_parts(wheels)]
    made = datetime.fromtimestamp(release.epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": made, "component": {"type": "firmware", "name": "linekeeper"}},
        "components": sorted(parts, key=lambda part: str(part["purl"])),
    }
    path.write_text(json.dumps(bom, indent=1) + "\n", encoding="utf-8")


def debian_parts(status: str, release: Release) -> Iterator[dict[str, Any]]:
    """Yield the packages of dpkg's ``status``."""
    for paragraph in status.split("\n\n"):
        fields = email.parser.HeaderParser().parsestr(paragraph)
        name, version = fields["Package"], fields["Version"]
        if name and version and "installed" in fields["Status"].split():
            yield {
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:deb/debian/{name}@{version}?arch={fields['Architecture']}&distro={release.debian}",
            }


def python_parts(wheels: Path) -> Iterator[dict[str, Any]]:
    """Yield the packages of a folder of wheels, with the licences they state."""
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            described = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            fields = email.parser.HeaderParser().parsestr(archive.read(described).decode("utf-8"))
        part = {
            "type": "library",
            "name": fields["Name"],
            "version": fields["Version"],
            "purl": f"pkg:pypi/{fields['Name'].lower()}@{fields['Version']}",
        }
        licence = fields["License-Expression"] or (fields["License"] or "").split("\n")[0]
        yield part | ({"licenses": [{"license": {"name": licence}}]} if licence else {})
