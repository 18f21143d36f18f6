"""Attestation roots, and the generations of attestor sets that signed them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from algebra.errors import Refused
from algebra.hexadecimal import hex32
from policies.place import Place
from policies.policy import Policy
from policies.rule_files import RuleFiles
from policies.signed_root import Root, RootDomain
from service.audit.entries import Entry
from service.audit.log import AuditLog
from service.store import parsed
from service.store.policies import place_fields
from service.store.tables import EndedGenerationRow, RootRow

CheckQuorum = Callable[[Root, RootDomain, Sequence[bytes]], None]
"""
Raises unless enough members of the root's attestor set signed it for this registry on this chain;
passed in, for it needs to know the sets.
"""


def check(signed: Root, files: RuleFiles, now: int) -> None:
    """What needs no database to be asked: `refused.root_files`, `refused.root_expired`."""
    if files.rules != signed.rules:
        raise Refused("refused.root_files", "root: not signed with these files")
    if signed.valid_until < now:
        raise Refused(
            "refused.root_expired", f"root: valid until {signed.valid_until}, which has passed"
        )


def register(
    session: Session, signed: Root, domain: RootDomain, files: RuleFiles, now: int
) -> None:
    """As `Store.register_root`, in the caller's transaction; quorum and files are asked before."""
    row = RootRow(
        attestor_set=hex32(signed.attestor_set),
        root=hex32(signed.root),
        chain_id=str(domain.chain_id),
        registry_address=domain.registry,
        generation=signed.generation,
        first_day=signed.first_day,
        last_day=signed.last_day,
        valid_until=str(signed.valid_until),
        feed=hex32(signed.feed),
        files=json.dumps(files.as_json()),
        revoked=False,
        registered_at=now,
    )
    everywhere = _everywhere(session, row.attestor_set, row.root)
    known = next((each for each in everywhere if _domain(each) == domain), None)
    _require_live(session, row)
    if any(each.revoked for each in everywhere):
        raise Refused("refused.root_revoked", "root: it has been revoked")
    if known is None:
        _require_newest(session, row)
    elif _signed(known) == signed:
        return
    elif not _ended(session, known):
        raise Refused("refused.root_exists", "root: known with other fields")
    session.merge(row)
    fields = {**_named(row), "generation": row.generation, **place_fields(domain)}
    AuditLog(session).append(Entry("root", now, fields))


def revoke(session: Session, attestor_set: bytes, root: int, now: int) -> None:
    """As `Store.revoke_root`, in the caller's transaction."""
    known = _everywhere(session, hex32(attestor_set), hex32(root))
    if not known:
        raise Refused("unknown.root", "root: not known")
    if not all(each.revoked for each in known):
        for each in known:
            each.revoked = True
        AuditLog(session).append(Entry("root-revoked", now, _named(known[0])))


def end_generation(session: Session, attestor_set: bytes, generation: int, now: int) -> None:
    """As `Store.end_generation`, in the caller's transaction."""
    key: dict[str, str | int] = {"attestor_set": hex32(attestor_set), "generation": generation}
    if session.get(EndedGenerationRow, key) is None:
        session.add(EndedGenerationRow(**key))
        AuditLog(session).append(Entry("generation-ended", now, key))


def require(session: Session, policy: Policy, place: Place, root: int, now: int) -> Root:
    """As `Store.require_root`, in the caller's transaction."""
    key = (hex32(policy.attestor_set), hex32(root), str(place.chain_id), place.registry)
    row = session.get(RootRow, key, populate_existing=True)
    if row is None or (row.first_day, row.last_day) != (policy.first_day, policy.last_day):
        raise Refused(
            "unknown.root",
            "root: not signed by the policy's attestors for the policy's window and this place",
        )
    if row.revoked:
        raise Refused("refused.root_revoked", "root: it has been revoked")
    _require_live(session, row)
    if int(row.valid_until) < now:
        raise Refused("refused.root_expired", f"root: it was valid until {row.valid_until}")
    if not policy.accepts(_files(row), int(row.feed, 16)):
        raise Refused(
            "refused.rules", "root: made by other margin documents or feed than the policy accepts"
        )
    return _signed(row)


def _everywhere(session: Session, attestor_set: str, root: str) -> Sequence[RootRow]:
    """The rows of a root, one for each place that it was signed for."""
    return session.scalars(
        select(RootRow).where(RootRow.attestor_set == attestor_set, RootRow.root == root)
    ).all()


def _named(row: RootRow) -> dict[str, str | int]:
    return {"attestor_set": row.attestor_set, "root": row.root}


def _domain(row: RootRow) -> RootDomain:
    return RootDomain(int(row.chain_id), row.registry_address)


def _ended(session: Session, row: RootRow) -> bool:
    """Whether the generation that signed a root has ended."""
    return session.get(EndedGenerationRow, (row.attestor_set, row.generation)) is not None


def _require_live(session: Session, row: RootRow) -> None:
    if _ended(session, row):
        raise Refused(
            "refused.generation_ended",
            f"root: generation {row.generation} of the attestor set has ended",
        )


def _require_newest(session: Session, row: RootRow) -> None:
    """A generation signs nothing new once a root of a later one is known."""
    newest = session.scalar(
        select(func.max(RootRow.generation)).where(RootRow.attestor_set == row.attestor_set)
    )
    if newest is not None and row.generation < newest:
        raise Refused(
            "refused.generation",
            f"root: signed by generation {row.generation} of the attestor set, which "
            f"generation {newest} has followed",
        )


def _signed(row: RootRow) -> Root:
    return Root(
        int(row.root, 16),
        bytes.fromhex(row.attestor_set[2:]),
        row.generation,
        row.first_day,
        row.last_day,
        int(row.valid_until),
        int(row.feed, 16),
        _files(row).rules,
    )


def _files(row: RootRow) -> RuleFiles:
    return parsed.rule_files(row.files)
