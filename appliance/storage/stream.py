"""Writing a sealed stream: Google Tink's AES-GCM-HKDF streaming AEAD, as the audio of a call is recorded.

    header    0x28 | salt (32) | nonce prefix (7)
    segment   AES-256-GCM ciphertext and its 16-byte tag, under the segment key and the
    nonce     prefix (7) | index (4, big endian) | 1 if it is the last, else 0

The segment key is HKDF-SHA256(key, salt, info = associated data). Segments are ``segment`` bytes long as they lie on
the disk, except the first, which leaves room for the header, and the last. See docs/recording-format.md and
https://developers.google.com/tink/streaming-aead/aes_gcm_hkdf_streaming.
"""

import os
import struct
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY = 32
"""Bytes of a data key."""

SALT, PREFIX, TAG = 32, 7, 16
HEADER = 1 + SALT + PREFIX

SEGMENT = 1024
"""Bytes of a segment on the disk. A third of a second of audio: what a power cut may take besides the sync interval."""


class Sink(Protocol):
    """Where sealed bytes go: an ``AppendFile``."""

    def write(self, data: bytes) -> None:
        """Append ``data``."""
        ...

    def sync(self) -> None:
        """Make what was written durable."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


def segment_cipher(key: bytes, salt: bytes, associated: bytes) -> AESGCM:
    """Return the cipher of one stream's segments."""
    return AESGCM(HKDF(SHA256(), KEY, salt, associated).derive(key))


def nonce(prefix: bytes, index: int, last: bool) -> bytes:
    """Return the nonce of segment ``index``; that it is the last is part of it, so an end cannot be forged."""
    return prefix + struct.pack(">I?", index, last)


class StreamWriter:
    """A write-only file object: ``av.open(writer, "w", format="ogg")`` records straight into it.

    Whole segments reach the sink at once; what is left over waits for more. There is no flush of a part: sealing the
    same segment twice would use a nonce twice. Deliberately not an ``io`` class: those close themselves when they are
    thrown away, and a recording that was thrown away must not look finished.
    """

    def __init__(self, sink: Sink, key: bytes, associated: bytes, segment: int = SEGMENT) -> None:
        """Start a stream under ``key`` (32 bytes, used for nothing else); its header is written now."""
        salt, self._prefix = os.urandom(SALT), os.urandom(PREFIX)
        self._cipher = segment_cipher(key, salt, associated)
        self._sink = sink
        self._waiting = bytearray()
        self._index, self._room, self._whole = 0, segment - TAG - HEADER, segment - TAG
        self._closed = False
        self.plain_bytes = 0
        sink.write(bytes([HEADER]) + salt + self._prefix)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Take the whole of ``data``; return its length.

        Raises:
            OSError: the sink refused.
            ValueError: the stream is closed.
        """
        if self._closed:
            raise ValueError("The stream is closed.")
        self._waiting += data
        self.plain_bytes += len(data)
        while len(self._waiting) > self._room:  # not >=: the last segment is never an empty one after a full one
            self._seal(last=False)
        return len(data)

    def sync(self) -> None:
        """Make every whole segment durable."""
        self._sink.sync()

    def close(self) -> None:
        """Write the authenticated last segment, make it durable and let go; once."""
        if self._closed:
            return
        self._closed = True
        self._seal(last=True)
        self._sink.sync()
        self._sink.close()

    def abandon(self) -> None:
        """Let go without the end: readers will say that the stream is incomplete."""
        self._closed = True
        self._sink.close()

    def _seal(self, last: bool) -> None:
        chunk = bytes(self._waiting[: self._room])
        self._sink.write(self._cipher.encrypt(nonce(self._prefix, self._index, last), chunk, None))
        del self._waiting[: len(chunk)]
        self._index, self._room = self._index + 1, self._whole
