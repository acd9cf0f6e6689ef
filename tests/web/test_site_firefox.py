"""What a manager does with a call, in the real Firefox: it decodes, buffers and asks for ranges in its own way."""

from datetime import timedelta

import pytest
from box import MANAGER, PASSWORD
from firefox import ENTER, LEFT, RIGHT, firefox

from appliance.model.people import Role
from waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AUDIO = "document.querySelector('[data-player]').lkAudio"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Firefox, for all tests here."""
    with firefox(tmp_path_factory.mktemp("firefox")) as started:
        yield started


@pytest.fixture(scope="module")
def signed_in(browser, box):
    """The manager has signed in through the page, by keyboard."""
    browser.open(f"{box.address}/sign-in")
    browser.type_into("#username", MANAGER)
    browser.type_into("#password", PASSWORD)
    browser.type_into("#code", box.people[MANAGER].code())
    browser.press(ENTER)
    becomes(browser, "location.pathname == '/' && document.readyState == 'complete'")
    return browser


@pytest.fixture(scope="module")
def opened(signed_in, box):
    """The page of a call of two minutes, heard for a purpose that was told on it."""
    call = box.record(seconds=120.0, ago=timedelta(hours=2))
    manager = box.clients[Role.MANAGER]
    eventually(lambda: manager.get(f"/calls/{call}").status == 200, "the keeper takes the call in")
    signed_in.open(f"{box.address}/calls/{call}")
    assert signed_in.evaluate("document.querySelector('h1').textContent").startswith("Call from 01632 960846")
    signed_in.click("[data-ask] button[value=facts]")
    becomes(signed_in, f"{AUDIO} !== undefined && {AUDIO}.currentTime > 0.3")
    return signed_in


@pytest.fixture
def playing(opened):
    """That page, with its sound under way from the beginning."""
    opened.evaluate(f"{AUDIO}.currentTime = 0; {AUDIO}.play()")
    becomes(opened, f"!{AUDIO}.seeking && {AUDIO}.currentTime > 0.1")
    return opened


def becomes(browser, expression):
    eventually(lambda: browser.evaluate(f"Boolean({expression})"), expression)


def test_a_call_plays_and_its_length_is_known(playing):
    assert playing.evaluate(f"{AUDIO}.error") is None
    assert playing.evaluate(f"{AUDIO}.duration") == pytest.approx(120.0, abs=0.2)
    before = playing.evaluate(f"{AUDIO}.currentTime")
    becomes(playing, f"{AUDIO}.currentTime > {before + 0.5}")


@pytest.mark.parametrize("wanted", [97.0, 31.5])
def test_a_seek_lands_where_it_was_asked_and_plays_on(playing, wanted):
    landed = playing.evaluate(
        f"new Promise(done => {{ {AUDIO}.addEventListener('seeked', () => done({AUDIO}.currentTime), {{once: true}});"
        f" const slider = document.querySelector('[data-position]'); slider.value = '{wanted}';"
        " slider.dispatchEvent(new Event('input', {bubbles: true})); })"
    )
    assert landed == pytest.approx(wanted, abs=0.3)
    becomes(playing, f"{AUDIO}.currentTime > {wanted + 0.5} && {AUDIO}.currentTime < {wanted + 20}")


def test_the_keyboard_pauses_goes_on_and_goes_back(playing):
    playing.evaluate("document.activeElement.blur()")
    playing.press(" ")
    becomes(playing, f"{AUDIO}.paused")
    before = playing.evaluate(f"{AUDIO}.currentTime")
    playing.press(RIGHT)
    becomes(playing, f"Math.abs({AUDIO}.currentTime - {before + 10}) < 0.3")
    playing.press(LEFT)
    becomes(playing, f"Math.abs({AUDIO}.currentTime - {before}) < 0.3")
