"""The site's own workers: gunicorn, started in this process, answering nginx on a Unix socket."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.base import Worker

from appliance.config import Config
from appliance.link.client import Link
from appliance.web.app import make_app

log = logging.getLogger(__name__)

THREADS = 28
"""Requests at once in the one worker: 12 event streams (``live.MOST_STREAMS``) and 16 others."""

_MOST_BYTES_OF_URL = 2048


class Serving(BaseApplication):  # type: ignore[misc]  # gunicorn is not typed
    """gunicorn with our settings; ``run()`` returns (by SystemExit) when the process is told to stop."""

    def __init__(self, config: Config) -> None:
        """Serve the site of ``config`` on ``folders.web_socket``."""
        self._config = config
        self._stopping = threading.Event()
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's own settings."""
        for name, value in self._settings().items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the site, once the worker runs."""
        return make_app(self._config, Link(self._config.folders.keeper_socket), self._stopping)

    def _settings(self) -> dict[str, Any]:
        return {
            "bind": f"unix:{self._config.folders.web_socket.resolve()}",
            "umask": 0o007,
            "worker_class": "gthread",
            "workers": 1,
            # The site is made before systemd is told that it serves. On a slow or busy board that takes so long that
            # who asked meanwhile would be told by nginx, after a minute, that the pages are starting.
            "preload_app": True,
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": 2,
            "keepalive": 75,
            "limit_request_line": _MOST_BYTES_OF_URL,
            "limit_request_fields": 50,
            "control_socket_disable": True,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "worker_tmp_dir": "/dev/shm",  # noqa: S108  # gunicorn's own heartbeat file, made safely, not on the card
            "post_worker_init": self._end_streams_on_signal,
        }

    def _end_streams_on_signal(self, _worker: Worker) -> None:
        """Let SIGTERM end the event streams first: gunicorn would wait for them, and they never end by themselves."""
        theirs = signal.getsignal(signal.SIGTERM)

        def stop(number: int, frame: FrameType | None) -> None:
            self._stopping.set()
            if callable(theirs):
                theirs(number, frame)

        signal.signal(signal.SIGTERM, stop)
