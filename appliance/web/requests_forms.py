"""The forms of access requests, one for each act."""

from typing import Any

from appliance.casework.access_requests.record import AccessRequest, Ending, Outcome, Verdict, Wanted, Way
from appliance.casework.cases import HoldsAfter
from appliance.codec import from_json
from appliance.link.messages.cases import Case
from appliance.web.casework_fields import (
    ActForm,
    DayBoxes,
    FutureBoxes,
    choice,
    clock_time,
    line,
    moment,
    options,
    tick,
    words,
    yes_no,
)
from appliance.web.forms import DateBoxes

WAYS = {
    Way.SPOKEN: "Spoken, in person or by telephone",
    Way.LETTER: "Letter",
    Way.EMAIL: "Email",
    Way.FORM: "Form",
    Way.OTHER: "Another way",
}
WANTS = {Wanted.LISTEN: "To listen", Wanted.COPY: "A copy", Wanted.BOTH: "Both, or did not say"}
VERDICTS = {
    Verdict.GIVE: "Give it whole",
    Verdict.REDACT: "Give it with parts cut out",
    Verdict.WITHHOLD: "Withhold it",
    Verdict.NOT_THEIRS: "Not about this person",
}
OUTCOMES = {
    Outcome.HEARD: "The recordings were heard",
    Outcome.NOT_ATTENDED: "Nobody came",
    Outcome.CANCELLED: "Cancelled",
}
ENDINGS = {
    Ending.ANSWERED: "Answered: the recordings were heard or a copy given",
    Ending.NOTHING_FOUND: "Nothing was found",
    Ending.REFUSED: "Refused",
    Ending.WITHDRAWN: "Withdrawn by the requester",
}
HOLDS_AFTER = {
    HoldsAfter.RELEASE: "Release this case’s holds: the calls are deleted when their time is over",
    HoldsAfter.KEEP: "Keep the holds: somebody must release them later",
}


class LogForm(ActForm):
    """A request, as it came in."""

    requester__name = line("Who asks?", "Enter who asks")
    requester__contact = words("How can they be reached?", "Enter how the requester can be reached", most=500,
                               hint="Postal address for letters, telephone or email")  # fmt: skip
    requester__on_behalf_of = line("If they ask for somebody else: for whom?")
    received_on = DayBoxes("Day of receipt", description="The day it reached anybody at the practice")
    ask__way = choice("How did it come?", options(WAYS), "Select how it came", "Any words count, spoken ones too")
    ask__wanted = choice("What do they want?", options(WANTS), "Select what they want",
                         "Whoever asks to listen is offered a copy as well")  # fmt: skip
    ask__looking_for = words("What should we look for?", hint="Numbers they called from, days, what it was about")


class NothingAsked(ActForm):
    """An act that needs no words but the button."""


class IdentityForm(ActForm):
    """What was seen; no copy of it is kept."""

    seen = line("Which proof did you see?", "Enter which proof was seen", "Such as a passport; no number, no copy")
    received_on = DayBoxes("Day you saw it")
    authority = line(
        "If they ask for somebody else: what allows them to?", hint="Such as signed agreement, or power of attorney"
    )


class QuestionForm(ActForm):
    """A question that stops the clock."""

    question = words("What did you ask?", "Enter what you asked", "The clock stands still until the answer comes")


class AnswerForm(ActForm):
    """The day an answer came."""

    answered_on = DayBoxes("Day the answer came")


class ExtendForm(ActForm):
    """Two more months."""

    told_on = DayBoxes("Day the requester was told")
    why = words("Why is more time needed?", "Enter why more time is needed", "It is in the letter to the requester")


class FindForm(ActForm):
    """A search for the requester's calls."""

    looked_for = words(
        "What are you looking for?", "Enter what you are looking for", "Stays in the record as proof", most=500
    )
    number = line("Number, or part of it", most=20)
    first = DateBoxes("From")
    last = DateBoxes("To")


class AuthoriseForm(ActForm):
    """The decision."""

    granted = yes_no("Decision", "Select the decision", "Answer as assessed", "Refuse the request")
    why = words("Reason", hint="Needed for a refusal, and where you logged the request yourself")


class InviteForm(ActForm):
    """An appointment to listen."""

    day = FutureBoxes("Day")
    time = clock_time("Time")
    room = line("Room", "Enter the room", "A private one")

    def told(self) -> dict[str, Any]:
        """Return the instant and the room."""
        at = moment(self.day.data, self.time.data) if self.day.data else None
        return {"at": at.isoformat() if at else None, "room": (self.room.data or "").strip()}


class AppointmentForm(ActForm):
    """How an appointment went."""

    outcome = choice("How did it go?", options(OUTCOMES), "Select how it went")
    present = line("Who was in the room?", hint="Names, with commas between")
    private_setting = tick("It was heard in a private setting")
    note = words("Note", most=1000)
    _index = 0

    def prepare(self, case: Case | None) -> None:
        """Mean the first appointment that is still planned."""
        if case is not None:
            every = from_json(case.body, AccessRequest).appointments
            self._index = next((at for at, one in enumerate(every) if one.outcome is Outcome.PLANNED), 0)

    def told(self) -> dict[str, Any]:
        """Return the words with the names as a list."""
        found = super().told()
        found["present"] = [name.strip() for name in found.get("present", "").split(",") if name.strip()]
        return {**found, "index": self._index}


class DeclineForm(ActForm):
    """A copy was offered and not wanted."""

    declined_on = DayBoxes("Day they said so")


class CloseForm(ActForm):
    """The end of a request."""

    ending = choice("How does it end?", options(ENDINGS), "Select how it ends")
    told_on = DateBoxes("Day the requester was told the outcome")
    told_of_commissioner = tick("They were told that they may complain to the Information Commissioner")
    why = words("If withdrawn: when and how", most=500)
    holds_after = choice("What becomes of the holds?", options(HOLDS_AFTER), "Select what becomes of the holds")
