"""The child process that plays to a line: it opens the card's output while it plays, and at no other time.

``python -m appliance.capture.speaker`` takes the requests of ``speakerwire`` on stdin, one after the other, until that
ends. It has nothing to do with the process that captures: whatever a card's output does to it, the line is heard.
"""

import os
import sys
import time

from appliance.capture.portaudio import play
from appliance.capture.speakerwire import Ended, Failed, Reply, Started, packed_reply, read_request
from appliance.errors import LineFault

_NICE = 5
"""Behind whoever listens: a message may stumble, a recording may not."""


def main() -> int:
    """Play what is asked for."""
    os.nice(_NICE)
    while (request := read_request(_read)) is not None:
        try:
            play(request.card, request.pcm, request.rate, request.channel, _started)
        except LineFault as wrong:
            _say(Failed(str(wrong)))
        else:
            _say(Ended())
    return 0


def _started(latency_s: float) -> None:
    _say(Started(time.clock_gettime(time.CLOCK_BOOTTIME) + latency_s))


def _say(reply: Reply) -> None:
    os.write(1, packed_reply(reply))


def _read(length: int) -> bytes:
    return sys.stdin.buffer.read(length)


if __name__ == "__main__":
    sys.exit(main())
