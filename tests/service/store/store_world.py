"""A policy, a key and a root, and credentials that rest on them: what a store need know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from secrets import token_bytes
from typing import Any

from algebra.errors import TierproofError
from policies.place import Place
from policies.policy import example
from policies.signed_root import Root
from service.audit.entries import Entry
from service.audit.stored import entries
from service.store.credentials import Credential
from service.store.store import Store
from verifier.ceremonies import ceremony_ids

NOW = 1_700_000_000
PLACE = Place(31337, f"0x{0xC0FFEE:040x}")
ELSEWHERE = (Place(1, PLACE.registry), Place(PLACE.chain_id, f"0x{0xC0FFEF:040x}"))
POLICY = replace(example("sample-hyperliquid"), attestor_set=b"\x77" * 32)
ROOT, ACCOUNT = 11, 0xAB5
SIGNED = Root(
    ROOT, POLICY.attestor_set, 1, POLICY.first_day, POLICY.last_day, NOW + 1000, 77,
    POLICY.documents.rules,
)  # fmt: skip


@dataclass(frozen=True)
class Key:
    """The part of a verifying key that the store reads."""

    digest: bytes = b"\x01" * 32
    size: int = 8192
    srs_id: int = ceremony_ids()[0]

    def to_json(self) -> dict[str, Any]:
        return {"digest": self.digest.hex(), "size": self.size}


def opened(url: str, now: float = NOW) -> Store:
    return Store(url, clock=lambda: now)


def register_root(store: Store, root: Root = SIGNED, place: Place = PLACE) -> None:
    store.register_root(
        root, [], domain=place.domain, quorum=lambda *_: None, files=POLICY.documents
    )


def fill(store: Store) -> None:
    store.register_policy(POLICY, [PLACE])
    store.register_key(Key())
    register_root(store)


def credential(nullifier: int, account: int = ACCOUNT, place: Place = PLACE) -> Credential:
    return Credential(
        nullifier=nullifier, scope=1, policy_id=POLICY.policy_id, tier=1, account=account,
        last_day=POLICY.last_day, attestor_set=POLICY.attestor_set, root=ROOT,
        key_digest=Key().digest, place=place, digest=token_bytes(32),
    )  # fmt: skip


def said(action: Callable[[], object]) -> str:
    """`done`, or the code of the refusal."""
    try:
        action()
    except TierproofError as error:
        return error.code
    return "done"


def logged(store: Store) -> list[tuple[str, dict[str, Any]]]:
    """Kind and fields of every entry of the audit log."""
    with store.database.reading() as session:
        found = [Entry.parse(leaf.data) for leaf in entries(session)]
    return [(entry.kind, dict(entry.fields)) for entry in found]
