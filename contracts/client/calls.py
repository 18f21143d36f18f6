"""Calls that somebody else sends: the governor of a real registry is a timelock, no key of ours."""

from __future__ import annotations

from algebra.keccak import keccak
from policies.abi import encode
from policies.attestor_set import AttestorSet

ROTATE = "rotateAttestorSet(bytes32,address[],uint256,bytes[])"
_SIGNATURE_WORDS = 4
"""The length of a signature and its 65 bytes."""


def rotation(attestor_set: AttestorSet) -> bytes:
    """
    The data of the transaction that starts the last generation of a set, ABI encoded; a set of one
    generation is registered and not rotated (ValueError).
    """
    last = attestor_set.generations[-1]
    if not last.handover:
        raise ValueError("the first generation is registered, not rotated")
    members = [len(last.members), *(int(member, 16) for member in last.members)]
    count = len(last.handover)
    head = 4 * 32  # the set, where the members are, the threshold, where the signatures are
    signatures = [count, *(32 * (count + _SIGNATURE_WORDS * i) for i in range(count))]
    for signature in last.handover:
        padded = signature.ljust(96, b"\0")
        signatures += [len(signature), *(_word(padded, i) for i in range(3))]
    return keccak(ROTATE.encode())[:4] + encode(
        int.from_bytes(attestor_set.id),
        head,
        last.threshold,
        head + 32 * len(members),
        *members,
        *signatures,
    )


def _word(data: bytes, place: int) -> int:
    return int.from_bytes(data[32 * place : 32 * place + 32])
