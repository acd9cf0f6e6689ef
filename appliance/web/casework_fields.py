"""Forms of casework: fields named as the arguments of the rule that the keeper asks, and read into its words.

A name with two underscores is a value within a value: ``requester__name`` becomes ``{"requester": {"name": ...}}``.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from wtforms import BooleanField, PasswordField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import AnyOf, Optional, Regexp, StopValidation

from appliance.clock import LONDON
from appliance.link.messages.cases import Case
from appliance.web.forms import DateBoxes, PageForm, at_most, needed, stripped
from appliance.web.parts import today

LONG, SHORT = 4000, 200


class ActForm(PageForm):
    """What one act asks for. ``password`` is there only while it is needed."""

    password = PasswordField("Your password")

    def prepare(self, case: Case | None) -> None:
        """Fit the choices to a case; most forms are the same for all."""

    def told(self) -> dict[str, Any]:
        """Return the act's words: of each field its value, as JSON can say it."""
        found = dict[str, Any]()
        for field in self:
            if field.name in ("csrf_token", "password"):
                continue
            value = _value(field)
            if value is not None:
                _put(found, field.name.split("__"), value)
        return found

    @property
    def asked(self) -> list[Any]:
        """The fields to show, in order."""
        return [field for field in self if field.name not in ("csrf_token", "password")]


class DayBoxes(DateBoxes):
    """A date that is needed, not later than today unless ``ahead``."""

    ahead = False

    def pre_validate(self, form: Any) -> None:
        """Ask for a day.

        Raises:
            StopValidation: there is none, or it is to come.
        """
        super().pre_validate(form)
        if self.data is None:
            raise StopValidation(f"Enter a day: {self.label.text.lower()}")
        if not self.ahead and self.data > today():
            raise StopValidation(f"{self.label.text} cannot be in the future")


class FutureBoxes(DayBoxes):
    """A date that is needed, and may be to come."""

    ahead = True


class Ticked(BooleanField):  # type: ignore[misc]  # WTForms is not typed
    """A box to tick."""


def line(label: str, missing: str = "", hint: str = "", most: int = SHORT) -> StringField:
    """Return a field for one line; needed where ``missing`` says what is missing."""
    return StringField(label, [*_needed(missing), at_most(most, "This")], description=hint)


def words(label: str, missing: str = "", hint: str = "", most: int = LONG) -> TextAreaField:
    """Return a field for some lines."""
    return TextAreaField(label, [*_needed(missing), at_most(most, "This")], description=hint)


def choice(label: str, options: Sequence[tuple[str, str]], missing: str, hint: str = "") -> RadioField:
    """Return a field with one answer out of several."""
    return RadioField(label, [needed(missing)], choices=list(options), description=hint)


def yes_no(label: str, missing: str, yes: str = "Yes", no: str = "No", hint: str = "") -> RadioField:
    """Return a field that is read as true or false."""
    return choice(label, (("yes", yes), ("no", no)), missing, hint)


def several(label: str, missing: str, hint: str = "") -> SelectMultipleField:
    """Return a field with some answers out of several, which ``prepare`` fits."""
    return SelectMultipleField(label, [needed(missing)], description=hint, validate_choice=False)


def tick(label: str, missing: str = "", hint: str = "") -> Ticked:
    """Return a box; where ``missing`` is given it must be ticked."""
    return Ticked(label, [AnyOf([True], missing)] if missing else [], description=hint)


def clock_time(label: str) -> StringField:
    """Return a field for a time of day, "9:30"."""
    form = Regexp(r"\A\s*([01]?\d|2[0-3])[:.][0-5]\d\s*\Z", message="Enter a time, such as 9:30")
    return StringField(label, [needed("Enter the time"), form], description="Such as 9:30 or 14:15")


def moment(day: date, time: str) -> datetime:
    """Return a day and a time of day as an instant."""
    hours, minutes = time.strip().replace(".", ":").split(":")
    return datetime(day.year, day.month, day.day, int(hours), int(minutes), tzinfo=LONDON)


def in_days(days: int) -> date:
    """Return the day so many days from now."""
    return today() + timedelta(days=days)


def _needed(missing: str) -> list[Any]:
    return [needed(missing)] if missing else [Optional()]


def _value(field: Any) -> Any:
    if isinstance(field, DateBoxes):
        return field.data.isoformat() if field.data else None
    if isinstance(field, BooleanField):
        return bool(field.data)
    if isinstance(field, SelectMultipleField):
        return list(field.data or ())
    if isinstance(field, RadioField) and tuple(value for value, _ in field.choices) == ("yes", "no"):
        return field.data == "yes"
    return stripped(field.data) if isinstance(field, StringField) else field.data


def _put(into: dict[str, Any], names: Sequence[str], value: Any) -> None:
    for name in names[:-1]:
        into = into.setdefault(name, {})
    into[names[-1]] = value


def options(texts: Mapping[Any, str]) -> list[tuple[str, str]]:
    """Return the choices of an enumeration with its words."""
    return [(str(value), text) for value, text in texts.items()]
