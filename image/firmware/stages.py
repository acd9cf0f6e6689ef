"""A stage of the build: made once, kept, and made again only when what it is made from has changed."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_SHOW_EVERY_S = 15.0


@dataclass(frozen=True, slots=True)
class Stage:
    """One step: ``make`` writes ``output``; ``inputs`` are files, folders and words that it depends on."""

    name: str
    output: Path
    inputs: tuple[Path | str, ...]
    make: Callable[[Path], None]


def carry_out(stage: Stage) -> str:
    """Make the stage's output unless it is there for the same inputs; return the inputs' digest.

    The output appears under its own name only when it is whole: a build that was cut goes on where it stopped.
    """
    digest = digest_of(stage.inputs)
    stamp = stage.output.with_name(f"{stage.output.name}.made-from")
    if stage.output.exists() and stamp.is_file() and stamp.read_text(encoding="ascii") == digest:
        say(f"{stage.name}: kept")
        return digest
    say(f"{stage.name} ...")
    started = time.monotonic()
    stamp.unlink(missing_ok=True)
    unfinished = stage.output.with_name(f"{stage.output.name}.unfinished")
    _removed(unfinished)
    stage.make(unfinished)
    _removed(stage.output)
    unfinished.rename(stage.output)
    stamp.write_text(digest, encoding="ascii")
    say(f"{stage.name}: {time.monotonic() - started:.0f} s")
    return digest


def digest_of(inputs: Iterable[Path | str]) -> str:
    """Return one digest over words, files and whole folders: their names, modes and contents."""
    digest = hashlib.sha256()
    for one in inputs:
        if isinstance(one, str):
            digest.update(one.encode() + b"\0")
            continue
        for path in [one] if one.is_file() else sorted(one.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(one)}\0{path.stat().st_mode:o}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def run(command: Sequence[str | Path], log: Path, env: dict[str, str] | None = None) -> None:
    """Run ``command``, what it says going to ``log``; now and then its last line is shown.

    Raises:
        SystemExit: it failed; the end of the log is shown.
    """
    with log.open("ab") as words:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            env={**os.environ, **(env or {})},
        )
        while True:
            try:
                code = process.wait(_SHOW_EVERY_S)
                break
            except subprocess.TimeoutExpired:
                say(f"    {_last_line(log)}")
    if code:
        say(f"{command[0]} failed ({code}). The end of {log}:")
        sys.exit("\n".join(_lines(log)[-25:]))


def say(words: str) -> None:
    """Show progress."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").splitlines()


def _last_line(log: Path) -> str:
    return next((line[:100] for line in reversed(_lines(log)) if line.strip()), "")


def _removed(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
