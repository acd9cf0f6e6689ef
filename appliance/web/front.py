"""What stands before the site: nginx, and the configuration it is started with.

The supervisor starts ``command(write(config))``. nginx runs as whoever starts it, and keeps every file of its own in
``folders.run``. On loopback it speaks plain HTTP; on any other address TLS and HTTP/2 only, with the certificate and
key of ``folders.tls``.
"""

import grp
import ipaddress
import os
import pwd
from pathlib import Path
from string import Template

from appliance import files
from appliance.config import Config
from appliance.errors import ConfigWrong

CERTIFICATE = "site.pem"
"""In ``folders.tls``: the leaf and, after it, the authority that signed it (PEM)."""
KEY = "site.key"
"""In ``folders.tls``: the leaf's private key (PEM)."""

_HERE = Path(__file__).parent
_TEMPLATE = _HERE / "front" / "nginx.conf"
_TEMPORARY = ("body", "proxy", "fastcgi", "uwsgi", "scgi")

_TLS = """\
        ssl_certificate "$folder/$certificate";
        ssl_certificate_key "$folder/$key";
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305;
        ssl_prefer_server_ciphers off;
        ssl_session_cache shared:tls:2m;
        ssl_session_tickets off;
        error_page 497 =421 /misdirected.html;"""

_REDIRECT = """
    # The one thing plain HTTP does: send a browser's first visit to the right address. Nothing else is answered.
    server {
        listen $address:80;
        server_name $name;
        location / {
            limit_except GET HEAD { deny all; }
            return 308 https://$name$$request_uri;
        }
    }"""

_HEADERS = (
    ("Content-Security-Policy", "$own_policy"),
    ("X-Content-Type-Options", "$own_type_options"),
    ("Referrer-Policy", "$own_referrer"),
    ("Cross-Origin-Opener-Policy", "$own_opener"),
    ("Cross-Origin-Resource-Policy", "$own_resource"),
    ("Cache-Control", "$own_cache"),
)


def is_loopback(config: Config) -> bool:
    """Return whether the site is only for this machine: then it needs no certificate.

    Raises:
        ConfigWrong: ``listen`` is not an address.
    """
    try:
        return ipaddress.ip_address(config.web.listen).is_loopback
    except ValueError as wrong:
        raise ConfigWrong(f"“web.listen” must be an IP address, not “{config.web.listen}”.") from wrong


def hosts(config: Config) -> tuple[str, ...]:
    """Return the names, without port, by which a browser may call the site."""
    if is_loopback(config):
        return ("127.0.0.1", "localhost", "[::1]")
    any_address = ipaddress.ip_address(config.web.listen).is_unspecified
    return (config.web.name,) if any_address else (config.web.name, _bracketed(config.web.listen))


def address(config: Config) -> str:
    """Return what to type into a browser."""
    loopback = is_loopback(config)
    scheme, usual = ("http", 80) if loopback else ("https", 443)
    host = _bracketed(config.web.listen) if loopback else config.web.name
    return f"{scheme}://{host}" + ("" if config.web.port == usual else f":{config.web.port}") + "/"


def write(config: Config) -> Path:
    """Write nginx's configuration, and make the folders it needs; return the file's path.

    Raises:
        ConfigWrong: ``web.listen`` is not an address, or the certificate that it needs is missing.
        FolderUnusable: ``folders.run`` cannot be written.
    """
    own = config.folders.run.resolve() / "nginx"
    for name in _TEMPORARY:
        files.usable_folder(own / name)
    path = own / "nginx.conf"
    files.replace_quickly(path, _rendered(config, own).encode())
    return path


def command(path: Path) -> tuple[str, ...]:
    """Return the command that runs nginx in the foreground on the configuration at ``path``; SIGQUIT ends it."""
    return ("/usr/sbin/nginx", "-e", "stderr", "-p", str(path.parent), "-c", str(path))


def _rendered(config: Config, own: Path) -> str:
    loopback = is_loopback(config)
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        run=own,
        site_socket=config.folders.web_socket.resolve(),
        static=_HERE / "static",
        pages=_HERE / "front" / "pages",
        user_line=_user_line(),
        listen=f"{_bracketed(config.web.listen)}:{config.web.port}",
        listen_options="" if loopback else " ssl http2",
        names=" ".join(hosts(config)),
        tls_lines="" if loopback else _tls_lines(config),
        header_lines=_header_lines(strict_transport=not loopback),
        redirect_server=_redirect_server(config) if not loopback and config.web.port == 443 else "",
    )


def _tls_lines(config: Config) -> str:
    folder = config.folders.tls.resolve()
    for name in (CERTIFICATE, KEY):
        if not (folder / name).is_file():
            raise ConfigWrong(
                f"The site listens on {config.web.listen} and so needs {folder / name}, which is missing."
            )
    return Template(_TLS).substitute(folder=folder, certificate=CERTIFICATE, key=KEY)


def _header_lines(*, strict_transport: bool) -> str:
    lines = [f"add_header {name} {value} always;" for name, value in _HEADERS]
    if strict_transport:
        lines.append('add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;')
    return "\n".join(" " * 8 + line for line in lines)


def _redirect_server(config: Config) -> str:
    return Template(_REDIRECT).substitute(address=_bracketed(config.web.listen), name=config.web.name)


def _user_line() -> str:
    """Keep nginx's worker the user that started it: as root it would become one that may not open the site's socket."""
    if os.geteuid() != 0:
        return ""
    return f"user {pwd.getpwuid(os.geteuid()).pw_name} {grp.getgrgid(os.getegid()).gr_name};"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
