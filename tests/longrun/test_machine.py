"""The power cut of a life that goes on: what may be left of a folder, and what must be."""

import os

import pytest

from appliance.files import replace_durably, sync_folder, write_all
from longrun.machine import Machine, PowerLost

CUTS = 40


def written(hand, path, data, *, synced):
    fd = hand.open(str(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    write_all(fd, data, hand)
    if synced:
        hand.fsync(fd)
        sync_folder(path.parent, hand)
    return fd


def after_cuts(tmp_path, live):
    """Live the same short life again and again, cut the power after it, and return what each cut left of the file."""
    left = []
    for number in range(CUTS):
        folder, machine = tmp_path / str(number), Machine()
        folder.mkdir()
        hand = machine.hand()
        live(machine, hand, folder / "file")
        hand.let_go()
        machine.cut(number)
        left.append((folder / "file").read_bytes() if (folder / "file").exists() else None)
    return left


def test_what_was_synced_survives_every_cut_and_what_was_not_some_only(tmp_path):
    def live(_machine, hand, path):
        fd = written(hand, path, b"kept", synced=True)
        hand.write(fd, b"maybe")

    left = after_cuts(tmp_path, live)
    assert all(content.startswith(b"kept") for content in left)
    assert {len(content) for content in left} > {9}


def test_a_file_whose_name_was_not_synced_may_be_gone(tmp_path):
    left = after_cuts(tmp_path, lambda _machine, hand, path: written(hand, path, b"x", synced=False))
    assert None in left
    assert any(content is not None for content in left)


def test_a_file_replaced_durably_and_then_removed_is_the_new_one_or_gone(tmp_path):
    def live(_machine, hand, path):
        path.write_bytes(b"the old one")
        replace_durably(path, b"the new one, longer", hand)
        hand.unlink(str(path))

    assert set(after_cuts(tmp_path, live)) == {None, b"the new one, longer"}


def test_after_a_minute_the_kernel_has_written_what_nobody_synced(tmp_path):
    def live(machine, hand, path):
        written(hand, path, b"left alone", synced=False)
        for _ in range(2):
            machine.commit()
            machine.write_back()

    assert set(after_cuts(tmp_path, live)) == {b"left alone"}


def test_what_is_settled_is_forgotten(tmp_path):
    machine = Machine()
    hand = machine.hand()
    for number in range(50):
        hand.close(written(hand, tmp_path / f"{number}", bytes(1000), synced=True))
    machine.unsettled.settle()
    assert not machine.unsettled.now
    assert not machine.unsettled.pending


def test_the_power_goes_in_the_middle_of_an_act_and_nothing_more_is_done(tmp_path):
    machine = Machine()
    hand = machine.hand()
    machine.dies_in = 2
    with pytest.raises(PowerLost):
        replace_durably(tmp_path / "file", b"never there", hand)
    with pytest.raises(PowerLost):
        hand.unlink(str(tmp_path / "file.new"))
    hand.let_go()
    machine.cut(1)
    assert not (tmp_path / "file").exists()
    hand.close(written(hand, tmp_path / "again", b"on", synced=True))


def test_a_killed_service_loses_its_open_files_and_nothing_that_it_wrote(tmp_path):
    machine = Machine()
    killed, other = machine.hand(), machine.hand()
    fd, kept = written(killed, tmp_path / "a", b"said", synced=False), written(other, tmp_path / "b", b"", synced=False)
    killed.let_go()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.write(fd, b"more")
    other.write(kept, b"still")
    assert (tmp_path / "a").read_bytes() == b"said"
    other.let_go()


def test_a_full_disk_refuses_what_is_new_and_what_grows(tmp_path):
    hand = Machine().hand()
    fd = written(hand, tmp_path / "file", b"x", synced=True)
    hand.full = True
    with pytest.raises(OSError, match="no space left"):
        hand.write(fd, b"y")
    with pytest.raises(OSError, match="no space left"):
        hand.open(str(tmp_path / "other"), os.O_WRONLY | os.O_CREAT)
    hand.let_go()
