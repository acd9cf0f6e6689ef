"""What is on the box: every Debian and Python package with its licences, as CycloneDX 1.6 and as a plain list."""

import email.parser
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from image.firmware.release import Release

_PACKAGES = "./usr/share/linekeeper/packages"
_COPYRIGHT = re.compile(r"\./usr/share/doc/([^/]+)/copyright")
_LICENCE = re.compile(r"^License:[ \t]*(\S.*)$", re.MULTILINE)


def write_parts(root: Path, wheels: Path, path: Path, release: Release) -> None:
    """Write the parts of the archive ``root`` and of ``wheels`` to ``path``, and beside it their licences as text."""
    status, licences = _of_archive(root)
    parts = sorted(
        [*debian_parts(status, release, licences), *python_parts(wheels)], key=lambda part: str(part["purl"])
    )
    made = datetime.fromtimestamp(release.epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": made,
            "component": {"type": "firmware", "name": "linekeeper", "version": release.version},
        },
        "components": parts,
    }
    path.write_text(json.dumps(bom, indent=1) + "\n", encoding="utf-8")
    path.with_name("licences.txt").write_text("".join(f"{_in_words(part)}\n" for part in parts), encoding="utf-8")


def debian_parts(status: str, release: Release, licences: Mapping[str, list[str]]) -> Iterator[dict[str, Any]]:
    """Yield the packages of dpkg's ``status``, with the licences of their copyright files."""
    for paragraph in status.split("\n\n"):
        fields = email.parser.HeaderParser().parsestr(paragraph)
        name, version = fields["Package"], fields["Version"]
        if name and version and "installed" in fields["Status"].split():
            yield {
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:deb/debian/{name}@{version}?arch={fields['Architecture']}&distro={release.debian}",
            } | _licensed(licences.get(name, []))


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
        licence = fields["License-Expression"] or (fields["License"] or "").split("\n", maxsplit=1)[0]
        yield part | _licensed([licence] if licence else _classified(fields.get_all("Classifier", [])))


def licences_of(copyright_file: str) -> list[str]:
    """Return the short names of licences in a Debian copyright file (DEP 5), each once."""
    return sorted({name.strip() for name in _LICENCE.findall(copyright_file)})


def _classified(classifiers: list[str]) -> list[str]:
    return [line.rsplit(" :: ", 1)[1] for line in classifiers if line.startswith("License :: ")]


def _licensed(names: list[str]) -> dict[str, Any]:
    return {"licenses": [{"license": {"name": name}} for name in names]} if names else {}


def _in_words(part: dict[str, Any]) -> str:
    names = [one["license"]["name"] for one in part.get("licenses", [])]
    return f"{part['name']} {part['version']}: {', '.join(names) or 'see its copyright file'}"


def _of_archive(root: Path) -> tuple[str, dict[str, list[str]]]:
    """Read dpkg's status, and the licences of each package, in one pass through the archive."""
    status, licences = "", {}
    with tarfile.open(root) as archive:
        for member in archive:
            named = _COPYRIGHT.fullmatch(member.name)
            if not (member.isfile() and (named or member.name == _PACKAGES)):
                continue
            file = archive.extractfile(member)
            text = file.read().decode("utf-8", errors="replace") if file else ""
            if named:
                licences[named[1]] = licences_of(text)
            else:
                status = text
    return status, licences
