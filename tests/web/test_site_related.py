"""A call's page offers what is probably the same call, with the way to it and why."""

from datetime import timedelta

from box import MANAGER

from waiting import eventually


def test_a_call_that_rang_again_leads_to_the_other_and_says_why(new_box):
    box = new_box()
    box.set_up()
    first = box.record(ago=timedelta(minutes=9))
    again = box.record(ago=timedelta(minutes=4), line=2)
    manager = box.signed_in(MANAGER)
    eventually(lambda: "2 calls" in manager.get("/calls").text, "the keeper takes the calls in")
    page = manager.get(f"/calls/{first}").text
    assert "Probably the same call" in page
    assert f'href="/calls/{again}">Line 2, ' in page
    assert "The same number, within 10 minutes" in page
