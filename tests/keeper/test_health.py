"""The snapshot of the box, the alarms that follow from it, and the files it is told in."""

import re
from datetime import timedelta

import pytest

from appliance.codec import read_json, to_json
from appliance.errors import NoSuchAlarm, NotAllowed
from appliance.files import replace_quickly
from appliance.keeper.board import BoardReader
from appliance.keeper.health import SILENT_S, HealthWatch, Watched
from appliance.keeper.metrics import as_prometheus
from appliance.link.messages.health import AcknowledgeAlarm, AskHealth
from appliance.model.health import AlarmRecord, HealthSnapshot
from appliance.model.people import Role
from appliance.model.status import Alarm, LineState, LineStatus, RecorderStatus
from appliance.storage.certificate import LIFE, ensure_certificate
from vaultbox import NUMBER, Box


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path)
    yield box
    box.close()


@pytest.fixture
def machine(box, tmp_path):
    """The keeper's watch over a computer whose files a test writes."""
    root = tmp_path / "machine"
    desk = box.desk
    watched = Watched(
        box.folders, box.config.line, box.clock, desk.live, desk.alarms, desk.space, desk.backups, BoardReader(root)
    )
    watch = HealthWatch(watched, desk.health.book)
    watch.root = root
    return watch


def says(watch, path, text):
    file = watch.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    watch.look()


def recorder_says(box, *alarms, state=LineState.IDLE):
    now = box.clock.now().at
    status = RecorderStatus(now, now, (LineStatus(1, "Reception", state, now, -60.0),), alarms)
    replace_quickly(box.folders.live / "recorder.json", to_json(status))
    box.desk.live.look()


def keys(watch):
    watch.note_alarms()
    return {record.key for record in watch.book.standing()}


def test_the_snapshot_tells_of_everything_at_once(box):
    box.set_up()
    ensure_certificate(box.folders.tls, "recorder.local", (), box.clock.now().at)
    token = box.sign_in()
    recorder_says(box)
    health = box.ask(AskHealth(token)).snapshot
    assert health.contact
    assert [line.name for line in health.lines] == ["Reception"]
    assert health.disk.size_bytes > health.disk.free_bytes > 0
    assert health.board.memory_bytes > 0
    assert health.backup.configured is False
    assert health.certificate_until - box.clock.now().at == pytest.approx(LIFE, abs=timedelta(minutes=5))


def test_a_recorder_that_falls_silent_is_an_alarm_until_it_speaks_again(box):
    recorder_says(box)
    assert keys(box.desk.health) == set()
    box.clock.advance(SILENT_S + 1)
    assert "recorder" in keys(box.desk.health)
    recorder_says(box)
    assert keys(box.desk.health) == set()


def test_what_a_silent_recorder_said_last_no_longer_stands(box):
    recorder_says(box, Alarm("line", "Reception is not being recorded.", box.clock.now().at, 1))
    assert keys(box.desk.health) == {"line"}
    box.clock.advance(SILENT_S + 1)
    assert keys(box.desk.health) == {"recorder"}


def test_heat_is_said_at_80_degrees_and_taken_back_only_below_75(machine):
    zone = "sys/class/thermal/thermal_zone0/temp"
    said = []
    for degrees in (79, 80, 78, 76, 74, 79):
        says(machine, zone, f"{degrees}000")
        said.append("hot" in keys(machine))
    assert said == [False, True, True, True, False, False]


def test_a_weak_supply_is_an_alarm_while_it_is_weak(machine):
    path = "sys/devices/platform/soc/soc:firmware/get_throttled"
    says(machine, path, "50001")
    assert "supply" in keys(machine)
    says(machine, path, "50000")
    assert "supply" not in keys(machine)


def test_little_memory_is_an_alarm(machine):
    says(machine, "proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 60000 kB\n")
    assert "memory" not in keys(machine)
    says(machine, "proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 40000 kB\n")
    assert "memory" in keys(machine)


def test_a_certificate_that_runs_out_is_an_alarm_a_month_before(box, machine):
    ensure_certificate(box.folders.tls, "recorder.local", (), box.clock.now().at)
    box.clock.advance((LIFE - timedelta(days=31)).total_seconds())
    machine.look()
    assert "certificate" not in keys(machine)
    box.clock.advance(timedelta(days=2).total_seconds())
    machine.look()
    assert "certificate" in keys(machine)


def test_an_alarm_is_acknowledged_by_name_and_written_in_the_journal(box):
    box.set_up()
    token = box.sign_in()
    box.desk.alarms.raise_("disk", "The disk is filling up.")
    box.desk.health.note_alarms()
    health = box.ask(AskHealth(token))
    disk = next(record for record in health.alarms if record.key == "disk")
    assert health.snapshot.unacknowledged == len(health.alarms)
    box.ask(AcknowledgeAlarm(token, disk.number))
    after = box.ask(AskHealth(token))
    assert next(record for record in after.alarms if record.key == "disk").acknowledged_by == "manager"
    assert after.snapshot.unacknowledged == health.snapshot.unacknowledged - 1
    assert "alarm acknowledged" in box.acts()
    box.restart()
    box.desk.alarms.raise_("disk", "The disk is filling up.")
    box.desk.health.note_alarms()
    kept = next(record for record in box.desk.health.book.standing() if record.key == "disk")
    assert (kept.number, kept.acknowledged_by) == (disk.number, "manager")


def test_an_alarm_that_is_not_there_cannot_be_acknowledged(box):
    box.set_up()
    with pytest.raises(NoSuchAlarm):
        box.ask(AcknowledgeAlarm(box.sign_in(), 999))


@pytest.mark.parametrize(("role", "may"), [(Role.SENIOR, True), (Role.TECHNICIAN, True), (Role.STAFF, False)])
def test_health_is_for_those_who_may_see_it(box, role, may):
    box.set_up()
    token = box.add("somebody", role, box.sign_in())
    if may:
        assert isinstance(box.ask(AskHealth(token)).snapshot, HealthSnapshot)
    else:
        with pytest.raises(NotAllowed):
            box.ask(AskHealth(token))


def test_the_files_hold_what_the_page_shows_and_no_number_and_nobodys_name(box):
    box.set_up()
    box.taken(number=NUMBER)
    recorder_says(box)
    box.desk.alarms.raise_("disk", "The disk is filling up.")
    watch = box.desk.health
    watch.note_alarms()
    watch.book.acknowledge(watch.book.standing()[0].number, "manager")
    watch.look()
    watch.publish_alarms()
    told = read_json(box.folders.health / "health.json", HealthSnapshot)
    assert told.lines[0].name == "Reception"
    records = read_json(box.folders.health / "alarms.json", tuple[AlarmRecord, ...])
    assert {record.key for record in records} >= {"disk"}
    everything = b"".join(path.read_bytes() for path in box.folders.health.iterdir())
    assert NUMBER.encode() not in everything
    assert b"manager" not in everything


_SAMPLE = re.compile(r'linekeeper_[a-z_]+(\{[a-z]+="(\\.|[^"\\\n])*"(,[a-z]+="(\\.|[^"\\\n])*")*\})? -?[0-9.e+-]+')


def test_the_text_for_prometheus_has_the_form_it_reads(box):
    recorder_says(box, state=LineState.RECORDING)
    text = as_prometheus(box.desk.health.snapshot())
    assert text.endswith("\n")
    described = set()
    for line in text.splitlines():
        if line.startswith("# "):
            described.add(line.split()[2])
        else:
            assert _SAMPLE.fullmatch(line), line
            assert re.split(r"[{ ]", line)[0] in described
    assert 'linekeeper_line_state{line="1",name="Reception",state="recording"} 1\n' in text
    assert 'linekeeper_line_state{line="1",name="Reception",state="idle"} 0\n' in text


def test_a_line_may_be_called_anything(box):
    now = box.clock.now().at
    status = RecorderStatus(now, now, (LineStatus(1, 'The "old"\\\nline', LineState.IDLE, now, -60.0),))
    replace_quickly(box.folders.live / "recorder.json", to_json(status))
    box.desk.live.look()
    samples = [line for line in as_prometheus(box.desk.health.snapshot()).splitlines() if "level_dbfs{" in line]
    assert samples == ['linekeeper_line_level_dbfs{line="1",name="The \\"old\\"\\\\\\nline"} -60']


def test_a_folder_that_cannot_be_written_is_said_once_and_alarms_still_stand(box, caplog):
    (box.folders.health).rmdir()
    for _ in range(3):
        box.desk.health.look()
    box.desk.alarms.raise_("disk", "The disk is filling up.")
    assert "disk" in keys(box.desk.health)
    assert caplog.text.count("cannot be written") == 1
