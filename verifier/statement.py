"""
The public words of a credential, as every verifier computes them for itself
(docs/explanation/protocol.md 3.7, 6.1).

Order: root, nullifier, scope, account, window, t0, t1, t2, t3. The prover chooses none of them.
"""

from __future__ import annotations

from eth_hash.auto import keccak

from algebra.errors import Malformed
from algebra.interface import R
from policies.policy import Policy, Tier

ADDRESS_LIMIT = 1 << 160
WORD_LIMIT = 1 << 256


def scope_of(chain_id: int, registry: int, epoch: int, policy_id: bytes) -> int:
    """
    keccak256(abi.encode(uint256 chain_id, address registry, uint256 epoch, bytes32 policy_id)) >>
    8.

    Parameters
    ----------
    chain_id, epoch : 0 .. 2^256 - 1
    registry : address as a number, 1 .. 2^160 - 1
    policy_id : 32 bytes

    Returns
    -------
    248 bits, so below the field's order.

    Raises
    ------
    Malformed
        `malformed.scope`: a part out of range.
    """
    if not 0 <= chain_id < WORD_LIMIT or not 0 <= epoch < WORD_LIMIT or len(policy_id) != 32:
        raise Malformed("malformed.scope", "scope: chain id, epoch or policy id out of range")
    if not 1 <= registry < ADDRESS_LIMIT:
        raise Malformed("malformed.scope", "scope: the registry is not an address")
    encoded = b"".join(part.to_bytes(32, "big") for part in (chain_id, registry, epoch)) + policy_id
    return int.from_bytes(keccak(encoded), "big") >> 8


def statement_words(
    policy: Policy,
    tier: Tier,
    *,
    root: int,
    nullifier: int,
    account: int,
    chain_id: int,
    registry: int,
    epoch: int,
) -> tuple[int, ...]:
    """
    The nine words for one tier of a policy.

    Raises
    ------
    Malformed
        `malformed.range`: root or nullifier not in [1, r), or account not in [1, 2^160); `part`
        names it. `malformed.scope`: see `scope_of`.
    """
    for part, value, limit in (
        ("root", root, R),
        ("nullifier", nullifier, R),
        ("account", account, ADDRESS_LIMIT),
    ):
        if not 1 <= value < limit:
            raise Malformed("malformed.range", f"{part}: out of range", part=part)
    scope = scope_of(chain_id, registry, epoch, policy.policy_id)
    return (root, nullifier, scope, account, policy.window, *tier.thresholds.words())
