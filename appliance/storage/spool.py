"""The spool: where the recorder puts calls as they happen, and all it can do there is add.

A recording is ``ID.audio`` (a sealed stream of Ogg Opus) and ``ID.meta`` (its sheet). It is finished when its sheet
has a closing; a sheet without one is of a call going on, or of one that a crash or a power cut ended.
"""

import os
from pathlib import Path

import msgspec

from appliance.codec import read_json, to_json
from appliance.errors import NoSuchCall, SealBroken
from appliance.files import REAL_DISK, Disk, replace_durably, sync_folder
from appliance.model.calls import CallId, Closing, Opening, checked_call_id
from appliance.storage.appending import AppendFile
from appliance.storage.records import (
    CallSoFar,
    LineChain,
    NoteClear,
    OpeningSecret,
    clear_of_closing,
    clear_of_opening,
)
from appliance.storage.sealing import SealTo
from appliance.storage.stream import KEY, StreamWriter


class SealedRecording:
    """One call being recorded: nothing of it is on the disk in clear at any time."""

    def __init__(self, opening: Opening, meta: AppendFile, audio: AppendFile, key: SealTo) -> None:
        """Write the opening and the stream's header to two new files."""
        self.call_id = opening.call_id
        data_key = os.urandom(KEY)
        self._meta, self._lines = meta, LineChain(opening.call_id, key)
        self._write(self._lines.line(clear_of_opening(opening, key), OpeningSecret(data_key, opening)))
        self.audio = StreamWriter(audio, data_key, opening.call_id.encode("ascii"))

    @property
    def plain_bytes(self) -> int:
        """Bytes of plain audio taken so far."""
        return self.audio.plain_bytes

    def sync(self) -> None:
        """Make the audio durable up to the last whole segment.

        Raises:
            OSError: the disk failed; the recording must be abandoned.
        """
        self.audio.sync()

    def note(self, so_far: CallSoFar) -> None:
        """Write down what has become known of the call; durable when this returns.

        Raises:
            OSError: the disk failed; the recording must be abandoned.
        """
        self._write(self._lines.line(NoteClear(self.call_id, so_far.direction), so_far))

    def close(self, closing: Closing) -> None:
        """End the recording: first the stream's authenticated end, then the closing; durable when this returns.

        Raises:
            OSError: the disk failed; the recording must be abandoned.
        """
        self.audio.close()
        self._write(self._lines.line(clear_of_closing(self.call_id, closing), closing))
        self._meta.close()

    def abandon(self) -> None:
        """Let go without an end; the keeper takes what is there, marked as cut short."""
        self.audio.abandon()
        self._meta.close()

    def _write(self, line: bytes) -> None:
        self._meta.write(line)
        self._meta.sync()


class Spool:
    """The folder that the recorder adds to and the keeper takes from."""

    def __init__(self, folder: Path, disk: Disk = REAL_DISK) -> None:
        """Use ``folder``, which exists."""
        self._folder, self._disk = folder, disk

    def begin(self, opening: Opening, key: SealTo) -> SealedRecording:
        """Begin a recording sealed to ``key``; its names and opening are durable when this returns.

        Raises:
            FileExistsError: there is a recording of that id.
            OSError: the disk failed; nothing to be abandoned.
        """
        meta = AppendFile(self.meta(opening.call_id), self._disk)
        try:
            audio = AppendFile(self.audio(opening.call_id), self._disk)
            try:
                recording = SealedRecording(opening, meta, audio, key)
                recording.sync()
                sync_folder(self._folder, self._disk)
            except OSError:
                audio.close()
                raise
        except OSError:
            meta.close()
            raise
        return recording

    def note_missed(self, opening: Opening, closing: Closing, key: SealTo) -> None:
        """Write the sheet of a call that nobody answered: no audio; durable when this returns.

        Raises:
            OSError: the disk failed.
        """
        lines = LineChain(opening.call_id, key)
        sheet = lines.line(clear_of_opening(opening, key), OpeningSecret(b"", opening))
        sheet += lines.line(clear_of_closing(opening.call_id, closing), closing)
        replace_durably(self.meta(opening.call_id), sheet, self._disk)

    def ids(self) -> tuple[CallId, ...]:
        """Return what is in the spool, finished or not, oldest first; files of other names are nobody's business."""
        names = sorted(path.stem for path in self._folder.glob("*.meta"))
        return tuple(CallId(name) for name in names if is_call_id(name))

    def meta(self, call_id: CallId) -> Path:
        """Return where a recording's sheet lies."""
        return self._folder / f"{call_id}.meta"

    def audio(self, call_id: CallId) -> Path:
        """Return where a recording's audio lies."""
        return self._folder / f"{call_id}.audio"


def is_call_id(name: str) -> bool:
    """Return whether a file's stem is the id of a call."""
    try:
        checked_call_id(name)
    except NoSuchCall:
        return False
    return True


class _Published(msgspec.Struct, frozen=True):
    kid: str
    public: bytes


def publish(intake: Path, key: SealTo, disk: Disk = REAL_DISK) -> None:
    """Tell the recorder which key to seal to from its next call on.

    Raises:
        OSError: the disk failed; the old key stays.
    """
    replace_durably(intake / "seal-to.json", to_json(_Published(key.kid, key.public)), disk)


def read_seal_to(intake: Path) -> SealTo | None:
    """Read which key to seal to; None where the keeper has not said so yet.

    Raises:
        SealBroken: the file is damaged. Sealing to a wrong key would lose the call, so it is never guessed.
    """
    published = read_json(intake / "seal-to.json", _Published)
    if published is None:
        return None
    key = SealTo(published.public)
    if key.kid != published.kid:
        raise SealBroken("The key to seal to is damaged. Restart the keeper: it writes it anew.")
    return key
