"""Every screen of the site but casework's, in the real Chromium, and what must be true of each of them."""

import re

from axe_playwright_python.sync_playwright import Axe
from box import PASSWORD

from waiting import eventually

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WCAG = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}
WIDTHS = (1280, 320)
AUDIO = "document.querySelector('[data-player]').lkAudio"

PAGES = (
    "/", "/calls", "/calls/{call}", "/calls/{missed}", "/calls/{held}", "/calls/{call}/hold", "/calls/{call}/label",
    "/calls/{call}/share", "/calls/{held}/holds/0/release", "/calls/expiring", "/lines", "/lines/1", "/records",
    "/records/listening", "/records/deletions", "/records/holds", "/records/print", "/records/call/{call}", "/people",
    "/people/add", "/people/{person}", "/people/{person}/name", "/people/{person}/role", "/people/{person}/password",
    "/people/{person}/phone", "/people/{person}/leave", "/confirm", "/account", "/account/password", "/account/codes",
    "/account/phone", "/settings", "/settings/retention", "/settings/retention/change", "/settings/practice",
    "/settings/health", "/settings/backup", "/settings/updates",
    "/settings/network", "/attention", "/help", "/first-steps/lines",
    "/first-steps/keeping", "/first-steps/trust", "/first-steps/lamps",
)  # fmt: skip
"""What the practice manager sees."""

CASEWORK = frozenset(
    {
        "requests", "complaints", "police", "incidents", "copies", "casecalls", "training", "hearings", "letters",
        "announcements", "policy_page", "reports", "papers",
    }
)  # fmt: skip
"""Blueprints whose screens are looked at elsewhere."""

OTHERWISE = frozenset(
    {
        "setup.code", "setup.practice", "setup.you", "setup.second_factor", "signin.form", "rescue.form",
        "mycalls.show", "people.added", "account.new_codes",
    }
)  # fmt: skip
"""Screens that a manager who is signed in does not come to, or once only: tests of their own look at them."""

DATA = frozenset(
    {
        "live.state", "live.events", "lines.levels", "audio.read", "audio.read_simple", "network.certificate",
        "network.profile", "static",
    }
)  # fmt: skip
"""What is no screen."""

FOCUSED = (
    "(() => { const e = document.activeElement; const l = e.labels && e.labels[0];"
    " const look = getComputedStyle(e);"
    " return [(l ? l.textContent : e.textContent).trim(), look.outlineStyle + look.boxShadow]; })()"
)


class Watched:
    """A page whose every complaint, and every host it talks to, is noted."""

    def __init__(self, page):
        self.page, self.complaints, self.hosts = page, [], set()
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.hosts.add(re.sub(r"^\w+://([^/]*).*", r"\1", request.url)))


class Visit:
    """Opens pages of the real browser: one context for each person, signed in once through the sign-in page."""

    def __init__(self, chromium, box):
        self._chromium, self.box, self._contexts = chromium, box, {}

    def __call__(self, username=None, width=1280, **more):
        context = self._contexts.get(username) if username and not more else None
        if context is None:
            context = self._chromium.new_context(locale="en-GB", base_url=self.box.address, **more)
            context.set_default_timeout(15_000)
            self._contexts[username if not more else len(self._contexts)] = context
            if username:
                self._sign_in(context, username)
        watched = Watched(context.new_page())
        watched.page.set_viewport_size({"width": width, "height": 800})
        return watched

    def close_pages(self):
        """Close every page: over HTTP/1.1 a browser opens six connections, and each page's event stream holds one."""
        for context in self._contexts.values():
            for page in context.pages:
                page.close()

    def close(self):
        for context in self._contexts.values():
            context.close()

    def _sign_in(self, context, username):
        page = context.new_page()
        page.goto("/sign-in")
        page.locator("#username").fill(username)
        page.locator("#password").fill(PASSWORD)
        page.locator("#code").fill(self.box.people[username].code())
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        page.close()


def place(box, path):
    """Return one of ``PAGES`` as the address it has on a box."""
    return path.format(call=box.call, missed=box.missed, held=box.held, person=box.person)


def becomes(page, expression):
    """Wait until an expression is true on the page (which its own policy forbids Playwright to evaluate inside it)."""
    eventually(lambda: page.evaluate(expression), expression)


def check_page(page, name, wrong):
    """Note what is wrong with a page's accessibility or width."""
    found = Axe().run(page, options=WCAG).response["violations"]
    wrong += [(name, one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
    check_width(page, name, wrong)
    fonts = page.evaluate("[...new Set([...document.querySelectorAll('*')].map(e => getComputedStyle(e).fontFamily))]")
    # What a media element holds is drawn by nobody and has no font.
    wrong += [(name, "font", font) for font in fonts if font and not font.startswith(("system-ui", "menlo"))]


def check_width(page, name, wrong):
    """Note where a page has to be scrolled sideways, which axe does not see."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > page.viewport_size["width"]:
        wrong.append((name, "sideways scroll", wide))


def tab_to(page, name, most=60):
    """Press Tab until the focus is on what is called so; the focus must be seen all the way. Return how often."""
    for presses in range(1, most + 1):
        page.keyboard.press("Tab")
        text, look = page.evaluate(FOCUSED)
        if page.evaluate("document.activeElement === document.body"):
            continue
        assert look != "nonenone", f"the focus cannot be seen on {text}"
        if text == name:
            return presses
    raise AssertionError(f"{name} is not reached by keyboard")
