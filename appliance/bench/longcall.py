"""A call as long as somebody waits on hold for: sealed into the spool as a recorder seals it."""

import secrets
from datetime import datetime, timedelta

from appliance.audio import positions
from appliance.bench.material import talking
from appliance.capture.opus import OpusStream
from appliance.capture.peaks import Peaks
from appliance.clock import ClockQuality
from appliance.config import Folders
from appliance.errors import FolderUnusable
from appliance.model.calls import Caller, CallerIdentity, CallId, Closing, Direction, EndCause, Opening, Span, call_id
from appliance.storage.spool import Spool, read_seal_to

_PIECE_S = 60.0
_NUMBER = "01632960846"


class _Bytes:
    def __init__(self) -> None:
        self.all = bytearray()

    def write(self, data: bytes) -> int:
        self.all += data
        return len(data)


def put_long_call(folders: Folders, at: datetime, length_s: float) -> CallId:
    """Put a call of ``length_s`` seconds into the spool.

    A minute is encoded once and sealed over and over: what is measured is how bytes are found, which nobody decodes.

    Raises:
        FolderUnusable: the keeper has published no key to seal it to.
    """
    key = read_seal_to(folders.intake)
    if key is None:
        raise FolderUnusable("The keeper has published no key: set the box up first.")
    samples, minute = talking(_PIECE_S).body, _Bytes()
    stream = OpusStream(minute)
    stream.write(samples)
    stream.close()
    caller, peaks = Caller(CallerIdentity.NUMBER, _NUMBER), Peaks()
    recording = Spool(folders.spool).begin(
        Opening(call_id(at, 1, secrets.token_hex(3)), 1, "Line 1", at, ClockQuality.SYNCHRONISED, "boot", 1.0,
                Direction.IN, caller),
        key,
    )  # fmt: skip
    for _ in range(round(length_s / _PIECE_S)):
        recording.audio.write(bytes(minute.all))
        peaks.write(samples)
    closing = Closing(
        ended_at=at + timedelta(seconds=length_s), duration_s=length_s, audio_bytes=recording.plain_bytes,
        direction=Direction.IN, caller=caller, dialled=None, answered=True, missed=False, rings=2, cause=EndCause.HOOK,
        spans=(Span("speech", 1.0, length_s / 2),), peaks=peaks.up_to(positions(length_s)),
    )  # fmt: skip
    recording.close(closing)
    return recording.call_id
