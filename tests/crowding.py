"""Bounds in life's own time hold for a machine that has a core for whatever wants one."""

import os
from pathlib import Path


def crowding():
    """How many programs want each core of this machine, at least 1: what such a bound has to be stretched by.

    The minute's mean is late where a crowd has only just come, so what wants a core at this moment counts too.
    """
    now = int(Path("/proc/loadavg").read_text("ascii").split()[3].partition("/")[0])
    return max(1.0, os.getloadavg()[0] / os.cpu_count(), now / os.cpu_count())
