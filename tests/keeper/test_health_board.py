"""What the computer says of itself, read from a /sys and /proc of our own making."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.keeper.board import BoardReader
from appliance.model.health import Board


def put(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


MEMINFO = (
    "MemTotal:        3884408 kB\nMemFree:          120000 kB\nMemAvailable:    2941220 kB\nHugePages_Total:       0\n"
)


def test_a_raspberry_pi_is_read_from_its_own_files(tmp_path):
    put(tmp_path, "sys/class/thermal/thermal_zone0/temp", "47712\n")
    put(tmp_path, "sys/class/thermal/thermal_zone1/temp", "51100\n")
    put(tmp_path, "sys/devices/platform/soc/soc:firmware/get_throttled", "50000\n")
    put(tmp_path, "proc/meminfo", MEMINFO)
    put(tmp_path, "proc/uptime", "86400.12 160000.00\n")
    board = BoardReader(tmp_path).read()
    assert board.temperature_c == pytest.approx(51.1)
    assert board.under_voltage is False
    assert board.under_voltage_seen is True
    assert board.memory_bytes == 3884408 * 1024
    assert board.memory_free_bytes == 2941220 * 1024
    assert board.uptime_s == pytest.approx(86400.12)


@pytest.mark.parametrize(
    ("bits", "now", "seen"), [("0", False, False), ("1", True, True), ("50005", True, True), ("40000", False, False)]
)
def test_the_firmwares_bits_tell_now_from_since_it_was_switched_on(tmp_path, bits, now, seen):
    put(tmp_path, "sys/devices/platform/soc/soc:firmware/get_throttled", bits)
    board = BoardReader(tmp_path).read()
    assert (board.under_voltage, board.under_voltage_seen) == (now, seen)


@pytest.mark.parametrize(("alarm", "told"), [("0", False), ("1", True)])
def test_the_voltage_sensor_is_believed_where_the_firmware_says_nothing(tmp_path, alarm, told):
    put(tmp_path, "sys/class/hwmon/hwmon0/name", "cpu_thermal")
    put(tmp_path, "sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    put(tmp_path, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", alarm)
    assert BoardReader(tmp_path).read().under_voltage is told


def test_a_machine_that_says_nothing_is_not_made_up(tmp_path):
    assert BoardReader(tmp_path).read() == Board()


def test_this_machine_can_be_read():
    board = BoardReader().read()
    assert board.memory_bytes > board.memory_free_bytes > 0
    assert board.uptime_s > 0


@given(st.text(max_size=40))
def test_no_text_in_the_kernels_files_breaks_the_reader(tmp_path_factory, text):
    root = tmp_path_factory.mktemp("machine")
    for path in (
        "sys/class/thermal/thermal_zone0/temp",
        "sys/devices/platform/soc/soc:firmware/get_throttled",
        "proc/meminfo",
        "proc/uptime",
    ):
        put(root, path, text)
    assert isinstance(BoardReader(root).read(), Board)
