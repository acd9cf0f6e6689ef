"""Those who are in the way of a site: sockets that say nothing, streams of events, readers who do not read on."""

import http.client
import socket
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from appliance.bench.browsing import Browser

IDLE, STREAMS, SLOW = 100, 40, 4

_SMALL_BUFFER = 4096


class Crowd:
    """Stands there while the block lasts. ``streams`` is how many of the event streams were taken in."""

    def __init__(self, port: int, browser: Browser, sound: str) -> None:
        """Crowd the site at ``port``, signed in as ``browser`` is; ``sound`` is the path of a long call's."""
        self._port, self._browser, self._sound = port, browser, sound
        self._held = ExitStack()
        self.streams = 0

    def __enter__(self) -> Self:
        """Come in: the idle first, every second of them in the middle of a request."""
        for number in range(IDLE):
            idle = self._held.enter_context(socket.create_connection(("127.0.0.1", self._port), 10))
            if number % 2:
                idle.sendall(b"GET / HTTP/1.1\r\nHost: ")
        for _ in range(STREAMS):
            self.streams += self._asked("/live/events").getresponse().status == http.client.OK
        for _ in range(SLOW):
            connection = self._asked(self._sound)
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
            connection.getresponse().read(1)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _it: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Go."""
        self._held.close()

    def _asked(self, path: str) -> http.client.HTTPConnection:
        connection = self._browser.opened(path, {})
        self._held.callback(connection.close)
        return connection
