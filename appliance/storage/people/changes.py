"""How a change of the roster and the grants that follow it become one: in the order that a power cut cannot harm."""

from appliance.errors import PersonRefused
from appliance.storage.keyring import Keyring
from appliance.storage.people.joining import resealed_factors
from appliance.storage.people.register import Register
from appliance.storage.people.roster import Entry
from appliance.storage.unsealing import PrivateKey


class Changes:
    """Changes one person at a time. The caller holds the register."""

    def __init__(self, register: Register, keyring: Keyring) -> None:
        """Change ``register``, and the grants of ``keyring`` with it."""
        self._register, self._keyring = register, keyring

    def change(self, entry: Entry, by: PrivateKey) -> None:
        """Put ``entry`` in the roster: first grant what is new, then keep, then take away what must go.

        A power cut between the steps leaves a grant to a key that nobody has, or the roster saying which must go.

        Raises:
            PersonRefused: no manager would be left.
            OSError: the disk failed.
        """
        before = self._register.roster
        roster = before.having(entry)
        if not roster.managers:
            raise PersonRefused("The last manager cannot go. Make somebody else a manager first.")
        old, new = ({key.kid: key for key in each.recipients()} for each in (before, roster))
        for kid in new.keys() - old.keys():
            self._keyring.grant_all(by, new[kid])
        gone = old.keys() - new.keys()
        self._register.keep(resealed_factors(roster, by).revoking(sorted(gone)))
        if gone:
            self._finish_revoking()

    def mend(self) -> None:
        """Finish what a power cut left undone, of set-up or of a change."""
        roster = self._register.roster
        self._keyring.finish_setup(roster.recipients())
        self._keyring.revoke(entry.seal_to.kid for entry in roster.people if not entry.entitled)
        if roster.revoked:
            self._finish_revoking()

    def _finish_revoking(self) -> None:
        """Take the grants away, and go on with a recording key that whoever lost theirs has never had."""
        roster = self._register.roster
        self._keyring.revoke(roster.revoked)
        self._keyring.rotate(roster.recipients())
        self._register.keep(roster.revoking(()))
