"""The acts on a request of the police or another body, in their order."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from appliance.casework.cases import (
    CASEWORKERS,
    EVERYONE_AT_WORK,
    MANAGER_ALONE,
    HoldsAfter,
    entry,
    joined,
    must_be,
    must_be_open,
    must_lie,
    must_say,
    noted,
)
from appliance.casework.disclosures.record import (
    Basis,
    CallBack,
    Decision,
    Disclosure,
    HandedCall,
    Handover,
    Inquirer,
    Receipt,
)
from appliance.errors import NotAllowed, StepMissing, WordsMissing
from appliance.model.calls import CallId
from appliance.model.people import Person

_SHA256 = re.compile(r"[0-9a-f]{64}")


def log(
    reference: str,
    by: Person,
    today: date,
    *,
    inquirer: Inquirer,
    asked_for: str,
    basis: Basis,
    form: str,
    received_on: date,
    calls: Iterable[CallId] = (),
) -> Disclosure:
    """Enter a request in the register and hold its calls. Anybody at work may: it then goes to the practice manager.

    Raises:
        NotAllowed, WordsMissing, DateWrong
    """
    must_be(by, EVERYONE_AT_WORK, "enter a request of the police or another body")
    must_lie(received_on, date.min, today, "The day of receipt")
    must_say(inquirer.body_name, "which body asks")
    must_say(inquirer.officer, "who asks for the body")
    must_say(inquirer.reference, "the body's own reference")
    return Disclosure(
        reference=reference,
        received_on=received_on,
        calls=joined((), calls),
        history=(entry(by, today, "logged"),),
        inquirer=inquirer,
        asked_for=must_say(asked_for, "what is asked for"),
        basis=basis,
        form=must_say(form, "which form, order or letter was shown"),
    )


def add_calls(disclosure: Disclosure, by: Person, today: date, calls: Iterable[CallId]) -> Disclosure:
    """Add recordings that are asked for: held from now on. A decision covers only the calls it names.

    Raises:
        NotAllowed, CaseClosed
    """
    must_be_open(disclosure)
    must_be(by, CASEWORKERS, "add calls to a request of the police or another body")
    return noted(disclosure, by, today, "calls added", calls=joined(disclosure.calls, calls))


def check_back(
    disclosure: Disclosure, by: Person, today: date, *, found_in: str, spoke_to: str, genuine: bool
) -> Disclosure:
    """Record the call back. One that failed may be tried again, and every try stays in the history.

    Raises:
        NotAllowed, CaseClosed, WordsMissing
        StepMissing: the decision has been made.
    """
    must_be_open(disclosure)
    must_be(by, CASEWORKERS, "call a body back")
    if disclosure.decision:
        raise StepMissing("The decision has been made on the check before it.")
    where = must_say(found_in, "where the practice found the number; the one in the request itself proves nothing")
    check = CallBack(where, must_say(spoke_to, "who was spoken to"), genuine, by.username, today)
    return noted(disclosure, by, today, "called back" if genuine else "call back failed", call_back=check)


def decide(
    disclosure: Disclosure, by: Person, today: date, *, granted: bool, necessity: str, calls: Sequence[CallId] = ()
) -> Disclosure:
    """Decide, as the practice manager: what is released and why that is necessary and proportionate, or why not.

    A refusal needs no check before it. A decision stands until something was handed over; it may be changed till then.

    Raises:
        NotAllowed, CaseClosed, WordsMissing
        StepMissing: to release, the call back is missing or failed, or a call is not of this request.
    """
    must_be_open(disclosure)
    must_be(by, MANAGER_ALONE, "decide on a request of the police or another body")
    if disclosure.handover:
        raise StepMissing("The recordings were handed over already. Log a new request for more.")
    if granted:
        _must_be_checked(disclosure)
        if not calls or not set(calls) <= set(disclosure.calls):
            raise StepMissing("Choose which calls of this request are released.")
    why = must_say(necessity, "why this is necessary and proportionate" if granted else "why it is refused")
    decision = Decision(granted, tuple(calls) if granted else (), why, by.username, today)
    return noted(disclosure, by, today, "release decided" if granted else "refused", decision=decision)


def _must_be_checked(disclosure: Disclosure) -> None:
    if disclosure.call_back is None:
        raise StepMissing("Call the body back first, on a number that you found yourself.")
    if not disclosure.call_back.genuine:
        raise StepMissing("The call back failed: the request may not be genuine. Refuse it, or check again.")


def hand_over(
    disclosure: Disclosure, by: Person, today: date, *, calls: Sequence[HandedCall], to: str, means: str
) -> Disclosure:
    """Record what is handed over, as the practice manager. This is the gate: the export asks here before a file leaves.

    Raises:
        NotAllowed: by role, or because the request was refused.
        CaseClosed, WordsMissing
        StepMissing: not decided, handed over already, or a call that the decision does not name.
    """
    must_be_open(disclosure)
    must_be(by, MANAGER_ALONE, "hand recordings to the police or another body")
    decision = disclosure.decision
    if decision is None:
        raise StepMissing("The practice manager has to decide on the request first.")
    if not decision.granted:
        raise NotAllowed("The request was refused. Only the practice manager may decide otherwise.")
    if disclosure.handover:
        raise StepMissing("The recordings were handed over already. Log a new request for more.")
    if not calls or not {one.call_id for one in calls} <= set(decision.calls):
        raise StepMissing("Hand over calls that the decision names, and no other.")
    if not all(_SHA256.fullmatch(one.sha256) for one in calls):
        raise WordsMissing("The SHA-256 of each exported file belongs into the record.")
    given = Handover(
        tuple(calls), must_say(to, "who takes the copy"), must_say(means, "how it is handed over"), by.username, today
    )
    return noted(disclosure, by, today, "handed over", handover=given)


def sign_receipt(disclosure: Disclosure, by: Person, today: date, *, signed_by: str, signed_on: date) -> Disclosure:
    """Record the body's receipt.

    Raises:
        NotAllowed, CaseClosed, WordsMissing, DateWrong
        StepMissing: nothing was handed over, or the receipt is there.
    """
    must_be_open(disclosure)
    must_be(by, CASEWORKERS, "record a receipt")
    if disclosure.handover is None or disclosure.receipt:
        raise StepMissing("A receipt follows a handover, once.")
    must_lie(signed_on, disclosure.handover.on, today, "The receipt")
    receipt = Receipt(must_say(signed_by, "who signed the receipt"), signed_on)
    return noted(disclosure, by, today, "receipt signed", receipt=receipt)


def close(disclosure: Disclosure, by: Person, today: date, *, holds_after: HoldsAfter) -> Disclosure:
    """Close a request that is refused, or handed over with its receipt.

    Raises:
        NotAllowed, CaseClosed
        StepMissing: what is missing.
    """
    must_be_open(disclosure)
    must_be(by, MANAGER_ALONE, "close a request of the police or another body")
    if disclosure.decision is None:
        raise StepMissing("The practice manager has to decide on the request first.")
    if disclosure.decision.granted and disclosure.receipt is None:
        raise StepMissing("Hand the recordings over and record the receipt first, or refuse the request.")
    return noted(disclosure, by, today, "closed", closed_on=today, holds_after=holds_after)
