import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.casework.letters.letter import (
    CONFIRM,
    LetterKind,
    checked_text,
    editable,
    letter,
    placeholders,
    shipped_text,
)
from appliance.errors import WordsMissing


def filled(kind):
    return {name: f"<{name}>" for name in placeholders(kind)}


@pytest.mark.parametrize("kind", LetterKind)
def test_each_letter_is_filled_in_and_nothing_is_left_open(kind):
    written = letter(kind, filled(kind))
    whole = "\n".join((written.subject, *written.body))
    assert "$" not in whole
    for name in placeholders(kind):
        assert f"<{name}>" in whole
    assert {"reference", "name", "practice", "signed_by"} <= placeholders(kind)
    assert written.body[0] == "Dear <name>,"
    assert written.note == CONFIRM
    assert letter(kind, filled(kind), confirmed=True).note == ""


@pytest.mark.parametrize("kind", LetterKind)
def test_a_missing_word_is_asked_for_by_its_name(kind):
    for name in placeholders(kind):
        with pytest.raises(WordsMissing, match=name.replace("_", " ")):
            letter(kind, filled(kind) | {name: " "})


@pytest.mark.parametrize("kind", LetterKind)
def test_the_texts_are_plain_and_short(kind):
    text = shipped_text(kind)
    assert len(text) < 2500
    sentences = re.split(r"(?<=[.!?:])\s", text)
    assert max(len(one.split()) for one in sentences) <= 40


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (LetterKind.ACKNOWLEDGEMENT, "one month"),
        (LetterKind.ACKNOWLEDGEMENT, "One does not take the place of the other"),
        (LetterKind.APPOINTMENT, "does not take the place of a copy"),
        (LetterKind.EXTENSION, "$reason"),
        (LetterKind.EXTENSION, "Information Commissioner"),
        (LetterKind.REFUSAL, "Information Commissioner"),
        (LetterKind.REFUSAL, "court"),
        (LetterKind.COVER, "Information Commissioner"),
        (LetterKind.COVER, "passphrase"),
        (LetterKind.NOTHING_FOUND, "Information Commissioner"),
        (LetterKind.IDENTITY, "We do not keep a copy"),
        (LetterKind.COMPLAINT_DELAY, "Ombudsman"),
        (LetterKind.COMPLAINT_ANSWER, "Ombudsman"),
        (LetterKind.COMPLAINT_ANSWER, "within one year"),
        (LetterKind.DATA_COMPLAINT_ACKNOWLEDGEMENT, "Information Commissioner"),
        (LetterKind.DATA_COMPLAINT_ANSWER, "Information Commissioner"),
        (LetterKind.BODY_COVER, "Signature and date"),
        (LetterKind.BODY_REFUSAL, "does not say whether there is such a recording"),
    ],
)
def test_what_the_law_has_people_told_is_in_the_letter(kind, said):
    assert said in " ".join(shipped_text(kind).split())


@settings(deadline=None)
@given(st.text(min_size=1).filter(str.strip))
def test_whatever_is_filled_in_stands_there_as_it_is(name):
    values = filled(LetterKind.IDENTITY) | {"name": name}
    assert letter(LetterKind.IDENTITY, values).body[0] == f"Dear {name},"


def test_a_practice_can_write_its_own_text_with_the_same_placeholders():
    own = "About your request: $reference\n\nDear ${name},\n\nIt costs $$0. $practice"
    written = letter(LetterKind.IDENTITY, filled(LetterKind.IDENTITY), own)
    assert written.subject == "About your request: <reference>"
    assert written.body == ("Dear <name>,", "It costs $0. <practice>")


@pytest.mark.parametrize(
    ("own", "word"),
    [
        ("Subject only", "subject"),
        ("Subject\n\nIt costs $ 5", "\\$\\$"),
        ("Subject\n\n$password", "password"),
        ("Subject\n\n${due", "stands alone"),
    ],
)
def test_an_own_text_that_cannot_be_filled_in_is_refused(own, word):
    with pytest.raises(WordsMissing, match=word):
        checked_text(LetterKind.IDENTITY, own)


@pytest.mark.parametrize("kind", LetterKind)
def test_a_text_to_be_changed_has_each_paragraph_on_one_line_and_says_the_same(kind):
    text = editable(shipped_text(kind))
    assert "\n" not in text.replace("\n\n", "")
    assert letter(kind, filled(kind), text) == letter(kind, filled(kind))
