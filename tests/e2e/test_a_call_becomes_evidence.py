"""The main job: a call on a real sound card ends in the manager's ears, through every real part there is."""

import base64

import numpy as np
import pyotp
import pytest
import soxr
from hearing import decoded, found_at, quality
from living import PASSWORD, LivingAppliance, Manager
from playwright.sync_api import expect

from appliance.audio import RATE
from appliance.capture.simulator.pair import SimulatedPair
from waiting import eventually

CALLER = "01632960846"
CARD_RATE = 48000

pytestmark = [pytest.mark.realtime, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def known_call():
    """Rings, is answered, two people talk for twenty seconds, hung up; with what truly happened when."""
    pair = SimulatedPair(seed=11)
    pair.idle(6.0)
    pair.ring(2, caller=CALLER)
    pair.lift()
    pair.talk(20.0)
    pair.hang_up()
    pair.idle(20.0)
    return pair.audio(), pair.truth().calls[0]


@pytest.fixture
def appliance(tmp_path, sound_cards, known_call):
    samples, _ = known_call
    loud = soxr.resample(samples, RATE, CARD_RATE)
    sound_cards.add("reception", np.clip(loud * 32767, -32768, 32767).astype(np.int16), CARD_RATE)
    living = LivingAppliance(tmp_path, '[[line]]\nname = "Reception"\ncard = "reception"\n')
    yield living.start()
    living.stop()


@pytest.fixture
def manager(appliance):
    somebody = Manager(appliance)
    yield somebody
    somebody.go_home()


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def set_up(page, appliance):
    """Set the box up as its first user does; return the recovery codes."""
    page.goto(f"http://127.0.0.1:{appliance.port}/")
    fill(page, code=appliance.setup_code())
    go_on(page)
    fill(page, practice="Anytown Surgery")
    page.get_by_label("Yes", exact=True).check()
    go_on(page)
    fill(page, name="The manager", username="manager", password=PASSWORD, again=PASSWORD)
    go_on(page)
    secret = page.locator("#secret").inner_text().replace(" ", "")
    fill(page, code=pyotp.TOTP(secret).now())
    go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Recording is on")
    return page.locator(".lk-codes li").all_inner_texts()


def sign_in(page, appliance, code):
    page.goto(f"http://127.0.0.1:{appliance.port}/sign-in")
    fill(page, username="manager", password=PASSWORD, code=code)
    page.get_by_role("button", name="Sign in").click()


def go_on(page):
    page.get_by_role("button", name="Continue").click()


def fill(page, **boxes):
    for name, words in boxes.items():
        page.locator(f"#{name}").fill(words)


class Player:
    """The call page's player, whose sound has no element of its own on the page."""

    def __init__(self, page):
        self._page = page

    def js(self, expression):
        """Evaluate ``expression`` of ``audio``."""
        return self._page.evaluate(
            f"() => {{ const audio = document.querySelector('[data-player]').lkAudio; return {expression}; }}"
        )


def fetched(page, path):
    """Fetch ``path`` in the page, as its player does; return the bytes."""
    text = page.evaluate(
        """async path => {
            const bytes = new Uint8Array(await (await fetch(path)).arrayBuffer());
            let text = ""; for (const byte of bytes) text += String.fromCharCode(byte);
            return btoa(text); }""",
        path,
    )
    return base64.b64decode(text)


def test_a_call_into_a_real_sound_card_is_found_played_and_sought_in_a_real_browser(
    appliance, manager, page, known_call
):
    samples, truth = known_call
    codes = set_up(page, appliance)
    appliance.said("Reception: ● Recording", timeout_s=40)
    appliance.said("Reception: Idle", timeout_s=60, times=2)

    sign_in(page, appliance, codes[0])
    page.goto(f"http://127.0.0.1:{appliance.port}/calls")
    eventually(lambda: page.reload() and page.get_by_text("01632 960846").count(), "the call is in the list")
    page.get_by_role("link", name="Open call from 01632 960846").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Call from 01632 960846")

    page.get_by_role("button", name="Establish the facts").click()
    player = Player(page)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    eventually(lambda: player.js("audio.currentTime > 0.5"), "sound plays")
    lifted, hung_up = truth.off_hook / RATE, truth.on_hook / RATE
    assert hung_up - lifted - 0.5 < player.js("audio.duration") < hung_up - lifted + 7.0
    page.locator("[data-position]").fill("15")
    eventually(lambda: player.js("!audio.seeking && audio.currentTime > 15.3"), "sound plays from 15 s on")
    page.get_by_role("button", name="Pause").click()

    heard = decoded(fetched(page, player.js("audio.currentSrc")))
    speech = [(start, end) for start, end, *_ in known_speech(truth, samples)]
    offsets = []
    for start, end in speech:
        at, likeness = found_at(samples[start:end], heard)
        assert likeness > 0.8
        offsets.append(at - start)
        assert quality(samples[start:end], heard[at : at + end - start]) >= 4.0
    assert max(offsets) - min(offsets) < 0.05 * RATE

    manager.codes = codes[1:]
    (row,) = manager.sign_in().calls()
    assert (row.number, row.answered, row.line_name) == (CALLER, True, "Reception")
    answered = next(span for span in manager.call(row.call_id).spans if span.kind == "answered")
    assert abs(answered.start_s * RATE - (truth.off_hook + offsets[0])) < 0.05 * RATE


def known_speech(truth, samples):
    """Return two stretches of the call's talk, one near its beginning and one near its end."""
    lifted, hung_up = truth.off_hook, truth.on_hook
    assert hung_up <= len(samples)
    return [
        (lifted + 2 * RATE, lifted + 8 * RATE),
        (hung_up - 9 * RATE, hung_up - 3 * RATE),
    ]
