"""The site's end of the link: ask, and get the typed reply or the keeper's error raised here."""

import select
import socket
import threading
from pathlib import Path
from typing import TypeVar

from appliance import errors
from appliance.link import wire
from appliance.link.messages import Message, Refused, Reply, Request

R = TypeVar("R", bound=Message)


class Link:
    """Connections to the keeper, one for each thread, opened when first needed and again after the keeper restarted."""

    def __init__(self, socket_path: Path, timeout_s: float = 30.0) -> None:
        """Talk to the keeper at ``socket_path``; no reply within ``timeout_s`` counts as broken."""
        self._path = socket_path
        self._timeout_s = timeout_s
        self._mine = threading.local()

    def ask(self, request: Request, kind: type[R]) -> R:
        """Send ``request`` and return the reply, which must be of ``kind``.

        Raises:
            LinkBroken: the keeper does not answer. LinekeeperError: the keeper's refusal, by its own class.
        """
        reply = self._exchange(request)
        if isinstance(reply, Refused):
            raise _raised(reply)
        if not isinstance(reply, kind):
            raise errors.LinkBroken(f"The keeper answered {type(request).__name__} with {type(reply).__name__}.")
        return reply

    def _exchange(self, request: Request) -> Reply:
        kept: socket.socket | None = getattr(self._mine, "connection", None)
        # A request is never sent twice, for the keeper may have acted on it: so look first whether a connection that
        # was kept has been closed by a restart.
        connection = kept if kept is not None and not _closed(kept) else self._connect()
        return self._over(connection, request)

    def _over(self, connection: socket.socket, request: Request) -> Reply:
        try:
            wire.send(connection, request)
            return wire.receive_reply(connection)
        except errors.LinkBroken:
            connection.close()
            self._mine.connection = None
            raise

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self._timeout_s)
        try:
            connection.connect(str(self._path))
        except OSError as wrong:
            connection.close()
            raise errors.LinkBroken("The keeper does not answer. It starts again by itself within seconds.") from wrong
        self._mine.connection = connection
        return connection


def _closed(connection: socket.socket) -> bool:
    """Return whether the keeper has closed its end: nothing is due between two requests but the end of the stream."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable)


def _raised(refused: Refused) -> errors.LinekeeperError:
    """Build the keeper's error again; one this release does not know becomes its root."""
    if refused.error == errors.SignInThrottled.__name__:
        return errors.SignInThrottled(refused.text, refused.wait_s)
    kind = getattr(errors, refused.error, errors.LinekeeperError)
    if not (isinstance(kind, type) and issubclass(kind, errors.LinekeeperError)):
        kind = errors.LinekeeperError
    return kind(refused.text)
