"""How the site is reached, and the certificate that browsers trust it by."""

from datetime import date

from appliance.link.messages.base import Message, Signed


class AskNetwork(Signed, frozen=True):
    """-> ``Network``. Needs SEE_HEALTH."""


class Network(Message, frozen=True):
    """``fingerprint`` is the authority's SHA-256 in groups of four, empty where the site has no certificate yet.

    ``local_only``: the site is for the recorder itself alone and needs none. ``good_until`` is the last day of the
    certificate that is served; ``renewed_by`` the day by which the box makes the next.
    """

    name: str
    local_only: bool
    fingerprint: str
    good_until: date | None
    renewed_by: date | None


class AskAuthority(Message, frozen=True):
    """-> ``Authority``. Anybody may: it is what they need before they can trust the site at all."""


class Authority(Message, frozen=True):
    """The authority's certificate, PEM; empty where there is none."""

    pem: str


Request = AskNetwork | AskAuthority

Reply = Network | Authority
