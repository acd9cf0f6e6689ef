"""Bounds in life's own time hold for a machine that has a core for whatever wants one."""

import os


def crowding():
    """How many programs want each core of this machine, at least 1: what such a bound has to be stretched by."""
    return max(1.0, os.getloadavg()[0] / os.cpu_count())
