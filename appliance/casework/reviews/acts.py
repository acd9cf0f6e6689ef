"""The acts of a training review: share, listen, feedback, reply and countersign."""

from datetime import date, timedelta

from appliance.casework.cases import CASEWORKERS, EVERYONE_AT_WORK, entry, must_be, must_say, noted
from appliance.casework.reviews.record import Feedback, Review
from appliance.errors import (
    CaseClosed,
    DateWrong,
    DeadlinePassed,
    NotAllowed,
    RedactionWrong,
    StepMissing,
    WordsMissing,
)
from appliance.model.calls import CallId
from appliance.model.people import Person

SHARE_DAYS = 14
"""Days that a call is shared for, unless the reviewer says otherwise."""

LONGEST_SHARE_DAYS = 92
"""A share is for one piece of feedback, not for ever."""

_PRIVATE = "Tick that you are in a private setting: the policy asks for it, also with headphones."


def share(
    reference: str,
    by: Person,
    today: date,
    *,
    call_id: CallId,
    staff: Person,
    private_setting: bool,
    until: date | None = None,
    part: tuple[float, float] | None = None,
    drawn: bool = False,
) -> Review:
    """Share a call, which the reviewer heard in private, with the member of staff it is about.

    Raises:
        NotAllowed: by role; or the other may not hear calls, or is the reviewer.
        WordsMissing: the private setting is not ticked. DateWrong: the last day. RedactionWrong: the part.
    """
    must_be(by, CASEWORKERS, "share a call for training")
    if staff.role not in EVERYONE_AT_WORK or staff.username == by.username:
        raise NotAllowed("A call is shared with another member of staff, and never with a technician or auditor.")
    if not private_setting:
        raise WordsMissing(_PRIVATE)
    if part is not None and not 0 <= part[0] < part[1]:
        raise RedactionWrong("The part to share needs a start and a later end, in seconds of the recording.")
    return Review(
        reference=reference,
        call_id=call_id,
        staff=staff.username,
        reviewer=by.username,
        shared_on=today,
        shared_until=_last_day(until, today),
        part=part,
        drawn=drawn,
        history=(entry(by, today, "shared"),),
    )


def share_longer(review: Review, by: Person, today: date, until: date) -> Review:
    """Move the last day of a share.

    Raises:
        NotAllowed, CaseClosed, DateWrong
    """
    _must_be_open(review)
    must_be(by, CASEWORKERS, "share a call for longer")
    return noted(review, by, today, "shared for longer", shared_until=_last_day(until, today))


def withdraw(review: Review, by: Person, today: date, why: str) -> Review:
    """Take the share back: a wrong call, or a wrong person.

    Raises:
        NotAllowed, CaseClosed, WordsMissing
    """
    _must_be_open(review)
    must_be(by, CASEWORKERS, "withdraw a share")
    return noted(review, by, today, "withdrawn", withdrawn_because=must_say(why, "why the share is withdrawn"))


def listen(review: Review, by: Person, today: date, *, private_setting: bool) -> Review:
    """Note that the member of staff heard the call.

    Raises:
        NotAllowed: somebody else. CaseClosed: withdrawn. DeadlinePassed: the share has run out.
        WordsMissing: the private setting is not ticked.
    """
    _must_be_theirs(review, by, "hear a call that was shared with them")
    if review.withdrawn_because:
        raise CaseClosed("The share was withdrawn. Ask whoever shared it.")
    if today > review.shared_until:
        raise DeadlinePassed("The share has run out. Ask whoever shared the call to share it for longer.")
    if not private_setting:
        raise WordsMissing(_PRIVATE)
    return noted(review, by, today, "heard", heard_on=review.heard_on or today)


def give_feedback(review: Review, by: Person, today: date, *, went_well: str, to_try: str, next_step: str) -> Review:
    """Write the feedback; until it is countersigned it may be written anew.

    Raises:
        NotAllowed, CaseClosed, WordsMissing
    """
    _must_be_open(review)
    must_be(by, CASEWORKERS, "give feedback")
    if by.username == review.staff:
        raise NotAllowed("Nobody gives feedback on their own call. Ask another of the senior staff.")
    feedback = Feedback(
        must_say(went_well, "what went well"),
        must_say(to_try, "what to try"),
        must_say(next_step, "which next step is agreed, and which support"),
        by.username,
        today,
    )
    return noted(review, by, today, "feedback given", feedback=feedback)


def countersign(
    review: Review, by: Person, today: date, *, reply: str = "", listening_declined: bool = False
) -> Review:
    """Sign the feedback as the member of staff, with a reply if they like. They had the opportunity to listen.

    Raises:
        NotAllowed: somebody else. CaseClosed
        StepMissing: no feedback yet, or neither heard nor declined.
    """
    _must_be_theirs(review, by, "countersign their feedback")
    _must_be_open(review)
    if review.feedback is None:
        raise StepMissing("There is no feedback yet to countersign.")
    if review.heard_on is None and not listening_declined:
        raise StepMissing("Hear the call first, or tick that you do not wish to.")
    act = "countersigned" if review.heard_on else "countersigned, listening declined"
    return noted(review, by, today, act, reply=reply.strip(), countersigned_on=today)


def _must_be_open(review: Review) -> None:
    if not review.is_open:
        raise CaseClosed(f"{review.reference} is finished. Share the call again for another review.")


def _must_be_theirs(review: Review, by: Person, act: str) -> None:
    if by.role not in EVERYONE_AT_WORK or by.username != review.staff:
        raise NotAllowed(f"Only the member of staff whom the call was shared with may {act}.")


def _last_day(until: date | None, today: date) -> date:
    last = until or today + timedelta(days=SHARE_DAYS)
    if not today <= last <= today + timedelta(days=LONGEST_SHARE_DAYS):
        raise DateWrong(f"A share ends between today and {LONGEST_SHARE_DAYS} days from now.")
    return last
