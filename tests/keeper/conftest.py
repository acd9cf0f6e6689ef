"""A box that has been set up, without its processes, and the manager's session there."""

import pytest

from vaultbox import Box, UnsyncedDisk


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path, disk=UnsyncedDisk())
    box.set_up()
    yield box
    box.close()


@pytest.fixture
def token(box):
    return box.sign_in()
