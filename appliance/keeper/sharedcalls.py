"""Calls as they are told to somebody with whom they are shared: when, which line, how long, and the sound itself.

No number and no name: who was on the line is not needed to learn from how a call was taken.
"""

from datetime import timedelta

from appliance.clock import LONDON
from appliance.errors import AudioUnreadable, NoSuchCall, SealBroken
from appliance.keeper.desk import Desk
from appliance.keeper.playing import AudioExcerpt, Integrity, PlainAudio, Sound
from appliance.keeper.sessions import LiveSession
from appliance.link.messages.call import Call
from appliance.link.messages.calls import CallRow
from appliance.link.messages.shares import ShareRow
from appliance.model.calls import Caller, CallId, Span
from appliance.storage.shares import Share, SharedSound


class SharedCalls:
    """What is shared with somebody, as they see and hear it."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores

    def rows(self, session: LiveSession) -> list[CallRow]:
        """Return the calls that are shared with somebody and still there, newest first."""
        found = []
        for share in self._stores.shares.shared_with(session.person.username):
            try:
                found.append(self._row(share, self._opened(share, session)))
            except NoSuchCall:
                continue
        return sorted(found, key=lambda row: row.started_at, reverse=True)

    def call(self, session: LiveSession, call_id: CallId) -> Call:
        """Return a call that is shared with somebody.

        Raises:
            NoSuchCall: it is not, or not any more.
        """
        share = self._stores.shares.find(call_id, session.person.username)
        opened = self._opened(share, session)
        try:
            audio: Sound | None = self.sound(session, call_id)
        except NoSuchCall:
            audio = None
        entry, boots = self._stores.catalogue.get(call_id), self._stores.boots
        first_s, last_s = part_of(share, opened.duration_s)
        return Call(
            row=self._row(share, opened),
            clock_unsure=not boots.is_sure(entry.stated),
            kept_until=self._desk.kept_until(entry),
            holds=(),
            spans=tuple(_within(span, first_s, last_s) for span in opened.spans if _meets(span, first_s, last_s)),
            peaks=opened.peaks[round(first_s * opened.peaks_per_s) : round(last_s * opened.peaks_per_s)],
            peaks_per_s=opened.peaks_per_s,
            audio_bytes=audio.total if audio else 0,
            integrity=audio.integrity if audio else Integrity.DAMAGED,
            rings=0,
            end_uncertain=False,
            continues=None,
            continued_by=None,
            purpose=session.purposes.get(call_id),
            heard=(),
            shared=(share_row(share, self._desk),),
        )

    def sound(self, session: LiveSession, call_id: CallId) -> Sound:
        """Return what may be heard of a call that is shared with somebody.

        Raises:
            NoSuchCall: it is not, not any more, or nothing of it can be played.
        """
        share = self._stores.shares.find(call_id, session.person.username)
        name = f"{call_id}/{share.username}/{share.first_s}/{share.last_s}"
        found = self._desk.shared_shelf.get(name)
        if found is None:
            self._stores.catalogue.get(call_id)
            found = self._desk.shared_shelf.put(name, self._heard(share, self._opened(share, session)))
        return found

    def _heard(self, share: Share, opened: SharedSound) -> Sound:
        try:
            path = self._stores.vault.audio(share.call_id)
            audio = PlainAudio(path, share.call_id, opened.data_key, opened.audio_bytes)
            if (share.first_s, share.last_s) == (None, None):
                return audio
            return AudioExcerpt(audio, *part_of(share, opened.duration_s))
        except (SealBroken, AudioUnreadable, FileNotFoundError) as wrong:
            raise NoSuchCall("There is nothing to hear of this call.") from wrong

    def _opened(self, share: Share, session: LiveSession) -> SharedSound:
        """Return an opened share; one that was made for a key the person has no more is none."""
        try:
            return self._stores.shares.open(share, session.opened.key)
        except SealBroken as wrong:
            raise NoSuchCall("There is no such call.") from wrong

    def _row(self, share: Share, opened: SharedSound) -> CallRow:
        entry = self._stores.catalogue.get(share.call_id)
        first_s, last_s = part_of(share, opened.duration_s)
        return CallRow(
            call_id=entry.call_id,
            line=entry.line,
            line_name=opened.line_name,
            started_at=entry.started_at,
            duration_s=max(0.0, last_s - first_s),
            direction=entry.direction,
            number=None,
            caller=Caller(),
            answered=True,
            missed=False,
            held=False,
            cut_short=entry.cut_short,
        )


def share_row(share: Share, desk: Desk) -> ShareRow:
    """Return a share for a page."""
    return ShareRow(
        call_id=share.call_id,
        username=share.username,
        name=desk.name_of(share.username),
        by=desk.name_of(share.by),
        at=share.at,
        until=(share.until - timedelta(seconds=1)).astimezone(LONDON).date(),
        first_s=share.first_s,
        last_s=share.last_s,
    )


def part_of(share: Share, duration_s: float) -> tuple[float, float]:
    """Return the stretch of a recording that is shared, in its seconds."""
    return share.first_s or 0.0, duration_s if share.last_s is None else min(share.last_s, duration_s)


def _meets(span: Span, first_s: float, last_s: float) -> bool:
    return span.start_s < last_s and span.end_s > first_s


def _within(span: Span, first_s: float, last_s: float) -> Span:
    start_s, end_s = max(span.start_s, first_s) - first_s, min(span.end_s, last_s) - first_s
    return Span(span.kind, start_s, end_s)
