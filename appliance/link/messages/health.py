"""The box's health, and its alarms from start to end."""

from appliance.link.messages.base import Message, Signed
from appliance.model.health import AlarmRecord, HealthSnapshot


class AskHealth(Signed, frozen=True):
    """How does the whole box stand? -> ``Health``. Needs SEE_HEALTH. Extends the session unless ``active`` is False."""

    active: bool = True


class Health(Message, frozen=True):
    """``alarms``: first those that stand, newest first; then the latest that have ended, newest first."""

    snapshot: HealthSnapshot
    alarms: tuple[AlarmRecord, ...]


class AcknowledgeAlarm(Signed, frozen=True):
    """Somebody has seen to it -> ``Done``, or NoSuchAlarm. Needs SEE_HEALTH. Reminders of it are no longer sent."""

    number: int


Request = AskHealth | AcknowledgeAlarm

Reply = Health
