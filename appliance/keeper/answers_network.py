"""How the site is reached, and its certificate."""

import ipaddress

from appliance.clock import LONDON
from appliance.keeper.desk import Desk, Handlers
from appliance.link.messages.network import AskAuthority, AskNetwork, Authority, Network
from appliance.model.people import Right
from appliance.storage.certificate import kept_certificate


class NetworkAnswers:
    """Answers about the certificate. The keys stay where they are."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk = desk

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {AskNetwork: self.network, AskAuthority: self.authority}

    def network(self, request: AskNetwork) -> Network:
        """Return the site's name and how long its certificate is good."""
        self._desk.gate.with_right(request, Right.SEE_HEALTH)
        web = self._desk.web
        local_only = ipaddress.ip_address(web.listen).is_loopback
        kept = kept_certificate(self._desk.stores.folders.tls)
        if kept is None:
            return Network(web.name, local_only, "", None, None)
        until, by = (when.astimezone(LONDON).date() for when in (kept.good_until, kept.renewed_by))
        return Network(web.name, local_only, kept.fingerprint, until, by)

    def authority(self, _request: AskAuthority) -> Authority:
        """Return the authority's certificate, which is no secret."""
        kept = kept_certificate(self._desk.stores.folders.tls)
        return Authority(kept.authority if kept else "")
