"""Whom the post trusts, and the secrets it shows them."""

import ssl
from pathlib import Path

from appliance.config import AlarmsConfig
from appliance.errors import PostFailed

_MOST_BYTES = 4096


def trusted(settings: AlarmsConfig) -> ssl.SSLContext:
    """Return TLS 1.2 or newer with the machine's authorities, or with the one that the settings name instead.

    Raises:
        PostFailed: that authority cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=settings.authority_file or None)
    except (OSError, ssl.SSLError) as wrong:
        raise PostFailed("The authority file in the settings is missing, or is no certificate.") from wrong
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def secret(path: Path) -> str:
    """Return the password in a file, without the line's end.

    Raises:
        PostFailed: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as wrong:
        raise PostFailed("The password file in the settings cannot be read.") from wrong
