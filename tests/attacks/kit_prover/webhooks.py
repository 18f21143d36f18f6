"""
For every check that `mutants.WEBHOOKS` finds, a webhook, an address or a key that it alone stops.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attacks.kit_prover.judging import CRASH, Forgery, stops
from attacks.kit_prover.mutants import Attempt, Verifier
from sqlalchemy import text

from service.store.base import Base
from service.store.database import Database
from service.webhooks.settings import WebhookSettings
from service.webhooks.tables import TABLES

NOW, IDENTITY = 1_700_000_000, "evt_1"
KEY, SECRET = b"\x07" * 32, b"\x01" * 32
URL, INSIDE = "https://hooks.example/", "https://10.0.0.1/"
STRICT, DEVELOPMENT = WebhookSettings(), WebhookSettings(allow_loopback=True)
BODY = {"id": IDENTITY, "type": "grant.ended", "timestamp": "2026-01-01T00:00:00Z", "data": {}}
_sign, _addresses = "service.webhooks.signature.", "service.webhooks.addresses.require_allowed: "
_target, _seal = "service.webhooks.target.", "service.webhooks.sealing."
_out, _send = "service.webhooks.outbox.emit_test: ", "service.webhooks.sender."
_known, _run = "service.webhooks.endpoints.Endpoints.", "service.webhooks.running.Webhooks."
_read = "tierproof.webhooks._read: "


# -- forgeries -------------------------------------------------------------------------------------
def makes_secret(length: int) -> Attempt:
    return lambda m: m.signature.Secret(bytes(length))


def parses_secret(text: str) -> Attempt:
    return lambda m: m.signature.Secret.parse(text)


def receives(
    body: object = BODY, *, identity: str = IDENTITY, now: int = NOW, key: bytes = SECRET,
    more: dict[str, str] | None = None,
) -> Attempt:  # fmt: skip
    """A webhook as a receiver checks and reads it; signed by `key`, which should be `SECRET`."""

    def attempt(m: Verifier) -> None:
        data = json.dumps(body).encode()
        headers = m.signature.headers_of(identity, NOW, data, [m.signature.Secret(key)])
        known = [m.signature.Secret(SECRET).text()]
        m.webhooks.verify({**headers, **(more or {})}, data, known, now=now)

    return attempt


def reaches(text: str, settings: WebhookSettings = STRICT) -> Attempt:
    return lambda m: m.addresses.require_allowed(text, settings)


def names(url: str, settings: WebhookSettings = STRICT) -> Attempt:
    return lambda m: m.target.parse(url, settings)


def opens_other_key(m: Verifier) -> None:
    sealed = m.sealing.Sealer(KEY).seal(m.signature.Secret(SECRET), "ep_1")
    m.sealing.Sealer(bytes(32)).open(sealed, "ep_1")


def in_folder(act: Callable[[Verifier, Path], object]) -> Attempt:
    def attempt(m: Verifier) -> None:
        with TemporaryDirectory() as folder:
            act(m, Path(folder))

    return attempt


def replaces_key(m: Verifier, folder: Path) -> None:
    m.sealing.create_key(folder / "key")
    m.sealing.create_key(folder / "key")


def reads_no_key(m: Verifier, folder: Path) -> None:
    (folder / "key").write_text(base64.b64encode(KEY).decode())
    (folder / "key").chmod(0o600)
    m.sealing.read_key(folder / "key")


def trusts(text: str | None) -> Attempt:
    """A file of certificates that holds something else, or is not there."""

    def act(m: Verifier, folder: Path) -> None:
        if text is not None:
            (folder / "ca.pem").write_text(text)
        m.sender.Sender(WebhookSettings(ca_file=folder / "ca.pem"))

    return in_folder(act)


class Elsewhere:
    """A connection whose other end is not where it should be, or is unknown."""

    def __init__(self, address: str | None) -> None:
        self._address = address

    def get_extra_info(self, _: str) -> tuple[str, int] | None:
        return None if self._address is None else (self._address, 443)

    async def aclose(self) -> None:
        pass

    async def connect_tcp(self, *_: object) -> Elsewhere:
        return self


def backend(m: Verifier, answers: Sequence[str]) -> Any:
    async def resolve(_: str, __: int) -> Sequence[str]:
        return answers

    return m.sender.CheckedBackend(m.target.parse(URL, STRICT), STRICT, resolve)


def runs(act: Callable[[Verifier], Awaitable[object]]) -> Attempt:
    async def awaited(m: Verifier) -> None:
        await act(m)

    return lambda m: asyncio.run(awaited(m))


def meets(address: str | None) -> Attempt:
    return runs(lambda m: m.sender._require_peer(Elsewhere(address), ip_address("1.1.1.1")))


async def connects_elsewhere(m: Verifier) -> None:
    made = backend(m, ["1.1.1.1"])
    made._inner = Elsewhere("10.0.0.1")
    await made.connect_tcp("hooks.example", 443)


# -- databases -------------------------------------------------------------------------------------
@contextmanager
def database() -> Iterator[Database]:
    with TemporaryDirectory() as folder:
        made = Database(f"sqlite:///{folder}/hooks.sqlite")
        try:
            Base.metadata.create_all(made.engine, TABLES)
            yield made
        finally:
            made.close()


def known(act: Callable[[Verifier, Any, str], object], addresses: int = 1) -> Attempt:
    """What is done with some addresses, the id of one in hand."""

    def attempt(m: Verifier) -> None:
        with database() as held, held.writing() as session:
            act(m, m.endpoints.Endpoints(session), added(m, session, addresses))

    return attempt


def added(m: Verifier, session: Any, count: int, kinds: Sequence[str] = ()) -> str:
    identity, sealer = "", m.sealing.Sealer(KEY)
    for _ in range(count):
        made, _secret = m.endpoints.Endpoints(session).add(URL, kinds, STRICT, sealer, NOW)
        identity = made.id
    return identity


def asks_for(*kinds: str) -> Attempt:
    return known(lambda m, each, _: added(m, each._session, 1, kinds), 0)


def keeps(seconds: int) -> Attempt:
    return known(
        lambda m, each, identity: each.rotate(identity, m.sealing.Sealer(KEY), NOW, keep=seconds)
    )


def tests_disabled(m: Verifier, each: Any, identity: str) -> None:
    each.disable(identity, NOW)
    m.outbox.emit_test(each._session, identity, NOW)


WRONG_TYPE = {**BODY, "type": 1}


def without_tables(_: Verifier, each: Any, __: str) -> None:
    each._session.execute(text("DROP TABLE webhook_deliveries"))
    each.require_tables()


def starts(*, addresses: int, key: bytes | None) -> Attempt:
    """A service over a database with addresses that were sealed by `KEY`."""

    def act(m: Verifier, folder: Path) -> None:
        settings = STRICT
        if key is not None:
            (folder / "key").write_text(m.sealing._FIRST + base64.b64encode(key).decode())
            (folder / "key").chmod(0o600)
            settings = WebhookSettings(key_file=folder / "key")
        with database() as held:
            with held.writing() as session:
                added(m, session, addresses)
            made = m.running.Webhooks(held, settings, lambda *_: ())
            if not addresses:
                _ = made.sealer

    return in_folder(act)


CHECKS: dict[str, Forgery] = {
    f"{_sign}Secret.__post_init__: LEAST_BYTES <= len(self.key)": stops(makes_secret(23)),
    f"{_sign}Secret.__post_init__: len(self.key) <= MOST_BYTES": stops(makes_secret(65)),
    f"{_sign}Secret.parse: except (binascii.Error, ValueError)": stops(
        parses_secret("whsec_é"), expect=CRASH
    ),
    f"{_sign}Secret.parse: secret.text() != text": stops(
        parses_secret(base64.b64encode(SECRET).decode())
    ),
    f"{_sign}authenticate: abs(timestamp - clock) > tolerance": stops(receives(now=NOW + 3600)),
    f"{_sign}authenticate: not any(equal)": stops(receives(key=KEY)),
    f"{_sign}_header: len(values) != 1": stops(receives(more={"Webhook-Id": "evt_2"})),
    f"{_sign}_header: _FORMS[name].fullmatch(values[0]) is None": stops(
        receives({**BODY, "id": "evt.1"}, identity="evt.1")
    ),
    f"{_addresses}except ValueError": stops(reaches("hooks.example"), expect=CRASH),
    f"{_addresses}not is_public(address)": stops(reaches("169.254.169.254")),
    f"{_addresses}address in network": stops(
        reaches("9.9.9.9", WebhookSettings.model_validate({"refused_networks": ["9.9.9.0/24"]}))
    ),
    f"{_target}parse: found is None": stops(names("http://hooks.example/"), expect=CRASH),
    f"{_target}parse: target.literal or _is_name(host)": stops(names("https://2130706433/")),
    f"{_target}parse: target.port > 65_535": stops(names("https://[::1]:99999/", DEVELOPMENT)),
    f"{_target}parse: _require_place(target, settings)": stops(names(INSIDE)),
    f"{_target}_require_place: require_allowed(target.host, settings, local=target.local)": stops(
        names(INSIDE)
    ),
    f"{_target}_require_place: target.local and not settings.allow_loopback": stops(
        names("https://localhost/")
    ),
    f"{_target}_require_place: not target.local and target.port not in settings.ports": stops(
        names("https://hooks.example:22/")
    ),
    f"{_seal}Sealer.__init__: len(key) != KEY_BYTES": stops(lambda m: m.sealing.Sealer(bytes(16))),
    f"{_seal}Sealer.open: except (InvalidTag, ValueError, Malformed)": stops(
        opens_other_key, expect=CRASH
    ),
    f"{_seal}create_key: path.exists()": stops(in_folder(replaces_key)),
    f"{_seal}read_key: not text.startswith(_FIRST)": stops(in_folder(reads_no_key)),
    f"{_out}row is None": stops(
        known(lambda m, each, _: m.outbox.emit_test(each._session, "ep_0", NOW)), expect=CRASH
    ),
    f"{_out}row.state != ACTIVE": stops(known(tests_disabled)),
    f"{_send}CheckedBackend.connect_tcp: _require_peer(stream, address)": stops(
        runs(connects_elsewhere)
    ),
    f"{_send}CheckedBackend._addresses: len(found) > MOST_RESOLVED": stops(
        runs(lambda m: backend(m, ["1.1.1.1"] * 65)._addresses())
    ),
    f"{_send}_require_peer: peer is None": stops(meets(None), expect=CRASH),
    f"{_send}_require_peer: ip_address(peer[0]) != address": stops(meets("10.0.0.1")),
    f"{_send}_context: except ssl.SSLError": stops(trusts("none"), expect=CRASH),
    f"{_send}_context: except OSError": stops(trusts(None), expect=CRASH),
    f"{_known}add: len(set(kinds)) != len(kinds)": stops(asks_for("grant.ended", "grant.ended")),
    f"{_known}add: not set(kinds) <= set(KINDS)": stops(asks_for("grant.begun")),
    f"{_known}add: count >= MOST_ENDPOINTS": stops(known(lambda *_: None, 101)),
    f"{_known}rotate: 0 <= keep": stops(keeps(-1)),
    f"{_known}rotate: keep <= MOST_OLD_SECRET_SECONDS": stops(keeps(10**6)),
    f"{_known}require_tables: not {{table.name for table in TABLES}} <= set(there)": stops(
        known(without_tables, 0)
    ),
    f"{_known}require_none: found is not None": stops(
        known(lambda m, each, _: each.require_none())
    ),
    f"{_known}_row: row is None": stops(
        known(lambda m, each, _: each.remove("ep_0")), expect=CRASH
    ),
    f"{_run}__init__: known.require_none()": stops(starts(addresses=1, key=None)),
    f"{_run}__init__: known.require_key(self._sealer)": stops(starts(addresses=1, key=bytes(32))),
    f"{_run}sealer: self._sealer is None": stops(starts(addresses=0, key=None)),
    f"{_read}not isinstance(value, dict)": stops(receives(list(BODY)), expect=CRASH),
    f'{_read}set(value) != {{"id", "type", "timestamp", "data"}}': stops(
        receives({**BODY, "account": "0x1"})
    ),
    f"{_read}not all(isinstance(text, str) for text in texts)": stops(receives(WRONG_TYPE)),
    f'{_read}not isinstance(value["data"], dict)': stops(receives({**BODY, "data": []})),
    f'{_read}value["id"] != identity': stops(receives(identity="evt_2")),
}
