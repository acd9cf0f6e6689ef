"""Somebody with a browser on the practice's network: TLS by the box's own authority, cookies, pages with forms."""

import http.client
import json
import ssl
import time
import urllib.parse
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from image.proof.machine import ProofFailed

NAME = "recorder.local"
_TIMEOUT_S = 600.0  # an emulated board that shares its processor


_STARTING_S = 1200.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the box answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")


@dataclass
class Form:
    """A form of a page: where it goes, and what its fields hold."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Browser:
    """Keeps cookies; trusts only ``authority``, for the box's name and no other."""

    def __init__(self, port: int, authority: str) -> None:
        """Reach the box through ``port`` of this machine."""
        self._port = port
        self._trust = ssl.create_default_context(cadata=authority)
        self._cookies: dict[str, str] = {}

    def ask(
        self,
        path: str,
        fields: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Get ``path``, or post ``fields`` to it. Redirects are followed by a get, as after a form.

        Raises:
            OSError: the box cannot be reached, or cannot show that it is the box.
        """
        for _ in range(5):
            reply = self._patiently(path, fields, headers or {})
            if reply.status not in (302, 303):
                return reply
            path, fields = urllib.parse.urljoin(path, reply.headers["location"]), None
        raise ProofFailed(f"{path} leads in a circle.")

    def fill(self, path: str, **values: str) -> Reply:
        """Open a page, fill in the form that has these fields, and send it.

        Raises:
            ProofFailed: the page has no such form.
        """
        page = self.ask(path)
        forms = [form for form in forms_of(page.text) if values.keys() <= form.fields.keys()]
        if not forms:
            raise ProofFailed(f"{path} ({page.status}) has no form with {', '.join(values)}.")
        return self.ask(urllib.parse.urljoin(path, forms[0].action or path), {**forms[0].fields, **values})

    def json(self, path: str) -> Any:
        """Get ``path`` as JSON."""
        reply = self.ask(path)
        if reply.status != 200:
            raise ProofFailed(f"{path} answered {reply.status}.")
        return json.loads(reply.body)

    def _patiently(self, path: str, fields: dict[str, str] | None, headers: dict[str, str]) -> Reply:
        """Ask again while the box says that it is starting, as its page does by itself; a form is sent once only."""
        end = time.monotonic() + _STARTING_S
        while (reply := self._once(path, fields, headers)).status == 503 and fields is None and time.monotonic() < end:
            time.sleep(5.0)
        return reply

    def _once(self, path: str, fields: dict[str, str] | None, more: dict[str, str]) -> Reply:
        connection = http.client.HTTPSConnection(NAME, 443, timeout=_TIMEOUT_S, context=self._trust)
        connection._create_connection = self._connect  # type: ignore[attr-defined]  # the name leads nowhere here
        headers = {"Origin": f"https://{NAME}", "Referer": f"https://{NAME}{path}", "Sec-Fetch-Site": "same-origin"}
        headers |= {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        headers |= more
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request("GET" if fields is None else "POST", path, body, headers)
            answer = connection.getresponse()
            self._remember(answer.headers.get_all("Set-Cookie") or [])
            kept = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, kept, answer.read())
        finally:
            connection.close()

    def _connect(self, _address: Any, *rest: Any, **more: Any) -> Any:
        return http.client.socket.create_connection(("127.0.0.1", self._port), *rest, **more)  # type: ignore[attr-defined]

    def _remember(self, lines: list[str]) -> None:
        for line in lines:
            name, value = line.split(";", 1)[0].split("=", 1)
            self._cookies[name] = value


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(known.get("action", "")))
        name = known.get("name", "")
        if not (self.forms and name):
            return
        fields = self.forms[-1].fields
        if tag == "textarea":
            fields.setdefault(name, "")
        elif tag in ("input", "select", "button"):
            choice = known.get("type") in ("radio", "checkbox", "submit")
            fields.setdefault(name, "" if choice else known.get("value", ""))


def forms_of(page: str) -> list[Form]:
    """Return the forms of a page, with what their fields hold; nothing is chosen where there is a choice."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms
