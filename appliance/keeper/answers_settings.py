"""What the practice has settled, and a change of how long recordings are kept: proposed by one, agreed by another."""

from appliance.errors import SettingRefused
from appliance.keeper.desk import Desk, Handlers
from appliance.link.messages.base import Done
from appliance.link.messages.settings import (
    AskSettings,
    ConfirmRetention,
    ProposeRetention,
    RetentionChange,
    RetentionEffect,
    SetPractice,
    Settings,
    WithdrawRetention,
)
from appliance.model.people import Right
from appliance.storage.journalline import Act
from appliance.storage.people.founding import checked_practice
from appliance.storage.retention import GRACE_DAYS, MONTHS
from appliance.storage.settings import Decision, check_proposal, checked_contact


class SettingAnswers:
    """Answers about the practice's own decisions."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores, self._settings = desk, desk.stores, desk.stores.settings

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {
            AskSettings: self.state,
            SetPractice: self.set_practice,
            ProposeRetention: self.propose,
            ConfirmRetention: self.confirm,
            WithdrawRetention: self.withdraw,
        }

    def state(self, request: AskSettings) -> Settings:
        """Return all that is settled."""
        self._desk.gate.signed_in(request)
        settled = self._settings.now
        return Settings(
            practice=self._stores.people.practice(),
            contact=settled.contact,
            months=settled.months,
            policy_months=MONTHS,
            grace_days=GRACE_DAYS,
            changes=tuple(self._shown(decision) for decision in reversed(settled.decisions)),
            proposed=self._shown(settled.proposed) if settled.proposed else None,
            alone=settled.proposed is not None and self._is_alone(settled.proposed.by),
            practice_by=self._desk.name_of(settled.contact_by) if settled.contact_by else "",
            practice_at=settled.contact_at,
        )

    def set_practice(self, request: SetPractice) -> Done:
        """Settle the practice's name and how it is reached."""
        session = self._desk.gate.freshly(request, Right.CHANGE_SETTINGS)
        practice, contact = checked_practice(request.practice), checked_contact(request.contact)
        who = session.person.username
        self._stores.journal.append(Act.PRACTICE_CHANGED, who)
        if practice != self._stores.people.practice():
            self._stores.people.set_practice(practice, session.opened)
        self._settings.set_contact(contact, who, self._desk.clock.now().at)
        return Done()

    def propose(self, request: ProposeRetention) -> RetentionEffect:
        """Let a change of retention wait for a second person; return what it would do."""
        session = self._desk.gate.freshly(request, Right.CHANGE_SETTINGS)
        before, who = self._settings.now.months, session.person.username
        check_proposal(request.months, request.reason, before)
        self._stores.journal.append(
            Act.RETENTION_PROPOSED, who, months=str(request.months), before=str(before), reason=request.reason.strip()
        )
        now = self._desk.clock.now().at
        self._settings.propose(Decision(request.months, request.reason.strip(), who, now))
        due, _ = self._stores.catalogue.some(self._desk.expiring(-1, request.months))
        return RetentionEffect(due)

    def confirm(self, request: ConfirmRetention) -> Done:
        """Put the proposal in force, because somebody else agrees, or nobody else could."""
        session = self._desk.gate.freshly(request, Right.RELEASE_HOLD)
        proposed, who = self._settings.proposal(request.months), session.person.username
        if who == proposed.by:
            self._check_alone(proposed, request.typed)
        before = self._settings.now.months
        self._stores.journal.append(
            Act.RETENTION_CHANGED, who, months=str(proposed.months), before=str(before), proposed_by=proposed.by
        )
        self._settings.agree(proposed.months, who, self._desk.clock.now().at)
        return Done()

    def withdraw(self, request: WithdrawRetention) -> Done:
        """Drop the proposal."""
        session = self._desk.gate.with_right(request, Right.RELEASE_HOLD)
        proposed = self._settings.now.proposed
        if proposed is not None:
            months = str(proposed.months)
            self._stores.journal.append(Act.RETENTION_WITHDRAWN, session.person.username, months=months)
            self._settings.propose(None)
        return Done()

    def _check_alone(self, proposed: Decision, typed: str) -> None:
        if not self._is_alone(proposed.by):
            raise SettingRefused("Somebody else must agree: a partner or another manager signs in and confirms it.")
        words = f"keep {proposed.months} months"
        if " ".join(typed.casefold().split()) != words:
            raise SettingRefused(f"Type “{words}” to confirm it yourself: nobody else could agree.")

    def _is_alone(self, proposer: str) -> bool:
        """Return whether nobody but the proposer could agree."""
        people = self._stores.people.everyone()
        return not any(person.may(Right.RELEASE_HOLD) and person.username != proposer for person in people)

    def _shown(self, decision: Decision) -> RetentionChange:
        name_of = self._desk.name_of
        return RetentionChange(
            months=decision.months,
            reason=decision.reason,
            by=name_of(decision.by),
            at=decision.at,
            confirmed_by=name_of(decision.agreed_by) if decision.agreed_by else "",
            confirmed_at=decision.agreed_at,
        )
