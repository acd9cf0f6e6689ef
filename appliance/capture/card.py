"""The child process of one sound card: callback, queue, pipe, and nothing else.

``python -m appliance.capture.card NAME`` writes the records of ``cardwire`` to stdout until its stdin ends, which it
does however the recorder ends; ``--list`` writes the cards there are as JSON, one a line. Its stderr belongs on
/dev/null: an unplugged card makes ALSA write 1.5 GB of complaints in 20 seconds.
"""

import dataclasses
import os
import sys
import threading

from appliance.capture.cardwire import CardTrouble, packed
from appliance.capture.portaudio import CardStream, cards
from appliance.codec import to_json
from appliance.errors import LineFault


def main(arguments: list[str]) -> int:
    """Capture the card named, or list all."""
    if arguments == ["--list"]:
        for card in cards():
            _write(to_json(dataclasses.asdict(card)) + b"\n")
        return 0
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        stream = CardStream(arguments[0])
    except LineFault as wrong:
        _write(packed(CardTrouble(str(wrong))))
        return 1
    _write(packed(stream.form))
    for block in stream.blocks():
        _write(packed(block))
    return 0


def _end_with_parent() -> None:
    """Wait for the end of stdin, then go at once: PortAudio may be hanging, so nothing is asked of it."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
