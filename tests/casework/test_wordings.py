import pytest
from surgery import MANAGER, PARTNER, PEOPLE, TODAY, later

from appliance.casework.papers.paper import CONFIRM, TO_CONFIRM, PaperKind, paper
from appliance.casework.wordings import Wordings, confirm_paper, shipped
from appliance.codec import from_json, to_json
from appliance.errors import NotAllowed, WordsMissing
from appliance.model.people import Role

VALUES = {"practice": "Anytown Surgery", "months": "12", "telephone": "01632 960000"}


def test_a_paper_is_a_draft_until_it_is_confirmed_and_can_be_one_again():
    assert paper(PaperKind.POSTER, VALUES).note == CONFIRM
    assert paper(PaperKind.POSTER, VALUES, confirmed=True).note == ""
    known = confirm_paper(shipped(), MANAGER, TODAY, kind=PaperKind.POSTER, confirmed=True)
    known = confirm_paper(known, PARTNER, later(1), kind=PaperKind.DPIA, confirmed=True)
    assert known.papers == {PaperKind.POSTER: TODAY, PaperKind.DPIA: later(1)}
    known = confirm_paper(known, PARTNER, later(2), kind=PaperKind.POSTER, confirmed=False)
    assert known.papers == {PaperKind.DPIA: later(1)}
    assert [entry.act for entry in known.history] == ["paper confirmed", "paper confirmed", "paper a draft again"]
    assert from_json(to_json(known), Wordings) == known


def test_only_a_partner_or_the_manager_says_that_a_paper_is_confirmed():
    for person in PEOPLE:
        if person.role in (Role.MANAGER, Role.PARTNER):
            continue
        with pytest.raises(NotAllowed, match="Only the practice manager or a partner may"):
            confirm_paper(shipped(), person, TODAY, kind=PaperKind.POSTER, confirmed=True)


def test_a_paper_of_the_box_needs_no_confirmation():
    for kind in set(PaperKind) - TO_CONFIRM:
        with pytest.raises(WordsMissing, match="needs no confirmation"):
            confirm_paper(shipped(), MANAGER, TODAY, kind=kind, confirmed=True)


def test_what_was_kept_before_papers_could_be_confirmed_is_still_read():
    assert (
        from_json(b'{"details":{},"texts":{},"confirmed":[],"confirmed_on":null,"history":[]}', Wordings).papers == {}
    )
