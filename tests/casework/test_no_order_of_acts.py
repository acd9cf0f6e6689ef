"""Any order of acts, by any mix of roles: nothing leaves without its steps, nothing held goes, no record is lost.

The machine keeps its own ledger of what was really done, apart from the cases, and judges each release by that ledger.
"""

import sys
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from surgery import DEPUTY, HASH, MANAGER, PARTNER, PEOPLE, TODAY, assessment, call

from appliance.casework import incidents
from appliance.casework.access_requests import arriving, closing, deciding, finding, giving
from appliance.casework.access_requests.record import Ask, CopiedCall, Ending, Outcome, Requester, Verdict, Wanted, Way
from appliance.casework.cases import HoldsAfter, holds_wanted, next_reference, refuse_early_release
from appliance.casework.complaints import acts as complaints
from appliance.casework.complaints.record import Complainant, ComplaintKind
from appliance.casework.cuts import Redaction
from appliance.casework.disclosures import acts as disclosures
from appliance.casework.disclosures.record import Basis, Body, HandedCall, Inquirer
from appliance.casework.incidents import IncidentKind
from appliance.clock import LONDON
from appliance.errors import HoldNeeded, LinekeeperError
from appliance.model.people import Right, Role
from appliance.storage.retention import has_expired

CUT = (Redaction(1.0, 2.0, "another patient"),)
EVERYBODY = st.sampled_from((*PEOPLE, MANAGER, MANAGER, DEPUTY, PARTNER, PARTNER))
"""All roles, the manager and partners more often, or hardly anything would get done."""

DECIDE = {Role.MANAGER, Role.PARTNER}
WORK = DECIDE | {Role.SENIOR}
HOLDS = st.sampled_from(HoldsAfter)
KEPT_LISTS = ("searches", "copies", "clarifications", "notes", "appointments")


def has(prefix):
    """A rule that needs a case of a kind."""
    return precondition(lambda self: any(name.startswith(prefix) for name in self.cases))


class Practice(RuleBasedStateMachine):
    """A practice, its calls and its keeper: the keeper places wished holds at once and sweeps what has expired."""

    most_of_a_kind = 3

    def __init__(self):
        super().__init__()
        self.today = TODAY
        self.recorded, self.deleted, self.held = {}, set(), defaultdict(set)
        self.cases, self.before, self.done = {}, {}, defaultdict(dict)
        self.released = []
        for number in range(4):
            self.recorded[call(number, self.today)] = self.today

    def living(self):
        return sorted(name for name in self.recorded if name not in self.deleted)

    def act(self, act, case, by, **how):
        """Try an act on a case: the case as it then is where it was done, None where it was refused in words."""
        return self.kept(lambda: act(case, by, self.today, **how))

    def open_case(self, prefix, act, by, **how):
        if sum(name.startswith(prefix) and case.is_open for name, case in self.cases.items()) >= self.most_of_a_kind:
            return None
        reference = next_reference(prefix, self.today, self.cases)
        return self.kept(lambda: act(reference, by, self.today, **how))

    def kept(self, attempt):
        """The keeper: the new case takes the old one's place, and its wishes become holds before anything else."""
        try:
            case = attempt()
        except LinekeeperError as refusal:
            self.last_words = str(refusal)
            return None
        self.cases[case.reference] = case
        for wish in holds_wanted(case):
            assert wish.call_id not in self.deleted
            self.held[wish.call_id].add(case.reference)
        if not case.is_open and case.holds_after is HoldsAfter.RELEASE:
            for name in case.calls:
                self.held[name].discard(case.reference)
        return case

    def some(self, data, kind):
        names = [name for name in self.cases if name.startswith(kind)]
        return self.cases[data.draw(st.sampled_from(names))]

    def some_calls(self, data):
        return data.draw(st.lists(st.sampled_from(self.living()), min_size=1, max_size=3, unique=True))

    @rule(days=st.sampled_from([0, 1, 5, 40, 400]), number=st.integers(10, 999))
    def time_passes_and_the_sweep_runs(self, days, number):
        self.today += timedelta(days=days)
        for name in self.living():
            begun = datetime.combine(self.recorded[name], time(10, 15), UTC)
            if has_expired(begun, self.today) and not self.held[name]:
                self.deleted.add(name)
        self.recorded[call(number, self.today)] = self.today

    @rule(by=EVERYBODY, data=st.data())
    def somebody_releases_a_hold(self, by, data):
        held = sorted((name, reference) for name, references in self.held.items() for reference in references)
        if not held or not by.may(Right.RELEASE_HOLD):
            return
        name, reference = data.draw(st.sampled_from(held))
        try:
            refuse_early_release(name, reference, self.cases.values())
        except HoldNeeded:
            return
        self.held[name].discard(reference)

    @invariant()
    def no_record_is_ever_lost(self):
        for reference, old in self.before.items():
            new = self.cases[reference]
            assert new.history[: len(old.history)] == old.history
            assert set(old.calls) <= set(new.calls)
            for field in KEPT_LISTS:
                assert len(getattr(new, field, ())) >= len(getattr(old, field, ()))
            assert new == old or len(new.history) > len(old.history)
            assert old.is_open or new == old
        self.before = dict(self.cases)

    @invariant()
    def a_held_call_is_never_deleted(self):
        for case in self.cases.values():
            if case.is_open:
                assert not set(case.calls) & self.deleted
                assert all(case.reference in self.held[name] for name in case.calls)

    @invariant()
    def a_refusal_says_what_to_do(self):
        assert len(getattr(self, "last_words", "long enough to say something")) > 20


class WithRequests(Practice):
    @rule(by=EVERYBODY, wanted=st.sampled_from(Wanted))
    def log_request(self, by, wanted):
        who, ask = Requester("a", "b"), Ask(Way.SPOKEN, wanted)
        if case := self.open_case("AR", arriving.log, by, requester=who, ask=ask, received_on=self.today):
            self.done[case.reference]["logged_by"] = by.username

    @has("AR")
    @rule(by=EVERYBODY, data=st.data(), seen=st.sampled_from(["passport", "passport", " "]))
    def identify(self, by, data, seen):
        case = self.some(data, "AR")
        if self.act(arriving.check_identity, case, by, seen=seen, received_on=self.today):
            assert by.role in WORK
            assert seen.strip()
            self.done[case.reference]["identity"] = True

    @has("AR")
    @rule(by=EVERYBODY, data=st.data())
    def search(self, by, data):
        case, found = self.some(data, "AR"), self.some_calls(data)
        if self.act(finding.record_search, case, by, looked_for="x", found=found) and not set(found) <= set(case.calls):
            self.done[case.reference].update(verdicts={}, granted=None)

    @has("AR")
    @rule(by=EVERYBODY, data=st.data())
    def assess(self, by, data):
        case = self.some(data, "AR")
        pairs = [(name, data.draw(st.sampled_from(Verdict))) for name in case.calls]
        if self.act(deciding.assess, case, by, assessment=assessment(*pairs)):
            assert by.role in WORK
            self.done[case.reference].update(verdicts=dict(pairs), granted=None)

    @has("AR")
    @rule(by=EVERYBODY, granted=st.sampled_from([True, True, False]), why=st.sampled_from(["", "a"]), data=st.data())
    def authorise(self, by, granted, why, data):
        case = self.some(data, "AR")
        if self.act(deciding.authorise, case, by, granted=granted, why=why):
            assert by.role in DECIDE
            assert why or by.username != self.done[case.reference]["logged_by"]
            self.done[case.reference]["granted"] = granted

    @has("AR")
    @rule(by=EVERYBODY, data=st.data())
    def redact(self, by, data):
        case = self.some(data, "AR")
        if not case.calls:
            return
        name = data.draw(st.sampled_from(case.calls))
        if self.act(giving.redact, case, by, call_id=name, redactions=CUT):
            self.done[case.reference].setdefault("cut", set()).add(name)

    @has("AR")
    @rule(by=EVERYBODY, data=st.data(), cut=st.booleans())
    def give_copy(self, by, data, cut):
        case = self.some(data, "AR")
        if not case.calls:
            return
        self.try_to_copy(case, by, data.draw(st.sampled_from(case.calls)), cut=cut)

    def try_to_copy(self, case, by, name, *, cut):
        copied = [CopiedCall(name, HASH, CUT if cut else ())]
        if self.act(giving.give_copy, case, by, calls=copied, to="her", means="USB", passphrase_by="telephone"):
            self.judge_release(case.reference, by, name, cut=cut)

    @has("AR")
    @rule(by=EVERYBODY, data=st.data())
    def hear(self, by, data):
        at = datetime.combine(self.today, time(12), LONDON)
        case = self.act(giving.invite, self.some(data, "AR"), by, at=at, room="Room 2")
        if case is None:
            return
        how = {"index": len(case.appointments) - 1, "outcome": Outcome.HEARD, "present": ["her"]}
        if self.act(giving.record_appointment, case, by, **how, private_setting=True):
            for name in case.given_calls:
                self.judge_release(case.reference, by, name, cut=name in case.to_redact)

    def judge_release(self, reference, by, name, *, cut):
        """The ledger alone decides whether this recording was allowed to leave."""
        done = self.done[reference]
        assert by.role in WORK
        assert done.get("identity")
        assert done.get("granted") is True
        verdict = done["verdicts"].get(name)
        assert verdict in {Verdict.GIVE, Verdict.REDACT}
        assert (verdict is Verdict.REDACT) == cut
        assert verdict is Verdict.GIVE or name in done.get("cut", ())
        assert name not in self.deleted
        self.released.append((reference, name))

    @has("AR")
    @rule(by=EVERYBODY, ending=st.sampled_from(Ending), holds=HOLDS, data=st.data())
    def close_request(self, by, ending, holds, data):
        case = self.some(data, "AR")
        told = {"told_on": self.today, "told_of_commissioner": True, "why": "by letter"}
        if self.act(closing.close, case, by, ending=ending, holds_after=holds, **told):
            assert by.role in DECIDE
            assert ending is not Ending.ANSWERED or case.reference in dict(self.released)


class WithComplaints(Practice):
    @rule(by=EVERYBODY, kind=st.sampled_from(ComplaintKind), data=st.data())
    def log_complaint(self, by, kind, data):
        days = {"received_on": self.today, "happened_on": self.today}
        who, calls = Complainant("a", "b"), self.some_calls(data)
        self.open_case("CO", complaints.log, by, kind=kind, complainant=who, about="the wait", calls=calls, **days)

    @has("CO")
    @rule(by=EVERYBODY, data=st.data())
    def add_calls_to_complaint(self, by, data):
        self.act(complaints.add_calls, self.some(data, "CO"), by, calls=self.some_calls(data))

    @has("CO")
    @rule(by=EVERYBODY, data=st.data())
    def acknowledge_complaint(self, by, data):
        self.act(complaints.acknowledge, self.some(data, "CO"), by, acknowledged_on=self.today)

    @has("CO")
    @rule(by=EVERYBODY, data=st.data())
    def answer_complaint(self, by, data):
        case = self.some(data, "CO")
        if self.act(complaints.answer, case, by, answered_on=self.today, next_body_told=True):
            assert by.role in DECIDE
            assert case.acknowledged_on

    @has("CO")
    @rule(by=EVERYBODY, holds=HOLDS, data=st.data(), why=st.sampled_from(["", "withdrawn by letter"]))
    def close_complaint(self, by, holds, data, why):
        case = self.some(data, "CO")
        if self.act(complaints.close, case, by, holds_after=holds, withdrawn_because=why):
            assert by.role in DECIDE
            assert why or case.answered_on


class WithBodies(Practice):
    @rule(by=EVERYBODY, data=st.data())
    def police_ask(self, by, data):
        asker = Inquirer(Body.POLICE, "police", "an officer", "1", "ref")
        what = {"asked_for": "a call", "basis": Basis.CRIME_AND_TAX, "form": "form", "received_on": self.today}
        self.open_case("PB", disclosures.log, by, inquirer=asker, calls=self.some_calls(data), **what)

    @has("PB")
    @rule(by=EVERYBODY, data=st.data())
    def add_calls_to_it(self, by, data):
        self.act(disclosures.add_calls, self.some(data, "PB"), by, calls=self.some_calls(data))

    @has("PB")
    @rule(by=EVERYBODY, genuine=st.sampled_from([True, True, False]), data=st.data())
    def call_back(self, by, genuine, data):
        case = self.some(data, "PB")
        if self.act(disclosures.check_back, case, by, found_in="website", spoke_to="control room", genuine=genuine):
            self.done[case.reference]["genuine"] = genuine

    @has("PB")
    @rule(by=EVERYBODY, granted=st.sampled_from([True, True, False]), data=st.data())
    def decide_on_police(self, by, granted, data):
        case = self.some(data, "PB")
        named = case.calls[:1]
        if self.act(disclosures.decide, case, by, granted=granted, necessity="an assault", calls=named):
            assert by.role is Role.MANAGER
            self.done[case.reference].update(granted=granted, named=named)

    @has("PB")
    @rule(by=EVERYBODY, data=st.data())
    def hand_over(self, by, data):
        case = self.some(data, "PB")
        if not case.calls:
            return
        self.try_to_hand_over(case, by, data.draw(st.sampled_from(case.calls)))

    def try_to_hand_over(self, case, by, name):
        if self.act(disclosures.hand_over, case, by, calls=[HandedCall(name, HASH)], to="an officer", means="USB"):
            done = self.done[case.reference]
            assert by.role is Role.MANAGER
            assert done.get("genuine") is True
            assert done.get("granted") is True
            assert name in done.get("named", ())
            self.released.append((case.reference, name))

    @has("PB")
    @rule(by=EVERYBODY, data=st.data())
    def sign_receipt(self, by, data):
        self.act(disclosures.sign_receipt, self.some(data, "PB"), by, signed_by="officer", signed_on=self.today)

    @has("PB")
    @rule(by=EVERYBODY, holds=HOLDS, data=st.data())
    def close_police(self, by, holds, data):
        if self.act(disclosures.close, self.some(data, "PB"), by, holds_after=holds):
            assert by.role is Role.MANAGER


class WithIncidents(Practice):
    @rule(by=EVERYBODY, data=st.data(), hold=st.booleans())
    def flag_abuse(self, by, data, hold):
        which = {"call_id": data.draw(st.sampled_from(self.living())), "happened_on": self.today}
        self.open_case("IN", incidents.flag, by, kind=IncidentKind.ABUSE, note="shouted", hold=hold, **which)

    @has("IN")
    @rule(by=EVERYBODY, data=st.data())
    def support(self, by, data):
        self.act(incidents.support, self.some(data, "IN"), by, words="a talk")

    @has("IN")
    @rule(by=EVERYBODY, holds=HOLDS, data=st.data())
    def close_incident(self, by, holds, data):
        case = self.some(data, "IN")
        if self.act(incidents.close, case, by, outcome="a letter", holds_after=holds):
            assert by.role in DECIDE
            assert case.support


class Whole(WithRequests, WithComplaints, WithBodies, WithIncidents):
    """Everything at once."""


class OneRequest(WithRequests):
    """One request at a time, led on now and then by somebody who knows how, so that its release is often reached."""

    most_of_a_kind = 1

    @initialize(steps=st.integers(0, 6), by=st.sampled_from([MANAGER, PARTNER]), wanted=st.sampled_from(Wanted))
    def begin(self, steps, by, wanted):
        self.log_request(by, wanted)
        for _ in range(steps):
            self.lead_on(by)

    @rule(by=st.sampled_from([MANAGER, DEPUTY, PARTNER]), hasty=st.booleans())
    def lead_on(self, by, hasty=False):
        """Do the next thing as it ought to be done, or in haste try to copy whatever there is."""
        case = next((one for one in self.cases.values() if one.is_open), None)
        if case is None:
            return
        done = self.done[case.reference]
        if hasty:
            for number, name in enumerate(case.calls):
                self.try_to_copy(self.cases[case.reference], by, name, cut=bool(number % 2))
        elif case.identity is None:
            self.act(arriving.check_identity, case, by, seen="id", received_on=self.today)
            done["identity"] = True
        elif not case.calls:
            self.act(finding.record_search, case, by, looked_for="x", found=self.living()[:3])
        elif case.assessment is None:
            done["verdicts"] = dict(zip(case.calls, [*Verdict] * 9, strict=False))
            self.act(deciding.assess, case, by, assessment=assessment(*done["verdicts"].items()))
        elif case.authorisation is None:
            self.act(deciding.authorise, case, by, granted=True, why="alone")
            done["granted"] = True
        elif unmarked := [name for name in case.to_redact if not case.redactions_of(name)]:
            self.act(giving.redact, case, by, call_id=unmarked[0], redactions=CUT)
            done.setdefault("cut", set()).add(unmarked[0])
        elif case.given_calls:
            name = case.given_calls[0]
            self.try_to_copy(case, by, name, cut=name in case.to_redact)


class OneBody(WithBodies):
    """One request of the police at a time, led on now and then by the manager."""

    most_of_a_kind = 1

    @initialize(data=st.data(), hasty=st.booleans())
    def begin(self, data, hasty):
        self.police_ask(MANAGER, data)
        self.lead_on(hasty)

    @rule(hasty=st.booleans())
    def lead_on(self, hasty):
        """Do the next thing as it ought to be done, or in haste the one after it."""
        case = next((one for one in self.cases.values() if one.is_open), None)
        if case is None:
            return
        done = self.done[case.reference]
        if case.call_back is None and not hasty:
            self.act(disclosures.check_back, case, MANAGER, found_in="website", spoke_to="control room", genuine=True)
            done["genuine"] = True
            return
        how = {"granted": True, "necessity": "an assault", "calls": case.calls}
        if case.decision is None and self.act(disclosures.decide, case, MANAGER, **how):
            done.update(granted=True, named=case.calls)
        elif case.calls:
            self.try_to_hand_over(case, MANAGER, case.calls[0])


def run(machine, examples, **more):
    chosen = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        **more,
    )
    run_state_machine_as_test(machine, settings=chosen)


def counted(machine):
    reached = []

    class Counted(machine):
        def teardown(self):
            reached.append(len(self.released))

    return Counted, reached


def test_no_order_of_acts_by_any_mix_of_roles_breaks_the_rules():
    run(Whole, 40)


@pytest.mark.parametrize("machine", [OneRequest, OneBody])
def test_no_order_of_acts_near_a_release_breaks_the_rules(machine):
    watched, reached = counted(machine)
    run(watched, 60, derandomize=True)
    assert sum(reached) > 10, "the machine hardly ever reached a release, so it proved nothing"


def find_fault(machine):
    run(machine, 200, phases=[hypothesis.Phase.generate], derandomize=True, report_multiple_bugs=False)


@pytest.mark.parametrize("gate", ["must_be_authorised", "_must_be_fit_to_leave"])
def test_the_machine_finds_a_gate_that_is_left_open(monkeypatch, gate):
    monkeypatch.setattr(giving, gate, lambda *_: None)
    with pytest.raises(AssertionError):
        find_fault(OneRequest)


def test_the_machine_finds_a_body_that_was_not_called_back(monkeypatch):
    monkeypatch.setattr(disclosures, "_must_be_checked", lambda *_: None)
    with pytest.raises(AssertionError):
        find_fault(OneBody)


def test_the_machine_finds_a_decision_by_the_wrong_role(monkeypatch):
    monkeypatch.setattr(disclosures, "MANAGER_ALONE", frozenset(Role))
    with pytest.raises(AssertionError):
        find_fault(OneBody)


def test_the_machine_finds_a_hold_that_is_not_wished_for(monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "holds_wanted", lambda _case: ())
    with pytest.raises(AssertionError):
        find_fault(Whole)


def test_the_machine_finds_a_hold_released_under_an_open_case(monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "refuse_early_release", lambda *_: None)
    with pytest.raises(AssertionError):
        find_fault(Whole)


def test_every_role_acts_in_the_machine():
    assert {person.role for person in PEOPLE} == set(Role)
