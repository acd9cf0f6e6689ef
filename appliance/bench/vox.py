"""The peer that most recorders use: record while it is loud, and for some seconds after (a VOX, voice operated)."""

import numpy as np

from appliance.audio import BLOCK, Samples, positions
from appliance.model.calls import CallFacts

LOUD_DBFS = -45.0
"""The usual setting."""


def vox(samples: Samples, hangover_s: float) -> list[CallFacts]:
    """Return a recording for each stretch that is loud with no pause of ``hangover_s``; the pause is part of it."""
    whole = len(samples) - len(samples) % BLOCK
    power = np.square(samples[:whole]).reshape(-1, BLOCK).mean(axis=1)
    loud = np.flatnonzero(power > 10.0 ** (LOUD_DBFS / 10.0)) * BLOCK
    hangover = positions(hangover_s)
    recordings: list[CallFacts] = []
    for at in loud.tolist():
        start = at
        if recordings and at <= recordings[-1].end:
            start = recordings.pop().start
        recordings.append(CallFacts(start, at + BLOCK + hangover, start))
    return recordings
