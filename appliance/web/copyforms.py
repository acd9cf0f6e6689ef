"""What is asked for a copy: which calls, for whom, how it goes out, and for a body which part of each call."""

from typing import Any

from wtforms import Field

from appliance.casework.access_requests.record import AccessRequest
from appliance.casework.disclosures.record import Disclosure
from appliance.codec import from_json
from appliance.link.messages.calls import CallRow
from appliance.link.messages.cases import Case, CaseKind
from appliance.link.messages.packs import Fill
from appliance.model.calls import CallId
from appliance.web import words
from appliance.web.casework_fields import ActForm, choice, line, several
from appliance.web.forms import PositionField

_FILLS = ((Fill.TONE, "A tone, so that everybody hears that something was cut"), (Fill.SILENCE, "Silence"))
_WHOLE = "Leave both empty to give the whole call. Minutes and seconds, such as 3:05"


class CopyForm(ActForm):
    """Which calls, for whom, and how the copy and its passphrase go out. ``copy_form`` adds the parts of calls."""

    calls = several("Which calls?", "Select at least one call", "At most 90 minutes in one copy")
    to = line("Who gets it?", "Enter who gets the copy")
    means = line("How does the copy go out?", "Enter how the copy goes out", "Such as a stick, by hand; or email")
    passphrase_by = line("How do you tell them the passphrase?", "Enter how the passphrase goes",
                         "Another way than the copy: by telephone, to a number you know")  # fmt: skip
    fill = choice("What stands where something was cut?", [(str(value), text) for value, text in _FILLS], "Select one")

    rows: tuple[tuple[CallId, CallRow], ...] = ()
    has_parts = False

    @property
    def asked(self) -> list[Any]:
        """The fields to show: the parts of the calls come after the calls. Nothing is cut out for a body."""
        parts = [field for pair in self._pairs() for field in pair]
        rest = [self.to, self.means, self.passphrase_by]
        return [self.calls, *parts, *rest] if self.has_parts else [self.calls, *rest, self.fill]

    def parts(self) -> tuple[tuple[CallId, float, float], ...]:
        """Return the part of each call of which not all is given, in seconds."""
        told = zip(self.rows, self._pairs(), strict=True) if self.has_parts else ()
        return tuple(
            (call_id, start.seconds or 0.0, row.duration_s if end.seconds is None else min(end.seconds, row.duration_s))
            for (call_id, row), (start, end) in told
            if call_id in (self.calls.data or ()) and not (start.seconds is None and end.seconds is None)
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and that each part lies in its call."""
        if not super().validate(extra_validators):
            return False
        wrong = [call_id for call_id, first_s, last_s in self.parts() if not first_s < last_s]
        for (call_id, row), (start, _) in zip(self.rows, self._pairs(), strict=self.has_parts):
            if call_id in wrong:
                length = words.length(row.duration_s)
                start.errors = [f"The part must end after it begins, within the call’s {length}"]
        return not wrong

    def _pairs(self) -> list[tuple[Any, Any]]:
        return [(self[f"from_{at}"], self[f"upto_{at}"]) for at in range(len(self.rows))] if self.has_parts else []


def copy_form(case: Case) -> CopyForm:
    """Return the form of a case, with the calls that may leave."""
    may_leave = may_leave_of(case)
    rows = tuple((one.call_id, one.row) for one in case.calls if one.row is not None and one.call_id in may_leave)
    has_parts = case.kind is CaseKind.DISCLOSURE
    fields: dict[str, Any] = {"rows": rows, "has_parts": has_parts}
    for at, (_, row) in enumerate(rows if has_parts else ()):
        fields |= _part_fields(at, row)
    made: type[CopyForm] = type("CopyForm", (CopyForm,), fields)
    form = made(data={"calls": list(may_leave), "fill": str(Fill.TONE), "passphrase_by": "telephone"})
    form.calls.choices = [(call_id, _call_words(row)) for call_id, row in rows]
    if has_parts:
        del form.fill
    return form


def may_leave_of(case: Case) -> tuple[CallId, ...]:
    """Return the calls that a copy for the case may hold."""
    if case.kind is CaseKind.DISCLOSURE:
        decision = from_json(case.body, Disclosure).decision
        return decision.calls if decision else ()
    return from_json(case.body, AccessRequest).given_calls


def _part_fields(at: int, row: CallRow) -> dict[str, Field]:
    when = f"{words.call_title(row)}, {words.day_time(row.started_at)}"
    return {
        f"from_{at}": PositionField(f"{when}: only from", description=_WHOLE),
        f"upto_{at}": PositionField(f"{when}: only up to"),
    }


def _call_words(row: CallRow) -> str:
    return f"{words.call_title(row)}, {words.day_time(row.started_at)}, {words.length(row.duration_s)}"
