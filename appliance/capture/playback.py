"""Playing a recording to its end, without a loudspeaker: the proof that what was opened is sound."""

import io

import av

from appliance.errors import AudioUnreadable


def played_s(recording: bytes) -> float:
    """Decode Ogg Opus; return how many seconds of sound came out.

    Raises:
        AudioUnreadable: it is not a recording, or it is damaged.
    """
    try:
        with av.open(io.BytesIO(recording), "r", format="ogg") as container:
            lengths_s = [frame.samples / frame.sample_rate for frame in container.decode(audio=0)]
    except (av.FFmpegError, IndexError) as wrong:
        raise AudioUnreadable("This is not a recording that can be played.") from wrong
    if not lengths_s:
        raise AudioUnreadable("There is no sound in this recording.")
    return float(sum(lengths_s))
