"""What a detector has learnt of its line and keeps over a restart."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineMemory:
    """Learnt of one line; None where not known yet.

    ``idle_floor_dbfs`` is the level from 1 to 3.4 kHz with the receiver down, ``idle_ringing_dbfs`` the level
    below 700 Hz. ``open_lift_db`` is the least that an off-hook line has stood above its idle floor. ``rings`` says
    that power ringing has been heard on it.
    """

    idle_floor_dbfs: float | None = None
    idle_ringing_dbfs: float | None = None
    open_lift_db: float | None = None
    rings: bool = False
