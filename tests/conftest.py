"""What tests of several rooms share."""

import pytest

from alsa import simcard


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
