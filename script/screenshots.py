"""Take the pictures that the README and the guide show: the demo's pages, as the practice manager sees them."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyotp
from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PORT = 8391
WIDTH, HEIGHT, NARROW = 1080, 760, 360
STARTS_WITHIN_S = 300
COLOURS = 64
"""Enough for pages that are mostly one colour: a picture stays under 60 kB."""

WIDE = {
    "home": "/",
    "calls": "/calls",
    "records": "/records",
    "retention": "/settings/retention",
    "health": "/settings/health",
    "people": "/people",
}
SMALL = {"home-small": "/", "calls-small": "/calls"}


def main() -> int:
    """Start the demo, take the pictures, stop it."""
    command = [sys.executable, "-m", "appliance", "run", "--demo", "--port", str(PORT)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as demo:
        try:
            take(*manager_of(demo))
        finally:
            demo.send_signal(signal.SIGINT)
            demo.communicate(timeout=60)
    return 0


def manager_of(demo: "subprocess.Popen[str]") -> tuple[str, str]:
    """Return the demo manager's password and the secret of their codes, once the site is there."""
    password, secret, until = "", "", time.monotonic() + STARTS_WITHIN_S
    said = []
    for line in demo.stdout or ():
        said.append(line)
        if found := re.search(r"manager / (\S+), code \d+ \((\w+)\)", line):
            password, secret = found.groups()
        if "The site:" in line:
            return password, secret
        if time.monotonic() > until:
            break
    raise SystemExit(f"The demo has not started: {''.join(said)[-2000:]}")


def take(password: str, secret: str) -> None:
    """Sign in and take every picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(locale="en-GB", base_url=f"http://127.0.0.1:{PORT}")
        page = context.new_page()
        page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        page.goto("/sign-in")
        page.locator("#username").fill("manager")
        page.locator("#password").fill(password)
        page.locator("#code").fill(pyotp.TOTP(secret).now())
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        for name, path in WIDE.items():
            keep(page, path, name)
        play(page)
        page.set_viewport_size({"width": NARROW, "height": HEIGHT})
        for name, path in SMALL.items():
            keep(page, path, name)
        browser.close()


def play(page: Page) -> None:
    """Open a call that has ended, and take the question and the player."""
    page.goto("/calls")
    page.get_by_role("row").filter(has_not_text="Recording now").filter(has_not_text="Missed").filter(
        has_text=re.compile(r"\d min")
    ).first.get_by_role("link").click()
    keep(page, "", "purpose")
    page.get_by_role("button", name="Establish the facts").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_label("Position").fill("12")
    keep(page, "", "call")


def keep(page: Page, path: str, name: str) -> None:
    """Go to ``path`` and keep the picture of what is seen first, small."""
    if path:
        page.goto(path)
    page.wait_for_load_state("load")
    picture = IMAGES / f"{name}.png"
    page.screenshot(path=picture)
    with Image.open(picture) as image:
        image.convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS).save(picture, optimize=True)
    print(f"{picture.stat().st_size // 1000:4d} kB  {picture.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
