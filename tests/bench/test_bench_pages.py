"""``linekeeper bench pages`` on a box of a few days: the real keeper, site and nginx."""

import pytest

from appliance.bench import pages
from appliance.bench.browsing import Browser, PageWrong
from appliance.bench.wholebox import WholeBox

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


def test_the_box_has_all_its_recordings_on_its_pages_and_refuses_who_is_not_signed_in(tmp_path):
    with (
        WholeBox(tmp_path, 120, 60.0, lambda _words: None) as box,
        Browser(box.port) as browser,
        Browser(box.port) as stranger,
    ):
        assert box.sign_in(browser) > 0
        box.wait_until_searchable(browser)
        assert "121 calls" in browser.get("/calls").text
        assert len(browser.complete(f"/calls/{box.long_call}")) > 5
        with pytest.raises(PageWrong):
            stranger.get("/calls")
