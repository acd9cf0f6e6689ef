"""What a detector has learnt of its line and keeps over a restart."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineMemory:
    """Learnt of one line. ``idle_floor_dbfs`` is the high-band level (1 to 3.4 kHz) with the receiver down."""

    idle_floor_dbfs: float | None = None
