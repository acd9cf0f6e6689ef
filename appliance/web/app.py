"""The site as a Flask application: its parts put together, and nothing decided here."""

import secrets
import threading

from flask import Flask
from flask_wtf import CSRFProtect
from jinja2 import ChainableUndefined, ChoiceLoader, PackageLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from appliance import __version__
from appliance.clock import Clock, SystemClock
from appliance.config import Config
from appliance.link.client import Link
from appliance.web import (
    access,
    account,
    announcements,
    attention,
    audio,
    backup,
    call,
    calls,
    casecalls,
    complaints,
    copies,
    dressing,
    expiring,
    firststeps,
    frame,
    gate,
    headers,
    health,
    hearings,
    help_pages,
    holds,
    home,
    incidents,
    labels,
    letters,
    lines,
    live,
    mycalls,
    network,
    papers,
    pausing,
    people,
    person,
    police,
    policy,
    policy_page,
    practice,
    records,
    refusals,
    reports,
    requests,
    rescue,
    retention,
    settings,
    setup,
    shares,
    signin,
    training,
    updates,
    words,
)
from appliance.web.components import Drawn
from appliance.web.parts import Parts
from appliance.web.shelf import Shelf

_BLUEPRINTS = (
    setup, signin, home, live, lines, calls, call, audio, holds, records, people, attention, policy,
    settings, network, backup, updates, health, help_pages, pausing, account, person,
    rescue, firststeps, mycalls, labels, shares, expiring, retention, practice,
    requests, complaints, police, incidents, training, copies, hearings, letters, announcements, policy_page, reports,
    papers, casecalls,
)  # fmt: skip
_MOST_BODY = 64 * 1024
_FORM_KEPT_S = 8 * 3600
_SECRET_KEPT_S = 20 * 60


def make_app(config: Config, link: Link, stopping: threading.Event, clock: Clock | None = None) -> Flask:
    """Make the site.

    Raises:
        ConfigWrong: a route has no entry in the role matrix.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(_settings())
    _set_up_templates(app)
    parts = _parts(config, link, stopping, clock or SystemClock())
    parts.put_into(app.extensions)
    refusals.set_up(app)
    gate.set_up(app)
    CSRFProtect(app).exempt(policy.blueprint)
    headers.set_up(app)
    frame.set_up(app)
    help_pages.set_up(app)
    for module in _BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    parts.access.check(app)
    # nginx alone reaches the socket and overwrites these two headers; Host is the browser's own.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0)  # type: ignore[method-assign]
    return app


def _settings() -> dict[str, object]:
    return {
        # Whatever the environment says: no page shows a traceback.
        "DEBUG": False,
        # Signs only the form tokens. New at each start: a page older than that is loaded again.
        "SECRET_KEY": secrets.token_bytes(32),
        "SESSION_COOKIE_NAME": "__Host-form",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_PATH": "/",
        "WTF_CSRF_TIME_LIMIT": _FORM_KEPT_S,
        # Its Referer check; the gate checks Sec-Fetch-Site and Origin instead.
        "WTF_CSRF_SSL_STRICT": False,
        "MAX_CONTENT_LENGTH": _MOST_BODY,
        "MAX_FORM_MEMORY_SIZE": _MOST_BODY,
        "MAX_FORM_PARTS": 50,
        "PROVIDE_AUTOMATIC_OPTIONS": False,
        "TRAP_HTTP_EXCEPTIONS": False,
    }


def _set_up_templates(app: Flask) -> None:
    env = app.jinja_env
    env.loader = ChoiceLoader([PackageLoader("appliance.web"), PackageLoader("nhsuk_frontend_jinja")])
    # The components read options that were not given; a test lists the names that our own templates leave undeclared.
    env.undefined = ChainableUndefined
    env.trim_blocks = env.lstrip_blocks = True
    # Flask would leave it off in the components' own files, which end in ".jinja": what people type reaches those too.
    env.autoescape = True
    env.filters.update(words.FILTERS)
    env.globals.update(asset=dressing.url, component=Drawn().draw, words=words, version=__version__)


def _parts(config: Config, link: Link, stopping: threading.Event, clock: Clock) -> Parts:
    return Parts(
        config=config,
        clock=clock,
        link=link,
        access=access.load(),
        stopping=stopping,
        streams=threading.BoundedSemaphore(live.MOST_STREAMS),
        searches=Shelf(500, _FORM_KEPT_S, clock.monotonic),
        drafts=Shelf(4, _SECRET_KEPT_S, clock.monotonic),
        additions=Shelf(4, _SECRET_KEPT_S, clock.monotonic),
        codes=Shelf(4, _SECRET_KEPT_S, clock.monotonic),
        phones=Shelf(16, _SECRET_KEPT_S, clock.monotonic),
    )
