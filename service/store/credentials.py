"""
Accepted credentials. One statement accepts: the insert of a row, or, by the conditions of an
update, of a later window in its place; never a check before a write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from algebra.errors import Refused
from algebra.hexadecimal import hex20, hex32
from policies.place import Place
from policies.policy import Policy
from service.audit.entries import Entry
from service.audit.log import AuditLog
from service.operations.restored import require_released
from service.store import roots
from service.store.policies import place_of
from service.store.tables import CredentialRow, VerdictRow
from service.webhooks.events import CredentialAccepted, Event
from service.webhooks.outbox import emit

_INSERT: Mapping[str, Any] = MappingProxyType(
    {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
)


@dataclass(frozen=True, slots=True)
class Credential:
    """
    An accepted proof, in public words only; `last_day` is the policy's, since 1970, `digest` that
    of the credential file.
    """

    nullifier: int
    scope: int
    policy_id: bytes
    tier: int
    account: int
    last_day: int
    attestor_set: bytes
    root: int
    key_digest: bytes
    place: Place
    digest: bytes
    accepted_at: int = 0

    def follows(self, standing: Credential) -> bool:
        """
        Whether this may take the place of an accepted one of the same nullifier: by the same
        account, with a window that ends later. The service knows no moves to another account yet.
        """
        return self.account == standing.account and self.last_day > standing.last_day


Also = Callable[[Session, Credential], None]
"""What is written in the transaction of an acceptance; it raises where nothing may be accepted."""


def nothing_else(session: Session, accepted: Credential) -> None:
    """An acceptance by itself."""


def accept(
    session: Session,
    policy: Policy,
    credential: Credential,
    now: int,
    also: Also = nothing_else,
) -> Credential:
    """As `Store.accept`, in the caller's transaction."""
    accepted = replace(credential, accepted_at=now)
    require_released(session)
    roots.require(session, policy, accepted.place, accepted.root, now)
    columns = _columns(accepted)
    written = session.connection().scalar(_accepting(session.get_bind().dialect.name), columns)
    if written is None:
        raise nullifier_used()
    session.add(VerdictRow(**columns))
    emit(session, _told(policy, accepted), now=now)
    also(session, accepted)
    words = {name: columns[name] for name in ("scope", "key_digest")}
    AuditLog(session).append(Entry("accepted", now, {**_claim(columns), **words}))
    return accepted


@cache
def _accepting(dialect: str) -> Any:
    """
    The statement that accepts, made once; it returns nothing where the nullifier is used. Its
    parameters are `_columns`.
    """
    insert = _INSERT[dialect](CredentialRow)
    names = [column.name for column in CredentialRow.__table__.columns]
    return insert.on_conflict_do_update(
        index_elements=[CredentialRow.nullifier],
        set_={name: insert.excluded[name] for name in names if name != "nullifier"},
        where=(CredentialRow.account == insert.excluded.account)
        & (CredentialRow.last_day < insert.excluded.last_day),
    ).returning(CredentialRow.nullifier)


def reject(session: Session, credential: Credential, code: str, now: int) -> None:
    """As `Store.reject`, in the caller's transaction."""
    fields = {**_claim(_columns(credential)), "code": code}
    AuditLog(session).append(Entry("rejected", now, fields))


def _told(policy: Policy, accepted: Credential) -> Event:
    """What webhooks say of it: no account."""
    ids = CredentialAccepted(
        nullifier=hex32(accepted.nullifier),
        series=hex32(policy.series.id),
        policy_id=hex32(accepted.policy_id),
        tier=accepted.tier,
    )
    return Event(accepted.accepted_at, ids)


def get(session: Session, nullifier: int) -> Credential | None:
    """The accepted credential of a nullifier, if any."""
    row = session.get(CredentialRow, hex32(nullifier))
    return None if row is None else credential_of(row)


def verdict(session: Session, digest: bytes) -> Credential | None:
    """As `Store.verdict`."""
    row = session.get(VerdictRow, hex32(digest))
    return None if row is None else credential_of(row)


def nullifier_used() -> Refused:
    """The refusal of what follows no accepted credential, for the caller to raise."""
    return Refused(
        "refused.nullifier_used",
        "nullifier: accepted before in this series, for another account or a window as late",
    )


def _columns(credential: Credential) -> dict[str, Any]:
    return {
        "nullifier": hex32(credential.nullifier),
        "scope": hex32(credential.scope),
        "policy_id": hex32(credential.policy_id),
        "tier": credential.tier,
        "account": hex20(credential.account),
        "last_day": credential.last_day,
        "attestor_set": hex32(credential.attestor_set),
        "root": hex32(credential.root),
        "key_digest": hex32(credential.key_digest),
        "digest": hex32(credential.digest),
        "chain_id": str(credential.place.chain_id),
        "registry_address": credential.place.registry,
        "accepted_at": credential.accepted_at,
    }


def _claim(columns: Mapping[str, Any]) -> dict[str, Any]:
    """What was claimed, as entries of the audit log name it."""
    names = ("policy_id", "tier", "root", "nullifier", "account", "chain_id")
    return {**{name: columns[name] for name in names}, "registry": columns["registry_address"]}


def credential_of(row: CredentialRow | VerdictRow) -> Credential:
    """What a row says."""
    return Credential(
        nullifier=int(row.nullifier, 16),
        scope=int(row.scope, 16),
        policy_id=bytes.fromhex(row.policy_id[2:]),
        tier=row.tier,
        account=int(row.account, 16),
        last_day=row.last_day,
        attestor_set=bytes.fromhex(row.attestor_set[2:]),
        root=int(row.root, 16),
        key_digest=bytes.fromhex(row.key_digest[2:]),
        place=place_of(row),
        digest=bytes.fromhex(row.digest[2:]),
        accepted_at=row.accepted_at,
    )
