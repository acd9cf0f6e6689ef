"""Every error as a page: what happened and what to do, never how it came about inside."""

import logging
import secrets
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from appliance import errors
from appliance.web.returning import safe_path
from appliance.web.visitor import clear_cookie, token_sent

log = logging.getLogger(__name__)

DATA = frozenset(
    {"lines.levels", "live.state", "live.events", "audio.read", "audio.read_simple", "hearings.read", "policy.report"}
)
"""Routes that no person reads: their errors are a status and no page."""

_WORDS: dict[int, tuple[str, str]] = {
    400: ("This could not be understood", "Go back, load the page again and try once more."),
    403: ("You do not have access to this", "Ask the practice manager."),
    404: ("We can’t find that page or call", "It may have been deleted at the end of its time, or the link is wrong."),
    405: ("This cannot be done here", "Go back and use the buttons on the page."),
    409: ("This has changed meanwhile", "Go back and look at how it stands now."),
    413: ("That was too much", "What was sent is larger than the recorder takes."),
    421: ("This is not the call recorder’s address", "Type the address printed on the card under the box."),
    429: ("Too many tries", "Wait a little before you try again."),
    503: ("The pages are starting", "Recording runs on its own and is not affected. Try again in a few seconds."),
}

_STATUS: tuple[tuple[type[errors.LinekeeperError], int], ...] = (
    (errors.NotAllowed, 403),
    (errors.NoSuchCall, 404),
    (errors.NoSuchCase, 404),
    (errors.CaseworkRefused, 409),
    (errors.NoSuchAlarm, 404),
    (errors.HoldTooLate, 409),
    (errors.RecordingHeld, 409),
    (errors.SetupRefused, 409),
    (errors.VaultLocked, 409),
    (errors.SealBroken, 409),
    (errors.SignInThrottled, 429),
    (errors.SignInRefused, 403),
    (errors.LinkBroken, 503),
)
"""The first that fits. What is not here is ours to mend: 500."""

_SAYS_MORE = (
    errors.CaseworkRefused,
    errors.HoldTooLate,
    errors.NotAllowed,
    errors.SetupRefused,
    errors.VaultLocked,
    errors.SealBroken,
)
"""Errors whose own text is shown: it says what to do better than the status can."""


def set_up(app: Flask) -> None:
    """Answer every error with its page."""
    app.register_error_handler(errors.NotSignedIn, _signed_out)
    app.register_error_handler(errors.FreshSignInNeeded, _not_fresh)
    app.register_error_handler(errors.SignInThrottled, _throttled)
    app.register_error_handler(errors.LinekeeperError, _refused)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def page(status: int, title: str = "", text: str = "", reference: str = "") -> Response:
    """Return an error as a page, or as a bare status where no person reads it."""
    if request.endpoint in DATA:
        return Response("", status, content_type="text/plain; charset=utf-8")
    heading, words = _WORDS.get(status, (HTTPStatus(status).phrase, "Go back and try again."))
    body = render_template(
        "refusal.html", title=title or heading, text=text or words, reference=reference, bare=status >= 500
    )  # fmt: skip
    return make_response(body, status)


def waiting_words(wait_s: int) -> str:
    """Say how long to wait before the next try."""
    minutes = max(1, -(-wait_s // 60))
    return f"Wait {minutes} {'minute' if minutes == 1 else 'minutes'} before you try again."


def _signed_out(_wrong: errors.NotSignedIn) -> AnyResponse:
    if request.endpoint in DATA:
        return page(401)
    back = safe_path(request.full_path.rstrip("?")) if request.method == "GET" else "/"
    ended = "1" if token_sent() is not None else None
    response = redirect(url_for("signin.form", back=None if back == "/" else back, ended=ended), 303)
    clear_cookie(response)
    return response


def _not_fresh(_wrong: errors.FreshSignInNeeded) -> AnyResponse:
    return redirect(url_for("signin.prove", back=_page_of_the_form()), 303)


def _page_of_the_form() -> str:
    """Return where to go on: the page that is asked for, or that a form was sent from. A form itself cannot be kept."""
    if request.method == "GET":
        return safe_path(request.path)
    return safe_path(urlsplit(request.referrer or "").path) if request.referrer else safe_path(request.path)


def _throttled(wrong: errors.SignInThrottled) -> Response:
    response = page(429, text=waiting_words(wrong.wait_s))
    response.headers["Retry-After"] = str(wrong.wait_s)
    return response


def _refused(wrong: errors.LinekeeperError) -> Response:
    status = next((status for kind, status in _STATUS if isinstance(wrong, kind)), 500)
    if status == 500:  # the one that is ours
        return _unforeseen(wrong)
    return page(status, text=str(wrong) if isinstance(wrong, _SAYS_MORE) else "")


def _form_too_old(_wrong: CSRFError) -> Response:
    return page(
        400, "This page had been open too long", "Nothing was changed. Go back, load it again and try once more."
    )


def _http(wrong: HTTPException) -> AnyResponse:
    status = wrong.code or 500
    if status < 400:  # werkzeug's redirects are exceptions too
        return wrong.get_response()
    return page(status)


def _unforeseen(wrong: Exception) -> Response:
    reference = secrets.token_hex(3).upper()
    log.error("request failed, reference %s", reference, exc_info=wrong)
    return page(500, "Something went wrong", "Recording is not affected.", reference)
