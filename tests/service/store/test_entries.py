"""What is registered, taken back or judged has its entry, in the transaction that does it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from algebra.errors import Refused, Unavailable
from algebra.hexadecimal import hex20, hex32
from service.audit.log import AuditLog
from service.store.store import Store
from service.store.tables import CredentialRow
from tests.service.audit import log_world
from tests.service.store import store_world as world
from tests.tierproof.conftest import run, write_private

SET, ROOT = hex32(world.POLICY.attestor_set), hex32(world.ROOT)
PLACE = {"chain_id": "31337", "registry": world.PLACE.registry}
CLAIM = {
    "policy_id": hex32(world.POLICY.policy_id), "tier": 1, "root": ROOT, "nullifier": hex32(5),
    "account": hex20(world.ACCOUNT), **PLACE,
}  # fmt: skip


def test_each_act_has_one_entry_however_often_it_is_said(store: Store) -> None:
    for _ in range(2):
        world.fill(store)
    assert [kind for kind, _ in world.logged(store)] == ["policy", "place", "key", "root"]
    assert dict(world.logged(store))["root"] == {
        "attestor_set": SET, "root": ROOT, "generation": 1, **PLACE,
    }  # fmt: skip
    store.accept(world.POLICY, world.credential(5))
    store.reject(world.credential(5), "rejected.pairing")
    for _ in range(2):
        store.revoke_root(world.POLICY.attestor_set, world.ROOT)
        store.end_generation(world.POLICY.attestor_set, 1)
    words = {"scope": hex32(1), "key_digest": hex32(world.Key().digest)}
    assert world.logged(store)[4:] == [
        ("accepted", CLAIM | words),
        ("rejected", CLAIM | {"code": "rejected.pairing"}),
        ("root-revoked", {"attestor_set": SET, "root": ROOT}),
        ("generation-ended", {"attestor_set": SET, "generation": 1}),
    ]


def test_what_is_refused_has_none(store: Store) -> None:
    store.accept(world.POLICY, world.credential(5))
    before = world.logged(store)
    for act in (
        lambda: store.accept(world.POLICY, world.credential(5)),
        lambda: store.accept(world.POLICY, world.credential(6, place=world.ELSEWHERE[0])),
        lambda: store.revoke_root(world.POLICY.attestor_set, 99),
        lambda: world.register_root(store, replace(world.SIGNED, feed=78)),
    ):
        with pytest.raises(Refused):
            act()
    assert world.logged(store) == before


def test_without_its_entry_nothing_is_accepted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise Unavailable("unavailable.audit_busy", "audit log: full")

    monkeypatch.setattr(AuditLog, "append", full)
    for act in (
        lambda: store.accept(world.POLICY, world.credential(5)),
        lambda: store.revoke_root(world.POLICY.attestor_set, world.ROOT),
        lambda: store.end_generation(world.POLICY.attestor_set, 1),
        lambda: store.reject(world.credential(5), "rejected.pairing"),
    ):
        assert world.said(act) == "unavailable.audit_busy"
    with store.database.reading() as session:
        assert session.scalars(select(CredentialRow)).all() == []
    assert store.require_root(world.POLICY, world.PLACE, world.ROOT) == world.SIGNED


def test_the_command_verifies_the_log_of_a_service(
    url: str, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it stands, exported, and not once a verdict was changed in the database."""
    store.accept(world.POLICY, world.credential(5))
    store.reject(world.credential(6), "rejected.pairing")
    key = ("--log-key", log_world.SIGNER.public)
    key_file = write_private(tmp_path / "audit.key", log_world.SIGNER.private_text())
    out = tmp_path / "log.json"
    assert run("audit", "checkpoint", "--database", url, "--key-file", key_file) == 0
    assert run("audit", "export", "--database", url, "--out", out) == 0
    capsys.readouterr()
    assert run("audit", "verify", "--database", url, *key, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["entries"], told["signed"]) == (6, 6)
    with store.database.writing() as session:
        session.execute(text("UPDATE audit_entries SET kind = 'rejected' WHERE place = 4"))
    assert run("audit", "verify", "--database", url, *key) == 1
    assert run("audit", "verify", out, *key) == 0
