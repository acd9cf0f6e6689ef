"""Who may use which route: the matrix of ``access.toml``, complete or the site does not start."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from flask import Flask

from appliance.errors import ConfigWrong
from appliance.model.people import Role

ANYONE = "anyone"
SETUP = "setup"

_MATRIX = Path(__file__).with_name("access.toml")
_MADE_BY_FLASK = frozenset({"HEAD", "OPTIONS"})


class Access:
    """The matrix. ``HEAD`` is as ``GET``; ``OPTIONS`` is not answered at all."""

    def __init__(self, routes: Mapping[tuple[str, str], frozenset[str]]) -> None:
        """Take ``(endpoint, method)`` -> who may: role names, "anyone" or "setup"."""
        self._routes = routes

    def who(self, endpoint: str, method: str) -> frozenset[str]:
        """Return who may use the route: nobody where the matrix does not say."""
        return self._routes.get((endpoint, "GET" if method == "HEAD" else method), frozenset())

    def check(self, app: Flask) -> None:
        """Check that the matrix and the site's routes are the same set.

        Raises:
            ConfigWrong: a route has no entry, or an entry no route; the text names them.
        """
        routed = {
            (rule.endpoint, method)
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) - _MADE_BY_FLASK
        }
        wrong = sorted(" ".join(pair) for pair in routed ^ set(self._routes))
        if wrong:
            raise ConfigWrong(f"Routes and access.toml do not agree on: {', '.join(wrong)}.")


def load(path: Path = _MATRIX) -> Access:
    """Read the matrix.

    Raises:
        ConfigWrong: it names a role or a group that there is not.
    """
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    groups: dict[str, list[str]] = raw["groups"]
    return Access(
        {
            (endpoint, method): _spelt_out(who, groups)
            for endpoint, methods in raw["routes"].items()
            for method, who in methods.items()
        }
    )


def _spelt_out(who: list[str], groups: Mapping[str, list[str]]) -> frozenset[str]:
    names = frozenset(name for word in who for name in groups.get(word, [word]))
    if unknown := names - {ANYONE, SETUP, *Role}:
        raise ConfigWrong(f"access.toml names nobody known: {', '.join(sorted(unknown))}.")
    return names
