"""A browser without a screen: requests over a real socket, cookies, and forms with their tokens."""

import http.client
import re
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    def header_values(self, name):
        return self.headers.get_all(name) or []


class Browserless:
    """One browser's cookies. ``last`` is the newest answer. Nothing is followed by itself."""

    def __init__(self, port, host=None):
        self.port, self.host = port, host or f"127.0.0.1:{port}"
        self.cookies, self.last = {}, None

    def request(self, method, path, body=None, headers=None):
        """Send one request as a same-origin page would."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Host": self.host, "Sec-Fetch-Site": "same-origin"}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent.update(headers or {})
        try:
            connection.request(method, path, body, {name: text for name, text in sent.items() if text is not None})
            response = connection.getresponse()
            self.last = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        for cookie in self.last.header_values("Set-Cookie"):
            self._keep(cookie)
        return self.last

    def get(self, path, **headers):
        return self.request("GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()})

    def post(self, path, fields, headers=None):
        """Post a form as it is."""
        form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.request("POST", path, urlencode(fields), form)

    def post_form(self, path, page=None, **fields):
        """Load the page a form is on, and send the form with its token."""
        token = self.token(page or path)
        return self.post(path, {"csrf_token": token, **fields})

    def prove(self, password="copper kettle 41 drifting"):
        """Give the password again, so that the next ten minutes ask for it no more."""
        self.post_form("/confirm", password=password, back="/")
        assert self.last.status == 303, self.last.text

    def token(self, page):
        return field(self.get(page).text, "csrf_token")

    def _keep(self, cookie):
        name, value = cookie.split(";")[0].split("=", 1)
        gone = "Max-Age=0" in cookie or not value
        if gone:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value


def field(page, name):
    """Return the value of a hidden field of a page."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"no {name} on: {page[:2000]}"
    return found[1]
