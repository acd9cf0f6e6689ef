"""Looking into a spool as the keeper will: with the private key."""

import io
import os
from dataclasses import dataclass

import av
import numpy as np

from appliance.audio import RATE
from appliance.storage.sheet import Whole, read_sheet
from appliance.storage.spool import Spool
from appliance.storage.streamreader import StreamReader
from appliance.storage.unsealing import PrivateKey


@dataclass
class Spooled:
    """One call as it lies in the spool. ``ogg`` is None where there is no audio."""

    call_id: str
    whole: Whole
    ogg: bytes | None
    complete: bool

    @property
    def opening(self):
        return self.whole.opening

    @property
    def closing(self):
        return self.whole.closing

    @property
    def kept(self):
        """The Ogg Opus that the closing says is the call."""
        return self.ogg[: self.closing.audio_bytes]

    def heard(self, ogg=None):
        """What a player plays: 8 kHz float32, cut where the closing says the call ends."""
        samples = decoded(self.ogg if ogg is None else ogg)
        return samples[: round(self.closing.duration_s * RATE)] if self.closing else samples

    def spans(self, kind):
        return [(span.start_s, span.end_s) for span in self.closing.spans if span.kind == kind]


def decoded(ogg):
    """Decode to 8 kHz float32; an Ogg stream that ends anywhere is decoded up to there."""
    with av.open(io.BytesIO(ogg)) as container:
        to_line = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        frames = [out for frame in container.decode(audio=0) for out in to_line.resample(frame)]
        frames += to_line.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]) if frames else np.empty(0, np.float32)


def look(folder, key: PrivateKey):
    """Open everything in the spool, oldest first."""
    spool = Spool(folder)
    return [_look(spool, call_id, key) for call_id in spool.ids()]


def _look(spool, call_id, key):
    whole = read_sheet(spool.meta(call_id)).unseal(key)
    if not spool.audio(call_id).exists():
        return Spooled(call_id, whole, None, complete=True)
    with spool.audio(call_id).open("rb") as raw:
        reader = StreamReader(raw, whole.data_key, call_id.encode())
        return Spooled(call_id, whole, reader.read(), reader.complete)


class FailingDisk:
    """The machine's disk, until ``fault`` is set to an errno: then everything but closing fails with it.

    Syncs are counted, not done.
    """

    def __init__(self):
        self.fault = None
        self.syncs = 0

    def __getattr__(self, name):
        def operation(*args, **kwargs):
            if self.fault and name != "close":
                raise OSError(self.fault, os.strerror(self.fault))
            if name == "fsync":
                self.syncs += 1
                return None
            return getattr(os, name)(*args, **kwargs)

        return operation
