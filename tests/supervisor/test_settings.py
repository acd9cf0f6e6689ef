"""Which settings the appliance runs with."""

import socket
from pathlib import Path

import pytest

from appliance.config import Tap
from appliance.errors import AddressInUse, ConfigWrong
from appliance.supervisor.settings import Wishes, check_free, is_loopback, settle


def test_without_anything_there_are_simulated_lines(tmp_path):
    config = settle(Wishes(folder=tmp_path))
    assert [line.tap for line in config.line] == [Tap.SIMULATED] * 2


def test_lines_of_the_file_in_the_data_folder_are_used(tmp_path):
    (tmp_path / "linekeeper.toml").write_text("[[line]]\nname='Reception'\ncard='Device'\n")
    config = settle(Wishes(folder=tmp_path))
    assert [(line.name, line.card) for line in config.line] == [("Reception", "Device")]
    assert config.folder == tmp_path


def test_a_sound_file_becomes_a_line(tmp_path):
    config = settle(Wishes(folder=tmp_path, waves=(Path("call.wav"),)))
    assert config.line[0].tap is Tap.WAVE
    assert Path(config.line[0].wave).is_absolute()


def test_the_command_line_wins_over_the_file(tmp_path):
    (tmp_path / "linekeeper.toml").write_text("[web]\nport=1\n[simulator]\nspeed=2.0\n")
    config = settle(Wishes(folder=tmp_path, port=8181, speed=10.0))
    assert (config.web.port, config.simulator.speed) == (8181, 10.0)


@pytest.mark.parametrize("wish", [Wishes(speed=0.0), Wishes(simulated=0), Wishes(simulated=99)])
def test_impossible_wishes_are_refused_in_words(wish):
    with pytest.raises(ConfigWrong, match=r"--(speed|simulate) takes"):
        settle(wish)


def test_only_loopback_is_loopback():
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert not is_loopback("192.168.1.20")
    with pytest.raises(ConfigWrong, match="not an IP address"):
        is_loopback("recorder")


def test_a_port_in_use_is_named_with_what_to_do():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(AddressInUse, match=rf"port {port} of 127.0.0.1.*--port"):
            check_free("127.0.0.1", port)
    check_free("127.0.0.1", port)
