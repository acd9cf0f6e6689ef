"""What the practice's own recording policy says of something, for the page that carries it out."""

from dataclasses import dataclass

from appliance.casework.policy.duties import Duty
from appliance.casework.policy.record import Policy
from appliance.casework.policy.sentences import months_named
from appliance.codec import from_json
from appliance.link.messages.cases import CaseKind
from appliance.web.casework import case_of


@dataclass(frozen=True, slots=True)
class Quoted:
    """The policy's sentences on one duty, as they were adopted; none where no sentence was said to be about it."""

    sentences: tuple[str, ...]

    @property
    def months(self) -> int | None:
        """The number of months that they name; None where they name none, or several."""
        named = months_named(" ".join(self.sentences))
        return next(iter(named)) if len(named) == 1 else None


def quoted(duty: Duty) -> Quoted:
    """Return what the policy in force says."""
    policy = from_json(case_of(CaseKind.POLICY).body, Policy)
    return Quoted(tuple(one.sentence.text for one in policy.carried if duty in one.duties))
