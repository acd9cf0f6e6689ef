"""NHS.UK components drawn once: the same to the letter, escaped, and nothing that somebody typed is kept."""

import pytest
from jinja2 import ChainableUndefined, ChoiceLoader, DictLoader, Environment, PackageLoader

from appliance.web import components
from appliance.web.components import Drawn

PAGE = """\
{% from "nhsuk/components/input/macro.jinja" import input %}
{% from "nhsuk/components/date-input/macro.jinja" import dateInput %}
{% macro plain(of, params) %}{{ of(params) }}{% endmacro %}
{{ (component if kept else plain)(input, {"id": "a", "name": "a", "label": {"text": label}, "value": value}) }}
{{ (component if kept else plain)(dateInput, {"id": "d", "fieldset": {"legend": {"text": label}}, "items": [
  {"id": "d-day", "name": "d-day", "label": {"text": "Day"}, "value": value},
  {"id": "d-year", "name": "d-year", "label": {"text": "Year"}, "value": ""}]}) }}
"""


@pytest.fixture
def drawn():
    return Drawn()


@pytest.fixture
def page(drawn):
    """Draw the page with a label and a value, with components kept or each drawn anew."""
    loader = ChoiceLoader([DictLoader({"page": PAGE}), PackageLoader("nhsuk_frontend_jinja")])
    environment = Environment(loader=loader, autoescape=True, undefined=ChainableUndefined)
    environment.globals["component"] = drawn.draw
    return lambda label, value="", kept=True: environment.get_template("page").render(
        label=label, value=value, kept=kept
    )


def test_a_component_that_was_kept_is_the_same_to_the_letter(page):
    for label in ("Number", "Name"):
        anew = page(label, kept=False)
        assert page(label) == page(label) == anew
        assert label in anew


def test_what_is_kept_is_escaped_as_what_is_not(page):
    for _ in range(2):
        shown = page("<b>Bold & brave</b>")
        assert "&lt;b&gt;Bold &amp; brave&lt;/b&gt;" in shown
        assert "<b>" not in shown


def test_what_somebody_typed_is_shown_and_not_kept(page, drawn):
    page("Number")
    before = dict(drawn._drawn)
    assert 'value="01632960846"' in page("Number", "01632960846")
    assert drawn._drawn == before
    assert 'value="01632960846"' not in page("Number")


def test_kept_components_have_an_end(page, drawn, monkeypatch):
    monkeypatch.setattr(components, "_MOST", 6)
    for number in range(20):
        assert f"Label {number}" in page(f"Label {number}")
        assert len(drawn._drawn) <= 6
