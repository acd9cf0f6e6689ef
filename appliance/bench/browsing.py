"""A browser without a screen: one kept connection, cookies, forms with their tokens; and how long things take in it."""

import http.client
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from appliance.errors import LinekeeperError

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]*)"')
_ASSET = re.compile(r'"(/static/[^"]+)"')
_PATIENCE_S = 60.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class PageWrong(LinekeeperError):
    """The site did not answer as it should; says how. What is measured is only what works."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, all of it. ``where`` is the path it leads on to; empty where it leads nowhere."""

    status: int
    where: str
    body: bytes

    @property
    def text(self) -> str:
        """The body as the page it is."""
        return self.body.decode()


class Browser:
    """One person's browser. A context manager; it asks one thing at a time and follows nothing by itself."""

    def __init__(self, port: int) -> None:
        """Talk to a site at ``port`` of loopback."""
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
        self._cookies: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _it: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Let go of the connection; the session goes on."""
        self._connection.close()

    def get(self, path: str) -> Answer:
        """Load a page or a file.

        Raises:
            PageWrong: it is not there.
        """
        return self._asked("GET", path, "", {}, (200,))

    def post(self, path: str, token: str, fields: Mapping[str, str]) -> Answer:
        """Send a form with its token.

        Raises:
            PageWrong: it is refused.
        """
        return self._asked("POST", path, urlencode({"csrf_token": token, **fields}), _FORM, (204, 303))

    def token(self, path: str) -> str:
        """Return the token of the forms of the page at ``path``."""
        found = _TOKEN.search(self.get(path).text)
        if not found:
            raise PageWrong(f"{path} has no form.")
        return found[1]

    def sign_in(self, username: str, password: str, code: str) -> float:
        """Sign in; return how many milliseconds the answer took."""
        token = self.token("/sign-in")
        begun = time.perf_counter()
        self.post("/sign-in", token, {"username": username, "password": password, "code": code})
        return ms_since(begun)

    def complete(self, path: str) -> tuple[int, ...]:
        """Load a page and then every file it names, as a browser that was never there; return their sizes in bytes."""
        page = self.get(path)
        assets = sorted(set(_ASSET.findall(page.text)))
        return len(page.body), *(len(self.get(asset).body) for asset in assets)

    def first_byte(self, path: str, first: int) -> None:
        """Wait until the byte ``first`` of a sound is here, on a connection of its own, and leave the rest of it."""
        connection = self.opened(path, {"Range": f"bytes={first}-"})
        try:
            if len(_ranged(connection).read(1)) != 1:
                raise PageWrong("A range of the sound was empty.")
        finally:
            connection.close()

    def size_of(self, path: str) -> int:
        """Return how many bytes a sound has."""
        connection = self.opened(path, {"Range": "bytes=0-0"})
        try:
            return int(_ranged(connection).headers["Content-Range"].rpartition("/")[2])
        finally:
            connection.close()

    def opened(self, path: str, headers: Mapping[str, str]) -> http.client.HTTPConnection:
        """Ask for ``path`` on a connection of its own, and return that with nothing of the answer read."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE_S)
        connection.request("GET", path, headers={**self._own_headers(), **headers})
        return connection

    def _asked(self, method: str, path: str, body: str, headers: Mapping[str, str], wanted: tuple[int, ...]) -> Answer:
        sent = {**self._own_headers(), **headers}
        try:
            self._connection.request(method, path, body or None, sent)
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):  # it was idle too long: a browser asks once more
            self._connection.close()
            self._connection.request(method, path, body or None, sent)
            response = self._connection.getresponse()
        answer = Answer(response.status, response.headers.get("Location", ""), response.read())
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self._cookies[name] = value
        if answer.status not in wanted:
            raise PageWrong(f"{method} of a page was answered with {answer.status}.")
        return answer

    def _own_headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items() if value)
        return {"Sec-Fetch-Site": "same-origin", **({"Cookie": cookies} if cookies else {})}


def _ranged(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    response = connection.getresponse()
    if response.status != http.client.PARTIAL_CONTENT:
        raise PageWrong(f"A range of the sound was answered with {response.status}.")
    return response


def ms_since(begun: float) -> float:
    """Return the milliseconds since ``begun``, a reading of ``time.perf_counter``."""
    return (time.perf_counter() - begun) * 1000


def answers(port: int) -> bool:
    """Return whether a site answers at ``port`` of loopback."""
    with suppress(OSError, PageWrong, http.client.HTTPException), Browser(port) as browser:
        browser.get("/sign-in")
        return True
    return False
