"""What the box's own units call: ``box VERB``. What is printed goes to the journal, or to RAUC that asked."""

import sys
from pathlib import Path

from image.box import afresh, backend, health, stick, update

_TERMINALS = (Path("/dev/tty1"), Path("/dev/console"))


def main(arguments: list[str]) -> int:
    """Carry out one verb; return the exit code."""
    match arguments:
        case ["slots", *question]:
            sys.stdout.write(f"{backend.answer(question)}\n")
        case ["update"]:
            update.update()
        case ["stick", device]:
            stick.look_at(device)
        case ["health", patience]:
            return health.look(float(patience))
        case ["afresh"]:
            if afresh.watch(afresh.button(), _tell):
                afresh.restart()
        case _:
            sys.stderr.write("usage: box slots QUESTION | update | stick DEVICE | health SECONDS | afresh\n")
            return 2
    return 0


def _tell(words: str) -> None:
    """Show words on the screen and the serial console of the box, and keep them in the log."""
    sys.stderr.write(f"{words}\n")
    for terminal in _TERMINALS:
        try:
            terminal.write_text(f"\r\n{words}\r\n".replace("\n", "\r\n"), encoding="utf-8")
        except OSError:
            continue
