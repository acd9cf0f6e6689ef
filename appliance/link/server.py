"""The keeper's end of the link: a Unix socket, one thread a connection, each peer's user checked."""

import contextlib
import logging
import os
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from appliance.errors import LinekeeperError, LinkBroken, SignInThrottled
from appliance.link import wire
from appliance.link.messages import Reply, Request
from appliance.link.messages.base import Refused

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 64
"""At once; the site keeps one for each of its threads, and the event streams share a few."""

_ucred = struct.Struct("3i")


class LinkServer:
    """Answers requests with ``answer``. A refusal it raises goes back by name; anything else is counted as a fault."""

    def __init__(self, socket_path: Path, answer: Callable[[Request], Reply], allowed_uids: frozenset[int]) -> None:
        """Listen at ``socket_path``; only peers whose user is in ``allowed_uids`` are heard (SO_PEERCRED)."""
        self._path, self._answer, self._allowed = socket_path, answer, allowed_uids
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._open: set[socket.socket] = set()
        self._listener = self._bind()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="link", daemon=True)

    def start(self) -> None:
        """Start answering."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering, and end every connection."""
        self._closed.set()
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _bind(self) -> socket.socket:
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self._path))
        self._path.chmod(0o660)
        listener.listen(MOST_CONNECTIONS)
        return listener

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if not (self._may_speak(connection) and self._places.acquire(blocking=False)):
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection,), name="link-peer", daemon=True).start()

    def _may_speak(self, connection: socket.socket) -> bool:
        peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _ucred.size)
        _pid, uid, _gid = _ucred.unpack(peer)
        if uid in self._allowed or uid == os.getuid():
            return True
        log.warning("user %d may not speak to the keeper", uid)
        return False

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            self._open.add(connection)
            try:
                while (request := wire.receive_request(connection)) is not None:
                    wire.send(connection, self._answered(request))
            except LinkBroken as broken:
                log.info("a connection ended: %s", broken)
            finally:
                self._open.discard(connection)
                self._places.release()

    def _answered(self, request: Request) -> Reply:
        try:
            return self._answer(request)
        except LinekeeperError as refusal:
            wait_s = refusal.wait_s if isinstance(refusal, SignInThrottled) else 0
            return Refused(type(refusal).__name__, str(refusal), wait_s)
        except Exception:
            log.exception("a %s could not be answered", type(request).__name__)
            return Refused("LinekeeperError", "Something went wrong in the keeper. Recording is not affected.")
