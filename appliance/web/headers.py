"""The headers of every answer: what a browser may do with it. nginx adds its own only to what it answers itself."""

import secrets

from flask import Flask, Response, g, request

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'; manifest-src 'self'; report-uri /csp"
)
"""No inline script at all. The nonce is only for the style that wavesurfer puts into its own shadow tree."""

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": browsers would then send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}


def set_up(app: Flask) -> None:
    """Put the headers on every answer, errors too."""
    app.after_request(_add)
    app.jinja_env.globals["style_nonce"] = style_nonce


def style_nonce() -> str:
    """Return this answer's nonce."""
    if "style_nonce" not in g:
        g.style_nonce = secrets.token_urlsafe(16)
    return str(g.style_nonce)


def _add(response: Response) -> Response:
    for name, value in _FIXED.items():
        response.headers[name] = value
    response.headers["Content-Security-Policy"] = _POLICY.format(nonce=style_nonce())
    response.headers.add("Vary", "Cookie")
    if request.endpoint == "signin.sign_out" and response.status_code < 400:  # below the errors
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
