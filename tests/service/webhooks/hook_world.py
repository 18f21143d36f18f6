"""
A database, addresses, and a receiver: a real https server on loopback under a certificate of a CA
that is made here.
"""

from __future__ import annotations

import datetime
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from service.store.base import Base
from service.store.database import Database
from service.webhooks.endpoints import Endpoints
from service.webhooks.events import CredentialAccepted, Event
from service.webhooks.sealing import Sealer
from service.webhooks.settings import WebhookSettings
from service.webhooks.signature import Secret
from service.webhooks.tables import TABLES

NOW = 1_700_000_000
SEALER = Sealer(b"\x07" * 32)
NAME = "hooks.example"
"""What the receiver's certificate is for, besides 127.0.0.1."""


def accepted(number: int = 1, time: int = NOW) -> Event:
    """An event whose words are made of a number."""
    word = f"0x{number:064x}"
    return Event(time, CredentialAccepted(nullifier=word, series=word, policy_id=word, tier=0))


# -- database --------------------------------------------------------------------------------------
def opened(url: str) -> Database:
    """A database with the tables of the webhooks, as a service has it."""
    database = Database(url)
    Base.metadata.create_all(database.engine, TABLES)
    return database


def endpoint(
    database: Database, url: str, settings: WebhookSettings, *kinds: str
) -> tuple[str, Secret]:
    """An address that is told."""
    with database.writing() as session:
        made, secret = Endpoints(session).add(url, kinds, settings, SEALER, NOW)
    return made.id, secret


# -- certificates ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Certificates:
    """PEM files: of the CA, and of a receiver for `NAME` and 127.0.0.1 with its key."""

    ca: Path
    receiver: Path


def certificates(folder: Path, name: str = NAME) -> Certificates:
    """A CA and what it signed."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a CA of tests")])
    ca = _certificate(ca_name, ca_name, ca_key, ca_key, None)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    alternative = x509.SubjectAlternativeName(
        [x509.DNSName(name), x509.IPAddress(IPv4Address("127.0.0.1"))]
    )
    signed = _certificate(subject, ca_name, key, ca_key, alternative)
    out = Certificates(folder / "ca.pem", folder / "receiver.pem")
    pem = serialization.Encoding.PEM
    out.ca.write_bytes(ca.public_bytes(pem))
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    out.receiver.write_bytes(private + signed.public_bytes(pem))
    return out


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: Any, signer: Any,
    alternative: x509.SubjectAlternativeName | None,
) -> x509.Certificate:  # fmt: skip
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(alternative is None, None), critical=True)
    )
    if alternative is not None:
        made = made.add_extension(alternative, critical=False)
    return made.sign(signer, hashes.SHA256())


# -- receiver --------------------------------------------------------------------------------------
@dataclass
class Receiver:
    """What came in, and what is answered."""

    port: int = 0
    answer: Callable[[BaseHTTPRequestHandler], None] = field(default=lambda h: status(h, 204))
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/hook?of=tests"


def status(handler: BaseHTTPRequestHandler, code: int, **headers: str) -> None:
    """A status without a body."""
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


@contextmanager
def receiver(made: Certificates) -> Iterator[Receiver]:
    """A server of its own threads."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            state.seen.append(({k.lower(): v for k, v in self.headers.items()}, body))
            state.answer(self)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.handle_error = True, lambda *_: None  # type: ignore[method-assign]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.receiver)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
