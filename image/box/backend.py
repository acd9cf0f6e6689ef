"""RAUC's questions about the roots, from the state that U-Boot's script reads (its custom bootloader backend)."""

from collections.abc import Callable, Sequence
from pathlib import Path

from image.box.slots import FIRMWARE, read_slots, running_slot, write_slots


def answer(arguments: Sequence[str], folder: Path = FIRMWARE, running: Callable[[], str] = running_slot) -> str:
    """Carry out one of RAUC's calls; return what to print.

    Raises:
        SlotsUnreadable: the state cannot be read. ValueError: RAUC asks for something else.
    """
    match arguments:
        case ["get-current"]:
            return running()
        case ["get-primary"]:
            return read_slots(folder).primary()
        case ["set-primary", slot]:
            write_slots(read_slots(folder).with_primary(slot), folder)
        case ["get-state", slot]:
            return "good" if read_slots(folder).left[slot] else "bad"
        case ["set-state", slot, ("good" | "bad") as state]:
            write_slots(read_slots(folder).with_state(slot, good=state == "good"), folder)
        case _:
            raise ValueError(f"RAUC asks for {' '.join(arguments)}")
    return ""
