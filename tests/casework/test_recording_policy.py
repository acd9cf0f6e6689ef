from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from surgery import MANAGER, PARTNER, SENIOR, TODAY, later

from appliance.casework.policy.duties import Duty, Facts, state
from appliance.casework.policy.record import carry, check, default_policy, replace_text, rows
from appliance.casework.policy.sentences import Sentence, months_named, sentences
from appliance.errors import DateWrong, NotAllowed, StepMissing, WordsMissing

FACTS = Facts(
    today=TODAY, lines=2, lines_recording=2, retention_months=12, expired_not_deleted=0, holds=3, listeners=4,
    listens_without_purpose=0, journal_intact=True, announcements_wrong=0, requests_open=1, requests_overdue=0,
    disclosures_open=0, complaints_open=0, complaints_overdue=0, reviews_this_year=5, incidents_open=0, damaged=0,
)  # fmt: skip
POLICY = default_policy()
ALL = [one.sentence.text for one in POLICY.carried]


def test_every_sentence_of_the_shipped_policy_is_carried_out_by_something():
    assert len(POLICY.carried) == 34
    assert POLICY.uncarried == ()


def test_each_shipped_row_matches_exactly_one_sentence_and_none_is_left_over():
    import tomllib
    from importlib import resources

    table = tomllib.loads(resources.files("appliance.casework.policy").joinpath("default.toml").read_text("utf-8"))
    matches = [[text for text in ALL if text.startswith(row["begins"])] for row in table["sentence"]]
    assert [len(found) for found in matches] == [1] * len(ALL)
    assert sorted(found[0] for found in matches) == sorted(ALL)


def test_every_word_of_the_text_is_in_a_sentence_or_a_heading():
    headings = {one.sentence.heading for one in POLICY.carried}
    kept = " ".join([*headings, *ALL]).split()
    assert sorted(kept) == sorted(word for word in POLICY.text.split() if word != "·")


def test_the_page_says_how_each_sentence_stands():
    page = {row.sentence.text: row for row in rows(POLICY, FACTS)}
    kept = next(row for text, row in page.items() if text.startswith("The recordings are stored securely"))
    assert [one.words for one in kept.states][:2] == ["12 months: on", "3 calls on hold"]
    assert "provider" in kept.warning
    assert all(one.good is not False for row in page.values() for one in row.states)


def test_a_setting_that_differs_from_the_text_is_warned_of():
    page = rows(POLICY, replace(FACTS, retention_months=6))
    warned = [row.sentence.text for row in page if "keeps recordings for 6 months" in row.warning]
    assert len(warned) == 1


@pytest.mark.parametrize(
    ("duty", "wrong"),
    [
        (Duty.RECORDING, {"lines_recording": 1}),
        (Duty.RECORDING, {"lines": 0, "lines_recording": 0}),
        (Duty.STORAGE, {"damaged": 1}),
        (Duty.RETENTION, {"expired_not_deleted": 2}),
        (Duty.PURPOSES, {"listens_without_purpose": 1}),
        (Duty.ROLES, {"listeners": 0}),
        (Duty.LISTENING_LOG, {"journal_intact": False}),
        (Duty.ANNOUNCEMENTS, {"announcements_wrong": 1}),
        (Duty.ACCESS_REQUESTS, {"requests_overdue": 1}),
        (Duty.COMPLAINTS, {"complaints_overdue": 1}),
        (Duty.TRAINING, {"reviews_this_year": 0}),
    ],
)
def test_a_duty_that_is_not_carried_out_is_never_called_good(duty, wrong):
    assert state(duty, FACTS).good is True
    assert state(duty, replace(FACTS, **wrong)).good is False


def test_every_duty_has_a_page_and_words():
    for duty in Duty:
        stands = state(duty, FACTS)
        assert stands.page
        assert stands.words


def test_another_text_keeps_what_carried_out_the_sentences_that_stay():
    text = "Our policy\n\nThe policy applies to all practice staff. We record calls for 6 months."
    policy = replace_text(POLICY, MANAGER, TODAY, text)
    assert [one.text for one in policy.uncarried] == ["We record calls for 6 months."]
    assert policy.former[0].text == POLICY.text
    with pytest.raises(StepMissing, match="We record calls for 6 months"):
        check(policy, MANAGER, TODAY, confirmed=[one.sentence.text for one in policy.carried])
    policy = carry(policy, MANAGER, TODAY, "We record calls for 6 months.", [Duty.RETENTION])
    assert policy.uncarried == ()
    assert "12 months" in rows(policy, FACTS)[1].warning


def test_the_shipped_text_can_be_taken_back():
    policy = replace_text(replace_text(POLICY, MANAGER, TODAY, "Something else."), MANAGER, TODAY, POLICY.text)
    assert policy.carried == POLICY.carried
    assert len(policy.former) == 2


def test_a_text_without_a_sentence_is_no_policy():
    with pytest.raises(WordsMissing):
        replace_text(POLICY, MANAGER, TODAY, " \n\nOur policy\n")


def test_sentences_are_assigned_by_those_who_decide_and_only_if_they_exist():
    with pytest.raises(NotAllowed, match="Only the practice manager or a partner"):
        carry(POLICY, SENIOR, TODAY, ALL[0], [Duty.PAPERS])
    with pytest.raises(StepMissing):
        carry(POLICY, MANAGER, TODAY, "No such sentence.", [Duty.PAPERS])
    with pytest.raises(WordsMissing):
        carry(POLICY, MANAGER, TODAY, ALL[0], [])


def test_the_yearly_check_confirms_or_remarks_on_every_sentence():
    assert POLICY.check_by is None
    with pytest.raises(StepMissing, match=r"Missing: “If an external body"):
        check(POLICY, PARTNER, TODAY, confirmed=ALL[:-1])
    with pytest.raises(WordsMissing):
        check(POLICY, PARTNER, TODAY, confirmed=ALL[:-1], remarks={ALL[-1]: " "})
    signed = check(POLICY, PARTNER, TODAY, confirmed=ALL[:-1], remarks={ALL[-1]: "name the deputy"})
    assert signed.checks[0].remarks == ((ALL[-1], "name the deputy"),)
    assert signed.check_by.isoformat() == "2027-09-03"
    with pytest.raises(DateWrong):
        check(signed, PARTNER, TODAY, confirmed=ALL, checked_on=later(-1))
    with pytest.raises(NotAllowed):
        check(POLICY, SENIOR, TODAY, confirmed=ALL)


def test_headings_bullets_and_abbreviations_are_told_from_sentences():
    text = "1. Scope\nOverview\n· External calls\nAsk e.g. Dr. Grey for it. Then wait.\n[bookmark: _GoBack]Done!"
    assert sentences(text) == (
        Sentence("", "Scope"),
        Sentence("Overview", "External calls"),
        Sentence("Overview", "Ask e.g. Dr. Grey for it."),
        Sentence("Overview", "Then wait."),
        Sentence("Overview", "Done!"),
    )


@settings(deadline=None)
@given(st.text(alphabet="Ab .!?\n·-:[]1", max_size=200))
def test_any_text_can_be_read_and_no_sentence_is_empty_or_doubled(text):
    found = sentences(text)
    assert len(set(found)) == len(found)
    assert all(one.text.strip() for one in found)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("for 12 months, after which", {12}),
        ("6 calendar months", {6}),
        ("within 1 month", {1}),
        ("2 years or 6 months", {24, 6}),
        ("within the 112 monthsish", set()),
        ("no number", set()),
    ],
)
def test_months_are_read_from_a_sentence(text, months):
    assert months_named(text) == months
