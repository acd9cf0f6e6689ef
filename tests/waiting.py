"""Waiting for other processes, with an end; and a place for them to listen."""

import socket
import time

from crowding import crowding


def eventually(what, message, timeout_s=30.0):
    """Return what ``what`` returns once that is true: for another process's doing, never for time to pass.

    ``timeout_s`` is a machine's at rest.
    """
    started = time.monotonic()
    while time.monotonic() - started < timeout_s * crowding():
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {timeout_s} s: {message}")


def free_port():
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
