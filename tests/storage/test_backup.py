"""A backup: everything of the vault but what was destroyed, verified, resumed, and put back whole."""

import contextlib
import errno
import os
import random
import shutil
import stat
from datetime import date
from pathlib import Path

import pyotp
import pytest

from appliance.clock import FakeClock
from appliance.config import Folders
from appliance.errors import BackupDamaged, BackupRefused, LinekeeperError, SheetMistyped
from appliance.keeper.stores import open_stores
from appliance.model.holds import HoldReason
from appliance.storage import recover
from appliance.storage.backup import BackupRun, Restore, read_manifest, rehearse
from appliance.storage.backup.folder import BackupFolder
from appliance.storage.daycolumns import Choice
from appliance.storage.holds import HoldRecord
from appliance.storage.journal import Anchor
from appliance.storage.journalcheck import check
from appliance.storage.records import Later
from appliance.storage.settings import Decision
from appliance.storage.sheet import read_sheet, rewrite
from vaultbox import NUMBER, PASSWORD, QUICK, Box, UnsyncedDisk

DAY_S = 86400
CHANCE = random.Random(4)


def plain_of(number):
    return b"OggS" + random.Random(number).randbytes(7000)


@pytest.fixture
def box(tmp_path):
    """A practice with three calls on two days, one of them held."""
    box = Box(tmp_path, disk=UnsyncedDisk())
    box.sheet = box.set_up().recovery_sheet
    box.stores.disposal.sweep()
    box.calls = [box.taken(plain=plain_of(0)), box.taken(plain=plain_of(1), name="A. Caller")]
    box.clock.advance(DAY_S)
    box.calls.append(box.taken(plain=plain_of(2)))
    hold = HoldRecord(HoldReason.COMPLAINT, "manager", box.clock.now().at, date(2030, 1, 1), "kid", b"sealed words")
    box.stores.custody.place_hold(box.calls[1], hold)
    return box


@pytest.fixture
def usb(tmp_path):
    folder = tmp_path / "usb"
    folder.mkdir()
    return folder


def back_up(box, usb, **more):
    return BackupRun(box.folders.vault, usb, box.clock.now().at, UnsyncedDisk()).run(**more)


def restored(box, usb, folder):
    Restore(usb, Folders(folder), box.clock, UnsyncedDisk()).run()
    return open_stores(Folders(folder), box.clock, UnsyncedDisk(), QUICK)


def recovered(folder, sheet, out):
    recover.recover_folder(folder, sheet, out)
    return {path.stem: path.read_bytes() for path in out.glob("*.opus")}


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def a_year_on(box):
    for _ in range(190):
        box.clock.advance(2 * DAY_S)
        box.stores.disposal.sweep()


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_a_backup_alone_and_the_sheet_give_every_call_back(box, usb, tmp_path):
    outcome = back_up(box, usb)
    assert outcome.finished
    assert outcome.trusted
    assert outcome.recordings == 3
    assert not outcome.words
    shutil.rmtree(box.folders.root)
    got = recovered(usb, box.sheet, tmp_path / "out")
    assert got == {call: plain_of(number) for number, call in enumerate(box.calls)}
    assert (usb / "recover.py").read_bytes() == Path(recover.__file__).read_bytes()


def test_nothing_that_is_made_anew_or_is_a_key_in_clear_is_copied(box, usb):
    back_up(box, usb)
    names = {path.name for path in usb.rglob("*")}
    assert not names & {"catalogue", "index", "trash", "first-key.json", "tries.json", ".owner"}
    everything = b"".join(contents(usb).values())
    for secret in (NUMBER, PASSWORD, "A. Caller", "OggS"):
        assert secret.encode() not in everything.replace(Path(recover.__file__).read_bytes(), b"")


def test_a_box_that_has_not_been_set_up_is_not_backed_up(tmp_path, usb):
    box = Box(tmp_path, disk=UnsyncedDisk())
    box.taken()
    with pytest.raises(BackupRefused, match="Set the box up"):
        back_up(box, usb)
    assert list(usb.iterdir()) == []


def test_only_what_is_new_is_copied_again(box, usb):
    first = back_up(box, usb)
    assert first.copied.files > 6
    again = back_up(box, usb)
    assert again.copied.files == 0
    call = box.taken(plain=plain_of(9))
    third = back_up(box, usb)
    assert {path.stem for path in usb.rglob(f"{call}*")} == {call}
    assert third.copied.files <= 4  # its two files, boots.json or the journal
    assert third.recordings == 4


def test_a_sheet_that_grew_is_copied_again_and_audio_is_not(box, usb):
    back_up(box, usb)
    meta = box.stores.vault.meta(box.calls[0])
    sheet = read_sheet(meta)
    rewrite(
        meta, sheet.with_later(Later(box.clock.now().at, "note", {}), box.stores.keyring.seal_to(sheet.opening.kid))
    )
    assert back_up(box, usb).copied.files == 1
    copy = usb / "vault" / "recordings" / meta.parent.name / meta.name
    assert copy.read_bytes() == meta.read_bytes()


def test_keys_and_people_are_overwritten_and_no_old_one_stays(box, usb):
    back_up(box, usb)
    old = (usb / "vault" / "people.json").read_bytes()
    box.stores.people.own.change_password("manager", PASSWORD, "another kettle 77 sailing")
    back_up(box, usb)
    assert old not in contents(usb).values()
    assert (usb / "vault" / "people.json").read_bytes() == (box.folders.vault / "people.json").read_bytes()


def test_a_grant_that_was_destroyed_goes_once_no_recording_needs_it(box, usb):
    keyring = box.stores.keyring
    empty = keyring.rotate(())
    keyring.rotate(())
    back_up(box, usb)
    used = next(kid for kid in keyring.kids() if kid not in (empty.kid, keyring.current().kid))
    for kid in (empty.kid, used):
        keyring.destroy(kid)
    back_up(box, usb)
    kept = {path.stem for path in (usb / "vault" / "grants").iterdir()}
    assert empty.kid not in kept
    assert set(keyring.kids()) <= kept


# --- what was destroyed ----------------------------------------------------------------------------------------------


def test_what_was_destroyed_goes_from_the_backup_before_anything_is_copied(box, usb):
    back_up(box, usb)
    a_year_on(box)
    fresh = box.taken()
    gone = [call for call in box.calls if not box.stores.vault.has(call)]
    assert gone == [box.calls[0], box.calls[2]]
    seen = []
    outcome = back_up(box, usb, saw=lambda _progress: seen.append(list(usb.rglob(f"{gone[0]}*"))))
    assert seen[0] == []
    assert outcome.removed.removed == 2
    assert {path.stem for path in usb.rglob("*.meta")} == {box.calls[1], fresh}
    assert back_up(box, usb).removed.removed == 0


def test_what_lies_in_the_trash_stays_in_the_backup(box, usb):
    back_up(box, usb)
    box.stores.trash.put(box.calls[0], date(2026, 11, 25))
    outcome = back_up(box, usb)
    assert (outcome.removed.removed, outcome.removed.only_here) == (0, 0)
    assert list(usb.rglob(f"{box.calls[0]}.audio"))


def test_what_the_box_lost_without_destroying_it_is_kept_and_said(box, usb):
    back_up(box, usb)
    for path in (box.stores.vault.meta(box.calls[0]), box.stores.vault.audio(box.calls[0])):
        path.unlink()
    outcome = back_up(box, usb)
    assert outcome.removed.only_here == 1
    assert "no longer on the box" in outcome.words
    assert list(usb.rglob(f"{box.calls[0]}.audio"))


def test_a_journal_that_was_rewritten_removes_nothing_and_does_not_replace_the_old(box, usb):
    back_up(box, usb)
    a_year_on(box)
    month = min((box.folders.vault / "journal").glob("*.jsonl"))
    kept = (usb / "vault" / "journal" / month.name).read_bytes()
    month.write_bytes(month.read_bytes().replace(b'"signed in"', b'"signed on"', 1))
    if month.read_bytes() == kept:
        month.write_bytes(month.read_bytes().replace(b"hold placed", b"hold placet", 1))
    outcome = back_up(box, usb)
    assert not outcome.trusted
    assert outcome.removed.removed == 0
    assert "records do not add up" in outcome.words
    assert list(usb.rglob(f"{box.calls[0]}.audio"))
    assert (usb / "vault" / "journal" / month.name).read_bytes() == kept


def test_a_whole_journal_made_anew_is_caught_by_the_anchor_in_the_backup(box, usb):
    back_up(box, usb)
    anchor = read_manifest(usb).anchor
    assert isinstance(anchor, Anchor)
    folder = box.folders.vault / "journal"
    for path in (*folder.glob("*.jsonl"), folder / "anchor.json"):
        path.unlink(missing_ok=True)
    box.restart()
    box.taken()
    assert not back_up(box, usb).trusted
    assert read_manifest(usb).anchor == anchor


# --- a failing card, a failing disk ----------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [40, 0, "line"])
@pytest.mark.parametrize("suffix", [".meta", ".audio"])
def test_a_good_copy_is_not_overwritten_by_a_spoiled_file(box, usb, suffix, cut):
    back_up(box, usb)
    path = box.stores.vault.meta(box.calls[0]).with_suffix(suffix)
    good = path.read_bytes()
    spoiled = {40: good[:-40], 0: b"", "line": good[: good.rfind(b"\n", 0, -1) + 1]}[cut]
    path.write_bytes(spoiled)
    outcome = back_up(box, usb)
    assert outcome.copied.spoiled == {path.name}
    assert "damaged" in outcome.words
    assert next(usb.rglob(path.name)).read_bytes() == good


@pytest.mark.parametrize("name", ["people.json", "keyring.json", "boots.json", "grants", "holds"])
def test_a_key_file_that_cannot_be_read_does_not_replace_one_that_can(box, usb, name):
    back_up(box, usb)
    path = box.folders.vault / name
    path = next(path.iterdir()) if path.is_dir() else path
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2])
    outcome = back_up(box, usb)
    relative = path.relative_to(box.folders.vault)
    assert outcome.copied.spoiled == {relative.as_posix()}
    assert (usb / "vault" / relative).read_bytes() == good


class ForgetfulDisk(UnsyncedDisk):
    """A disk that takes everything and keeps some of it: the cheapest USB sticks."""

    def write(self, fd, data):
        return os.write(fd, data if len(data) < 5000 else bytes(len(data)))


def test_a_disk_that_does_not_give_back_what_was_written_is_found_out(box, usb):
    with pytest.raises(BackupDamaged, match="Replace that disk"):
        BackupRun(box.folders.vault, usb, box.clock.now().at, ForgetfulDisk()).run()
    assert read_manifest(usb).finished_at is None


class FullDisk(UnsyncedDisk):
    def __init__(self, left):
        self.left = left

    def write(self, fd, data):
        self.left -= len(data)
        if self.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(fd, data)


def test_a_full_disk_is_said_and_the_next_run_goes_on_from_there(box, usb, tmp_path):
    with pytest.raises(BackupRefused, match="No space"):
        BackupRun(box.folders.vault, usb, box.clock.now().at, FullDisk(45_000)).run()
    assert back_up(box, usb).finished
    assert len(recovered(usb, box.sheet, tmp_path / "out")) == 3


def test_a_run_that_was_stopped_goes_on_and_does_not_copy_twice(box, usb):
    stops = iter([False, True])
    stopped = back_up(box, usb, asked_to_stop=lambda: next(stops))
    assert not stopped.finished
    assert read_manifest(usb).finished_at is None
    done = {path: path.stat().st_ino for path in usb.rglob("*.audio")}
    assert len(done) == 1  # the newest day first
    assert back_up(box, usb).finished
    assert {path: path.stat().st_ino for path in done} == done
    assert len(list(usb.rglob("*.audio"))) == 3


# --- whose it is -----------------------------------------------------------------------------------------------------


def test_two_boxes_do_not_share_a_folder(box, usb, tmp_path):
    back_up(box, usb)
    other = Box(tmp_path / "other", disk=UnsyncedDisk())
    other.set_up()
    with pytest.raises(BackupRefused, match="another box"):
        back_up(other, usb)


def test_a_folder_with_something_else_in_it_is_left_alone(box, usb):
    (usb / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(BackupRefused, match="something else"):
        back_up(box, usb)
    assert [path.name for path in usb.iterdir()] == ["holiday.jpg"]


def test_a_disk_that_is_not_plugged_in_is_said(box, tmp_path):
    with pytest.raises(BackupRefused, match="plugged in"):
        back_up(box, tmp_path / "nowhere")


def test_one_backup_at_a_time_is_written(box, usb):
    def second(_progress):
        with pytest.raises(BackupRefused, match="Another backup"):
            back_up(box, usb)

    assert back_up(box, usb, saw=second).finished


def test_a_file_system_that_cannot_sync_folders_will_do(box, usb):
    class Share(UnsyncedDisk):
        def fsync(self, fd):
            if stat.S_ISDIR(os.fstat(fd).st_mode):
                raise OSError(errno.EINVAL, "no such thing here")

        def __getattr__(self, name):
            return getattr(os, name)

    assert BackupRun(box.folders.vault, usb, box.clock.now().at, Share()).run().finished


# --- the way back ----------------------------------------------------------------------------------------------------


def test_a_restored_vault_is_the_same_vault(box, usb, tmp_path):
    back_up(box, usb)
    before = list(box.stores.catalogue.some(Choice(), 0, 10)[1])
    stores = restored(box, usb, tmp_path / "new")
    assert stores.catalogue.some(Choice(), 0, 10)[1] == before
    stores.holds.read()
    assert stores.holds.held() == {box.calls[1]}
    assert stores.people.practice() == "Anytown Practice"
    secret, step = box.secrets["manager"], int(box.clock.now().at.timestamp()) // 30
    person = stores.people.sign_in("manager", PASSWORD, pyotp.TOTP(secret).generate_otp(step), "192.0.2.7")
    for kid in {entry.kid for entry in before}:
        assert stores.keyring.open(kid, person.key).kid == kid
    report = check(stores.journal_folder, stores.journal.public_key, [read_manifest(usb).anchor])
    assert report.intact
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "new" / "vault").rglob("*.meta")} == {0}


def test_how_long_recordings_are_kept_is_put_back_and_where_a_backup_has_none_it_is_the_policys(box, usb, tmp_path):
    now, kept = box.clock.now().at, box.stores.settings
    kept.propose(Decision(24, "a long claim", "manager", now))
    kept.agree(24, "partner", now)
    back_up(box, usb)
    assert restored(box, usb, tmp_path / "new").settings.now.months == 24
    settings = usb / "vault" / "settings.json"
    settings.unlink()
    target = BackupFolder(usb)
    target.keep_sums("vault", {name: told for name, told in target.sums("vault").items() if name != "settings.json"})
    assert restored(box, usb, tmp_path / "newer").settings.now.months == 12


def test_a_restored_box_goes_on_with_the_same_backup(box, usb, tmp_path):
    back_up(box, usb)
    stores = restored(box, usb, tmp_path / "new")
    stores.journal.close()
    again = BackupRun(tmp_path / "new" / "vault", usb, box.clock.now().at, UnsyncedDisk()).run()
    assert again.trusted
    assert again.recordings == 3
    assert not again.copied.spoiled
    assert not list(usb.rglob("*.differs"))


def test_nothing_is_ever_restored_over_a_vault(box, usb):
    back_up(box, usb)
    before = contents(box.folders.vault)
    with pytest.raises(BackupRefused, match="already"):
        Restore(usb, box.folders, box.clock)
    assert contents(box.folders.vault) == before


def test_a_restore_that_was_cut_off_leaves_no_vault_and_is_made_again(box, usb, tmp_path):
    back_up(box, usb)
    folders = Folders(tmp_path / "new")

    def cut(done, _total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Restore(usb, folders, box.clock, UnsyncedDisk()).run(cut)
    assert not folders.vault.exists()
    assert len(restored(box, usb, folders.root).catalogue.files()) == 2


def test_a_backup_without_an_end_is_not_restored(box, usb, tmp_path):
    back_up(box, usb, asked_to_stop=lambda: True)
    with pytest.raises(BackupRefused, match="never finished"):
        Restore(usb, Folders(tmp_path / "new"), box.clock)


def test_a_damaged_file_in_the_backup_is_named_and_the_rest_put_back(box, usb, tmp_path):
    back_up(box, usb)
    audio = next(usb.rglob(f"{box.calls[0]}.audio"))
    audio.write_bytes(audio.read_bytes()[:3000] + b"\0" + audio.read_bytes()[3001:])
    outcome = Restore(usb, Folders(tmp_path / "new"), box.clock, UnsyncedDisk()).run()
    assert outcome.damaged == (f"recordings/{box.calls[0][:10]}/{audio.name}",)
    assert outcome.recordings == 3


# --- the rehearsal ---------------------------------------------------------------------------------------------------


def test_a_rehearsal_with_the_sheet_gives_a_call_back(box, usb):
    back_up(box, usb)
    for number in range(4):
        found = rehearse(usb, box.sheet, random.Random(number))
        assert found.audio == plain_of(box.calls.index(found.call_id))
        assert (found.recordings, found.faults) == (3, ())


def test_a_rehearsal_without_the_sheet_compares_and_opens_nothing(box, usb):
    back_up(box, usb)
    seen = []
    found = rehearse(usb, "", CHANCE, seen.append)
    assert found.audio == b""
    assert found.call_id in box.calls
    assert seen == [1, 2, 3]


def test_a_rehearsal_finds_what_is_damaged(box, usb):
    back_up(box, usb)
    for call in box.calls:
        audio = next(usb.rglob(f"{call}.audio"))
        audio.write_bytes(bytes(len(audio.read_bytes())))
    with pytest.raises(BackupDamaged, match="not what was written"):
        rehearse(usb, "", CHANCE)
    for call in box.calls[1:]:
        next(usb.rglob(f"{call}.audio")).write_bytes(b"")
    next(usb.rglob(f"{box.calls[0]}.meta")).write_bytes(b"x\n")
    found = rehearse(usb, "", CHANCE)
    assert found.faults == tuple(box.calls)
    assert found.call_id is None


def test_a_rehearsal_runs_no_program_from_the_backup_and_says_if_it_was_changed(box, usb):
    back_up(box, usb)
    (usb / "recover.py").write_text("raise SystemExit('run')\n")
    with pytest.raises(BackupDamaged, match=r"recover\.py"):
        rehearse(usb, box.sheet, CHANCE)


def test_a_rehearsal_needs_the_right_sheet(box, usb, tmp_path):
    back_up(box, usb)
    with pytest.raises(SheetMistyped):
        rehearse(usb, box.sheet[:-1], CHANCE)
    other = Box(tmp_path / "other", disk=UnsyncedDisk()).set_up().recovery_sheet
    with pytest.raises(BackupDamaged, match="cannot be opened"):
        rehearse(usb, other, CHANCE)
    with pytest.raises(BackupRefused, match="no backup"):
        rehearse(tmp_path, box.sheet, CHANCE)


@pytest.mark.parametrize("seed", range(3))
def test_damage_anywhere_in_a_backup_is_a_named_error_or_harmless(box, usb, tmp_path, seed):
    back_up(box, usb)
    chance = random.Random(seed)
    for number in range(40):
        path = chance.choice(sorted(path for path in usb.rglob("*") if path.is_file()))
        good = path.read_bytes()
        bad = bytearray(good)
        if bad:
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(bad[: chance.choice((len(bad), chance.randrange(len(bad) + 1)))]))
        for act in (
            lambda: rehearse(usb, box.sheet, chance),
            lambda number=number: Restore(usb, Folders(tmp_path / f"new{number}"), box.clock, UnsyncedDisk()).run(),
        ):
            with contextlib.suppress(LinekeeperError):
                act()
        path.write_bytes(good)


def test_the_clock_of_a_new_box_does_not_matter(box, usb, tmp_path):
    back_up(box, usb)
    Restore(usb, Folders(tmp_path / "new"), FakeClock(), UnsyncedDisk()).run()
    assert (tmp_path / "new" / "vault" / "catalogue").is_dir()
