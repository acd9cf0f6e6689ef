"""NHS.UK components drawn once: drawing a search form anew took four fifths of the time of the list of calls."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2.nodes import EvalContext
from jinja2.utils import pass_eval_context
from markupsafe import Markup

Params = Mapping[str, Any]

_MOST = 500


class Drawn:
    """Components and the parameters they were drawn with. Safe in many threads: two may draw the same."""

    def __init__(self) -> None:
        """Nothing is drawn yet."""
        self._drawn: dict[tuple[str, str], Markup] = {}

    @pass_eval_context
    def draw(self, context: EvalContext, component: Callable[[EvalContext, Params], Markup], params: Params) -> Markup:
        """Return ``component`` with ``params``, which it depends on alone. One with what somebody typed is not kept."""
        if any(_typed(params)):
            return component(context, params)
        key = (component.name, repr(params))  # type: ignore[attr-defined]  # Jinja's macros have names
        kept = self._drawn.get(key)
        if kept is None:
            if len(self._drawn) >= _MOST:
                self._drawn.clear()
            kept = self._drawn[key] = component(context, params)
        return kept


def _typed(params: Params) -> Iterator[bool]:
    yield bool(params.get("value"))
    if "fieldset" in params:
        yield from (bool(box.get("value")) for box in params["items"])
