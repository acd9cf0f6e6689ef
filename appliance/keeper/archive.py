"""An encrypted archive in memory: ZIP with AES-256 (WinZip AE-2), which 7-Zip, WinZip, Keka and others open."""

import io
import secrets
from collections.abc import Mapping
from datetime import datetime

from appliance.clock import LONDON

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is mistaken for another when it is read out or written down."""

_GROUPS, _GROUP = 5, 4


def new_passphrase() -> str:
    """Return a passphrase to be told by telephone: 99 bits, in groups of four, since the format stretches it little."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def archive(files: Mapping[str, bytes], passphrase: str, made_at: datetime) -> bytes:
    """Return an archive of ``files`` by name. Sound does not get smaller and is stored as it is."""
    import pyzipper  # noqa: PLC0415 - two megabytes, which only making a copy needs

    out = io.BytesIO()
    when = made_at.astimezone(LONDON).timetuple()[:6]
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_STORED, encryption=pyzipper.WZ_AES) as zipped:
        zipped.setpassword(passphrase.encode("ascii"))
        zipped.setencryption(pyzipper.WZ_AES, nbits=256)
        for name, content in files.items():
            info = pyzipper.AESZipFile.zipinfo_cls(name, when)
            info.external_attr = 0o600 << 16
            zipped.writestr(info, content)
    return out.getvalue()
