"""Did anything leak: memory, descriptors, threads, files, or what no file may hold?"""

import re
import threading
from dataclasses import dataclass
from pathlib import Path

_DIGITS = re.compile(rb"\d{9,}")
_NUMBER = 9
"""The last digits of a number are the same however it is written: 0…, +44…, 0044…"""

MOST_GROWN_MB = 24.0
"""From the first shift of the month to the last: what a month's list and index, and the tests' own notes, may take."""


@dataclass(frozen=True)
class Taken:
    """What this process has at one moment."""

    rss_mb: float
    descriptors: int
    threads: int
    children: int


def taken(_house=None):
    status = Path("/proc/self/status").read_text(encoding="ascii")
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text(encoding="ascii").split()
    return Taken(
        rss_mb=int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024,
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
        threads=int(re.search(r"Threads:\s+(\d+)", status)[1]),
        children=len(children),
    )


def of_secrets(folders, secrets, numbers):
    """Return in words what is found in files below ``folders`` that none may hold; never the thing itself."""
    wanted = {number.encode()[-_NUMBER:] for number in numbers if len(number) >= _NUMBER}
    texts = {text.encode(): what for text, what in secrets.items()}
    found = []
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        if path.suffix == ".audio":
            found += [f"{path.name} holds sound in clear"] if b"OggS" in data else []
            continue
        found += [f"{path.name} holds {what}" for text, what in texts.items() if text in data]
        told = sum(run.group()[-_NUMBER:] in wanted for run in _DIGITS.finditer(data))
        found += [f"{path.name} holds {told} telephone numbers"] if told else []
    return found


def of_files(config, usb):
    """Return in words what lies about that should not once all has been stopped."""
    folders, found = config.folders, []
    left = [path.name for path in folders.spool.glob("*.audio")] + [path.name for path in folders.spool.glob("*.meta")]
    found += [f"the spool still holds {len(left)} files"] if left else []
    for folder in (folders.vault, usb, folders.spool, folders.intake):
        half = [path.name for path in folder.rglob("*.new")]
        found += [f"{folder.name} holds half-written files: {half[:3]}"] if half else []
    sockets = [path.name for path in folders.run.rglob("*") if path.is_socket()]
    return found + ([f"sockets are left: {sockets}"] if sockets else [])
