"""All that is known of whether one line has been listened to and works: what the line's page tells."""

from dataclasses import dataclass

from appliance.model.gaps import LineAccount
from appliance.model.proof import LineTest, Proof


@dataclass(frozen=True, slots=True)
class LineStory:
    """``account`` is None before the line was ever listened to, ``proof`` before anything came over it."""

    line: int
    name: str
    account: LineAccount | None = None
    proof: Proof | None = None
    test: LineTest | None = None
