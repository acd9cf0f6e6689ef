"""What somebody wants of a line while a call goes on. Where no call is in progress it is refused: NoCallOnLine."""

from appliance.link.messages.base import Signed


class PauseLine(Signed, frozen=True):
    """Pause recording on line ``line`` (from 1), for a card payment; it goes on by itself -> ``Done``.

    Needs PAUSE_LINES. ``Live`` shows a moment later that it was done.
    """

    line: int


class ResumeLine(Signed, frozen=True):
    """Go on recording on line ``line`` now -> ``Done``. Needs PAUSE_LINES."""

    line: int


class CallerObjects(Signed, frozen=True):
    """Record no more of the call on line ``line``: the caller objects; not to be undone -> ``Done``.

    Needs PAUSE_LINES.
    """

    line: int


class ShowLamps(Signed, frozen=True):
    """Show every lamp's colours, but for those that say how a call is recorded -> ``Done``. Needs SEE_LINES."""


Request = PauseLine | ResumeLine | CallerObjects | ShowLamps
