"""The people who can sign in: key slots, second factors, roles, and the keys that follow them."""

from appliance.storage.people.founding import Founding
from appliance.storage.people.joining import Welcome
from appliance.storage.people.opened import OpenedPerson
from appliance.storage.people.slots import Hardness
from appliance.storage.people.store import People
from appliance.storage.people.totp import TotpSecret, new_totp

__all__ = ["Founding", "Hardness", "OpenedPerson", "People", "TotpSecret", "Welcome", "new_totp"]
