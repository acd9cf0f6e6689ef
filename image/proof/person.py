"""The practice manager: sets the box up, watches the lines, listens, and holds a call, all from outside."""

import html
import re
import time
from collections.abc import Iterator
from io import BytesIO

import av
import numpy as np
import pyotp

from appliance.audio import RATE
from image.proof.machine import SLOWEST, Machine, ProofFailed
from image.proof.outside import Browser, Reply

_DATA = "/var/lib/linekeeper"
_PASSWORD = "lantern gravel violin"  # noqa: S105  # of a box that lives for minutes


class Manager:
    """Somebody at a PC. What only the box's own screen shows is read inside, as a person would from the screen."""

    def __init__(self, machine: Machine) -> None:
        """Trust the box's authority, as somebody does once after comparing its fingerprint."""
        self._machine = machine
        self._browser = Browser(machine.ports.https, machine.said(f"cat {_DATA}/tls/authority.pem"))
        self._recovery: list[str] = []

    def set_up(self) -> Iterator[str]:
        """Set the box up with the code from its screen, and sign in.

        Raises:
            ProofFailed: a page does not do what it should.
        """
        code = self._machine.said("cat /run/linekeeper/keeper/setup-code")
        if code not in self._machine.said("tr -d '\\000' </dev/vcs1"):
            raise ProofFailed("The set-up code is not on the box's screen.")
        yield "the set-up code stands on the box's own screen"
        self._browser.fill("/setup", code=code)
        self._browser.fill("/setup/practice", practice="The surgery", clock="right")
        person = {"name": "Practice manager", "username": "manager", "password": _PASSWORD, "again": _PASSWORD}
        page = self._browser.fill("/setup/you", **person)
        secret = re.search(r'id="secret">([^<]+)<', page.text)
        if secret is None:
            raise ProofFailed(f"Set-up does not go on to the phone: {_mistakes(page)}")
        now = int(self._machine.said("date +%s"))  # the box's clock is slower than this machine's
        phone = pyotp.TOTP(re.sub(r"\s", "", secret[1]))
        done = self._browser.fill("/setup/second-factor", code=phone.at(now))
        if "Recovery sheet" not in done.text:
            raise ProofFailed(f"Set-up is not finished: {_mistakes(done)}")
        self._recovery = re.findall(r"<li>([^<]+)</li>", done.text.split("lk-codes", 1)[1])
        yield "set up over TLS, with the box's own certificate"
        self.sign_in()
        yield "signed in"

    def sign_in(self) -> None:
        """Sign in with a recovery code: the phone's code of this half minute may be used up.

        Raises:
            ProofFailed: it is refused.
        """
        code = self._recovery.pop()
        page = self._browser.fill("/sign-in", username="manager", password=_PASSWORD, code=code)
        if page.status != 200 or "sign-out" not in page.text:
            raise ProofFailed(f"Signing in is refused: {_mistakes(page)}")

    def state(self) -> str:
        """Return what the page says of the line."""
        return str(self._browser.json("/live")["lines"][0]["state"])

    def wait_for(self, state: str, timeout_s: float) -> None:
        """Watch the line until the page says ``state``.

        Raises:
            ProofFailed: it does not in time.
        """
        end = time.monotonic() + timeout_s * SLOWEST
        while (now := self.state()) != state:
            if time.monotonic() > end:
                raise ProofFailed(f"The page says “{now}” and not “{state}” after {timeout_s:.0f} s.")
            time.sleep(2.0)

    def calls(self) -> list[str]:
        """Return the ids of the calls in the list, newest first."""
        return list(dict.fromkeys(re.findall(r'href="/calls/([0-9][^"/?]+)"', self._browser.ask("/calls").text)))

    def hear_the_call(self) -> Iterator[str]:
        """Open the call, listen to it, and hold it.

        Raises:
            ProofFailed: it is not there, or does not sound like the call that was played.
        """
        calls = self.wait_for_calls(2)
        page = self._browser.ask(f"/calls/{calls[0]}")
        if "01632 960123" not in html.unescape(page.text):
            raise ProofFailed("The caller's number is not on the call's page.")
        yield "the call is in the list, with the caller's number"
        sound = self._sound(calls[0])
        loud = float(np.abs(sound).max())
        if len(sound) < 15 * RATE or loud < 0.01:
            raise ProofFailed(f"The recording has {len(sound) / RATE:.1f} s with a peak of {loud:.3f}.")
        yield f"its {len(sound) / RATE:.1f} s were played over TLS, by ranges"
        reply = self._browser.fill(f"/calls/{calls[0]}/hold", reason="complaint", reference="C-1")
        if "On hold" not in reply.text:
            raise ProofFailed(f"The call is not on hold: {_mistakes(reply)}")
        yield "the call was placed on hold"

    def find_the_cut_call(self) -> Iterator[str]:
        """After the power cut: sign in again, and find what was sealed.

        Raises:
            ProofFailed: it is not there.
        """
        self.sign_in()
        calls = self.wait_for_calls(3)
        page = self._browser.ask(f"/calls/{calls[0]}").text
        if "Cut short" not in page:
            raise ProofFailed("The call that the power cut ended is not marked as cut short.")
        sound = self._sound(calls[0])
        if len(sound) < 10 * RATE:
            raise ProofFailed(f"Of the cut call only {len(sound) / RATE:.1f} s are left.")
        yield f"of the call that the power cut ended {len(sound) / RATE:.1f} s are there, marked as cut short"
        if "On hold" not in self._browser.ask(f"/calls/{calls[1]}").text:
            raise ProofFailed("The hold is gone.")
        yield "the hold is still there"

    def wait_for_calls(self, least: int, timeout_s: float = 60) -> list[str]:
        """Return the calls in the list, newest first, once there are as many.

        Raises:
            ProofFailed: there are not.
        """
        end = time.monotonic() + timeout_s * SLOWEST
        while len(calls := self.calls()) < least:
            if time.monotonic() > end:
                raise ProofFailed(f"There are {len(calls)} calls in the list, not {least}.")
            time.sleep(3.0)
        return calls

    def _sound(self, call: str) -> np.ndarray:
        if "purpose" in (page := self._browser.ask(f"/calls/{call}")).text and 'name="purpose"' in page.text:
            self._browser.fill(f"/calls/{call}", purpose=_first_purpose(page.text))
        first = self._browser.ask(f"/calls/{call}/audio", headers={"Range": "bytes=0-999"})
        rest = self._browser.ask(f"/calls/{call}/audio", headers={"Range": "bytes=1000-"})
        if (first.status, rest.status) != (206, 206):
            raise ProofFailed(f"The sound is refused ({first.status}, {rest.status}).")
        with av.open(BytesIO(first.body + rest.body), "r") as file:
            heard = [frame.to_ndarray().ravel() for frame in file.decode(audio=0)]
            rate = file.streams.audio[0].rate
        return np.concatenate(heard).astype(np.float32)[:: max(1, rate // RATE)]


def _first_purpose(page: str) -> str:
    found = re.search(r'name="purpose" value="([^"]+)"', page)
    return found[1] if found else ""


def _mistakes(page: Reply) -> str:
    """Return what a refused page says, as far as a test's log may show it."""
    body = re.sub(r"<(script|style).*?</\1>", " ", page.text, flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", " ", body.split("<main", 1)[-1])
    return f"{page.status}: {' '.join(html.unescape(words).split())[:400]}"
