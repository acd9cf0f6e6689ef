"""What tests of several rooms share."""

import pytest
from hypothesis import Phase, settings
from playwright.sync_api import sync_playwright

from alsa import simcard

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
# The same examples for every mutant, and none made smaller once one has failed.
settings.register_profile(
    "mutation", settings.get_profile("suite"), derandomize=True, phases=(Phase.explicit, Phase.generate)
)


@pytest.fixture(scope="session")
def simcard_library(tmp_path_factory):
    return simcard.build(tmp_path_factory.mktemp("alsa"))


@pytest.fixture
def sound_cards(simcard_library, tmp_path, monkeypatch):
    """Sound cards without hardware that every PortAudio started in this test finds."""
    folder = tmp_path / "cards"
    folder.mkdir()
    cards = simcard.SimCards(simcard_library, folder)
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(cards.config))
    return cards


@pytest.fixture(scope="session")
def chromium():
    """The real browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
        yield browser
        browser.close()


def pytest_terminal_summary(terminalreporter):
    """Print what tests measured of the house, whichever process they ran in."""
    for report in terminalreporter.getreports("passed"):
        for name, words in report.user_properties:
            if name == "size":
                terminalreporter.write_line(words)
