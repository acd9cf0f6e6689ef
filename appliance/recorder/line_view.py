"""How a line's recorder stands, for the status to be made of."""

from dataclasses import dataclass

from appliance.audio import SILENCE_DBFS
from appliance.events import Phase, Sensor
from appliance.model.calls import CallId
from appliance.model.proof import Proof
from appliance.recorder.instant import Instant


@dataclass(frozen=True, slots=True)
class LineView:
    """What the status says of a line. ``sealed_at`` is when sealed bytes last became durable; None before the first."""

    phase: Phase = Phase.IDLE
    level_dbfs: float = SILENCE_DBFS
    call_id: CallId | None = None
    sealed_at: Instant | None = None
    trouble: str = ""
    lost_calls: int = 0
    proved: Proof | None = None
    doubted: frozenset[Sensor] = frozenset()
    """Sensors that the line's sound contradicts: calls are found without them."""
