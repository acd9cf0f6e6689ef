"""The recordings around a call that are probably of the same call."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from appliance.keeper.calls import Calls, Found
from appliance.keeper.desk import Desk
from appliance.keeper.opening import RecordingKeys
from appliance.link.messages.call import Related
from appliance.storage.entry import Entry
from appliance.storage.linking import CALLED_BACK_WITHIN, Leg, linked_to, put_by
from appliance.storage.numbers import normal_number

MOST = 5
"""How many are offered; more than that are a busy number, not a call."""

_LONGEST = timedelta(hours=4)  # of one recording (``recorder.line_recorder``): what began earlier has ended


class RelatedCalls:
    """Looks among the calls of the same hours, opening those sheets alone."""

    def __init__(self, desk: Desk, calls: Calls) -> None:
        """Work with ``desk``."""
        self._desk, self._calls = desk, calls

    def of(self, found: Found, keys: RecordingKeys) -> tuple[Related, ...]:
        """Return what is probably the same call as ``found``, oldest first."""
        linked = linked_to(self._leg(found), map(self._leg, self._around(found, keys)))
        return tuple(
            Related(one.leg.call_id, one.leg.began, one.leg.line, self._desk.line_name(one.leg.line), one.why)
            for one in linked[:MOST]
        )

    def _around(self, found: Found, keys: RecordingKeys) -> Iterator[Found]:
        """Yield the calls near in time that are not parts of the same recording anyway."""
        entry, catalogue = found.entry, self._desk.stores.catalogue
        since = entry.started_at - CALLED_BACK_WITHIN
        until = _ended(entry) + CALLED_BACK_WITHIN
        days = {f"{at:%Y-%m-%d}" for at in (since - _LONGEST, since, entry.started_at, until)}
        for other in (one for day in sorted(days) for one in catalogue.listed(day)):
            near = other.started_at <= until and _ended(other) >= since
            if near and not _same_recording(entry, other):
                yield Found(other, self._calls.whole(other, keys))
        yield from (one for one in self._calls.all_going_on(keys) if not _same_recording(entry, one.entry))

    def _leg(self, found: Found) -> Leg:
        entry = found.entry
        known = self._calls.known(found, "")
        closing = found.whole.closing if found.whole else None
        spans = ((span.kind, span.start_s, span.end_s) for span in (closing.spans if closing else ()))
        return Leg(
            entry.call_id,
            entry.line,
            entry.started_at,
            _ended(entry),
            normal_number(known.number),
            put_by(entry.started_at, spans),
        )


def _ended(entry: Entry) -> datetime:
    return entry.started_at + timedelta(seconds=entry.duration_s)


def _same_recording(one: Entry, other: Entry) -> bool:
    return one.call_id in (other.call_id, other.continues) or one.continues == other.call_id
