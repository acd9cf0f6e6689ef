"""The policy as the practice has it: its text, what carries each sentence out, and the yearly check.

The practice may replace the text. Sentences that stay keep what carried them out; a new one has nothing until
somebody says what, and a check cannot be signed before that.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from appliance.casework.cases import DECIDERS, Recorded, must_be, must_lie, must_say, noted
from appliance.casework.deadlines import corresponding_date
from appliance.casework.policy.duties import Duty, DutyState, Facts, state
from appliance.casework.policy.sentences import Sentence, months_named, sentences
from appliance.errors import StepMissing, WordsMissing
from appliance.model.people import Person

CHECK_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Carried:
    """One sentence and what carries it out; nothing yet, where ``duties`` is empty. ``remark``: what to know of it."""

    sentence: Sentence
    duties: tuple[Duty, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class FormerText:
    """A text that the practice once had."""

    text: str
    until: date


@dataclass(frozen=True, slots=True)
class YearlyCheck:
    """One check of every sentence. ``remarks`` are those that were not simply confirmed."""

    on: date
    by: str
    remarks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Recorded):
    """The policy in force."""

    text: str
    carried: tuple[Carried, ...]
    adopted_on: date | None = None
    former: tuple[FormerText, ...] = ()
    checks: tuple[YearlyCheck, ...] = ()

    @property
    def uncarried(self) -> tuple[Sentence, ...]:
        """The sentences that nothing carries out yet."""
        return tuple(one.sentence for one in self.carried if not one.duties)

    @property
    def check_by(self) -> date | None:
        """The day by which it is to be checked; None where it never was: then it is due now."""
        return corresponding_date(self.checks[-1].on, CHECK_MONTHS) if self.checks else None


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One line of the policy's page."""

    sentence: Sentence
    states: tuple[DutyState, ...]
    warning: str


@cache
def default_policy() -> Policy:
    """Return the policy that the box is shipped with."""
    folder = resources.files("appliance.casework.policy")
    text = folder.joinpath("default.txt").read_text("utf-8")
    table = tomllib.loads(folder.joinpath("default.toml").read_text("utf-8"))["sentence"]
    return Policy(text=text, carried=tuple(_as_shipped(one, table) for one in sentences(text)))


def _as_shipped(sentence: Sentence, table: Sequence[Mapping[str, Any]]) -> Carried:
    row = next((row for row in table if sentence.text.startswith(row["begins"])), None)
    if row is None:
        return Carried(sentence)
    return Carried(sentence, tuple(Duty(name) for name in row["duties"]), row.get("remark", ""))


def replace_text(policy: Policy, by: Person, today: date, text: str) -> Policy:
    """Adopt another text. The old one is kept; sentences that are also in the new one keep their duties.

    Raises:
        NotAllowed
        WordsMissing: there is no sentence in it.
    """
    must_be(by, DECIDERS, "replace the recording policy")
    found = sentences(text)
    if not found:
        raise WordsMissing("Paste the text of the policy; there is no sentence in this.")
    known = {one.sentence.text: one for one in (*default_policy().carried, *policy.carried)}
    carried = tuple(replace(known.get(one.text, Carried(one)), sentence=one) for one in found)
    former = (*policy.former, FormerText(policy.text, today))
    return noted(policy, by, today, "text replaced", text=text, carried=carried, adopted_on=today, former=former)


def carry(policy: Policy, by: Person, today: date, sentence: str, duties: Iterable[Duty]) -> Policy:
    """Say what carries a sentence out.

    Raises:
        NotAllowed
        WordsMissing: nothing was chosen. StepMissing: the policy has no such sentence.
    """
    must_be(by, DECIDERS, "say what carries out a sentence of the policy")
    chosen = tuple(dict.fromkeys(duties))
    if not chosen:
        raise WordsMissing("Choose what carries the sentence out; for some it is the practice's own word.")
    if sentence not in {one.sentence.text for one in policy.carried}:
        raise StepMissing("The policy has no such sentence any more.")
    carried = tuple(replace(one, duties=chosen) if one.sentence.text == sentence else one for one in policy.carried)
    return noted(policy, by, today, "sentence assigned", carried=carried)


def check(
    policy: Policy,
    by: Person,
    today: date,
    *,
    confirmed: Iterable[str],
    remarks: Mapping[str, str] | None = None,
    checked_on: date | None = None,
) -> Policy:
    """Sign the yearly check: each sentence is confirmed, or has a remark that says what is to be done.

    Raises:
        NotAllowed, DateWrong
        StepMissing: a sentence is carried out by nothing, or neither confirmed nor remarked on.
    """
    must_be(by, DECIDERS, "sign the yearly check of the policy")
    if policy.uncarried:
        raise StepMissing(f"Say first what carries out: “{policy.uncarried[0].text}”")
    said = {text: must_say(words, "what is to be done about a sentence") for text, words in (remarks or {}).items()}
    seen = {*confirmed, *said}
    for one in policy.carried:
        if one.sentence.text not in seen:
            raise StepMissing(f"Confirm or remark on each sentence. Missing: “{one.sentence.text}”")
    on = must_lie(checked_on or today, policy.checks[-1].on if policy.checks else date.min, today, "The check")
    signed = YearlyCheck(on, by.username, tuple(said.items()))
    return noted(policy, by, today, "yearly check signed", checks=(*policy.checks, signed))


def rows(policy: Policy, facts: Facts) -> tuple[PolicyRow, ...]:
    """Return the policy's page: each sentence, how its duties stand, and a warning where something is to be known."""
    return tuple(
        PolicyRow(one.sentence, tuple(state(duty, facts) for duty in one.duties), _warning(one, facts))
        for one in policy.carried
    )


def _warning(carried: Carried, facts: Facts) -> str:
    if not carried.duties:
        return "Nothing carries this sentence out yet. Choose what does."
    months = months_named(carried.sentence.text)
    if Duty.RETENTION in carried.duties and months and facts.retention_months not in months:
        return f"The box keeps recordings for {facts.retention_months} months, the policy says otherwise."
    return carried.remark
