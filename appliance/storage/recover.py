"""Recover recordings with the recovery sheet alone: one file that needs only Python 3.11 and ``cryptography`` 47.

    python recover.py FOLDER --out PLAIN [--sheet "ABCD-EFGH-..."]

FOLDER is a vault, a whole data folder or a backup: every key (``grants/*.json``) and every recording (``ID.meta``,
``ID.audio``) below it is found. PLAIN gets ``ID.opus`` and ``ID.json`` of each call, in clear: guard that folder.
Written from docs/recording-format.md and nothing else, so that it also proves that page. A copy lies on every backup.

Exit codes: 0 everything was recovered whole; 1 nothing could be; 2 usage; 3 some of it is cut short or damaged.
"""

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HELP = "recover every recording of a vault or a backup with the recovery sheet"

DONE, NOTHING, DAMAGED = 0, 1, 3

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SEGMENT, _HEADER, _TAG = 1024, 40, 16

Keys = dict[str, X25519PrivateKey]
"""Private recording keys by name."""


class Unrecoverable(Exception):
    """The text says what cannot be recovered and why."""


@dataclass
class Tally:
    """How many recordings came out how."""

    whole: int = 0
    partial: int = 0
    lost: int = 0


# --- the recovery sheet and the keys it opens ------------------------------------------------------------------------


def recovery_key(sheet: str) -> X25519PrivateKey:
    """Read the recovery sheet as typed."""
    groups = re.findall(r"[^\s\-–—.,:;_]+", sheet.upper().translate(str.maketrans("018", "OIB")))
    if len(groups) == 1 or any(len(group) > 4 for group in groups):
        run = "".join(groups)
        groups = [run[at : at + 4] for at in range(0, len(run), 4)]
    for place, group in enumerate(groups):
        check = hashlib.sha256(f"linekeeper sheet group {place} {group[:3]}".encode()).digest()[0] % 32
        if len(group) != 4 or set(group) - set(_ALPHABET) or group[3] != _ALPHABET[check]:
            raise Unrecoverable(f"Group {place + 1} of the recovery sheet is mistyped. Compare it again.")
    if len(groups) != 18:
        raise Unrecoverable(f"The recovery sheet has 18 groups of four characters; {len(groups)} were typed.")
    number = 0
    for character in "".join(group[:3] for group in groups):
        number = number << 5 | _ALPHABET.index(character)
    raw = (number >> 14).to_bytes(32, "big")
    digest = hashlib.sha256(b"linekeeper recovery sheet 1\n" + raw).digest()
    if number & 0x3FFF != int.from_bytes(digest[:2], "big") >> 2:
        raise Unrecoverable("The recovery sheet was mistyped somewhere. Compare every group again.")
    return X25519PrivateKey.from_private_bytes(raw)


def recording_keys(folder: Path, recovery: X25519PrivateKey) -> Keys:
    """Open every grant to the recovery sheet below ``folder``."""
    me, keys = _kid(recovery), {}
    for path in sorted(folder.rglob("grants/*.json")):
        kid = path.stem
        try:
            sealed = base64.b64decode(json.loads(path.read_bytes())["body"]["to"][me])
            raw = _SUITE.decrypt(sealed, recovery, info=f"linekeeper grant 1\n{kid}".encode())
            keys[kid] = X25519PrivateKey.from_private_bytes(raw)
        except (KeyError, TypeError, ValueError, InvalidTag):
            continue  # granted to others only, or damaged; recordings that need it are counted as lost
    return keys


def _kid(private: X25519PrivateKey) -> str:
    return hashlib.sha256(private.public_key().public_bytes_raw()).hexdigest()[:16]


# --- a sheet ---------------------------------------------------------------------------------------------------------


def read_sheet(path: Path, keys: Keys) -> tuple[list[tuple[dict[str, Any], Any]], bool]:
    """Return the records of a sheet (clear parts and what was sealed), and whether those are all there are."""
    records: list[tuple[dict[str, Any], Any]] = []
    key, total = None, "0" * 64
    *lines, tail = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines):
        try:
            clear, sealed, told = line.split(b"\t")
            facts = json.loads(clear)
            key = key or keys.get(facts["kid"])
            if key is None:
                raise Unrecoverable("its key is not granted to this recovery sheet")
            info = "\n".join(("linekeeper sheet 1", path.stem, str(number), hashlib.sha256(clear).hexdigest(), total))
            secret = json.loads(_SUITE.decrypt(base64.b64decode(sealed, validate=True), key, info=info.encode()))
        except (ValueError, KeyError, TypeError, InvalidTag):
            break
        total = hashlib.sha256(total.encode() + b"\n" + clear + b"\t" + sealed).hexdigest()
        if total.encode() != told:
            break
        records.append((facts, secret))
    if not records or records[0][0].get("kind") != "opening":
        raise Unrecoverable("its sheet is damaged at the start")
    return records, len(records) == len(lines) and not tail


# --- a stream --------------------------------------------------------------------------------------------------------


class Stream:
    """A sealed stream: what opens of it, and what does not."""

    def __init__(self, path: Path, key: bytes, associated: bytes) -> None:
        """Look at ``path``."""
        self._path, self._key, self._associated = path, key, associated
        self.complete = False
        self.damaged: list[int] = []

    def plain(self) -> Iterator[tuple[int, bytes]]:
        """Yield place and plaintext of every segment that opens; then ``complete`` and ``damaged`` are known."""
        with self._path.open("rb") as file:
            header = file.read(_HEADER)
            if len(header) < _HEADER or header[0] != _HEADER:
                return
            cipher = AESGCM(HKDF(SHA256(), 32, header[1:33], self._associated).derive(self._key))
            index, blob = 0, file.read(_SEGMENT - _HEADER)
            while blob:
                ahead = file.read(_SEGMENT)
                plain = self._opened(cipher, header[33:], index, blob, end=not ahead)
                if plain is not None:
                    yield max(0, index * (_SEGMENT - _TAG) - _HEADER), plain
                index, blob = index + 1, ahead

    def _opened(self, cipher: AESGCM, prefix: bytes, index: int, blob: bytes, end: bool) -> bytes | None:
        for last in (False, True):
            try:
                plain = cipher.decrypt(prefix + struct.pack(">I?", index, last), blob, None)
            except (InvalidTag, ValueError):
                continue
            self.complete = last and end
            return plain
        if not end:
            self.damaged.append(index)
        return None


# --- a folder --------------------------------------------------------------------------------------------------------


def recover_call(meta: Path, keys: Keys, out: Path) -> bool:
    """Recover one recording into ``out``; return whether it is whole.

    Raises:
        Unrecoverable: nothing of it can be had.
    """
    records, sheet_whole = read_sheet(meta, keys)
    clear, secret = records[0]
    closing = next((secret for facts, secret in records if facts["kind"] == "closing"), None)
    facts: dict[str, Any] = {
        "opening": secret["opening"],
        "notes": [secret for facts, secret in records if facts["kind"] == "note"],
        "closing": closing,
        "later": [secret for facts, secret in records if facts["kind"] == "later"],
    }
    audio = meta.with_suffix(".audio")
    if audio.exists():
        stream = Stream(audio, base64.b64decode(secret["data_key"]), clear["id"].encode())
        kept = _write_audio(stream, out / f"{clear['id']}.opus", closing)
        facts |= {"audio_bytes": kept, "audio_complete": stream.complete, "damaged_segments": stream.damaged}
        whole = stream.complete and not stream.damaged and closing is not None
    else:
        whole = closing is not None and closing["missed"]
    text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
    target = out / f"{clear['id']}.json"
    target.touch(mode=0o600)
    target.write_text(text, encoding="utf-8")
    return bool(whole) and sheet_whole


def _write_audio(stream: Stream, target: Path, closing: dict[str, Any] | None) -> int:
    """Write what opens, up to where the call truly ended."""
    end = closing["audio_bytes"] if closing else sys.maxsize
    target.touch(mode=0o600)
    with target.open("wb") as file:
        return sum(file.write(plain[: max(0, end - at)]) for at, plain in stream.plain())


def recover_folder(folder: Path, sheet: str, out: Path) -> Tally:
    """Recover everything below ``folder`` into ``out``, with words on the standard error.

    Raises:
        Unrecoverable: the sheet is mistyped, or no key or no recording is there.
    """
    keys = recording_keys(folder, recovery_key(sheet))
    if not keys:
        raise Unrecoverable(
            f"No key below {folder} is granted to this recovery sheet: another box's, or no grants there."
        )
    found = {
        path.stem: path for path in sorted(folder.rglob("*.meta"), key=lambda path: path.with_suffix(".audio").exists())
    }
    if not found:
        raise Unrecoverable(f"There are no recordings (ID.meta) below {folder}.")
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    tally = Tally()
    for number, (name, meta) in enumerate(sorted(found.items()), start=1):
        try:
            whole = recover_call(meta, keys, out)
            tally.whole, tally.partial = tally.whole + whole, tally.partial + (not whole)
            word = "whole" if whole else "cut short or damaged; what is genuine was recovered"
        except (Unrecoverable, OSError) as wrong:
            tally.lost, word = tally.lost + 1, f"LOST: {wrong}"
        sys.stderr.write(f"{number} of {len(found)}: {name}: {word}\n")
    return tally


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", type=Path, help="a vault, a whole data folder, or a backup")
    parser.add_argument("--out", type=Path, required=True, help="where the recordings go, in clear: guard it")
    parser.add_argument("--sheet", default="", help="the recovery sheet; asked for where not given, which is safer")


def run(args: argparse.Namespace) -> int:
    """Recover; return the exit code."""
    sheet = args.sheet
    if not sheet:
        sys.stderr.write("Type the recovery sheet, then Enter: ")
        sys.stderr.flush()
        sheet = sys.stdin.readline()
    try:
        tally = recover_folder(args.folder, sheet, args.out)
    except (Unrecoverable, OSError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return NOTHING
    sys.stderr.write(
        f"Recovered {tally.whole} whole, {tally.partial} in part; {tally.lost} lost. They are in {args.out}.\n"
    )
    return DONE if not (tally.partial or tally.lost) else DAMAGED


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=HELP)
    arguments(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
