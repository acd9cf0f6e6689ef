"""What the box has kept of its month and what it has destroyed, held against what it should have."""

import random

from dateutil.relativedelta import relativedelta

from appliance.clock import LONDON
from appliance.errors import LinekeeperError, SealBroken
from appliance.keeper.opening import RecordingKeys
from appliance.storage.backup import rehearse
from appliance.storage.inspection import inspect_cases, inspect_journal, inspect_recordings
from appliance.storage.recovery import parse_sheet
from appliance.storage.sheet import parse, read_sheet
from appliance.storage.streamreader import StreamReader
from longrun.plan import GONE, IN_TRASH, KEPT, OLD
from longrun.verdict import Verdict


class Kept:
    """Looks through the vault, the backup and the keys of a run whose box still stands."""

    def __init__(self, run):
        self._run, self._house, self._world = run, run.house, run.diary
        self._desk = run.house.keeper.service.desk
        self.verdict = Verdict()

    def records(self):
        """The journal, the sheets and the cases add up, as ``linekeeper verify`` looks at them."""
        vault, v = self._house.config.folders.vault, self.verdict
        report, cases = inspect_journal(vault), inspect_cases(vault)
        faults = [one for one in inspect_recordings(vault) if one.fault]
        v.figure("journal: entries", report.count)
        v.must(report.intact, f"the journal does not add up after entry {report.broken_after}")
        v.must(not faults, f"{len(faults)} recordings are at fault: {faults[:2]}")
        v.figure("records of casework", cases[0])
        v.must(cases[0] == len(self._run.people.cases), f"{cases[0]} cases instead of {len(self._run.people.cases)}")
        v.must(not cases[1], f"records of casework are damaged: {cases[1]}")

    def retention(self):
        """What is held is there and plays; what is past its time is gone, with its key; nothing else is."""
        v, vault, trash = self.verdict, self._desk.stores.vault, {call for _, call in self._desk.stores.trash.ids()}
        held, old = self._run.people.held, self._world.old_sheets
        v.figure("held calls", len(held))
        v.must(all(vault.has(call) for call in held), "a held call is gone")
        due = [call for call in old if call[:10] in map(str, GONE) and call not in held]
        waiting = [call for call in old if call[:10] in map(str, IN_TRASH) and call not in held]
        kept = [call for call in old if call[:10] in map(str, KEPT)]
        v.figure("old calls destroyed, in the trash, kept", f"{len(due)}, {len(waiting)}, {len(kept)}")
        v.must(due and waiting and kept, "the year before had too few calls to say anything of retention")
        v.must(not any(vault.has(call) or call in trash for call in due), "a call past its time is still there")
        v.must(all(call in trash and not vault.has(call) for call in waiting), "the trash lacks a call")
        v.must(all(vault.has(call) for call in kept), "a call was deleted before its time")
        v.must(not any(list(self._house.usb.rglob(f"{call}.*")) for call in due), "a backup keeps a destroyed call")
        self._keys(due)

    def _keys(self, due):
        """No key is there that nothing needs and whose successor is older than recordings are kept."""
        stores, v = self._desk.stores, self.verdict
        before = self._house.true_now().astimezone(LONDON).date() - relativedelta(months=12, days=1)
        sheets = self._house.config.folders.vault.glob("[rt]*/*/*.meta")
        needed = {read_sheet(path).opening.kid for path in sheets} | stores.holds.kids() | stores.casebook.kids()
        lives = stores.keyring.lives()
        spare = [kid for kid, (_, followed) in lives.items() if kid not in needed and followed and followed < before]
        v.must(not spare, f"{len(spare)} recording keys are there that nothing needs")
        gone, opened = set(), 0
        with parse_sheet(self._run.sheet) as by:
            for call in due:
                kid = parse(self._world.old_sheets[call], call).opening.kid
                if kid in lives:
                    opened += call[:10] == str(OLD[0])
                else:
                    gone.add(kid)
            for kid in gone:
                try:
                    stores.keyring.open(kid, by)
                    opened += 1
                except LinekeeperError:
                    pass
        v.figure("recording keys destroyed", len(gone))
        v.must(gone, "no recording key was destroyed")
        v.must(not opened, "a copy of a destroyed call could still be opened")

    def sound(self):
        """Every recording in the vault opens with the recovery sheet, all of it; returns seconds of sound."""
        vault, keyring = self._desk.stores.vault, self._desk.stores.keyring
        broken, seconds_, bytes_, cut = [], 0.0, 0, 0
        with parse_sheet(self._run.sheet) as by, RecordingKeys(keyring, by) as keys:
            for day in sorted(vault.days()):
                for call in vault.ids(day):
                    sheet = keys.whole(vault.meta(call))
                    if sheet.closing is not None and sheet.closing.missed:
                        continue
                    length, complete = _read(vault.audio(call), sheet.data_key, call)
                    wanted = sheet.closing.audio_bytes if sheet.closing else 0
                    cut += sheet.closing is None
                    if length < wanted or (sheet.closing is not None and not complete):
                        broken.append(call)
                    bytes_ += vault.audio(call).stat().st_size + vault.meta(call).stat().st_size
                    seconds_ += sheet.closing.duration_s if sheet.closing else length / 3000
        v = self.verdict
        v.figure("recordings opened with the recovery sheet, hours of sound", f"{seconds_ / 3600:.1f}")
        v.figure("of them cut short", cut)
        v.figure("stored, MB per hour of call", f"{bytes_ / max(seconds_, 1.0) * 3600 / 1e6:.1f}")
        v.must(not broken, f"{len(broken)} recordings do not open to their end")

    def backup(self):
        """The last backup has what the vault has."""
        found = rehearse(self._house.usb, self._run.sheet, random.Random(1))
        calls = sum(1 for _ in self._house.config.folders.vault.glob("[rt]*/*/*.meta"))
        self.verdict.figure("recordings in the backup; in vault and trash", f"{found.recordings}; {calls}")
        self.verdict.must(found.recordings == calls, "the backup has not what the vault has")


def _read(path, data_key, call):
    length = 0
    with path.open("rb") as raw:
        try:
            reader = StreamReader(raw, data_key, call.encode())
            while part := reader.read(1 << 16):
                length += len(part)
        except SealBroken:
            return length, False
        return length, reader.complete
