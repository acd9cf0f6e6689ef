"""The keeper's process: opens the vault, answers the site, and does its rounds until told to stop."""

import gc
import logging
import os
import pwd

from appliance.clock import Clock, SystemClock
from appliance.config import Config
from appliance.errors import JournalRefused, SealBroken
from appliance.files import REAL_DISK, Disk, usable_folder
from appliance.keeper.alarmbook import AlarmBook
from appliance.keeper.alarms import Alarms
from appliance.keeper.allowance import Allowances
from appliance.keeper.answers_account import AccountAnswers
from appliance.keeper.answers_announcing import AnnouncingAnswers
from appliance.keeper.answers_backup import BackupAnswers
from appliance.keeper.answers_call import CallAnswers
from appliance.keeper.answers_calls import ListAnswers
from appliance.keeper.answers_cases import CaseAnswers
from appliance.keeper.answers_cases_duties import DutyAnswers
from appliance.keeper.answers_export import ExportAnswers
from appliance.keeper.answers_health import HealthAnswers
from appliance.keeper.answers_hearings import HearingAnswers
from appliance.keeper.answers_holds import HoldAnswers
from appliance.keeper.answers_lines import LineAnswers
from appliance.keeper.answers_network import NetworkAnswers
from appliance.keeper.answers_people import PeopleAnswers
from appliance.keeper.answers_records import RecordAnswers
from appliance.keeper.answers_refusals import RefusalAnswers
from appliance.keeper.answers_retention import RetentionAnswers
from appliance.keeper.answers_sessions import SessionAnswers
from appliance.keeper.answers_settings import SettingAnswers
from appliance.keeper.answers_setup import SetupAnswers
from appliance.keeper.answers_shares import ShareAnswers
from appliance.keeper.answers_updates import UpdateAnswers
from appliance.keeper.answers_wishes import WishAnswers
from appliance.keeper.backups import Backups
from appliance.keeper.board import BoardReader
from appliance.keeper.cases_holds import CaseHolds
from appliance.keeper.cases_keeping import CaseKeeping
from appliance.keeper.chores import Chores
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.gaps import GapBook
from appliance.keeper.gate import Gate
from appliance.keeper.health import HealthWatch, Watched
from appliance.keeper.indexing import Indexing
from appliance.keeper.lineproofs import LineProofs
from appliance.keeper.live import LiveBoard
from appliance.keeper.rounds import Round, Rounds
from appliance.keeper.sessions import Sessions
from appliance.keeper.setupcode import SetupCode
from appliance.keeper.space import Space
from appliance.keeper.stores import Stores, open_stores
from appliance.keeper.wishing import WishDesk
from appliance.link.messages import Reply, Request
from appliance.link.server import LinkServer
from appliance.service import Stopping, tell_systemd
from appliance.storage.journalline import Act
from appliance.storage.memory import lock_memory
from appliance.storage.people.slots import Hardness
from appliance.storage.vault import owned

log = logging.getLogger(__name__)

WEB_USER = "linekeeper-web"
"""The user of the site's process on the box; elsewhere all three services are one user's."""

_HOUR_S, _DAY_S = 3600.0, 86400.0


class KeeperService:
    """The keeper. ``run`` returns when ``stopping`` is asked."""

    def __init__(
        self,
        config: Config,
        stopping: Stopping,
        clock: Clock | None = None,
        disk: Disk = REAL_DISK,
        hardness: Hardness | None = None,
    ) -> None:
        """Open the vault of ``config``; ``hardness`` is what a guess at a new password costs, None for the usual.

        Raises:
            FolderUnusable: a folder cannot be written. SealBroken: the vault is damaged.
        """
        self._stopping = stopping
        clock = clock or SystemClock()
        self._owner = owned(usable_folder(config.folders.vault, 0o700))
        self.desk = open_desk(config, open_stores(config.folders, clock, disk, hardness))
        self.answers = Answers(self.desk)
        chores = Chores(self.desk, stopping)
        self._rounds = [
            Rounds("quick", _quick(chores), self.desk.alarms, clock),
            Rounds("slow", [*_slow(chores), *_cases(self.desk)], self.desk.alarms, clock),
            Rounds("sheets", _sheets(chores), self.desk.alarms, clock),
            Rounds("backup", [_backup(chores)], self.desk.alarms, clock),
        ]

    def run(self) -> None:
        """Answer and do rounds until asked to stop."""
        lock_memory()
        folders = self.desk.stores.folders
        server = LinkServer(folders.keeper_socket, self.answers.answer, allowed_uids())
        self._write_down(Act.STARTED)
        server.start()
        for rounds in self._rounds:
            rounds.start()
        tell_systemd("READY=1", "STATUS=The vault is open.")
        log.info("the vault is open; answering at %s", folders.keeper_socket)
        gc.collect()
        gc.freeze()
        while not self._stopping.wait(1.0):
            if not all(rounds.alive for rounds in self._rounds):
                log.critical("a round's thread has died; the keeper ends, to be started again")
                break
        server.close()
        self._close()

    def _close(self) -> None:
        tell_systemd("STOPPING=1")
        for rounds in self._rounds:
            rounds.stop()
        self.desk.sessions.end_all()
        self.desk.tidy()
        self._write_down(Act.STOPPED)
        try:
            self.desk.stores.journal.checkpoint()
        except JournalRefused:
            log.error("the last checkpoint could not be written")
        self.desk.stores.journal.close()
        self._owner.close()
        log.info("stopped")

    def _write_down(self, act: Act) -> None:
        try:
            self.desk.stores.journal.append(act)
        except JournalRefused:
            log.error("“%s” could not be written in the journal", act)


class Answers:
    """All requests of the link and who answers them."""

    def __init__(self, desk: Desk) -> None:
        """Every group works with ``desk``."""
        groups = (
            SetupAnswers(desk),
            SessionAnswers(desk),
            PeopleAnswers(desk),
            AccountAnswers(desk),
            LineAnswers(desk),
            ListAnswers(desk),
            CallAnswers(desk),
            ShareAnswers(desk),
            HoldAnswers(desk),
            RecordAnswers(desk),
            RetentionAnswers(desk),
            SettingAnswers(desk),
            BackupAnswers(desk),
            UpdateAnswers(desk),
            HealthAnswers(desk),
            AnnouncingAnswers(desk),
            WishAnswers(desk),
            NetworkAnswers(desk),
            RefusalAnswers(desk),
            CaseAnswers(desk),
            DutyAnswers(desk),
            ExportAnswers(desk),
            HearingAnswers(desk),
        )
        self.handlers: Handlers = {kind: answer for group in groups for kind, answer in group.handlers().items()}

    def answer(self, request: Request) -> Reply:
        """Return the reply to a request.

        Raises:
            LinekeeperError: its refusal.
        """
        return self.handlers[type(request)](request)


def open_desk(config: Config, stores: Stores) -> Desk:
    """Put together what the answers work with."""
    clock, folders = stores.clock, stores.folders
    sessions, alarms = Sessions(clock), Alarms(clock)
    try:
        stores.holds.read()
    except SealBroken as wrong:
        alarms.raise_("deletions", str(wrong))
    live = LiveBoard(folders.live / "recorder.json", alarms, clock)
    space = Space(folders.vault, stores.catalogue, stores.holds, stores.settings, clock)
    backups = Backups(stores, config.backup)
    watched = Watched(folders, config.line, clock, live, alarms, space, backups, BoardReader())
    return Desk(
        stores=stores,
        lines=config.line,
        web=config.web,
        sessions=sessions,
        gate=Gate(sessions, stores.journal, clock),
        alarms=alarms,
        live=live,
        setup_code=SetupCode(folders.run, folders.vault, stores.people, stores.setup_tries, stores.disk),
        space=space,
        indexing=Indexing(stores, sessions, clock),
        allowances=Allowances(clock),
        backups=backups,
        wishing=WishDesk(folders.intake, live, stores.journal, clock),
        health=HealthWatch(watched, AlarmBook(folders.vault / "alarms.json", clock, stores.disk)),
        gaps=GapBook(stores, live),
        proofs=LineProofs(config.line, live, alarms, clock, stores.catalogue.starts_of_line),
    )


def allowed_uids() -> frozenset[int]:
    """Return the users that may ask: our own, and the site's where it has one."""
    try:
        return frozenset({os.getuid(), pwd.getpwnam(WEB_USER).pw_uid})
    except KeyError:
        return frozenset({os.getuid()})


def _quick(chores: Chores) -> list[Round]:
    return [
        Round("status", 0.2, chores.look, "The lines' state cannot be read. Call support."),
        Round("intake", 0.5, chores.take_in, "Recordings cannot be filed; they wait where they are. Call support."),
        Round("listening", 2.0, chores.keep_gaps, "The gap ledger cannot be kept; it waits. Call support."),
        Round("sessions", 5.0, chores.end_sessions, "The journal cannot be written. Call support."),
        Round("clock", 1.0, chores.look_at_clock, "The clock cannot be checked. Call support.", first_s=1.0),
        Round("health", 10.0, chores.look_at_health, "The box's health cannot be told. Call support.", first_s=2.0),
        Round("silence", 300.0, chores.look_at_silence, "The lines' silence cannot be judged. Call support.", 30.0),
        Round("space", 60.0, chores.look_at_space, "The disk cannot be checked. Call support."),
    ]


def _slow(chores: Chores) -> list[Round]:
    return [
        Round("certificate", _DAY_S, chores.renew_certificate, "The site's certificate cannot be made. Call support."),
        Round("journal check", _DAY_S, chores.check_journal, "The records cannot be checked. Call support."),
        Round("casebook", _DAY_S, chores.check_cases, "The records of casework cannot be read. Call support."),
        Round("catalogue", _DAY_S, chores.mend_catalogue, "The list of calls may lack some. Call support."),
        Round("sweep", _HOUR_S, chores.sweep, "Nothing can be deleted. Call support.", first_s=20.0),
        Round(
            "recording key", _HOUR_S, chores.change_key, "The month's key cannot be made. Call support.", first_s=10.0
        ),
        Round("checkpoint", _HOUR_S, chores.sign_journal, "The journal cannot be written. Call support.", first_s=60.0),
    ]


def _sheets(chores: Chores) -> list[Round]:
    return [
        Round("sheets", 0.5, chores.open_sheets, "Search by number may miss some calls. Sign out and in again."),
        Round("resealing", 900.0, chores.reseal, "Old keys cannot be destroyed. Call support.", first_s=60.0),
    ]


def _cases(desk: Desk) -> list[Round]:
    holds, keeping = CaseHolds(desk.stores), CaseKeeping(desk.stores)

    def settle() -> None:
        holds.settle()

    def destroy_old() -> None:
        keeping.destroy_old()

    return [
        Round("cases", _HOUR_S, settle, "The holds of open cases cannot be checked. Call support.", first_s=15.0),
        Round("old cases", _DAY_S, destroy_old, "Old case records cannot be destroyed. Call support.", first_s=90.0),
    ]


def _backup(chores: Chores) -> Round:
    return Round("backup", 1.0, chores.back_up, "Backups cannot be made. Call support.")
