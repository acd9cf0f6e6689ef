"""How long recordings are kept: proposed by one, agreed by another, and what that deletes or brings back."""

from datetime import timedelta

import pytest

from appliance.clock import LONDON
from appliance.errors import FreshSignInNeeded, NotAllowed, PersonRefused, SealBroken, SettingRefused, SetupRefused
from appliance.keeper.sessions import FRESH_S
from appliance.link.messages.holds import PlaceHold
from appliance.link.messages.lines import AskHome
from appliance.link.messages.sessions import WhoAmI
from appliance.link.messages.settings import (
    AskSettings,
    ConfirmRetention,
    ListExpiring,
    ListTrash,
    ProposeRetention,
    SetPractice,
    WithdrawRetention,
)
from appliance.model.holds import HoldReason
from appliance.model.people import Role
from appliance.storage.disposal import Stopped
from vaultbox import OTHER

DAY_S = 86400


def days_pass(box, days):
    """Let days pass with the box on, sweeping daily."""
    for _ in range(days):
        box.clock.advance(DAY_S)
        done = box.stores.disposal.sweep()
    return done


def agreed(box, months):
    token = box.sign_in()
    box.ask(ProposeRetention(token, months, "the partners' meeting decided so"))
    box.ask(ConfirmRetention(token, months, f"Keep {months}  months"))


def test_a_new_box_keeps_what_the_policy_says(box, token):
    settings = box.ask(AskSettings(token))
    assert (settings.months, settings.policy_months, settings.changes, settings.proposed) == (12, 12, (), None)
    assert settings.practice == "Anytown Practice"


def test_a_change_waits_for_somebody_else_and_both_are_written_down(box, token):
    partner = box.add("partner", Role.PARTNER, token)
    box.ask(ProposeRetention(token, 6, " fewer are enough "))
    settings = box.ask(AskSettings(partner))
    assert (settings.months, settings.proposed.months, settings.proposed.reason) == (12, 6, "fewer are enough")
    assert not settings.alone
    with pytest.raises(SettingRefused, match="Somebody else"):
        box.ask(ConfirmRetention(token, 6, "keep 6 months"))
    with pytest.raises(SettingRefused, match="not what is proposed"):
        box.ask(ConfirmRetention(partner, 7))
    assert box.ask(AskSettings(token)).months == 12
    box.ask(ConfirmRetention(partner, 6))
    settings = box.ask(AskSettings(token))
    (change,) = settings.changes
    assert (settings.months, settings.proposed) == (6, None)
    assert (change.months, change.by, change.confirmed_by) == (6, "The manager", "partner of Anytown")
    assert {"retention proposed", "retention changed"} <= set(box.acts())
    with pytest.raises(SettingRefused):
        box.ask(ConfirmRetention(partner, 6))


def test_where_nobody_else_could_agree_the_words_are_typed(box, token):
    box.add("senior", Role.SENIOR, token)
    box.ask(ProposeRetention(token, 24, "a long complaint"))
    assert box.ask(AskSettings(token)).alone
    for typed in ("", "yes", "keep 2 months", "keep 24"):
        with pytest.raises(SettingRefused, match="keep 24 months"):
            box.ask(ConfirmRetention(token, 24, typed))
    box.ask(ConfirmRetention(token, 24, " Keep 24 months "))
    assert box.ask(AskSettings(token)).months == 24


@pytest.mark.parametrize(("months", "reason"), [(0, "x"), (-1, "x"), (121, "x"), (12, "x"), (6, " "), (6, "x" * 501)])
def test_what_cannot_be_is_refused(box, token, months, reason):
    with pytest.raises(SettingRefused):
        box.ask(ProposeRetention(token, months, reason))
    assert box.ask(AskSettings(token)).proposed is None


def test_each_needs_its_right_and_the_password_just_now(box, token):
    tokens = {role: box.add(role, role, token) for role in (Role.PARTNER, Role.SENIOR, Role.AUDITOR)}
    for role, other in tokens.items():
        with pytest.raises(NotAllowed):
            box.ask(ProposeRetention(other, 6, "x"))
        with pytest.raises(NotAllowed):
            box.ask(SetPractice(other, "Another", ""))
        if role is not Role.PARTNER:
            for request in (ConfirmRetention(other, 6), WithdrawRetention(other)):
                with pytest.raises(NotAllowed):
                    box.ask(request)
    box.ask(ProposeRetention(token, 6, "x"))
    box.clock.advance(FRESH_S)
    for request in (ProposeRetention(token, 7, "x"), SetPractice(token, "Another", "")):
        with pytest.raises(FreshSignInNeeded):
            box.ask(request)
    with pytest.raises(FreshSignInNeeded):
        box.ask(ConfirmRetention(tokens[Role.PARTNER], 6))
    box.ask(WithdrawRetention(tokens[Role.PARTNER]))
    box.ask(WithdrawRetention(tokens[Role.PARTNER]))
    assert box.ask(AskSettings(token)).proposed is None
    assert box.acts().count("retention proposal withdrawn") == 1


def test_a_proposal_says_what_it_would_delete_and_deletes_nothing(box, token):
    box.stores.disposal.sweep()
    old = box.taken()
    held = box.taken()
    days_pass(box, 200)
    token = box.sign_in()
    today = box.clock.now().at.date()
    box.ask(PlaceHold(token, held, HoldReason.CLAIM, "ref", "", today + timedelta(days=90)))
    box.taken()
    assert box.ask(ProposeRetention(token, 6, "x")).due == 1
    assert box.ask(ProposeRetention(token, 24, "x")).due == 0
    days_pass(box, 10)
    assert box.stores.vault.has(old)


def test_a_shorter_time_deletes_what_is_past_it_and_never_what_is_held(box, token):
    box.stores.disposal.sweep()
    old, held = box.taken(), box.taken()
    box.ask(PlaceHold(token, held, HoldReason.CLAIM, "ref", "", box.clock.now().at.date() + timedelta(days=90)))
    days_pass(box, 200)
    young = box.taken()
    agreed(box, 6)
    days_pass(box, 9)
    assert not box.stores.vault.has(old)
    assert box.stores.trash.where(old) is None
    assert box.stores.vault.has(held)
    assert box.stores.vault.has(young)
    assert b'"rule":"6 months"' in b"".join(path.read_bytes() for path in box.stores.journal_folder.glob("*.jsonl"))


def test_a_shorter_time_for_many_recordings_still_waits_for_a_person(box, token):
    box.stores.disposal.sweep()
    for _ in range(60):
        box.clock.advance(1)
        box.call()
    box.stores.intake.take(frozenset())
    days_pass(box, 60)
    agreed(box, 1)
    box.clock.advance(DAY_S)
    done = box.stores.disposal.sweep()
    assert (done.stopped, done.due) == (Stopped.TOO_MANY, 60)


def test_a_longer_time_brings_back_what_waits_in_the_trash(box, token):
    box.stores.disposal.sweep()
    call = box.taken()
    agreed(box, 1)
    while box.stores.vault.has(call):
        days_pass(box, 1)
    token = box.sign_in()
    (row,) = box.ask(ListTrash(token)).rows
    assert (row.call_id, row.line) == (call, 1)
    assert (row.destroyed_on - box.clock.now().at.astimezone(LONDON).date()).days == 7
    agreed(box, 12)
    days_pass(box, 30)
    assert box.stores.vault.has(call)
    assert box.acts().count("restored") == 1


def test_nothing_is_deleted_while_the_settings_cannot_be_read(box, token):
    box.stores.disposal.sweep()
    call = box.taken()
    path = box.folders.vault / "settings.json"
    good = path.read_bytes()
    for spoilt in (b"", good.replace(b"contact", b"kontact"), None):
        path.unlink() if spoilt is None else path.write_bytes(spoilt)
        box.close()
        box.restart()
        assert days_pass(box, 200).stopped is Stopped.SETTINGS
        box.chores.sweep()
        assert any("How long" in alarm.text for alarm in box.desk.alarms.standing())
        assert box.stores.vault.has(call)
    token = box.sign_in()
    with pytest.raises(SealBroken):
        box.ask(ProposeRetention(token, 6, "x"))
    path.write_bytes(good)
    days_pass(box, 9)
    assert not box.stores.vault.has(call)
    box.chores.sweep()
    assert not any("How long" in alarm.text for alarm in box.desk.alarms.standing())


def test_the_practice_has_another_name_and_says_how_it_is_reached(box, token):
    box.ask(SetPractice(token, " Anytown Surgery ", " 1 High Street \n  01632 960000\n"))
    settings = box.ask(AskSettings(token))
    assert (settings.practice, settings.contact) == ("Anytown Surgery", "1 High Street\n01632 960000")
    assert (settings.practice_by, settings.practice_at) == ("The manager", box.clock.now().at)
    assert box.ask(WhoAmI(token)).practice == "Anytown Surgery"
    for practice, contact, wrong in (
        ("", "", SetupRefused),
        ("x", "\0", SettingRefused),
        ("x", "y" * 501, SettingRefused),
    ):
        with pytest.raises(wrong):
            box.ask(SetPractice(token, practice, contact))
    box.close()
    box.restart()
    assert box.ask(AskSettings(box.sign_in())).contact == "1 High Street\n01632 960000"


def test_what_expires_soon_is_listed_the_next_first_and_counted_alike(box, token):
    calls = []
    for _ in range(5):
        calls.append(box.taken())
        box.clock.advance(10 * DAY_S)
    box.clock.advance((365 - 42) * DAY_S)
    token = box.sign_in()
    today = box.clock.now().at.astimezone(LONDON).date()
    page = box.ask(ListExpiring(token, days=30))
    assert [row.row.call_id for row in page.rows] == calls[:4]
    assert all(row.kept_until <= today + timedelta(days=30) for row in page.rows)
    assert all((row.destroyed_on - max(row.kept_until + timedelta(days=1), today)).days == 7 for row in page.rows)
    assert page.total == box.ask(AskHome(token)).expiring_soon == 4
    pages = [box.ask(ListExpiring(token, 30, number, 3)).rows for number in (1, 2, 3)]
    assert [row.row.call_id for rows in pages for row in rows] == calls[:4]
    assert [len(rows) for rows in pages] == [3, 1, 0]
    box.ask(PlaceHold(token, calls[1], HoldReason.CLAIM, "ref", "", today))
    assert [row.row.call_id for row in box.ask(ListExpiring(token)).rows] == [calls[0], calls[2], calls[3]]
    assert [row.row.call_id for row in box.ask(ListExpiring(token, days=0)).rows] == [calls[0]]
    staff = box.add("staff", Role.STAFF, token)
    for request in (ListExpiring(staff), ListTrash(staff)):
        with pytest.raises(NotAllowed):
            box.ask(request)


def test_the_proposer_who_left_leaves_the_proposal_to_others(box, token):
    box.add("deputy", Role.MANAGER, token)
    deputy = box.sign_in("deputy", OTHER)
    box.ask(ProposeRetention(deputy, 6, "x"))
    assert not box.ask(AskSettings(token)).alone
    box.ask(ConfirmRetention(token, 6))
    assert box.ask(AskSettings(token)).months == 6
    with pytest.raises(PersonRefused):
        box.stores.people.seal_to("nobody")
