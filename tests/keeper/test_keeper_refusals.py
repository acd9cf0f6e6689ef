"""What the site refused by itself stands in the journal, once a minute and in no words of its own."""

import pytest

from appliance.errors import NotSignedIn
from appliance.keeper.answers_refusals import AGAIN_S
from appliance.link.messages.sessions import NoteRefusal
from vaultbox import Box, UnsyncedDisk


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path, disk=UnsyncedDisk())
    box.set_up()
    yield box
    box.close()


def test_a_page_that_was_refused_is_written_down_once_a_minute(box):
    token = box.sign_in()
    for _ in range(5):
        box.clock.advance(1)
        box.ask(NoteRefusal(token, "people.show"))
    assert box.acts().count("refused") == 1
    box.ask(NoteRefusal(token, "records.journal"))
    assert box.acts().count("refused") == 2
    box.clock.advance(AGAIN_S)
    box.ask(NoteRefusal(token, "people.show"))
    assert box.acts().count("refused") == 3


def test_nobody_who_is_not_signed_in_writes_into_the_journal(box):
    before = box.acts()
    with pytest.raises(NotSignedIn):
        box.ask(NoteRefusal(b"x" * 32, "people.show"))
    assert box.acts() == before


def test_what_is_no_name_of_a_page_is_not_repeated(box):
    token = box.sign_in()
    box.ask(NoteRefusal(token, "01632 960846\nforged entry"))
    journal = b"".join(path.read_bytes() for path in box.stores.journal_folder.rglob("*") if path.is_file())
    assert b"forged" not in journal
    assert b"960846" not in journal
