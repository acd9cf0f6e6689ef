"""What the three services have in common: being told to stop, telling systemd how they stand, and their log."""

import logging
import os
import signal
import socket
import sys
import threading
from types import FrameType


class Stopping:
    """Set once the service has been asked to end (SIGTERM or SIGINT)."""

    def __init__(self) -> None:
        """Nothing has been asked yet."""
        self._event = threading.Event()

    def on_signals(self) -> "Stopping":
        """Listen for SIGTERM and SIGINT from now on; from the main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked)
        return self

    def ask(self) -> None:
        """Ask the service to end."""
        self._event.set()

    def asked(self) -> bool:
        """Return whether the service should end."""
        return self._event.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait up to ``timeout_s``; return whether the service should end."""
        return self._event.wait(timeout_s)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self._event.set()


def tell_systemd(*words: str) -> None:
    """Send ``READY=1``, ``WATCHDOG=1``, ``STATUS=...`` (sd_notify(3)); does nothing outside systemd."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where:
        return
    address = "\0" + where[1:] if where.startswith("@") else where
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.sendto("\n".join(words).encode(), address)


def start_log(service: str) -> None:
    """Send the log to stderr, one line a message, with the service's name; no personal data is ever logged."""
    logging.basicConfig(
        level=os.environ.get("LINEKEEPER_LOG", "INFO"),
        format=f"%(asctime)s {service} %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
        force=True,
    )
