"""Sending: what is reached and what is not, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from algebra.errors import Refused
from service.webhooks import addresses
from service.webhooks.sender import Answer, Resolve, Sender, SystemResolver
from service.webhooks.settings import WebhookSettings
from tests.service.webhooks.hook_world import (
    NAME,
    Certificates,
    Receiver,
    certificates,
    receiver,
    status,
)


def send(url: str, settings: WebhookSettings, resolve: Resolve | None = None) -> Answer:
    return asyncio.run(Sender(settings, resolve).send(url, {"webhook-id": "evt_1"}, b'{"a":1}'))


class Names:
    """A name server that answers from a list, one answer after the other."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_a_sending_arrives_whole(hook: Receiver, settings: WebhookSettings) -> None:
    assert send(hook.url, settings) == Answer("204", 204)
    ((headers, body),) = hook.seen
    assert body == b'{"a":1}' and headers["webhook-id"] == "evt_1"
    assert headers["host"] == f"127.0.0.1:{hook.port}" and headers["connection"] == "close"
    assert headers["content-type"] == "application/json"
    assert "cookie" not in headers and "authorization" not in headers


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure(hook: Receiver, settings: WebhookSettings, code: int) -> None:
    hook.answer = lambda h: status(h, code, Location=hook.url)
    answer = send(hook.url, settings)
    assert not answer.success and answer.status == code and len(hook.seen) == 1


def test_cookies_are_not_kept(hook: Receiver, settings: WebhookSettings) -> None:
    hook.answer = lambda h: status(h, 200, Set_Cookie="a=b")
    sender = Sender(settings)

    async def twice() -> None:
        for _ in range(2):
            await sender.send(hook.url, {}, b"{}")

    asyncio.run(twice())
    assert len(hook.seen) == 2 and all("cookie" not in headers for headers, _ in hook.seen)


def test_the_environment_names_no_proxy(
    hook: Receiver, settings: WebhookSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send(hook.url, settings).success


def endless_body(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def endless_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.flush_headers()
    while True:
        handler.wfile.write(b"X-More: " + b"x" * 60_000 + b"\r\n")


def slow_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(60):
        handler.wfile.write(b"X-Slow: 1\r\n")
        time.sleep(0.1)


def informed_for_ever(handler: BaseHTTPRequestHandler) -> None:
    while True:
        handler.wfile.write(b"HTTP/1.1 102 Processing\r\n\r\n")
        time.sleep(0.05)


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(6)


def garbage(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"not HTTP at all\r\n\r\n")
    handler.close_connection = True


def closes(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def test_the_body_of_an_answer_is_not_read(hook: Receiver, settings: WebhookSettings) -> None:
    hook.answer = endless_body
    assert send(hook.url, settings) == Answer("200", 200)


@pytest.mark.parametrize(
    ("receives", "said"),
    [
        (endless_headers, "answer"),
        (slow_headers, "timeout"),
        (informed_for_ever, "timeout"),
        (silent, "timeout"),
        (garbage, "answer"),
        (closes, "answer"),
    ],
)
def test_a_bad_answer_ends(
    hook: Receiver, settings: WebhookSettings, receives: object, said: str
) -> None:
    hook.answer = receives  # type: ignore[assignment]
    assert send(hook.url, settings) == Answer(said)


@pytest.mark.parametrize(
    ("given", "read"),
    [("120", 120), ("99999", 86_400), ("Wed, 21 Oct 2026 07:28:00 GMT", 0), ("-1", 0), ("", 0)],
)
def test_retry_after(hook: Receiver, settings: WebhookSettings, given: str, read: int) -> None:
    hook.answer = lambda h: status(h, 503, Retry_After=given)
    assert send(hook.url, settings) == Answer("503", 503, read)


# -- names and certificates ------------------------------------------------------------------------
def public_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets 127.0.0.1 count as public, so that a name may lead to the receiver."""
    kept = tuple(n for n in addresses.NOT_PUBLIC_4 if str(n) != "127.0.0.0/8")
    monkeypatch.setattr(addresses, "NOT_PUBLIC_4", kept)


def test_the_certificate_is_for_the_name(
    hook: Receiver, settings: WebhookSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    public_loopback(monkeypatch)
    open_port = settings.model_copy(update={"ports": (hook.port,), "allow_loopback": False})
    names = Names(["127.0.0.1"])
    assert send(f"https://{NAME}:{hook.port}/", open_port, names) == Answer("204", 204)
    assert send(f"https://other.example:{hook.port}/", open_port, names) == Answer("tls")
    assert len(hook.seen) == 1 and hook.seen[0][0]["host"] == f"{NAME}:{hook.port}"


def test_a_ca_that_is_not_trusted(tmp_path: Path, settings: WebhookSettings) -> None:
    with receiver(certificates(tmp_path)) as other:
        assert send(other.url, settings) == Answer("tls") and other.seen == []


def test_a_name_is_resolved_once(
    hook: Receiver, settings: WebhookSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second answer, for a second look, is never asked for: it would lead inside."""
    public_loopback(monkeypatch)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("resolved by the library"))
    open_port = settings.model_copy(update={"ports": (hook.port,), "allow_loopback": False})
    names = Names(["127.0.0.1"], ["127.0.0.9"])
    assert send(f"https://{NAME}:{hook.port}/", open_port, names).success and names.asked == 1


def test_an_answer_that_changes_leads_nowhere(hook: Receiver, settings: WebhookSettings) -> None:
    """Public when the address was registered, inside when it connects (DNS rebinding)."""
    open_port = settings.model_copy(update={"ports": (hook.port,)})
    for inside in (
        "127.0.0.1",
        "10.0.0.1",
        "::ffff:127.0.0.1",
        "169.254.169.254",
        "::1",
        "0.0.0.0",
    ):
        answer = send(f"https://{NAME}:{hook.port}/", open_port, Names([inside]))
        assert answer == Answer("refused.webhook_address"), inside
    assert hook.seen == []


def test_one_address_inside_spoils_all(
    hook: Receiver, settings: WebhookSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    public_loopback(monkeypatch)
    open_port = settings.model_copy(update={"ports": (hook.port,), "allow_loopback": False})
    names = Names(["127.0.0.1", "10.0.0.1"])
    answer = send(f"https://{NAME}:{hook.port}/", open_port, names)
    assert answer == Answer("refused.webhook_address") and hook.seen == []


def test_the_next_address_is_tried(
    hook: Receiver, settings: WebhookSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    public_loopback(monkeypatch)
    open_port = settings.model_copy(update={"ports": (hook.port,), "allow_loopback": False})
    names = Names(["127.0.0.77", "127.0.0.1"])  # nobody listens at the first
    assert send(f"https://{NAME}:{hook.port}/", open_port, names).success


def test_a_socket_to_another_address_is_not_used(
    hook: Receiver, settings: WebhookSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the network layer does: the other end is the address that was checked."""
    from httpcore import AnyIOBackend

    honest = AnyIOBackend.connect_tcp

    async def elsewhere(self: AnyIOBackend, host: str, port: int, **given: object) -> object:
        return await honest(self, "127.0.0.1", port)

    monkeypatch.setattr(AnyIOBackend, "connect_tcp", elsewhere)
    url = f"https://127.0.0.5:{hook.port}/"
    assert send(url, settings) == Answer("refused.webhook_address") and hook.seen == []


def test_loopback_by_the_setting_alone(hook: Receiver, settings: WebhookSettings) -> None:
    strict = settings.model_copy(update={"allow_loopback": False, "ports": (hook.port,)})
    for host in ("127.0.0.1", "localhost", "a.localhost", "[::1]", "[::ffff:127.0.0.1]"):
        answer = send(f"https://{host}:{hook.port}/", strict)
        assert answer == Answer("refused.webhook_address"), host
    assert hook.seen == []
    # a name that only resolves to this machine is refused in development too
    open_port = settings.model_copy(update={"ports": (hook.port,)})
    answer = send(f"https://{NAME}:{hook.port}/", open_port, Names(["127.0.0.1"]))
    assert answer == Answer("refused.webhook_address")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([], "connect"),
        (["127.0.0.1"] * 65, "refused.webhook_address"),
        (["x"], "refused.webhook_address"),
    ],
)
def test_odd_answers_of_a_name_server(
    settings: WebhookSettings, answers: list[str], said: str
) -> None:
    assert send(f"https://{NAME}/", settings, Names(answers)) == Answer(said)


def test_a_name_that_is_not_there(settings: WebhookSettings) -> None:
    async def nobody(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert send(f"https://{NAME}/", settings, nobody) == Answer("resolve")


def test_a_name_server_that_never_answers(settings: WebhookSettings) -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    quick = settings.model_copy(update={"connect_seconds": 0.05})
    assert send(f"https://{NAME}/", quick, never) == Answer("timeout")


def test_nobody_listens(settings: WebhookSettings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert send(f"https://127.0.0.1:{taken.getsockname()[1]}/", settings) == Answer("connect")


def test_a_handshake_that_never_ends(settings: WebhookSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # the system takes the connection
        quick = settings.model_copy(update={"connect_seconds": 0.2})
        assert send(f"https://127.0.0.1:{mute.getsockname()[1]}/", quick) == Answer("timeout")


def test_plain_http_behind_the_port(settings: WebhookSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = plain.getsockname()[1]

        def talk() -> None:
            found, _ = plain.accept()
            found.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

        threading.Thread(target=talk, daemon=True).start()
        assert send(f"https://127.0.0.1:{port}/", settings) == Answer("tls")


def test_the_system_resolves(settings: WebhookSettings) -> None:
    found = asyncio.run(SystemResolver()("localhost", 443))
    assert found and len(set(found)) == len(found)


def test_certificates_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(Refused, match="no certificates"):
        Sender(WebhookSettings(ca_file=tmp_path / "ca.pem"))


def test_versions_of_tls(made: Certificates) -> None:
    import ssl

    context = Sender(WebhookSettings(ca_file=made.ca))._context
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED
