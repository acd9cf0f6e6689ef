"""Durable writes: whole or not at all."""

import os

import pytest

from appliance.errors import FolderUnusable
from appliance.files import alone, replace_durably, replace_quickly, usable_folder


class FailingDisk:
    """The machine's disk until ``fail_at`` operations have been done; then every one fails as after a power cut."""

    def __init__(self, fail_at: int) -> None:
        self.left = fail_at
        self.done: list[str] = []

    def __getattr__(self, name):
        def operation(*args, **kwargs):
            if self.left == 0:
                raise OSError(5, "power cut")
            self.left -= 1
            self.done.append(name)
            return getattr(os, name)(*args, **kwargs)

        return operation


def test_content_is_synced_before_the_rename_and_the_folder_after_it(tmp_path):
    disk = FailingDisk(fail_at=100)
    replace_durably(tmp_path / "people.json", b"new", disk)
    assert disk.done == ["open", "write", "fsync", "close", "replace", "open", "fsync", "close"]


@pytest.mark.parametrize("fail_at", range(8))
def test_a_cut_at_any_step_leaves_the_old_content_or_the_new(tmp_path, fail_at):
    path = tmp_path / "people.json"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="power cut"):
        replace_durably(path, b"new", FailingDisk(fail_at))
    assert path.read_bytes() == (b"old" if fail_at < 5 else b"new")


def test_a_quick_write_replaces_in_one_step(tmp_path):
    path = tmp_path / "recorder.json"
    replace_quickly(path, b"one")
    replace_quickly(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_made(tmp_path):
    assert usable_folder(tmp_path / "a" / "b").is_dir()


def test_a_folder_below_a_file_is_refused_with_words(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FolderUnusable, match="cannot be written"):
        usable_folder(tmp_path / "file" / "data")


def test_a_folder_has_one_owner_at_a_time(tmp_path):
    with alone(tmp_path, "somebody is here"), pytest.raises(FolderUnusable, match="somebody is here"):
        alone(tmp_path, "somebody is here")
    alone(tmp_path, "nobody is here any more").close()
