"""A letter to a webhook: JSON by HTTPS POST, signed with a shared secret where there is one (HMAC-SHA256, RFC 2104)."""

import contextlib
import hashlib
import hmac
import http.client
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from appliance.codec import to_json
from appliance.config import AlarmsConfig
from appliance.errors import PostFailed
from appliance.post import letter as words
from appliance.post.letter import Letter
from appliance.post.trust import secret, trusted

TIMEOUT_S = 20.0
SIGNATURE = "X-Linekeeper-Signature"
"""``sha256=`` and the hex HMAC of the body: the receiver can tell the box's word from anybody's."""

_GOOD = range(200, 300)


class Webhook:
    """The way to the address that the settings name. It follows no redirection: that might be to anywhere."""

    name = "webhook"

    def __init__(self, settings: AlarmsConfig, box: str, timeout_s: float = TIMEOUT_S) -> None:
        """Send as the settings say."""
        self._settings, self._box, self._timeout_s = settings, box, timeout_s

    def send(self, letter: Letter) -> None:
        """Post a letter.

        Raises:
            PostFailed: it was not taken; the words say why, and hold neither address nor secret.
        """
        body = to_json(words.as_json(letter, self._box))
        try:
            status = self._posted(body)
        except ssl.SSLCertVerificationError as wrong:
            raise PostFailed("The webhook’s certificate is not trusted. Check its address in the settings.") from wrong
        except (OSError, http.client.HTTPException) as wrong:
            raise PostFailed(f"The webhook cannot be reached ({type(wrong).__name__}).") from wrong
        if status not in _GOOD:
            raise PostFailed(f"The webhook refuses the message (status {status}).")

    def _posted(self, body: bytes) -> int:
        address = urlsplit(self._settings.webhook)
        headers = {"Content-Type": "application/json", "User-Agent": "linekeeper"}
        if self._settings.webhook_secret_file:
            key = secret(Path(self._settings.webhook_secret_file)).encode()
            headers[SIGNATURE] = f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"
        connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, timeout=self._timeout_s, context=trusted(self._settings)
        )
        with contextlib.closing(connection):
            path = f"{address.path or '/'}{f'?{address.query}' if address.query else ''}"
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
