"""The box's own work as root: the state of the roots, updates, the check after one, starting afresh."""

import json
import os
import subprocess
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image.box import afresh, backend, bulletin, bundle, health, lines, stick, update
from image.box.bulletin import Stage
from image.box.bundle import Bundle, BundleRefused
from image.box.slots import COPIES, PROVEN, SIZE, TRIES, Slots, SlotsUnreadable, read_slots, running_slot, write_slots

ROOTS = st.sampled_from([("A", "B"), ("B", "A")])
LEFT = st.fixed_dictionaries({"A": st.integers(0, PROVEN), "B": st.integers(0, PROVEN)})


@pytest.fixture
def updates(tmp_path, monkeypatch):
    """The folder of updates of a box that runs 1.2.0."""
    (tmp_path / "release").write_text("1.2.0\n")
    monkeypatch.setattr(bulletin.running_version, "__defaults__", (tmp_path / "release",))
    folder = tmp_path / "updates"
    (folder / "incoming").mkdir(parents=True)
    return folder


@given(ROOTS, LEFT, st.booleans())
def test_what_is_written_of_the_roots_is_read_again(order, left, anew):
    slots = Slots(order, left, anew)
    assert Slots.from_bytes(slots.to_bytes()) == slots


def test_the_file_is_what_u_boot_imports():
    data = Slots(("B", "A"), {"A": 9, "B": 3}).to_bytes()
    assert len(data) == SIZE == 0x200
    assert int.from_bytes(data[:4], "little") == zlib.crc32(data[4:])
    assert data[4:].rstrip(b"\0").split(b"\0") == [
        b"BOOT_A_LEFT=9",
        b"BOOT_B_LEFT=3",
        b"BOOT_ORDER=B A",
        b"BOOT_RESET=0",
    ]


@given(st.integers(0, SIZE - 1), st.integers(1, 255))
def test_a_damaged_byte_is_found_out(at, change):
    data = bytearray(Slots().to_bytes())
    data[at] ^= change
    with pytest.raises(SlotsUnreadable):
        Slots.from_bytes(bytes(data))


@given(st.binary(max_size=600))
def test_no_bytes_are_taken_for_slots_that_are_none(data):
    with pytest.raises(SlotsUnreadable):
        Slots.from_bytes(data)


@pytest.mark.parametrize("damaged", COPIES)
def test_a_power_cut_in_one_copy_leaves_the_other(tmp_path, damaged):
    write_slots(Slots(("B", "A"), {"A": 9, "B": 2}), tmp_path)
    (tmp_path / damaged).write_bytes(b"cut")
    assert read_slots(tmp_path).left == {"A": 9, "B": 2}


def test_without_any_copy_nothing_is_made_up(tmp_path):
    with pytest.raises(SlotsUnreadable):
        read_slots(tmp_path)


def test_rauc_is_answered_through_a_whole_update(tmp_path):
    write_slots(Slots(), tmp_path)
    ask = lambda *words: backend.answer(words, tmp_path, lambda: "A")  # noqa: E731
    assert (ask("get-current"), ask("get-primary")) == ("A", "A")
    assert (ask("get-state", "A"), ask("get-state", "B")) == ("good", "bad")
    ask("set-state", "B", "bad")
    ask("set-primary", "B")
    slots = read_slots(tmp_path)
    assert slots.primary() == "B"
    assert slots.left == {"A": PROVEN, "B": TRIES}
    ask("set-state", "B", "bad")
    assert ask("get-primary") == "A"
    ask("set-state", "B", "good")
    assert read_slots(tmp_path).left["B"] == PROVEN


def test_what_rauc_never_asks_is_refused(tmp_path):
    with pytest.raises(ValueError, match="set-state A maybe"):
        backend.answer(["set-state", "A", "maybe"], tmp_path)


def test_the_running_root_is_what_u_boot_told_the_kernel(tmp_path):
    (tmp_path / "cmdline").write_text("root=PARTLABEL=root-b ro rauc.slot=B quiet\n")
    assert running_slot(tmp_path / "cmdline") == "B"


@pytest.mark.parametrize(
    ("offered", "running", "newer"),
    [("0.1.1", "0.1.0", True), ("0.10", "0.9", True), ("1.0", "1.0.0", False), ("0.1.0", "0.1.1", False)],
)
def test_versions_are_compared_as_numbers(offered, running, newer):
    assert bundle.is_newer(offered, running) is newer


@pytest.mark.parametrize(
    "said",
    [
        {"compatible": "another", "version": "1.0"},
        {"compatible": bundle.COMPATIBLE, "version": "latest"},
        {"compatible": bundle.COMPATIBLE},
    ],
)
def test_a_bundle_for_something_else_is_refused(tmp_path, said):
    with pytest.raises(BundleRefused):
        bundle.bundle_of(tmp_path, json.dumps(said))


def test_what_is_given_is_taken_by_copy_and_survives_a_power_cut(updates):
    given_file = updates / "incoming/update.raucb"
    given_file.write_bytes(b"bundle")
    writer = given_file.open("r+b")
    taken = update.take(updates)
    with writer:
        writer.write(b"change")
    assert taken.read_bytes() == b"bundle"
    assert not given_file.exists()
    assert update.take(updates) == taken


def test_a_link_in_the_place_of_an_update_is_not_followed(updates, tmp_path):
    (tmp_path / "secret").write_text("of another's")
    (updates / "incoming/update.raucb").symlink_to(tmp_path / "secret")
    assert update.take(updates) is None
    assert not (updates / "incoming/update.raucb").is_symlink()


def test_an_older_version_is_refused(updates):
    with pytest.raises(BundleRefused, match=r"1\.2\.0 runs already"):
        update.acceptable(Bundle(updates, "1.1.9"))


def test_nothing_is_installed_over_the_root_to_go_back_to(updates, monkeypatch):
    monkeypatch.setattr(update, "read_slots", lambda: Slots(("B", "A"), {"A": 9, "B": 2}))
    monkeypatch.setattr(update, "running_slot", lambda: "B")
    with pytest.raises(BundleRefused, match="still being tried"):
        update.acceptable(Bundle(updates, "2.0"))
    monkeypatch.setattr(update, "read_slots", lambda: Slots(("B", "A"), {"A": 9, "B": 9}))
    assert update.acceptable(Bundle(updates, "2.0")).version == "2.0"


def test_a_refusal_is_said_and_the_file_is_gone(updates, monkeypatch):
    def refuse(_path):
        raise BundleRefused("Not signed.")

    monkeypatch.setattr(update, "read_bundle", refuse)
    (updates / "incoming/update.raucb").write_bytes(b"bundle")
    update.update(updates)
    said = bulletin.read_bulletin(updates)
    assert (said.stage, said.text, said.version) == (Stage.REFUSED, "Not signed.", "1.2.0")
    assert not list(updates.glob("*.raucb"))
    [line] = (updates / "history.jsonl").read_text().splitlines()
    assert json.loads(line)["outcome"] == "refused"


def test_a_damaged_bulletin_says_nothing(updates):
    (updates / "status.json").write_text('{"stage": "surprised"}')
    assert bulletin.read_bulletin(updates).stage is Stage.NONE


def test_a_stick_brings_the_newest_and_never_again_what_was_given_up(updates, tmp_path, monkeypatch):
    monkeypatch.setattr(stick, "read_bundle", lambda path: Bundle(path, path.stem.removeprefix("linekeeper-")))
    for version in ("1.1", "1.3", "1.10", "1.2.0"):
        (tmp_path / f"linekeeper-{version}.raucb").write_bytes(version.encode())
    found = stick.newest(tmp_path)
    assert found.version == "1.10"
    stick.bring(found, updates)
    assert (updates / "taken.raucb").read_bytes() == b"1.10"
    bulletin.publish(Stage.ROLLED_BACK, "1.10", "It did not work.", folder=updates)
    assert stick.newest(tmp_path, bulletin.given_up(updates)).version == "1.3"


def _status(path, *states):
    told = [{"name": f"Line {number}", "state": state} for number, state in enumerate(states, 1)]
    path.write_text(json.dumps({"lines": told}))


def test_a_call_or_a_ringing_line_is_busy_and_a_fault_is_not_heard(tmp_path):
    status = tmp_path / "recorder.json"
    _status(status, "idle", "fault", "off")
    assert lines.read_lines(status) == lines.Lines(["Line 1", "Line 3"], busy=False)
    for state in ("recording", "ringing"):
        _status(status, "idle", state)
        assert lines.read_lines(status).busy


def test_a_recorder_that_has_stopped_speaking_says_nothing(tmp_path):
    status = tmp_path / "recorder.json"
    _status(status, "idle")
    os.utime(status, (1000, 1000))
    assert lines.read_lines(status) is None


def test_a_root_is_well_only_when_everything_is(monkeypatch):
    monkeypatch.setattr(health, "read_lines", lambda: lines.Lines(["Line 1"], busy=False))
    all_run, page = (lambda _unit: True), (lambda: 200)
    assert not health.what_is_wrong(["Line 1"], all_run, page)
    assert "lines that were heard" in health.what_is_wrong(["Line 1", "Line 2"], all_run, page)
    assert "page" in health.what_is_wrong([], all_run, lambda: 503)
    assert "keeper" in health.what_is_wrong([], lambda unit: "-keeper" not in unit, page)
    monkeypatch.setattr(health, "read_lines", lambda: None)
    assert "recorder" in health.what_is_wrong([], all_run, page)


@pytest.fixture
def tried(tmp_path, updates, monkeypatch):
    """A box that has just started its root B for the first time; returns its slots' folder and what it ran."""
    write_slots(Slots(("B", "A"), {"A": PROVEN, "B": 2}), tmp_path)
    ran = []
    monkeypatch.setattr(health, "read_slots", lambda: read_slots(tmp_path))
    monkeypatch.setattr(health, "write_slots", lambda slots: write_slots(slots, tmp_path))
    monkeypatch.setattr(health, "running_slot", lambda: "B")
    monkeypatch.setattr(health, "wait_until_quiet", lambda _seconds: None)
    monkeypatch.setattr(health, "read_bulletin", lambda: bulletin.read_bulletin(updates))
    monkeypatch.setattr(health, "publish", lambda *words: bulletin.publish(*words, folder=updates))
    monkeypatch.setattr(subprocess, "run", lambda command, **_more: ran.append(command))
    return tmp_path, ran


def test_a_root_that_is_well_is_kept(tried, updates, monkeypatch):
    folder, ran = tried
    monkeypatch.setattr(health, "what_is_wrong", lambda _heard: "")
    assert health.look(0) == 0
    assert read_slots(folder) == Slots(("B", "A"), {"A": PROVEN, "B": PROVEN})
    assert (bulletin.read_bulletin(updates).stage, ran) == (Stage.DONE, [])


def test_a_root_that_is_not_well_is_given_up_and_the_other_tells_of_it(tried, updates, monkeypatch):
    folder, ran = tried
    bulletin.publish(Stage.RESTARTING, "1.3", "It starts again.", ["Line 1"], updates)
    monkeypatch.setattr(health, "what_is_wrong", lambda _heard: "the keeper does not run")
    assert health.look(0) == 1
    assert read_slots(folder).primary() == "A"
    assert ran == [["/usr/bin/systemctl", "reboot"]]
    monkeypatch.setattr(health, "running_slot", lambda: "A")
    monkeypatch.setattr(health, "what_is_wrong", lambda _heard: "")
    assert health.look(0) == 0
    said = bulletin.read_bulletin(updates)
    assert (said.stage, said.offered, said.version) == (Stage.ROLLED_BACK, "1.3", "1.2.0")


def test_a_root_that_is_known_to_work_is_never_given_up(tried, monkeypatch):
    folder, ran = tried
    monkeypatch.setattr(health, "running_slot", lambda: "A")
    monkeypatch.setattr(health, "what_is_wrong", lambda _heard: "the keeper does not run")
    before = read_slots(folder)
    assert health.look(0) == 0
    assert (read_slots(folder), ran) == (before, [])


def test_where_the_state_is_lost_the_root_that_runs_is_the_one_that_is_known(tried, monkeypatch):
    folder, ran = tried
    for name in COPIES:
        (folder / name).unlink()
    monkeypatch.setattr(health, "what_is_wrong", lambda _heard: "")
    assert health.look(0) == 0
    assert (read_slots(folder), ran) == (Slots(("B", "A"), {"B": PROVEN, "A": 0}), [])


@pytest.fixture
def vault(tmp_path, monkeypatch):
    """A vault with an empty folder of holds, beside slots; time passes with each look at the button."""
    write_slots(Slots(), tmp_path)
    (tmp_path / "vault/holds").mkdir(parents=True)
    passing = iter(range(10_000))
    monkeypatch.setattr(afresh.time, "monotonic", lambda: float(next(passing)))
    monkeypatch.setattr(afresh.time, "sleep", lambda _seconds: None)
    return tmp_path / "vault"


def test_a_button_held_throughout_starts_afresh_and_says_what_it_destroys(vault):
    told = []
    assert afresh.watch(lambda: True, told.append, vault, vault.parent)
    assert "DESTROY every recording" in told[0]
    assert read_slots(vault.parent).afresh


def test_a_button_that_is_still_held_when_the_box_has_begun_afresh_begins_nothing_anew(vault):
    told = []
    command_line = vault.parent / "cmdline"
    command_line.write_text("root=PARTLABEL=root-a ro rauc.slot=A systemd.factory_reset=1\n")
    assert not afresh.watch(lambda: True, told.append, vault, vault.parent, command_line)
    assert told == ["There is nothing on this box yet. Let go of the button."]
    assert not read_slots(vault.parent).afresh


def test_a_button_that_is_let_go_destroys_nothing(vault):
    presses = iter([True] * 5 + [False])
    told = []
    assert not afresh.watch(lambda: next(presses), told.append, vault, vault.parent)
    assert not read_slots(vault.parent).afresh
    assert "nothing is destroyed" in told[-1]


@pytest.mark.parametrize("content", ['{"body":{"records":[{"released_at":null}]}}', "damaged"])
def test_what_is_on_hold_is_not_destroyed_by_a_button(vault, content):
    (vault / "holds/one.json").write_text(content)
    told = []
    assert not afresh.watch(lambda: True, told.append, vault, vault.parent)
    assert "on hold" in told[0]
    assert not read_slots(vault.parent).afresh


def test_a_hold_that_was_released_stands_in_nobodys_way(vault):
    (vault / "holds/one.json").write_text('{"body":{"records":[{"released_at":"2026-01-01T00:00:00Z"}]}}')
    assert afresh.calls_on_hold(vault) == 0
