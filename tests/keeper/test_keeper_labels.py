"""Tags, notes and who took a call: written on its sheet, found again, sealed at rest."""

import pytest

from appliance.errors import LabelWrong, NoSuchCall, NotAllowed
from appliance.link.messages.call import GetCall, LabelCall
from appliance.link.messages.calls import CallQuery, ListCalls, ListTags
from appliance.model.people import Role
from appliance.storage.labels import LONGEST_NOTE, MOST_TAGS


def taken(box, **of):
    box.clock.advance(60)
    call = box.taken(**of)
    box.desk.indexing.came_in([call])
    box.desk.indexing.go_on(box.stopping)
    return call


def found(box, token, **query):
    page = box.ask(ListCalls(token, CallQuery(**query)))
    assert page.total == len(page.calls)
    return [row.call_id for row in page.calls]


def test_what_is_written_on_a_call_is_shown_with_it(box, token):
    call = taken(box)
    box.ask(LabelCall(token, call, ("nuisance", " Triage ", "NUISANCE"), "Rang twice.\nWas calm.", "Reception desk"))
    told = box.ask(GetCall(token, call))
    assert told.row.tags == ("NUISANCE", "Triage")
    assert (told.note, told.row.handler) == ("Rang twice.\nWas calm.", "Reception desk")
    (row,) = box.ask(ListCalls(token, CallQuery())).calls
    assert (row.tags, row.handler) == (told.row.tags, told.row.handler)
    box.ask(LabelCall(token, call, (), "", ""))
    told = box.ask(GetCall(token, call))
    assert (told.row.tags, told.note, told.row.handler) == ((), "", "")
    assert box.acts().count("call labelled") == 2


def test_the_same_written_again_is_no_new_record(box, token):
    call = taken(box)
    for _ in range(3):
        box.ask(LabelCall(token, call, ("triage",), "a note"))
    assert box.acts().count("call labelled") == 1


def test_calls_are_found_by_tag_name_note_and_handler_whatever_the_capitals(box, token):
    first = taken(box, name="JO TRELAWNY")
    second = taken(box, number="01632960999")
    third = taken(box, number="01632960123", line=2)
    box.ask(LabelCall(token, second, ("Nuisance",), "asked for the  Results", ""))
    box.ask(LabelCall(token, third, ("training", "nuisance"), "", "Front desk"))
    assert found(box, token, tag="NUISANCE") == [third, second]
    assert found(box, token, tag="train") == []
    assert found(box, token, tag="nuisance", line=2) == [third]
    assert found(box, token, text="trelawny") == [first]
    assert found(box, token, text="the results") == [second]
    assert found(box, token, text="front DESK") == [third]
    assert found(box, token, text="front desk", number="960999") == []
    assert found(box, token, text="nuisance") == []
    assert found(box, token, text="reception") == []  # the line's name is no name of anybody
    assert found(box, token, tag="nuisance", held=True) == []
    assert box.ask(ListTags(token)).tags == ("Nuisance", "training") or box.ask(ListTags(token)).tags == (
        "nuisance",
        "training",
    )


def test_a_search_in_names_and_notes_is_written_down_without_its_words(box, token):
    taken(box, name="JO TRELAWNY")
    found(box, token, text="trelawny")
    found(box, token, tag="nuisance")
    assert box.acts().count("searched by number") == 1
    assert b"relawny" not in b"".join(path.read_bytes() for path in box.stores.journal_folder.glob("*.jsonl"))


def test_labels_outlive_a_restart_and_the_sealed_day_of_the_index(box, token):
    call = taken(box)
    box.clock.advance(2 * 86400)
    token = box.sign_in()
    box.desk.indexing.go_on(box.stopping)
    box.ask(LabelCall(token, call, ("nuisance",), "quite secret words", "Front desk"))
    box.close()
    box.restart()
    for _ in range(2):
        token = box.sign_in()
        box.desk.indexing.go_on(box.stopping)
        assert found(box, token, tag="nuisance") == [call]
        assert found(box, token, text="secret words") == [call]
        assert box.ask(ListTags(token)).complete
        box.close()
        box.restart()
    everything = b"".join(path.read_bytes() for path in box.folders.vault.rglob("*") if path.is_file())
    assert not any(word in everything for word in (b"nuisance", b"secret words", b"Front desk"))


def test_the_catalogue_made_anew_is_the_same_after_a_label(box, token):
    call = taken(box)
    box.ask(LabelCall(token, call, ("nuisance",), "x" * 500))
    before = box.stores.catalogue.get(call)
    box.stores.catalogue.rewrite(call[:10])
    assert box.stores.catalogue.get(call) == before


@pytest.mark.parametrize(
    ("tags", "note", "handler"),
    [
        (tuple(f"tag {number}" for number in range(MOST_TAGS + 1)), "", ""),
        (("x" * 41,), "", ""),
        (("a\0b",), "", ""),
        ((), "x" * (LONGEST_NOTE + 1), ""),
        ((), "bell\a", ""),
        ((), "", "x" * 101),
    ],
)
def test_what_does_not_fit_is_refused(box, token, tags, note, handler):
    call = taken(box)
    with pytest.raises(LabelWrong):
        box.ask(LabelCall(token, call, tags, note, handler))
    assert "call labelled" not in box.acts()


def test_only_a_finished_call_that_is_there_is_written_on_and_not_by_everybody(box, token):
    call = taken(box)
    opening, _ = box.begin()
    with pytest.raises(LabelWrong, match="still being recorded"):
        box.ask(LabelCall(token, opening.call_id, ("x",), ""))
    with pytest.raises(NoSuchCall):
        box.ask(LabelCall(token, "2026-11-23T163300Z-1-ffffff", ("x",), ""))
    staff = box.add("staff", Role.STAFF, token)
    for request in (LabelCall(staff, call, ("x",), ""), ListTags(staff)):
        with pytest.raises(NotAllowed):
            box.ask(request)
    box.stores.vault.meta(call).write_bytes(b"not a sheet\n")
    with pytest.raises(LabelWrong, match="damaged"):
        box.ask(LabelCall(token, call, ("x",), ""))
