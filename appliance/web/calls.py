"""The list of calls, and looking for some of them. A search is posted and kept here, so that no URL holds a number."""

from collections.abc import Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import Regexp

from appliance.link.messages.calls import CallPage, CallQuery, ListCalls, ListTags, Tags
from appliance.model.calls import Direction
from appliance.web import phone, words
from appliance.web.forms import DateBoxes, PageForm, at_most, stripped
from appliance.web.frame import lines_now
from appliance.web.parts import ask, parts, today
from appliance.web.records import page_asked, pages_of
from appliance.web.visitor import visitor

PER_PAGE = 25
_LONGEST_TAG = 40

_LENGTHS = MappingProxyType(
    {"": (None, None), "short": (None, 60.0), "medium": (60.0, 600.0), "long": (600.0, None)},
)
_KINDS = MappingProxyType({"": (None, None), "answered": (None, False), "missed": (None, True), "held": (True, None)})

blueprint = Blueprint("calls", __name__)


class SearchForm(PageForm):
    """What to look for; everything empty is every call."""

    number = StringField(
        "Number, or part of it",
        [at_most(20, "The number"), Regexp(r"\A[\d +()-]*\Z", message="A number has digits and spaces only")],
    )
    first = DateBoxes("From")
    last = DateBoxes("To")
    line = SelectField("Line", choices=[("", "Any line")], default="", validate_choice=False)
    direction = SelectField(
        "Direction",
        default="",
        choices=[("", "Any direction"), ("in", "Incoming"), ("out", "Outgoing"), ("unknown", "Not known")],
    )
    kind = SelectField(
        "Show",
        default="",
        choices=[("", "All calls"), ("answered", "Recorded"), ("missed", "Missed"), ("held", "On hold")],
    )
    length = SelectField(
        "Length",
        default="",
        choices=[("", "Any"), ("short", "Under 1 minute"), ("medium", "1 to 10 minutes"), ("long", "Over 10 minutes")],
    )

    tag = SelectField("Tag", choices=[("", "Any tag")], default="", validate_choice=False)
    text = StringField("Name or note", [at_most(60, "It")])

    @classmethod
    def showing(cls, query: CallQuery) -> "SearchForm":
        """Return the form filled in with a search."""
        return cls(formdata=None, data=_as_fields(query))

    def offer(self, lines: Sequence[tuple[str, str]], tags: Sequence[str]) -> "SearchForm":
        """Offer these lines, by number and name, and these tags."""
        self.line.choices = [("", "Any line"), *lines]
        self.tag.choices = [("", "Any tag"), *((tag, tag) for tag in tags)]
        return self

    def in_words(self) -> list[str]:
        """Return what is searched for, a part at a time, for the line above what was found."""
        said = [f"number with {phone.spaced(self.number.data)}"] if self.number.data else []
        said += [f"{word} {words.day(box.data)}" for word, box in (("from", self.first), ("to", self.last)) if box.data]
        for field in (self.line, self.direction, self.kind, self.length, self.tag):
            said += [text for value, text in field.choices if value and value == field.data]
        return said + ([f"“{self.text.data}”"] if self.text.data else [])

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, and that the days are in order."""
        if not super().validate(extra_validators):
            return False
        if self.first.data and self.last.data and self.first.data > self.last.data:
            self.last.errors = ["“To” must be the same day as “From” or later"]
            return False
        return True

    def query(self) -> CallQuery:
        """Return the search that the form holds."""
        held, missed = _KINDS[self.kind.data or ""]
        shortest, longest = _LENGTHS[self.length.data or ""]
        line = stripped(self.line.data)
        return CallQuery(
            number="".join(c for c in stripped(self.number.data) if c.isdigit() or c == "+"),
            first=self.first.data,
            last=self.last.data,
            line=int(line) if line.isascii() and line.isdigit() and len(line) <= 2 else None,  # digits
            direction=Direction(self.direction.data) if self.direction.data else None,
            held=held,
            missed=missed,
            shortest_s=shortest,
            longest_s=longest,
            tag=stripped(self.tag.data)[:_LONGEST_TAG],
            text=stripped(self.text.data),
        )


@blueprint.get("/calls")
def show() -> str:
    """Show one page of the calls, or of those that were searched for."""
    name = request.args.get("search", "")
    query = parts().searches.get(name, visitor().token) if name else _shown_by_link()
    forgotten = query is None
    query = query or CallQuery()
    number = page_asked()
    found = ask(ListCalls(visitor().token, query, number, PER_PAGE), CallPage)
    pages = pages_of(found.total, PER_PAGE, number)
    return render_template(
        "calls.html",
        found=found, form=_offering(SearchForm.showing(query)), mistakes=[], page=number, pages=pages,
        search="" if forgotten else name, show=request.args.get("show"), searched=query != CallQuery(),
        forgotten=forgotten,
    )  # fmt: skip


@blueprint.post("/search")
def search() -> Response | tuple[str, int]:
    """Keep a search and show what it finds."""
    form = SearchForm()
    if not form.validate():
        return render_template(
            "calls.html", found=None, form=_offering(form), mistakes=form.mistakes(), search="", show=None,
            searched=True, forgotten=False
        ), 422  # fmt: skip
    query = form.query()
    if query == CallQuery():
        return redirect(url_for("calls.show"), 303)
    return redirect(url_for("calls.show", search=parts().searches.put(query, visitor().token)), 303)


def _shown_by_link() -> CallQuery:
    """Return the calls of a link from another page: those of today or on hold, or all. No address asks for a number."""
    day = today()
    return {"held": CallQuery(held=True), "today": CallQuery(first=day, last=day)}.get(
        request.args.get("show", ""), CallQuery()
    )


def _offering(form: SearchForm) -> SearchForm:
    lines = [(str(line.line), line.name) for line in lines_now().lines]
    return form.offer(lines, ask(ListTags(visitor().token), Tags).tags)


def _as_fields(query: CallQuery) -> dict[str, str | date | None]:
    kind = next(name for name, values in _KINDS.items() if values == (query.held, query.missed))
    length = next(name for name, values in _LENGTHS.items() if values == (query.shortest_s, query.longest_s))
    return {
        "number": query.number,
        "first": query.first,
        "last": query.last,
        "line": "" if query.line is None else str(query.line),
        "direction": query.direction or "",
        "kind": kind,
        "length": length,
        "tag": query.tag,
        "text": query.text,
    }
