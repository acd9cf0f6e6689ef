"""Reading a sheet: what stands in clear with no key at all, or the whole with the private key.

The clear part tells damage by the sums of its lines; that it is genuine is known only once the seals open.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from pathlib import Path

import msgspec

from appliance.codec import from_json
from appliance.errors import SealBroken, SealIncomplete
from appliance.files import REAL_DISK, Disk, replace_durably
from appliance.model.calls import CallId, Closing, Opening
from appliance.storage.records import (
    FIRST_SUM,
    FORMAT,
    CallSoFar,
    Clear,
    ClosingClear,
    CutClear,
    Later,
    LaterClear,
    LineChain,
    NoteClear,
    OpeningClear,
    OpeningSecret,
    line_sum,
    record_info,
)
from appliance.storage.sealing import SealTo
from appliance.storage.unsealing import PrivateKey


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line as it lies: its clear part decoded and in its own bytes, what is sealed, the sums before and after."""

    clear: Clear
    clear_bytes: bytes
    sealed: bytes
    sum_before: str
    sum: str


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything a sheet says. ``closing`` is None while the call goes on, and for one that was cut short."""

    opening: Opening
    data_key: bytes
    notes: tuple[CallSoFar, ...]
    closing: Closing | None
    later: tuple[Later, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as anybody can read it. ``torn`` when its last line was being written as the power failed."""

    opening: OpeningClear
    lines: tuple[SheetLine, ...]
    torn: bool

    @property
    def closing(self) -> ClosingClear | None:
        """The closing, once there is one."""
        return next((line.clear for line in self.lines if isinstance(line.clear, ClosingClear)), None)

    @property
    def cut(self) -> CutClear | None:
        """What the keeper wrote in place of a closing, if it had to."""
        return next((line.clear for line in self.lines if isinstance(line.clear, CutClear)), None)

    @property
    def finished(self) -> bool:
        """Whether nothing more comes from the recorder."""
        return self.closing is not None or self.cut is not None

    def unseal(self, key: PrivateKey) -> Whole:
        """Open every record.

        Raises:
            SealBroken: a record was changed, moved or replayed, or ``key`` is not the one that ``opening.kid`` names.
            VaultLocked: the key was forgotten.
        """
        opened = [(line.clear, self._opened(number, key)) for number, line in enumerate(self.lines)]
        first = from_json(opened[0][1], OpeningSecret)
        closings = [from_json(plain, Closing) for clear, plain in opened if isinstance(clear, ClosingClear)]
        return Whole(
            opening=first.opening,
            data_key=first.data_key,
            notes=tuple(from_json(plain, CallSoFar) for clear, plain in opened if isinstance(clear, NoteClear)),
            closing=closings[0] if closings else None,
            later=tuple(from_json(plain, Later) for clear, plain in opened if isinstance(clear, LaterClear)),
        )

    def data_key(self, key: PrivateKey) -> bytes:
        """Open the first record only, for the key of the audio.

        Raises:
            SealBroken: as ``unseal``.
            VaultLocked: the key was forgotten.
        """
        return from_json(self._opened(0, key), OpeningSecret).data_key

    def with_later(self, later: Later, key: SealTo) -> bytes:
        """Return the sheet's bytes with one more record, sealed to the key that ``opening.kid`` names."""
        return self._with(LaterClear(self.opening.id, later.at, later.subject), later, key)

    def with_cut(self, cut: CutClear, key: SealTo) -> bytes:
        """Return the sheet's bytes with a cut in place of the closing that never came."""
        return self._with(cut, {}, key)

    def resealed(self, key: PrivateKey, to: SealTo) -> bytes:
        """Return the sheet's bytes sealed to another key: for what is kept longer than the key it was sealed to.

        Raises:
            SealBroken: as ``unseal``.
            VaultLocked: the key was forgotten.
        """
        chain, data = LineChain(self.opening.id, to), b""
        for number, line in enumerate(self.lines):
            clear = msgspec.structs.replace(self.opening, kid=to.kid) if number == 0 else line.clear
            data += chain.line(clear, msgspec.Raw(self._opened(number, key).rstrip()))
        return data

    def _with(self, clear: Clear, secret: object, key: SealTo) -> bytes:
        if key.kid != self.opening.kid:
            raise SealBroken("A record must be sealed to the same key as its sheet.")
        chain = LineChain(self.opening.id, key, len(self.lines), self.lines[-1].sum)
        return b"".join(_raw(line) for line in self.lines) + chain.line(clear, secret)

    def _opened(self, number: int, key: PrivateKey) -> bytes:
        line = self.lines[number]
        info = record_info(self.opening.id, number, line.clear_bytes, line.sum_before)
        return key.unseal(info, line.sealed)


def parse(data: bytes, call_id: CallId) -> Sheet:
    """Read the sheet of ``call_id`` from its bytes.

    A last line without its end, or with zeros where the disk never wrote, is what a power cut leaves, and is left
    out; anything else is damage.

    Raises:
        SealIncomplete: not one line of it is whole.
        SealBroken: the sheet is damaged, is another recording's, or does not start with an opening.
    """
    *whole, tail = data.split(b"\n")
    lines: list[SheetLine] = []
    torn = tail != b""
    for number, text in enumerate(whole):
        line = _line(text, lines[-1].sum if lines else FIRST_SUM)
        if line is None:
            if lines and number == len(whole) - 1 and b"\0" in text:
                torn = True
                break
            raise SealBroken(f"Line {number + 1} of this recording's sheet is damaged.")
        lines.append(line)
    return _checked(lines, torn, call_id)


def read_sheet(path: Path) -> Sheet:
    """Read the sheet at ``path``, whose name is its recording's.

    Raises:
        SealBroken: as ``parse``.
        FileNotFoundError: there is none.
    """
    return parse(path.read_bytes(), CallId(path.stem))


def rewrite(path: Path, data: bytes, disk: Disk = REAL_DISK) -> None:
    """Put a sheet that has grown in the place of the old one, all or nothing; durable when this returns."""
    replace_durably(path, data, disk)


def _checked(lines: list[SheetLine], torn: bool, call_id: CallId) -> Sheet:
    if not lines:
        raise SealIncomplete("This recording's sheet was never begun: the power failed as the call did.")
    opening, *others = (line.clear for line in lines)
    if not isinstance(opening, OpeningClear) or any(isinstance(clear, OpeningClear) for clear in others):
        raise SealBroken("This recording's sheet does not start with its opening.")
    if any(line.clear.id != call_id for line in lines):
        raise SealBroken("This sheet is another recording's.")
    if opening.format != FORMAT:
        raise SealBroken(f"This sheet has format {opening.format}, which this release cannot read.")
    return Sheet(opening, tuple(lines), torn)


def _line(text: bytes, sum_before: str) -> SheetLine | None:
    """Take one line apart; None if it is not whole or its sum does not agree."""
    parts = text.split(b"\t")
    if len(parts) != 3:
        return None
    clear, sealed, total = parts
    if not hmac.compare_digest(line_sum(sum_before, clear, sealed).encode(), total):
        return None
    try:
        raw = base64.b64decode(sealed, validate=True)
        return SheetLine(_clear.decode(clear), clear, raw, sum_before, total.decode("ascii"))
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _raw(line: SheetLine) -> bytes:
    return b"\t".join((line.clear_bytes, base64.b64encode(line.sealed), line.sum.encode())) + b"\n"


_clear: msgspec.json.Decoder[Clear] = msgspec.json.Decoder(Clear, strict=False)
