"""What is done in each round, and what staff are told of what was found."""

import ipaddress
import logging
from dataclasses import replace

from appliance.clock import ClockQuality
from appliance.keeper.desk import Desk
from appliance.keeper.resealing import Resealing
from appliance.service import Stopping, tell_systemd
from appliance.storage.certificate import ensure_certificate
from appliance.storage.disposal import Stopped, Sweep
from appliance.storage.horizon import Waiting
from appliance.storage.intake import missing_days
from appliance.storage.journalcheck import check
from appliance.storage.journalline import Act

log = logging.getLogger(__name__)

MOST_IN_SPOOL = 25
"""Recordings that may wait at once: a practice has a few lines, and each waits half a second."""

_WAITING = {
    Waiting.CLOCK_WENT_BACK: "The box's clock is behind what it was. Nothing is deleted until its date is confirmed.",
    Waiting.TOO_FAR_AHEAD: "The clock is far ahead of when it last ran. Nothing is deleted until it is confirmed.",
    Waiting.UNREADABLE: "What may be deleted cannot be read. Nothing is deleted until the date is confirmed.",
}

_STOPPED = {
    Stopped.HOLDS: "A legal hold cannot be read. Nothing is deleted. Call support.",
    Stopped.SETTINGS: "How long recordings are kept cannot be read. Nothing is deleted. Call support.",
    Stopped.JOURNAL: "Nothing is deleted, because the records do not add up. Keep the box on and call support.",
    Stopped.TOO_MANY: "{due} recordings are due to be deleted at once. Nothing is deleted until a manager agrees.",
}

_BROKEN = "Records do not add up after entry {after}. Keep the box on and call support."


class Chores:
    """The keeper's work between requests."""

    def __init__(self, desk: Desk, stopping: Stopping) -> None:
        """Work with ``desk``."""
        self._desk, self._stores, self._alarms, self._stopping = desk, desk.stores, desk.alarms, stopping
        self._resealing = Resealing(desk.stores, desk.sessions)

    def look(self) -> None:
        """Read the recorder's word, and show systemd that the keeper is alive."""
        self._desk.live.look()
        self._desk.health.note_alarms()
        self._desk.wishing.note(attention=bool(self._alarms.standing()))
        tell_systemd("WATCHDOG=1")

    def take_in(self) -> None:
        """Take finished recordings into the vault."""
        taken = self._stores.intake.take(self._desk.live.recording_now())
        self._desk.indexing.came_in(entry.call_id for entry in taken)
        if any(entry.damaged for entry in taken):
            self._alarms.raise_("damaged", "A recording came in damaged: its sheet cannot be read. Call support.")
        waiting = len(list(self._stores.folders.spool.glob("*.meta")))
        words = f"{waiting} recordings wait to be filed. Recording goes on. Call support if this stays."
        self._alarms.set("spool", words if waiting > MOST_IN_SPOOL else "")

    def keep_gaps(self) -> None:
        """Take in what the recorder has written about its own listening, and say where that cannot be read."""
        self._desk.gaps.take_in()
        damaged = self._desk.gaps.damaged
        words = f"{damaged} lines of the gap ledger cannot be read: it may lack gaps. Check the disk. Call support."
        self._alarms.set("gap-ledger", words if damaged else "")

    def look_at_silence(self) -> None:
        """Tell staff of a line over which nothing has come for an unusually long time."""
        self._desk.proofs.look()

    def end_sessions(self) -> None:
        """End sessions that have been idle or are a day old; their keys leave memory."""
        ended = self._desk.sessions.expire()
        self._desk.tidy()
        for session in ended:
            self._stores.journal.append(Act.SESSION_ENDED, account=session.person.username)

    def look_at_clock(self) -> None:
        """Learn from the clock, and correct the starts of calls that were recorded before it was set."""
        quality = self._desk.clock.now().quality
        unsure = "The box does not know the time for sure: it needs the network. Nothing is deleted until it does."
        self._alarms.set("clock", unsure if quality is ClockQuality.UNSURE else "")
        self._alarms.set("clock-back", _WAITING[Waiting.CLOCK_WENT_BACK] if self._stores.boots.went_back() else "")
        if self._stores.boots.observe():
            self._correct_starts()

    def look_at_space(self) -> None:
        """Tell staff when the disk fills up. Nothing is ever deleted to make room."""
        self._alarms.set("disk", self._desk.space.words())

    def look_at_health(self) -> None:
        """Tell staff of the computer's own troubles, and publish how everything stands."""
        self._desk.health.look()

    def sweep(self) -> None:
        """Delete what is past its time, if everything is in order."""
        done = self._stores.disposal.sweep()
        if done.expired or done.destroyed:
            log.info("%d recordings put in the trash, %d destroyed", done.expired, done.destroyed)
        self._alarms.set("clock-ahead", _waiting_words(done))
        self._alarms.set("deletions", _STOPPED.get(done.stopped, "").format(due=done.due))
        self._stores.shares.drop_ended()

    def change_key(self) -> None:
        """Seal to a new key once a month has begun."""
        if self._stores.people.rotate_if_due() is not None:
            self._stores.journal.append(Act.KEY_MADE)

    def sign_journal(self) -> None:
        """Write a checkpoint, if anything was written since the last."""
        self._stores.journal.checkpoint()

    def check_journal(self) -> None:
        """Follow the whole journal; once at the start, then daily."""
        journal = self._stores.journal
        anchor = journal.anchor
        anchors = [anchor] if anchor else []
        report = check(self._stores.journal_folder, journal.public_key, anchors, self._desk.heard.saw)
        self._desk.journal_state.report = report
        self._desk.journal_state.checked_at = self._desk.clock.now().at
        if report.broken_after is not None:
            journal.broken_after = report.broken_after
        self._alarms.set("journal", "" if report.intact else _BROKEN.format(after=report.broken_after))

    def check_cases(self) -> None:
        """Read every record of casework again; name those that cannot be read."""
        self._stores.casebook.read()
        damaged = sorted(self._stores.casebook.damaged)
        words = f"The records {', '.join(damaged)} are damaged: put them back from a backup, or call support."
        self._alarms.set("cases", words if damaged else "")

    def mend_catalogue(self) -> None:
        """Rebuild the days whose entries are not what the recordings say; then have every day at hand."""
        for day in missing_days(self._stores.vault, self._stores.catalogue):
            log.warning("the day %s of the catalogue is rebuilt from its recordings", day)
            self._stores.catalogue.rewrite(day)
        self._stores.catalogue.warm()

    def renew_certificate(self) -> None:
        """Make or renew what the site is served with, where it can be reached from the network."""
        web, folder = self._desk.web, self._stores.folders.tls
        address = ipaddress.ip_address(web.listen)
        if not address.is_loopback:
            addresses = () if address.is_unspecified else (web.listen,)
            made = ensure_certificate(folder, web.name, addresses, self._desk.clock.now().at, self._stores.disk)
            if made.renewed:
                log.info("the site has a new certificate; its authority's fingerprint is %s", made.fingerprint)

    def open_sheets(self) -> None:
        """Fill the index while somebody entitled is signed in."""
        self._desk.indexing.go_on(self._stopping)

    def reseal(self) -> None:
        """Move what outlives its key on to the key of the month, while somebody entitled is signed in."""
        resealed = self._resealing.go_on(self._stopping)
        if resealed:
            log.info("%d held recordings were moved on to the key of the month", resealed)

    def back_up(self) -> None:
        """Make a backup when one is due or asked for; tell staff when the last is too old."""
        self._desk.backups.go_on(self._stopping)
        self._desk.backups.check.go_on(self._stopping)
        self._alarms.set("backup", self._desk.backups.words())

    def _correct_starts(self) -> None:
        corrected = 0
        for entry in self._stores.catalogue.everything():
            started_at = self._stores.boots.started_at(entry.stated)
            if started_at != entry.started_at:
                self._stores.catalogue.put(replace(entry, started_at=started_at))
                corrected += 1
        if corrected:
            log.info("the starts of %d calls were corrected: the clock is known now", corrected)


def _waiting_words(done: Sweep) -> str:
    return _WAITING.get(done.waiting, "")
