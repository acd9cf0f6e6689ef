"""What the forms of the site have in common."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import InputRequired, Length, Regexp, StopValidation, ValidationError

_POSITION = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d{1,3})?)", re.ASCII)


class PageForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """A form of the site: with CSRF token, its mistakes in plain words."""

    def mistakes(self) -> list[dict[str, str]]:
        """Return the mistakes for the summary at the page's head, each with a link to its field."""
        return [
            {"text": field.errors[0], "href": f"#{getattr(field, 'first_id', field.id)}"}
            for field in self
            if field.errors
        ]


def needed(words: str) -> InputRequired:
    """Return the check that a field is filled in."""
    return InputRequired(words)


def at_most(count: int, what: str) -> Length:
    """Return the check that a text is no longer than ``count`` characters."""
    return Length(max=count, message=f"{what} must be {count} characters or fewer")


def username_form() -> Regexp:
    """Return the check of a username: what everybody can type, and nothing that looks like something else."""
    return Regexp(
        r"\A\s*[A-Za-z0-9][A-Za-z0-9._-]{1,31}\s*\Z",
        message="A username has 2 to 32 letters, digits, dots or dashes, without spaces",
    )


def new_password() -> Length:
    """Return the check of a new password's length; the keeper looks at how easily it is guessed."""
    return Length(min=12, max=128, message="A password has 12 to 128 characters; three random words is good")


def stripped(text: str | None) -> str:
    """Return a text without the spaces around it; forms pass None where nothing was sent."""
    return (text or "").strip()


def typed_code(text: str | None) -> str:
    """Return a code without the spaces that phones show in it."""
    return "".join((text or "").split())


class PositionField(StringField):  # type: ignore[misc]  # WTForms is not typed
    """A place in a call, "3:05", "1:03:05" or "3:05.25". ``seconds`` is None where nothing was typed."""

    seconds: float | None = None

    def pre_validate(self, form: Any) -> None:
        """Read the text.

        Raises:
            ValidationError: it is no place.
        """
        super().pre_validate(form)
        text = stripped(self.data)
        if not text:
            return
        found = _POSITION.fullmatch(text)
        if found is None:
            raise ValidationError("Enter minutes and seconds, such as 3:05 or 3:05.25")
        hours, minutes, seconds = found.groups()
        self.seconds = int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))


class DateBoxes(Field):  # type: ignore[misc]  # WTForms is not typed
    """A date as three boxes: day, month, year. ``data`` is a date, or None where all three are empty."""

    def __init__(self, label: str = "", validators: Sequence[Any] = (), **more: Any) -> None:
        """Start empty."""
        super().__init__(label, list(validators), **more)
        self.data: date | None = None
        self.boxes = {"day": "", "month": "", "year": ""}

    @property
    def first_id(self) -> str:
        """The id of the first box, which a summary of mistakes links to."""
        return f"{self.id}-day"

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the three boxes, or fill them from ``data``."""
        super().process(None, data, extra_filters)
        if isinstance(self.data, date):
            self.boxes = {"day": str(self.data.day), "month": str(self.data.month), "year": str(self.data.year)}
        if formdata is None or not any(f"{self.name}-{box}" in formdata for box in self.boxes):
            return
        self.boxes = {box: stripped(formdata.get(f"{self.name}-{box}"))[:6] for box in self.boxes}
        try:
            self.data = self._date()
        except ValueError:
            self.data = None
            self.process_errors = [f"{self.label.text} must be a real date, such as 23 11 2026"]

    def pre_validate(self, _form: Any) -> None:
        """Stop at boxes that hold no date.

        Raises:
            StopValidation: they do not.
        """
        if self.process_errors:
            raise StopValidation

    def _date(self) -> date | None:
        if not any(self.boxes.values()):
            return None
        if not all(text.isascii() and text.isdigit() for text in self.boxes.values()):
            raise ValueError("not digits")
        day, month, year = (int(self.boxes[box]) for box in ("day", "month", "year"))
        return date(year + 2000 if year < 100 else year, month, day)  # two digits mean this century
