"""The real Firefox without a screen, driven by WebDriver BiDi (W3C) over its own socket: Debian has no geckodriver."""

import json
import re
import subprocess
from contextlib import contextmanager

from websockets.sync.client import connect

from waiting import eventually

PROGRAM = "/usr/bin/firefox-esr"
ANSWER_S = 20.0
ENTER, LEFT, RIGHT = "\ue007", "\ue012", "\ue014"
"""Keys, by their code points in WebDriver."""

PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "media.autoplay.default": 0,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.trr.mode": 5,
    "remote.prefs.recommended": True,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}
"""A new profile asks for nothing from elsewhere, and a player may play."""


class BrowserRefused(Exception):
    """The browser would not do it, or the page's script failed; says why."""


@contextmanager
def firefox(folder):
    """Start a browser with a profile of its own below ``folder``; it ends with the block."""
    profile, log = folder / "profile", folder / "firefox.log"
    profile.mkdir(parents=True)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    command = [PROGRAM, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    with log.open("wb") as sink:
        process = subprocess.Popen([*command, "about:blank"], stdout=sink, stderr=sink)
    try:
        address = eventually(lambda: _address(process, log), "Firefox says where it listens", timeout_s=40)
        with connect(f"{address}/session", max_size=2**24) as socket:
            yield Firefox(socket)
    finally:
        _end(process)


class Firefox:
    """One browser with one page, at the other end of ``socket``."""

    def __init__(self, socket):
        self._socket, self._asked = socket, 0
        self.asked("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
        self._context = self.asked("browsingContext.getTree")["contexts"][0]["context"]

    def asked(self, method, **params):
        """Send one command, and return its result."""
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": params}))
        for _ in range(1000):
            answer = json.loads(self._socket.recv(timeout=ANSWER_S))
            if answer.get("id") == self._asked:
                if answer["type"] == "error":
                    raise BrowserRefused(f"{method}: {answer['message']}")
                return answer["result"]
        raise BrowserRefused(f"{method}: a thousand events and no answer")

    def open(self, address):
        """Go to an address, and wait until all of the page is there."""
        self.asked("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def evaluate(self, expression):
        """Return a number, text or truth that the page's script gives; a promise is waited for."""
        target = {"context": self._context}
        done = self.asked("script.evaluate", expression=expression, target=target, awaitPromise=True)
        if done["type"] == "exception":
            raise BrowserRefused(done["exceptionDetails"]["text"])
        return done["result"].get("value")

    def type_into(self, selector, text):
        """Put the focus on a field, and type as a keyboard does."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.press(*text)

    def press(self, *keys):
        """Press and release keys, one after the other."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": strokes})

    def click(self, selector):
        """Click in the middle of an element, having scrolled to it."""
        found = self.asked("browsingContext.locateNodes", context=self._context,
                           locator={"type": "css", "value": selector})["nodes"]  # fmt: skip
        assert found, f"nothing on the page is {selector}"
        self.evaluate(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        middle = {"type": "element", "element": {"sharedId": found[0]["sharedId"]}}
        self._act(
            {
                "type": "pointer",
                "id": "mouse",
                "actions": [
                    {"type": "pointerMove", "x": 0, "y": 0, "origin": middle},
                    {"type": "pointerDown", "button": 0},
                    {"type": "pointerUp", "button": 0},
                ],
            }
        )

    def _act(self, source):
        self.asked("input.performActions", context=self._context, actions=[source])


def _address(process, log):
    assert process.poll() is None, f"Firefox has ended: {log.read_text()}"
    found = re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text())
    return found[1] if found else ""


def _end(process):
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
