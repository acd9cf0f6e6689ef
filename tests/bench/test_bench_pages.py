"""``linekeeper bench pages`` on a box of a few days: the real keeper, site and nginx."""

import pytest

from appliance.bench import beside, pages
from appliance.bench.beside import lines_on
from appliance.bench.browsing import Browser, PageWrong
from appliance.bench.wholebox import WholeBox
from appliance.codec import read_json
from appliance.model.status import LineState, RecorderStatus
from waiting import eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def little(monkeypatch):
    monkeypatch.setattr(pages, "QUICK_COUNT", 120)
    monkeypatch.setattr(pages, "QUICK_LONG_S", 120.0)
    monkeypatch.setattr(pages, "QUICK_ROUNDS", 2)


@pytest.mark.usefixtures("little")
def test_what_people_wait_for_is_measured_beside_nginx_and_a_crowd_keeps_nobody_out():
    told = []
    rows = {row.name: row for row in pages.measure(quick=True, progress=told.append)}
    waits = [row for name, row in rows.items() if name.endswith(": 95 %")]
    assert len(waits) == 4
    assert all(row.ours > row.peer > 0 and row.limit for row in waits)
    assert rows["memory of keeper, site and nginx"].ours > 40
    assert rows["event streams served, of 40 asked for"].ours == 12
    assert any("sealing recordings" in words for words in told)
    (lost,) = [row for name, row in rows.items() if name.startswith("lost meanwhile of 4 lines")]
    assert lost.unit == "ms"
    assert lost.limit.value == 0.0


def test_what_a_card_did_not_bring_counts_as_lost(tmp_path):
    cards = beside.fitted_cards(tmp_path / "cards", 120.0)
    with WholeBox(tmp_path, beside.lines_on(cards), 10, 30.0, lambda _words: None) as box:
        with beside.RecorderBeside(box.config, box.settings, cards) as recorder:
            (tmp_path / "cards" / "card2.unplug").touch()
            eventually(lambda: states(box)[1] is LineState.FAULT, "it is noticed")
            (tmp_path / "cards" / "card2.unplug").unlink()
            eventually(lambda: states(box)[1] is not LineState.FAULT, "it goes on")
        assert 100.0 < recorder.lost_ms() < recorder.lasted_s * 1000


def states(box):
    return [line.state for line in read_json(box.config.folders.live / "recorder.json", RecorderStatus).lines]


def test_the_box_has_all_its_recordings_on_its_pages_and_refuses_who_is_not_signed_in(tmp_path):
    with (
        WholeBox(tmp_path, lines_on(None), 120, 60.0, lambda _words: None) as box,
        Browser(box.port) as browser,
        Browser(box.port) as stranger,
    ):
        assert box.sign_in(browser) > 0
        box.wait_until_searchable(browser)
        assert "121 calls" in browser.get("/calls").text
        assert len(browser.complete(f"/calls/{box.long_call}")) > 5
        with pytest.raises(PageWrong):
            stranger.get("/calls")
