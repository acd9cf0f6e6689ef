"""Finding calls on a tapped line: frames and hook edges in, events out. No I/O, no clock; the same live and offline."""

from appliance.capture.detector.detector import Detector
from appliance.capture.detector.memory import LineMemory

__all__ = ["Detector", "LineMemory"]
