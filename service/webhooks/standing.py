"""
When accepted credentials end, by the registry's rule (`contracts/src/grants/Claims.sol`): the first
second without the terms is the earliest of validity from acceptance, the greatest age of the
window, and the second after the root's last.

Where a follower tells which grants run, its own grants are the ones to tell of; these are for a
place that keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from algebra.hexadecimal import hex32
from policies.policy import Policy
from service.store.tables import CredentialRow, EndedGenerationRow, PolicyRow, RootRow
from service.webhooks.queue import DAY
from service.webhooks.sweep import Ending

ROWS = 1024
"""Read at a time."""


def endings(session: Session, start: int, end: int) -> Iterator[Ending]:
    """As `service.webhooks.sweep.Endings`, of credentials whose root still counts."""
    policies = {
        row.policy_id: Policy.parse(row.document.encode())
        for row in session.scalars(select(PolicyRow))
    }
    ended = exists().where(
        EndedGenerationRow.attestor_set == RootRow.attestor_set,
        EndedGenerationRow.generation == RootRow.generation,
    )
    query = (
        select(CredentialRow, RootRow.valid_until)
        .join(
            RootRow,
            (RootRow.attestor_set == CredentialRow.attestor_set)
            & (RootRow.root == CredentialRow.root)
            & (RootRow.chain_id == CredentialRow.chain_id)
            & (RootRow.registry_address == CredentialRow.registry_address),
        )
        .where(RootRow.revoked.is_(False), ~ended)
        .order_by(CredentialRow.nullifier)
    )
    for row, valid_until in session.execute(query.execution_options(yield_per=ROWS)):
        policy = policies[row.policy_id]
        ends_at = end_of(policy, row.tier, row.accepted_at, int(valid_until))
        if start <= ends_at < end:
            series = hex32(policy.series.id)
            yield Ending(row.nullifier, series, row.policy_id, ends_at)


def end_of(policy: Policy, tier: int, accepted_at: int, valid_until: int) -> int:
    """The first second, since 1970, without the terms of a tier; `valid_until` is the root's."""
    validity = accepted_at + policy.tiers[tier].terms.validity_days * DAY
    too_old = (policy.last_day + 1 + policy.max_age_days) * DAY
    return min(validity, too_old, valid_until + 1)
