"""Who may sign updates for the boxes built here: a certificate in the image, and its key, which is never in it.

Where nobody names a release's own, a pair is made once for this build folder. The image's digest depends on the
certificate; so to build a release anew and compare, its certificate is enough.
"""

import shutil
from pathlib import Path

from image.firmware.release import BUILD
from image.firmware.stages import say
from image.firmware.tools import in_tools

_MAKE = """
set -e
umask 077
mkdir -p "$1"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7300 -subj "/O=Linekeeper/CN=$2" \
    -keyout "$1/key.pem" -out "$1/certificate.pem"
"""


def prepare_signing(certificate: Path | None, key: Path | None) -> None:
    """Put the certificate, and the key where there is one, where the stages look for them."""
    folder = BUILD / "signing"
    if certificate is not None:
        folder.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(certificate, folder / "certificate.pem")
        (folder / "key.pem").unlink(missing_ok=True)
        if key is not None:
            shutil.copyfile(key, folder / "key.pem")
            (folder / "key.pem").chmod(0o600)
    elif not (folder / "certificate.pem").is_file():
        say("Signing: a key of this build folder's own is made; it is no release's.")
        make_signing("signing", "a key of a build folder")


def make_signing(name: str, words: str) -> None:
    """Make a pair in the folder ``name`` of the build folder; ``words`` name it in the certificate."""
    in_tools(["sh", "-c", _MAKE, "signing", f"/build/{name}", words], "signing")


def can_sign() -> bool:
    """Return whether the key is here."""
    return (BUILD / "signing" / "key.pem").is_file()
