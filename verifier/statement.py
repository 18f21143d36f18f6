"""
The public words of a credential, as every verifier computes them for itself
(docs/explanation/protocol.md 3.7, 6.1).

Order: root, nullifier, scope, account, window, t0, t1, t2, t3, t4, feed. The prover chooses none of
them.
"""

from __future__ import annotations

from algebra.errors import Malformed
from algebra.interface import R
from policies.place import ADDRESS_LIMIT, Place
from policies.policy import Policy, Tier


def statement_words(
    policy: Policy,
    tier: Tier,
    *,
    root: int,
    nullifier: int,
    account: int,
    place: Place,
    feed: int,
) -> tuple[int, ...]:
    """
    The eleven words for one tier of a policy. `feed` is the digest that was signed with the root.

    Raises
    ------
    Malformed
        `malformed.range`: root, nullifier or feed not in [1, r), or account not in [1, 2^160);
        `part` names it.
    """
    for part, value, limit in (
        ("root", root, R),
        ("nullifier", nullifier, R),
        ("account", account, ADDRESS_LIMIT),
        ("feed", feed, R),
    ):
        if not 1 <= value < limit:
            raise Malformed("malformed.range", f"{part}: out of range", part=part)
    scope = place.scope(policy.series.id)
    return (root, nullifier, scope, account, policy.window, *tier.thresholds.words(), feed)
