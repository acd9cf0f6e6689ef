"""Whether a card is there is asked of the kernel before a process is begun for it."""

import pytest

from appliance.capture.cardnames import is_there


@pytest.fixture
def machine(tmp_path):
    """A machine with a USB card in socket 1-1.2; returns its folders."""
    proc, sys_sound, device = tmp_path / "proc", tmp_path / "sys", tmp_path / "usb1/1-1/1-1.2/1-1.2:1.0"
    (proc / "card1").mkdir(parents=True)
    (proc / "Device").symlink_to(proc / "card1")
    device.mkdir(parents=True)
    (sys_sound / "card1").mkdir(parents=True)
    (sys_sound / "card1" / "device").symlink_to(device)
    return proc, sys_sound


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("usb:1-1.2", True),
        ("usb:1-1.2,1", True),
        ("usb:1-1.3", False),
        ("hw:CARD=Device", True),
        ("hw:CARD=Device,1", True),
        ("hw:CARD=Other", False),
        ("reception", None),
    ],
)
def test_the_kernel_knows_of_real_cards_and_of_no_others(machine, name, there):
    assert is_there(name, *machine) is there


def test_a_machine_that_tells_nothing_leaves_it_to_the_card_s_process(tmp_path):
    assert is_there("usb:1-1.2", tmp_path / "none", tmp_path) is None


def test_a_card_plugged_in_again_is_there_again(machine):
    link = machine[1] / "card1" / "device"
    device = link.resolve()
    link.unlink()
    assert is_there("usb:1-1.2", *machine) is False
    link.symlink_to(device)
    assert is_there("usb:1-1.2", *machine) is True
