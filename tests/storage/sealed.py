"""Sealed things for tests: recordings in a spool, and tink's own view of our streams."""

import io
from datetime import UTC, datetime, timedelta

import tink
from tink import secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

from appliance.clock import ClockQuality
from appliance.model.calls import Caller, CallerIdentity, Closing, Direction, EndCause, Opening, call_id
from appliance.storage.stream import StreamWriter

AT = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)
NUMBER, DIALLED = "01632960123", "01632960846"


class MemorySink:
    """A sink in memory; counts syncs."""

    def __init__(self):
        self.data, self.syncs, self.closed = bytearray(), 0, False

    def write(self, data):
        self.data += data

    def sync(self):
        self.syncs += 1

    def close(self):
        self.closed = True


def sealed_stream(plain, key, associated=b"id", segment=1024, chunk=700, end=True):
    sink = MemorySink()
    writer = StreamWriter(sink, key, associated, segment)
    for at in range(0, len(plain), chunk):
        writer.write(plain[at : at + chunk])
    if end:
        writer.close()
    return bytes(sink.data)


def tink_stream(key, segment=1024):
    """Return tink's own primitive for our kind of stream."""
    made = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(version=0, key_value=key)
    made.params.ciphertext_segment_size = segment
    made.params.derived_key_size = 32
    made.params.hkdf_hash_type = common_pb2.SHA256
    keyset = tink_keyset(
        "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey", made, tink_pb2.KeyData.SYMMETRIC
    )
    streaming_aead.register()
    return keyset.primitive(streaming_aead.StreamingAead)


def tink_keyset(type_url, key, material):
    keyset = tink_pb2.Keyset(primary_key_id=1)
    entry = keyset.key.add()
    entry.key_data.type_url = type_url
    entry.key_data.value = key.SerializeToString()
    entry.key_data.key_material_type = material
    entry.status, entry.key_id, entry.output_prefix_type = tink_pb2.ENABLED, 1, tink_pb2.RAW
    return tink.proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)


class KeptBytes(io.BytesIO):
    """A BytesIO whose content outlives ``close``: tink closes what it is given."""

    def close(self):
        self.kept = self.getvalue()
        super().close()


def an_opening(line=1, at=AT, salt="7f3a9c", **more):
    more = {"direction": Direction.IN, "caller": Caller(CallerIdentity.NUMBER, NUMBER), **more}
    return Opening(call_id(at, line, salt), line, "Front desk", at, ClockQuality.SYNCHRONISED, "boot-1", 12.5, **more)


def a_closing(opening, audio_bytes, duration_s=10.0, missed=False):
    return Closing(
        ended_at=opening.started_at + timedelta(seconds=duration_s),
        duration_s=duration_s,
        audio_bytes=audio_bytes,
        direction=opening.direction,
        caller=opening.caller,
        dialled=DIALLED,
        answered=not missed,
        missed=missed,
        rings=3,
        cause=EndCause.HOOK,
        peaks=bytes(range(100)),
    )


def record(spool, key, plain, opening=None):
    """Put a finished recording of ``plain`` into the spool; return its opening."""
    opening = opening or an_opening()
    recording = spool.begin(opening, key)
    recording.audio.write(plain)
    recording.close(a_closing(opening, len(plain)))
    return opening
