"""A practice for tests: quick hashes that are counted, a clock moved by hand, and everybody's phone."""

import pyotp

from appliance.clock import FakeClock
from appliance.files import REAL_DISK
from appliance.model.people import Person
from appliance.storage.keyring import Keyring
from appliance.storage.people import Hardness, People, new_totp
from appliance.storage.people.slots import argon2id

QUICK = Hardness(memory_kib=32, passes=1, lanes=1)
PASSWORD = "copper kettle 41 drifting"
OTHER = "violet harbour 72 lantern"
DESK = "192.0.2.7"


class UnhurriedDisk:
    """The real disk without its syncs: what survives a power cut is tested with ``CutDisk``, the rest need not wait."""

    def fsync(self, fd):
        pass

    def __getattr__(self, name):
        return getattr(REAL_DISK, name)


class Practice:
    """A vault with its people; ``restart`` is what a restart of the keeper is to them."""

    def __init__(self, folder, disk=None):
        self.vault, self.intake = folder / "vault", folder / "intake"
        self.vault.mkdir(parents=True)
        self.intake.mkdir()
        self.clock, self.disk, self.hashes, self.secrets = FakeClock(), disk or UnhurriedDisk(), 0, {}
        self.restart()

    def restart(self):
        self.keyring = Keyring(self.vault, self.intake, self.clock, self.disk)
        self.people = People(self.vault, self.keyring, self.clock, self.disk, QUICK, self.stretch)

    def stretch(self, password, salt, hardness):
        self.hashes += 1
        return argon2id(password, salt, hardness)

    def found(self, **other):
        self.secrets["manager"] = new_totp("manager", "Anytown").secret
        given = {
            "practice": "Anytown Practice",
            "name": "Somebody Example",
            "username": "manager",
            "password": PASSWORD,
            "totp_secret": self.secrets["manager"],
            "totp_code": self.code("manager"),
        }
        self.founding = self.people.found(**{**given, **other})
        self.clock.advance(30)
        return self.founding

    def code(self, username, steps=0):
        step = int(self.clock.now().at.timestamp()) // 30 + steps
        return pyotp.TOTP(self.secrets[username]).generate_otp(step)

    def sign_in(self, username="manager", password=PASSWORD, code=None, address=DESK):
        person = self.people.sign_in(username, password, code or self.code(username), address)
        self.clock.advance(30)
        return person

    def add(self, username, role, by, password=OTHER):
        welcome = self.people.add(Person(username, f"{username} of Anytown", role), password, by)
        self.secrets[username] = welcome.totp.secret
        return welcome

    def in_clear(self, *secrets):
        """Return which of ``secrets`` stand in any file of the vault or the intake."""
        files = [path.read_bytes() for folder in (self.vault, self.intake) for path in folder.rglob("*.*")]
        return [secret for secret in secrets if any(secret.encode() in content for content in files)]
