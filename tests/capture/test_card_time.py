"""A card's time goes on from one process of it to the next, whatever is done to the wall clock."""

import pytest

from appliance.capture.steadytime import SteadyTime


class Clocks:
    """Wall, monotonic and boot clock of a machine that has slept for a while."""

    def __init__(self):
        self.wall_s, self.monotonic_s, self.boot_s = 1_790_000_000.0, 5000.0, 5600.0

    def read(self):
        return self.wall_s, self.monotonic_s, self.boot_s

    def advance(self, s):
        self.wall_s, self.monotonic_s, self.boot_s = self.wall_s + s, self.monotonic_s + s, self.boot_s + s


@pytest.mark.parametrize("base", ["wall_s", "monotonic_s"])
def test_whichever_clock_portaudio_reads_the_boot_clock_is_told(base):
    clocks = Clocks()
    steady = SteadyTime(clocks.read)
    for _ in range(50):
        assert steady.of(getattr(clocks, base) - 0.2) == pytest.approx(clocks.boot_s - 0.2, abs=1e-4)
        clocks.advance(0.1)


@pytest.mark.parametrize("hours", [-30, -0.01, 0.01, 30])
def test_a_wall_clock_that_is_set_moves_nothing(hours):
    clocks = Clocks()
    before, after = SteadyTime(clocks.read), SteadyTime(clocks.read)
    last = before.of(clocks.wall_s)
    clocks.wall_s += hours * 3600
    clocks.advance(0.1)
    assert before.of(clocks.wall_s) - last == pytest.approx(0.1, abs=1e-4)
    assert after.of(clocks.wall_s) - last == pytest.approx(0.1, abs=1e-4)


def test_readings_that_are_not_quite_at_once_make_no_jump():
    clocks = Clocks()
    steady = SteadyTime(clocks.read)
    last = steady.of(clocks.wall_s)
    clocks.advance(0.1)
    stream_s = clocks.wall_s
    clocks.boot_s += 0.03  # the process was kept from the processor between two readings
    assert steady.of(stream_s) - last == pytest.approx(0.1, abs=1e-4)
