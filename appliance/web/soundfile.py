"""A recording's sound as a file to read and seek in, whose bytes are asked of the keeper."""

import io

from appliance.link.client import Link
from appliance.link.messages.call import Audio, ReadAudio
from appliance.model.calls import CallId

BUFFER = 32 * 1024
"""Bytes asked for at a time: 10 s of a call."""


class SoundFile(io.RawIOBase):
    """One recording, read by whoever's ``token`` it is. Raises what the keeper refuses with."""

    def __init__(self, link: Link, token: bytes, call_id: CallId) -> None:
        """Ask for the length.

        Raises:
            NotAllowed: its purpose has not been said. NoSuchCall: it is not theirs to hear.
        """
        self._link, self._token, self._call_id, self._at = link, token, call_id, 0
        self.total = self._asked(0, 1).total

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def seekable(self) -> bool:
        """It can be read from anywhere."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.total}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def readinto(self, into: "bytearray | memoryview") -> int:  # type: ignore[override]  # what BufferedReader passes
        """Read what fits; 0 at the end."""
        data = self._asked(self._at, len(into)).data if self._at < self.total else b""
        into[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _asked(self, offset: int, length: int) -> Audio:
        return self._link.ask(ReadAudio(self._token, self._call_id, offset, length), Audio)
