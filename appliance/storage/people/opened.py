"""Somebody whose key is in memory."""

from dataclasses import dataclass, field

from appliance.model.people import Person
from appliance.storage.unsealing import PrivateKey


@dataclass(frozen=True, slots=True)
class OpenedPerson:
    """A person who has proved their password and second factor, with their private key.

    It is the only long-lived secret of a session: recording keys are opened with it when needed and let go at once.
    """

    person: Person
    key: PrivateKey = field(repr=False)

    def forget(self) -> None:
        """Let go of the key: at sign-out, at the idle limit, when the role changes."""
        self.key.forget()
