"""The site's address, and the certificate by which browsers come to trust it."""

import base64
import plistlib
import ssl
import uuid

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from appliance.link.messages.network import AskAuthority, AskNetwork, Authority, Network
from appliance.web import front
from appliance.web.parts import ask, parts
from appliance.web.visitor import visitor

_NAMES = uuid.UUID("0b5f3e1a-5d0c-4f39-9a3e-6b8f0f5f2d11")
"""Ours, for the names that a profile needs (RFC 9562, 5.5): made from the certificate, they stay the same."""

blueprint = Blueprint("network", __name__)


@blueprint.get("/settings/network")
def show() -> str:
    """Show how the site is reached."""
    network = ask(AskNetwork(visitor().token), Network)
    return render_template("network.html", network=network, address=front.address(parts().config))


@blueprint.get("/certificate/call-recorder.crt")
def certificate() -> Response:
    """Give the authority's certificate: Windows, Android and Linux take it as it is."""
    return _file(_authority().encode("ascii"), "application/x-x509-ca-cert", "call-recorder.crt")


@blueprint.get("/certificate/call-recorder.mobileconfig")
def profile() -> Response:
    """Give the same as a profile, as iPads, iPhones and Macs take it."""
    der = ssl.PEM_cert_to_DER_cert(_authority())
    return _file(
        _profile(der, parts().config.web.name), "application/x-apple-aspen-config", "call-recorder.mobileconfig"
    )


def _authority() -> str:
    pem = ask(AskAuthority(), Authority).pem
    if not pem:
        raise NotFound
    return pem


def _file(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _profile(der: bytes, name: str) -> bytes:
    """Return a configuration profile with one root certificate (Apple, Configuration Profile Reference)."""
    digest = base64.b16encode(der).decode("ascii")
    root = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{name}.authority",
        "PayloadUUID": str(uuid.uuid5(_NAMES, digest)).upper(),
        "PayloadDisplayName": f"Call recorder {name}",
        "PayloadContent": der,
    }
    whole = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": name,
        "PayloadUUID": str(uuid.uuid5(_NAMES, f"profile {digest}")).upper(),
        "PayloadDisplayName": "Call recorder",
        "PayloadDescription": f"Lets this device trust the practice’s call recorder at {name}, and nothing else.",
        "PayloadContent": [root],
    }
    return plistlib.dumps(whole)
