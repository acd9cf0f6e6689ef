"""``linekeeper recover``: every recording of a vault or a backup, with the recovery sheet alone."""

from appliance.storage.recover import HELP, arguments, run

__all__ = ["HELP", "arguments", "run"]
