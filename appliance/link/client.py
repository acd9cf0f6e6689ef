"""The site's end of the link: ask, and get the typed reply or the keeper's error raised here."""

import queue
import select
import socket
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from appliance import errors
from appliance.link import wire
from appliance.link.messages import Reply, Request
from appliance.link.messages.base import Message, Refused

R = TypeVar("R", bound=Message)


class Link:
    """Connections to the keeper: as many as there are requests at once, kept for the next, opened anew after a restart.

    May be used from several threads.
    """

    def __init__(self, socket_path: Path, timeout_s: float = 30.0) -> None:
        """Talk to the keeper at ``socket_path``; no reply within ``timeout_s`` counts as broken."""
        self._path = socket_path
        self._timeout_s = timeout_s
        self._idle: queue.LifoQueue[socket.socket] = queue.LifoQueue()

    def ask(self, request: Request, kind: type[R]) -> R:
        """Send ``request`` and return the reply, which must be of ``kind``.

        Raises:
            LinkBroken: the keeper does not answer.
            LinekeeperError: the keeper's refusal, by its own class.
        """
        reply = self._exchange(request)
        if isinstance(reply, Refused):
            raise _raised(reply)
        if not isinstance(reply, kind):
            raise errors.LinkBroken(f"The keeper answered {type(request).__name__} with {type(reply).__name__}.")
        return reply

    def close(self) -> None:
        """Close the connections that are kept."""
        while (connection := self._kept()) is not None:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, one: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _exchange(self, request: Request) -> Reply:
        # A request is never sent twice, for the keeper may have acted on it: so a kept connection is looked at first,
        # whether a restart has closed it.
        connection = self._kept() or self._connect()
        try:
            wire.send(connection, request)
            reply = wire.receive_reply(connection)
        except errors.LinkBroken:
            connection.close()
            raise
        self._idle.put(connection)
        return reply

    def _kept(self) -> socket.socket | None:
        while True:
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                return None
            # Between two requests nothing is due but the end of the stream.
            if not select.select([connection], [], [], 0)[0]:
                return connection
            connection.close()

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self._timeout_s)
        try:
            connection.connect(str(self._path))
        except OSError as wrong:
            connection.close()
            raise errors.LinkBroken("The keeper does not answer. It starts again by itself within seconds.") from wrong
        return connection


def _raised(refused: Refused) -> errors.LinekeeperError:
    """Build the keeper's error again; one this release does not know becomes its root."""
    if refused.error == errors.SignInThrottled.__name__:
        return errors.SignInThrottled(refused.text, refused.wait_s)
    kind = getattr(errors, refused.error, errors.LinekeeperError)
    if not (isinstance(kind, type) and issubclass(kind, errors.LinekeeperError)):
        kind = errors.LinekeeperError
    return kind(refused.text)
