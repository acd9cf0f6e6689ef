"""An update that is uploaded: byte for byte what was sent, or nothing the box would take."""

import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import FreshSignInNeeded, NotAllowed, UpdateRefused
from appliance.keeper.space import Room
from appliance.keeper.upload import MOST_BYTES, Upload
from appliance.link.messages.updates import MOST_OF_A_PIECE, AddToUpdate, AskUpdates, BeginUpdate
from appliance.model.people import Role
from storage.powercut import CutDisk, after_cut
from vaultbox import UnsyncedDisk

GIB = 1 << 30
BUNDLE = b"hsqs" + random.Random(7).randbytes(300_000)
PIECE = 60 * 1024
WHOLE = "update.raucb"


@pytest.fixture
def incoming(box):
    """The folder the box takes updates from."""
    folder = box.folders.updates / "incoming"
    folder.mkdir(parents=True)
    return folder


def said(box, stage):
    (box.folders.updates / "status.json").write_text(f'{{"stage": "{stage}", "text": "", "version": "1.0"}}')


def bring(box, token, bundle=BUNDLE):
    """Upload as the page does."""
    part = box.ask(BeginUpdate(token, len(bundle)))
    while part.at < len(bundle):
        part = box.ask(AddToUpdate(token, part.place, part.at, bundle[part.at : part.at + PIECE]))
    return part


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_was_uploaded_is_given_to_the_box_byte_for_byte_and_written_down(box, token, incoming):
    bring(box, token)
    assert names(incoming) == [WHOLE]
    assert (incoming / WHOLE).read_bytes() == BUNDLE
    assert (incoming / WHOLE).stat().st_mode & 0o777 == 0o600
    assert box.acts()[-1] == "update uploaded"
    now = box.ask(AskUpdates(token)).now
    assert (now.stage, now.text) == ("checking", "The update is here. The recorder checks it now.")


def test_before_it_is_whole_the_box_sees_none(box, token, incoming):
    part = box.ask(BeginUpdate(token, len(BUNDLE)))
    box.ask(AddToUpdate(token, part.place, 0, BUNDLE[:-1][:MOST_OF_A_PIECE]))
    assert names(incoming) == ["update.part"]
    assert (incoming / "update.part").stat().st_mode & 0o777 == 0o600


def test_a_piece_out_of_order_is_not_taken_and_the_answer_says_where_to_go_on(box, token, incoming):
    part = box.ask(BeginUpdate(token, len(BUNDLE)))
    assert box.ask(AddToUpdate(token, part.place, PIECE, BUNDLE[PIECE : 2 * PIECE])).at == 0
    assert box.ask(AddToUpdate(token, part.place, 0, BUNDLE[:PIECE])).at == PIECE
    assert box.ask(AddToUpdate(token, part.place, 0, BUNDLE[:PIECE])).at == PIECE
    assert (incoming / "update.part").read_bytes() == BUNDLE[:PIECE]


def test_the_last_piece_may_be_sent_again_when_its_answer_was_lost(box, token, incoming):
    part, last = bring(box, token), len(BUNDLE) // PIECE * PIECE
    (incoming / WHOLE).unlink()  # the box has taken it
    assert box.ask(AddToUpdate(token, part.place, last, BUNDLE[last:])).at == len(BUNDLE)
    assert names(incoming) == []
    assert box.acts().count("update uploaded") == 1


@pytest.mark.parametrize("first", [b"PK\x03\x04" + bytes(60), b"hsq", b""])
def test_what_does_not_begin_like_an_update_is_refused_and_dropped(box, token, incoming, first):
    part = box.ask(BeginUpdate(token, len(BUNDLE)))
    with pytest.raises(UpdateRefused):
        box.ask(AddToUpdate(token, part.place, 0, first))
    assert names(incoming) == []
    with pytest.raises(UpdateRefused, match="over"):
        box.ask(AddToUpdate(token, part.place, 0, BUNDLE[:PIECE]))


@pytest.mark.parametrize("size", [-1, 0, 4, MOST_BYTES + 1])
def test_a_size_that_no_update_has_is_refused(box, token, incoming, size):
    with pytest.raises(UpdateRefused, match="raucb"):
        box.ask(BeginUpdate(token, size))
    assert names(incoming) == []


@pytest.mark.parametrize("more", [bytes(PIECE), bytes(MOST_OF_A_PIECE + 1)])
def test_more_than_was_said_is_refused(box, token, incoming, more):
    part = box.ask(BeginUpdate(token, PIECE))
    with pytest.raises(UpdateRefused, match="More came"):
        box.ask(AddToUpdate(token, part.place, 0, b"hsqs" + more))
    assert names(incoming) == []


def test_a_second_upload_replaces_the_first(box, token, incoming):
    first = box.ask(BeginUpdate(token, len(BUNDLE)))
    box.ask(AddToUpdate(token, first.place, 0, BUNDLE[:PIECE]))
    second = b"hsqs" + bytes(100)
    bring(box, token, second)
    with pytest.raises(UpdateRefused, match="over"):
        box.ask(AddToUpdate(token, first.place, PIECE, BUNDLE[PIECE : 2 * PIECE]))
    assert (incoming / WHOLE).read_bytes() == second


def test_what_an_upload_left_behind_goes_at_the_next_start(box, token, incoming):
    part = box.ask(BeginUpdate(token, len(BUNDLE)))
    box.ask(AddToUpdate(token, part.place, 0, BUNDLE[:PIECE]))
    box.close()
    box.restart()
    assert names(incoming) == []


def test_nobody_but_a_manager_or_a_technician_uploads_and_a_try_is_written_down(box, token, incoming):
    for role in (Role.PARTNER, Role.SENIOR, Role.STAFF, Role.AUDITOR):
        other = box.add(str(role), role, token)
        for request in (BeginUpdate(other, len(BUNDLE)), AddToUpdate(other, "x", 0, BUNDLE[:PIECE])):
            with pytest.raises(NotAllowed):
                box.ask(request)
            assert box.acts()[-1] == "refused"
    assert names(incoming) == []
    bring(box, box.add("technician", Role.TECHNICIAN, token))
    assert names(incoming) == [WHOLE]


def test_the_password_is_asked_for_at_the_beginning_and_not_once_it_runs(box, token, incoming):
    part = box.ask(BeginUpdate(token, len(BUNDLE)))
    box.clock.advance(601)
    assert box.ask(AddToUpdate(token, part.place, 0, BUNDLE[:PIECE])).at == PIECE
    with pytest.raises(FreshSignInNeeded):
        box.ask(BeginUpdate(token, len(BUNDLE)))
    assert names(incoming) == ["update.part"]


@pytest.mark.parametrize("stage", ["checking", "waiting", "installing", "installed", "restarting"])
def test_while_an_update_is_under_way_no_other_is_taken(box, token, incoming, stage):
    part = box.ask(BeginUpdate(token, PIECE))
    said(box, stage)
    with pytest.raises(UpdateRefused, match="under way"):
        box.ask(BeginUpdate(token, PIECE))
    with pytest.raises(UpdateRefused, match="under way"):
        box.ask(AddToUpdate(token, part.place, 0, BUNDLE[:PIECE]))
    assert names(incoming) == []


def test_one_that_was_given_and_not_yet_looked_at_is_under_way(box, token, incoming):
    bring(box, token)
    with pytest.raises(UpdateRefused, match="under way"):
        box.ask(BeginUpdate(token, PIECE))
    assert (incoming / WHOLE).read_bytes() == BUNDLE


def test_when_the_boxs_word_cannot_be_read_none_is_taken(box, token, incoming):
    (box.folders.updates / "status.json").write_text("{")
    with pytest.raises(UpdateRefused, match="cannot be read"):
        box.ask(BeginUpdate(token, PIECE))


def test_where_the_programs_are_looked_after_otherwise_none_is_taken(box, token):
    with pytest.raises(UpdateRefused, match="looks after"):
        box.ask(BeginUpdate(token, PIECE))


@pytest.mark.parametrize(("free", "taken"), [(5.1, True), (4.9, False)])
def test_an_update_leaves_recordings_their_room(tmp_path, free, taken):
    upload = Upload(tmp_path, lambda: Room(int(free * GIB), 200 * GIB))
    if taken:
        upload.begin(GIB // 2)
    else:
        with pytest.raises(UpdateRefused, match="no room"):
            upload.begin(GIB // 2)


class FullDisk:
    """Writes ``left`` bytes and no more."""

    left = 100_000

    def __getattr__(self, name):
        return getattr(os, name)

    def write(self, fd, data):
        if not self.left:
            raise OSError(28, "No space left on device")
        written = os.write(fd, data[: self.left])
        self.left -= written
        return written


def plenty():
    return Room(100 * GIB, 200 * GIB)


def nothing(_size):
    """Nobody is told."""


def test_a_disk_that_is_full_all_the_same_ends_the_upload_and_gets_its_room_back(tmp_path):
    upload = Upload(tmp_path, plenty, FullDisk())
    part = upload.begin(len(BUNDLE))
    upload.add(part.place, 0, BUNDLE[:PIECE], nothing)
    with pytest.raises(UpdateRefused, match="could not be written"):
        upload.add(part.place, PIECE, BUNDLE[PIECE : 2 * PIECE], nothing)
    assert names(tmp_path) == []


def test_what_cannot_be_written_down_is_not_given(tmp_path):
    def refuse(_size):
        raise UpdateRefused("The journal is full.")

    upload = Upload(tmp_path, plenty, UnsyncedDisk())
    part = upload.begin(PIECE)
    with pytest.raises(UpdateRefused, match="journal"):
        upload.add(part.place, 0, BUNDLE[:PIECE], refuse)
    assert names(tmp_path) == []


@pytest.fixture(scope="module")
def cut_disk(tmp_path_factory):
    """An upload in pieces over which syncs fall, with all its operations."""
    folder, disk = tmp_path_factory.mktemp("incoming"), CutDisk()
    upload, piece = Upload(folder, plenty, disk), BUNDLE[:40_000]
    part = upload.begin(len(piece))
    for at in range(0, len(piece), 10_000):
        upload.add(part.place, at, piece[at : at + 10_000], nothing)
    return folder, disk, piece


def test_a_power_cut_leaves_the_whole_update_or_none(cut_disk, tmp_path):
    folder, disk, piece = cut_disk
    chance, seen = random.Random(3), set()
    for count in range(len(disk.operations) + 1):
        for turn in range(10):
            left = tmp_path / f"{count}-{turn}"
            after_cut(disk.operations[:count], chance, folder, left)
            given = left / WHOLE
            seen.add(given.exists())
            assert not given.exists() or given.read_bytes() == piece
    assert seen == {True, False}


@settings(max_examples=40, deadline=None)
@given(order=st.lists(st.integers(-1, 5), max_size=12))
def test_in_whatever_order_pieces_come_what_is_there_is_the_files_beginning(tmp_path_factory, order):
    folder, bundle = tmp_path_factory.mktemp("incoming"), BUNDLE[:6_000]
    upload = Upload(folder, plenty, UnsyncedDisk())
    part = upload.begin(len(bundle))
    for number in order:
        at = number * 1_000
        part = upload.add(part.place, at, bundle[max(at, 0) :][:1_000], nothing)
    there = folder / (WHOLE if part.at == len(bundle) else "update.part")
    assert there.read_bytes() == bundle[: part.at]
