"""A month's key goes when nothing needs it any more, and what is held moves on to another key first."""

from datetime import date

import pytest

from appliance.errors import JournalRefused, SealBroken
from appliance.link.messages.call import GetCall, ReadAudio, StartListening
from appliance.link.messages.holds import PlaceHold, ReleaseHold
from appliance.link.messages.sessions import SignOut
from appliance.model.holds import HoldReason
from appliance.model.people import Purpose
from appliance.storage.sheet import read_sheet
from vaultbox import Box, UnsyncedDisk

DAY_S = 86400
PLAIN = b"sound" * 2000


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path, disk=UnsyncedDisk())
    box.set_up()
    box.stores.disposal.sweep()
    yield box
    box.close()


def months_pass(box, months):
    """Let months pass with the box on: a new key each, swept daily."""
    for _ in range(round(months * 30.5)):
        box.clock.advance(DAY_S)
        box.chores.change_key()
        box.chores.sweep()


def reseal(box):
    token = box.sign_in()
    box.chores.reseal()
    return token


def kids(box):
    return set(box.stores.keyring.kids())


def kid_of(box, call):
    return read_sheet(box.stores.vault.meta(call)).opening.kid


def hold(box, call):
    token = box.sign_in()
    box.ask(PlaceHold(token, call, HoldReason.CLAIM, "Ref 7", "their solicitor wrote", date(2030, 1, 1)))


def test_a_months_key_is_destroyed_once_all_its_recordings_are(box):
    call = box.taken()
    kid = kid_of(box, call)
    grants = box.folders.vault / "grants" / f"{kid}.json"
    months_pass(box, 12.1)
    assert not box.stores.vault.has(call)
    assert grants.exists()  # it lies in the trash, and its successor is not past its time yet
    months_pass(box, 1.5)
    assert not grants.exists()
    assert "recording key destroyed" in box.acts()
    assert len(kids(box)) <= 15


def test_a_key_of_a_held_recording_stays_until_it_was_moved_on_and_then_goes(box):
    call = box.taken(plain=PLAIN, number="01632960846")
    hold(box, call)
    kid = kid_of(box, call)
    months_pass(box, 16)
    assert kid in kids(box)
    token = reseal(box)
    assert kid_of(box, call) == box.stores.keyring.current().kid
    assert box.stores.catalogue.get(call).kid == box.stores.keyring.current().kid
    box.clock.advance(DAY_S)
    box.chores.sweep()
    assert kid not in kids(box)
    token = box.sign_in()
    told = box.ask(GetCall(token, call))
    assert told.row.number == "01632960846"
    assert (told.holds[0].reference, told.holds[0].note) == ("Ref 7", "their solicitor wrote")
    box.ask(StartListening(token, call, Purpose.FACTS))
    assert box.ask(ReadAudio(token, call, 0, 99_999)).data == PLAIN


def test_released_holds_and_their_reasons_move_on_as_well(box):
    call = box.taken()
    hold(box, call)
    hold(box, call)
    months_pass(box, 5)
    token = box.sign_in()
    box.ask(ReleaseHold(token, call, 0, "the claim was dropped"))
    before = box.stores.holds.kids()
    months_pass(box, 12)
    reseal(box)
    box.clock.advance(DAY_S)
    box.chores.sweep()
    assert box.stores.holds.kids() == {box.stores.keyring.current().kid}
    assert not before & kids(box)


def test_nobody_signed_in_moves_nothing_and_every_key_that_is_needed_stays(box):
    call = box.taken()
    hold(box, call)
    box.desk.end_sessions(lambda _: True)
    kid = kid_of(box, call)
    months_pass(box, 14)
    box.chores.reseal()
    assert kid_of(box, call) == kid
    assert kid in kids(box)


def test_a_sheet_that_cannot_be_read_keeps_every_key(box):
    box.taken()
    months_pass(box, 6)
    other = box.taken()
    path = box.stores.vault.meta(other)
    good = path.read_bytes()
    path.write_bytes(good.replace(b"\t", b" ", 1))
    before = kids(box)
    months_pass(box, 8)
    assert before <= kids(box)
    path.write_bytes(good)
    months_pass(box, 0.1)
    assert not before <= kids(box)


def test_a_recording_that_no_list_knows_of_keeps_its_key(box):
    call = box.taken()
    kid = kid_of(box, call)
    hold(box, call)
    box.stores.catalogue.remove(call)
    (box.folders.vault / "holds" / f"{call}.json").unlink()
    months_pass(box, 14)
    assert box.stores.vault.has(call)
    assert kid in kids(box)


def test_what_waits_in_the_spool_or_the_trash_keeps_its_key(box):
    opening, _ = box.begin()
    trashed = box.taken()
    kid = read_sheet(box.spool.meta(opening.call_id)).opening.kid
    months_pass(box, 14)
    assert kid in kids(box)
    assert not box.stores.vault.has(trashed)
    box.spool.meta(opening.call_id).unlink()
    box.spool.audio(opening.call_id).unlink()
    months_pass(box, 0.1)
    assert kid not in kids(box)


def test_no_key_goes_that_could_not_be_written_down(box, monkeypatch):
    box.taken()
    months_pass(box, 13.4)
    before = kids(box)

    def refuse(*_args, **_more):
        raise JournalRefused("full")

    real = box.stores.journal.append
    monkeypatch.setattr(
        box.stores.journal, "append", lambda act, *args, **more: (refuse if "key" in act else real)(act, *args, **more)
    )
    for _ in range(40):
        box.clock.advance(DAY_S)
        try:
            box.stores.disposal.sweep()
        except JournalRefused:
            break
    else:
        pytest.fail("no key was due")
    assert kids(box) == before


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_cut_between_any_two_steps_of_moving_on_loses_nothing(box, monkeypatch, after):
    call = box.taken(plain=PLAIN)
    hold(box, call)
    months_pass(box, 14)
    box.sign_in()
    done = []

    class Cut(Exception):
        pass

    def cutting(real):
        def step(*args, **more):
            if len(done) == after:
                raise Cut
            done.append(1)
            return real(*args, **more)

        return step

    from appliance.storage import custody

    monkeypatch.setattr(custody, "rewrite", cutting(custody.rewrite))
    monkeypatch.setattr(box.stores.catalogue, "put", cutting(box.stores.catalogue.put))
    monkeypatch.setattr(box.stores.holds, "_write", cutting(box.stores.holds._write))
    with pytest.raises(Cut):
        box.chores.reseal()
    monkeypatch.undo()
    box.close()
    box.restart()
    box.stores.holds.read()
    for _ in range(3):
        box.clock.advance(DAY_S)
        box.chores.sweep()
    token = reseal(box)
    box.clock.advance(DAY_S)
    box.chores.sweep()
    token = box.sign_in()
    assert box.ask(GetCall(token, call)).holds[0].reference == "Ref 7"
    assert box.ask(GetCall(token, call)).integrity == "unchanged"
    assert box.stores.holds.kids() == {kid_of(box, call)}


def test_resealing_ends_with_the_session(box):
    calls = [box.taken() for _ in range(3)]
    for call in calls:
        hold(box, call)
    months_pass(box, 14)
    box.desk.end_sessions(lambda _: True)
    token = box.sign_in()
    real, custody = box.stores.custody.reseal, box.stores.custody

    def signing_out(*args):
        real(*args)
        if box.desk.sessions.count():
            box.ask(SignOut(token))

    custody.reseal = signing_out
    box.chores.reseal()
    assert sum(kid_of(box, call) == box.stores.keyring.current().kid for call in calls) == 1
    custody.reseal = real
    reseal(box)
    assert {kid_of(box, call) for call in calls} == {box.stores.keyring.current().kid}
    with pytest.raises(SealBroken):
        box.stores.keyring.seal_to("00" * 8)
