"""The keeper's gap ledger and line proofs: what the recorder wrote, told to people, kept, and proved by the journal."""

from datetime import timedelta

import pytest

from appliance.codec import to_json
from appliance.errors import JournalRefused, NoSuchLine
from appliance.files import replace_quickly
from appliance.keeper.lineproofs import TEST_S
from appliance.link.messages.lines import AskLines, StartLineTest
from appliance.model.gaps import GapCause, Why
from appliance.model.people import Role
from appliance.model.proof import Proof, ProofKind
from appliance.model.status import LineState, LineStatus, RecorderStatus
from appliance.recorder.diary import Diary
from appliance.recorder.gapwatch import stated
from appliance.recorder.instant import read
from appliance.storage.gapnotes import SUFFIX, Lost
from appliance.storage.journalcheck import mentions
from appliance.storage.journalline import Act
from vaultbox import OTHER, Box

CARD = Why(GapCause.CARD, "The sound card gives no sound.")
LINES = ("Reception", "Back office")
DAY_S = 24 * 3600.0


class Practice(Box):
    """A box whose recorder keeps its diary, and somebody who looks at the lines' page."""

    def __init__(self, folder):
        super().__init__(folder)
        self.set_up()
        self.proved, self.token = None, b""
        self.add("desk", Role.STAFF, self.sign_in())
        self.begin()

    def begin(self):
        self.diary = Diary(self.folders.spool, self.folders.live, LINES, read(self.clock))

    def hear(self, s, *notes):
        """The recorder listens for a while, and says so; it may have lost something."""
        self.diary.write(notes, read(self.clock))
        self.clock.advance(s)
        self.diary.write((), read(self.clock))
        now = self.clock.now().at
        lines = tuple(
            LineStatus(number, name, LineState.IDLE, now, -60.0, proved=self.proved if number == 1 else None)
            for number, name in enumerate(LINES, start=1)
        )
        replace_quickly(self.folders.live / "recorder.json", to_json(RecorderStatus(now, now, lines)))
        self.desk.live.look()

    def lose(self, s, line=1, why=CARD):
        start = stated(read(self.clock))
        self.clock.advance(s)
        return Lost(line, start, stated(read(self.clock)), why)

    def story(self, line=1, days=31, alive=True):
        """What somebody of the staff is told who signs in now; the recorder may still be ``alive``."""
        self.token = self.sign_in("desk", OTHER)
        if alive:
            self.hear(0)
        return self.ask(AskLines(self.token, days)).lines[line - 1]

    def start_test(self, line):
        self.ask(StartLineTest(self.sign_in("desk", OTHER), line))

    def kept(self):
        return sorted(path.name for path in (self.folders.vault / "listening").glob(f"*{SUFFIX}"))


@pytest.fixture
def box(tmp_path):
    box = Practice(tmp_path)
    yield box
    box.close()


def told(story):
    return [(gap.why.cause, round(gap.length_s)) for gap in story.account.gaps]


def test_a_line_s_page_tells_what_was_not_recorded_and_of_that_line_alone(box):
    box.hear(60)
    box.hear(60, box.lose(12, line=2))
    assert told(box.story(1)) == []
    assert told(box.story(2)) == [(GapCause.CARD, 12)]
    assert box.story(1).account.last == box.clock.now().at


def test_a_box_that_was_off_over_night_says_so(box):
    box.hear(60)
    box.diary.end((), read(box.clock))
    box.clock.reboot(down_s=8 * 3600)
    box.begin()
    box.hear(60)
    (gap,) = box.story().account.gaps
    assert (gap.why, round(gap.length_s / 3600)) == (Why(GapCause.POWER, "shut down"), 8)


def test_a_recorder_that_died_is_a_gap_while_it_is_away(box):
    box.hear(60)
    box.clock.advance(300)
    box.desk.live.look()
    (gap,) = box.story(alive=False).account.gaps
    assert gap.open
    assert gap.why.detail == "not running"
    assert gap.length_s == pytest.approx(330, abs=3)  # and the time it takes to sign in


def test_chapters_are_kept_once_they_are_finished_and_their_sums_are_in_the_journal(box):
    for _ in range(3):
        box.hear(DAY_S, box.lose(5))
        box.chores.keep_gaps()
    assert len(box.kept()) == 3  # the fourth is being written
    acts = [line for line in mentions(box.stores.journal_folder, b"listening kept") if line.act == Act.LISTENING_KEPT]
    assert [line.more["gaps"] for line in acts] == ["1", "1", "1"]
    assert told(box.story()) == [(GapCause.CARD, 5)] * 3
    box.restart()
    box.desk.live.look()
    assert len(list(box.desk.gaps.accounts(box.clock.now().at - timedelta(days=9), box.clock.now().at)[0].gaps)) >= 3


def test_a_journal_that_refuses_leaves_the_chapter_in_the_spool(box, monkeypatch):
    box.hear(DAY_S)
    monkeypatch.setattr(box.stores.journal, "append", _refuse)
    with pytest.raises(JournalRefused):
        box.chores.keep_gaps()
    assert box.kept() == []
    monkeypatch.undo()
    box.chores.keep_gaps()
    assert len(box.kept()) == 1


def _refuse(*_args, **_more):
    raise JournalRefused("The disk is full.")


def test_a_ledger_with_a_changed_line_is_an_alarm(box):
    box.hear(DAY_S, box.lose(50))
    box.hear(60)
    box.chores.keep_gaps()
    path = box.folders.vault / "listening" / box.kept()[0]
    path.write_bytes(path.read_bytes().replace(b'"cause":"card"', b'"cause":"disk"'))
    box.restart()
    box.chores.keep_gaps()
    assert "gap-ledger" in {alarm.key for alarm in box.desk.alarms.standing()}


def test_old_gaps_are_cut_at_the_days_that_were_asked_for(box):
    box.hear(10, box.lose(5))
    box.hear(3 * DAY_S)
    assert told(box.story(days=2)) == []
    assert told(box.story(days=5)) == [(GapCause.CARD, 5)]


def test_the_month_s_report_counts_what_nobody_wanted(box):
    today = box.clock.now().at.date()
    assert box.desk.gaps.faults(today, today) is None
    box.hear(60, box.lose(5), box.lose(0.4), box.lose(40, why=Why(GapCause.PAUSED, "button")))
    (fault,) = box.desk.gaps.faults(today, today)
    assert (fault.why.cause, round(fault.length_s)) == (GapCause.CARD, 5)


# --- proof ---


def test_a_test_call_that_comes_proves_the_line(box):
    box.hear(60)
    box.start_test(1)
    assert box.story().test.proof is None
    box.clock.advance(20)
    box.proved = Proof(box.clock.now().at, ProofKind.RINGING)
    box.hear(1)
    assert box.story().test.proof == Proof(box.proved.at, ProofKind.TEST_CALL)
    assert box.story().proof.by is ProofKind.TEST_CALL


def test_a_test_call_that_does_not_come_proves_nothing(box):
    box.proved = Proof(box.clock.now().at, ProofKind.CALL)
    box.hear(60)
    box.start_test(1)
    box.clock.advance(TEST_S + 1)
    box.hear(1)
    assert box.story().test.proof is None
    assert box.story().test.until < box.clock.now().at
    assert box.story().proof == box.proved  # what was known before still is


def test_a_call_after_the_test_was_over_is_no_answer_to_it(box):
    box.hear(60)
    box.start_test(1)
    box.clock.advance(TEST_S + 30)
    box.proved = Proof(box.clock.now().at, ProofKind.CALL)
    box.hear(1)
    assert box.story().test.proof is None
    assert box.story().proof.by is ProofKind.CALL


def test_a_line_that_is_not_there_cannot_be_tested(box):
    with pytest.raises(NoSuchLine):
        box.start_test(3)


def test_unusual_silence_is_an_alarm_that_a_call_ends(box, monkeypatch):
    now = box.clock.now().at  # a Monday afternoon
    calls = [now - timedelta(days=back, minutes=ten * 10) for back in range(50, 0, -1) for ten in range(40, 0, -1)]
    monkeypatch.setattr(box.desk.proofs, "_calls", lambda line, first, last: calls if line == 1 else [])
    box.hear(1)
    box.chores.look_at_silence()
    assert "quiet-1" in {alarm.key for alarm in box.desk.alarms.standing()}
    box.proved = Proof(box.clock.now().at, ProofKind.RINGING)
    box.hear(1)
    box.chores.look_at_silence()
    assert "quiet-1" not in {alarm.key for alarm in box.desk.alarms.standing()}
