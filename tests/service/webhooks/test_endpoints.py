"""Addresses and their secrets: what is taken, shown, sealed and refused."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from algebra.errors import Malformed, Refused, TierproofError, Unavailable
from service.store.database import Database
from service.webhooks import sealing
from service.webhooks.endpoints import MOST_ENDPOINTS, Endpoints
from service.webhooks.outbox import emit
from service.webhooks.sealing import Sealer, create_key, read_key
from service.webhooks.settings import WebhookSettings
from service.webhooks.signature import Secret
from service.webhooks.tables import DeliveryRow, EndpointRow
from tests.service.webhooks.hook_world import NOW, SEALER, accepted, endpoint

SETTINGS = WebhookSettings()
URL = "https://hooks.example/a"


def refused(code: str) -> pytest.RaisesExc[TierproofError]:
    return pytest.raises(TierproofError, check=lambda error: error.code == code)


def test_an_address_is_made_and_shown_without_its_secret(database: Database) -> None:
    with database.writing() as session:
        made, secret = Endpoints(session).add(URL, ["grant.ended"], SETTINGS, SEALER, NOW)
        row = session.get_one(EndpointRow, made.id)
        assert secret.text() not in row.secret and secret.key.hex() not in row.secret
        assert SEALER.open(row.secret, row.id) == secret
    assert (made.url, made.kinds, made.state, made.created_at) == (
        URL, ("grant.ended",), "active", NOW,
    )  # fmt: skip
    assert len(secret.key) == 32 and "secret" not in vars(type(made))
    with database.reading() as session:
        assert Endpoints(session).get(made.id) == made


@pytest.mark.parametrize(
    ("url", "kinds", "code"),
    [
        ("http://hooks.example/", [], "malformed.webhook_url"),
        ("https://10.0.0.1/", [], "refused.webhook_address"),
        ("https://hooks.example:22/", [], "refused.webhook_port"),
        (URL, ["grant.begun"], "malformed.webhook_kind"),
        (URL, ["webhook.test"], "malformed.webhook_kind"),
        (URL, ["grant.ended", "grant.ended"], "malformed.webhook_kind"),
    ],
)
def test_addresses_that_are_refused(
    database: Database, url: str, kinds: list[str], code: str
) -> None:
    with database.writing() as session, refused(code):
        Endpoints(session).add(url, kinds, SETTINGS, SEALER, NOW)
    with database.reading() as session:
        assert Endpoints(session).page("", 10) == []


def test_there_is_an_end_to_addresses(database: Database) -> None:
    for _ in range(MOST_ENDPOINTS):
        endpoint(database, URL, SETTINGS)
    with refused("refused.webhook_count"):
        endpoint(database, URL, SETTINGS)


def test_pages_are_whole_while_others_come(database: Database) -> None:
    first = {endpoint(database, URL, SETTINGS)[0] for _ in range(7)}
    seen: list[str] = []
    after = ""
    while True:
        with database.reading() as session:
            page = [each.id for each in Endpoints(session).page(after, 3)]
        if not page:
            break
        seen, after = seen + page, page[-1]
        endpoint(database, URL, SETTINGS)
        if len(seen) > 40:
            break
    assert first <= set(seen) and len(seen) == len(set(seen))


def test_a_secret_is_changed(database: Database) -> None:
    identity, old = endpoint(database, URL, SETTINGS)
    with database.writing() as session:
        shown, new = Endpoints(session).rotate(identity, SEALER, NOW)
        assert shown.old_secret_until == NOW + 86_400 and new != old
        row = session.get_one(EndpointRow, identity)
        assert SEALER.open(row.old_secret or "", identity) == old
        shown, newest = Endpoints(session).rotate(identity, SEALER, NOW, keep=0)
        assert shown.old_secret_until is None and row.old_secret is None and newest != new
        for keep in (-1, 7 * 86_400 + 1):
            with refused("malformed.webhook_keep"):
                Endpoints(session).rotate(identity, SEALER, NOW, keep=keep)


def test_off_and_on(database: Database) -> None:
    identity, _ = endpoint(database, URL, SETTINGS)
    with database.writing() as session:
        emit(session, accepted(1), now=NOW)
        assert Endpoints(session).disable(identity, NOW).state == "disabled"
        assert emit(session, accepted(2), now=NOW) == 0
        assert [row.state for row in session.scalars(select(DeliveryRow))] == ["given_up"]
        assert Endpoints(session).enable(identity).state == "active"
        assert emit(session, accepted(3), now=NOW) == 1


def test_removed_with_what_was_sent(database: Database) -> None:
    identity, _ = endpoint(database, URL, SETTINGS)
    other, _ = endpoint(database, URL, SETTINGS)
    with database.writing() as session:
        emit(session, accepted(1), now=NOW)
        Endpoints(session).remove(identity)
    with database.reading() as session:
        assert [row.endpoint_id for row in session.scalars(select(DeliveryRow))] == [other]
        with refused("unknown.webhook"):
            Endpoints(session).get(identity)


def test_an_id_that_is_not_there(database: Database) -> None:
    identity = "ep_" + "0" * 32
    with database.writing() as session:
        known = Endpoints(session)
        for call in (
            lambda: known.get(identity),
            lambda: known.rotate(identity, SEALER, NOW),
            lambda: known.disable(identity, NOW),
            lambda: known.enable(identity),
            lambda: known.remove(identity),
            lambda: known.deliveries(identity, None, 1),
        ):
            with refused("unknown.webhook"):
                call()


def test_deliveries_by_pages_newest_first(database: Database) -> None:
    identity, _ = endpoint(database, URL, SETTINGS)
    with database.writing() as session:
        for number in range(1, 8):
            emit(session, accepted(number), now=NOW)
        known = Endpoints(session)
        first = known.deliveries(identity, None, 4)
        rest = known.deliveries(identity, first[-1].place, 4)
        assert [each.event_id for each in first + rest] == [
            accepted(number).id for number in range(7, 0, -1)
        ]
        assert first[0].due_at == NOW and first[0].kind == "credential.accepted"


# -- keys ------------------------------------------------------------------------------------------
def test_a_key_is_in_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "webhooks.key"
    create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with refused("refused.webhook_key_file"):
        create_key(path)
    sealed = read_key(path).seal(Secret(b"\x01" * 32), "ep_1")
    assert read_key(path).open(sealed, "ep_1") == Secret(b"\x01" * 32)
    create_key(tmp_path / "other.key")
    with refused("refused.webhook_key"):
        read_key(tmp_path / "other.key").open(sealed, "ep_1")


@pytest.mark.parametrize(
    "text",
    ["", "x", "A" * 44, "tierproof-webhooks-key-1 ", "tierproof-webhooks-key-1 AAAA",
     "tierproof-webhooks-key-2 " + "A" * 43 + "=", "tierproof-webhooks-key-1 é"],
)  # fmt: skip
def test_no_keys(tmp_path: Path, text: str) -> None:
    path = tmp_path / "webhooks.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(Malformed) as caught:
        read_key(path)
    assert caught.value.code == "malformed.webhook_key"


def test_a_key_that_others_can_read(tmp_path: Path) -> None:
    path = tmp_path / "webhooks.key"
    create_key(path)
    path.chmod(0o644)
    with refused("refused.open_key_file"):
        read_key(path)
    with pytest.raises(Unavailable):
        read_key(tmp_path / "none.key")


def test_what_is_sealed_is_bound_to_its_address() -> None:
    secret = Secret.fresh()
    sealed = SEALER.seal(secret, "ep_1")
    assert SEALER.seal(secret, "ep_1") != sealed and SEALER.open(sealed, "ep_1") == secret
    changed = sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:]
    for text, identity in ((sealed, "ep_2"), (changed, "ep_1"), ("", "ep_1"), ("é", "ep_1"),
                           (sealed[:-4], "ep_1")):  # fmt: skip
        with refused("refused.webhook_key"):
            SEALER.open(text, identity)
    with refused("malformed.webhook_key"):
        Sealer(b"short")


def test_the_key_is_looked_at_before_anything_starts(database: Database) -> None:
    with database.reading() as session:
        Endpoints(session).require_key(Sealer(b"\x08" * 32))
        Endpoints(session).require_none()
    endpoint(database, URL, SETTINGS)
    with database.reading() as session:
        Endpoints(session).require_key(SEALER)
        with refused("refused.webhook_key"):
            Endpoints(session).require_key(Sealer(b"\x08" * 32))
        with refused("refused.webhook_key"):
            Endpoints(session).require_none()


def test_no_error_has_a_secret() -> None:
    secret = Secret.fresh()
    with pytest.raises(Refused) as caught:
        Sealer(b"\x08" * 32).open(SEALER.seal(secret, "ep_1"), "ep_1")
    assert secret.text()[6:] not in repr(caught.value) and caught.value.__cause__ is None
    assert sealing.KEY_BYTES == 32


# -- settings --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "given",
    [
        {"ports": ()},
        {"ports": (0,)},
        {"ports": (65_536,)},
        {"refused_networks": ("10.0.0.1/8",)},
        {"connect_seconds": 0},
        {"whole_seconds": 1e9},
        {"at_once": 0},
        {"keep_days": 1},
        {"keep_days": 14, "expiring_days": 14},
        {"unknown": 1},
    ],
)
def test_settings_out_of_range(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WebhookSettings(**given)  # type: ignore[arg-type]
