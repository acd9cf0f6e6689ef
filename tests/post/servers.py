"""A mail server and a webhook's server, real ones, on loopback, under certificates of an authority of our own."""

import ipaddress
import json
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "box@example.org", "silent copper kettle"


class Authority:
    """Vouches for loopback; ``file`` is what a box is told to trust."""

    def __init__(self, folder, name="authority"):
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._certificate = self._signed(self._name, self._key.public_key(), authority=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def context(self):
        """Return a server's TLS, with a certificate for 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        leaf = self._signed(name, key.public_key(), authority=False)
        pem = self._folder / "leaf.pem"
        pem.write_bytes(
            leaf.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context

    def _signed(self, subject, public, *, authority):
        now = datetime.now(UTC)
        loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        return (
            x509.CertificateBuilder(self._name, subject, public, x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(loopback, critical=False)
            .sign(self._key, hashes.SHA256())
        )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class MailBox:
    """What aiosmtpd hands its mail to; ``refuse`` is a reply to give instead of taking it."""

    def __init__(self):
        self.letters, self.refuse = [], ""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.refuse:
            return self.refuse
        encrypted = server.transport.get_extra_info("ssl_object") is not None
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, envelope.content, encrypted))
        return "250 taken"


def _authenticated(_server, _session, _envelope, _mechanism, data):
    good = data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=good)


class MailServer(Controller):
    """An SMTP server: ``tls`` from the first byte, or STARTTLS; neither where ``context`` is None."""

    def __init__(self, mailbox, context, *, tls=True):
        self.mailbox, self._context, self._tls = mailbox, context, tls
        super().__init__(mailbox, hostname="127.0.0.1", port=free_port(), ssl_context=context if tls else None)

    def factory(self):
        return SMTP(
            self.handler,
            tls_context=None if self._tls else self._context,
            require_starttls=not self._tls and self._context is not None,
            authenticator=_authenticated,
            auth_required=self._context is not None,
            auth_require_tls=not self._tls,
        )

    def _trigger_server(self):
        """Knock, which is how the controller finds out that it runs; it would do so with TLS of its own."""
        socket.create_connection((self.hostname, self.port), 5.0).close()


class HookServer:
    """An HTTPS server that keeps what is posted; ``status`` is what it answers."""

    def __init__(self, context):
        self.posts, self.status, self.location = [], 200, ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posts.append((self.path, dict(self.headers), body))
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def port(self):
        return self._server.server_address[1]

    def said(self):
        return [json.loads(body) for _, _, body in self.posts]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
