"""
Calls of a registry, made and not sent: the governor of a real one is a timelock, no key of ours.
"""

from __future__ import annotations

from typing import Any

from algebra.keccak import keccak
from contracts.client.model import PolicyRegistration
from policies.abi import encode
from policies.address import address
from policies.attestor_set import AttestorSet, Generation

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


def register_set(registry: Any, attestor_set: AttestorSet) -> Any:
    """The call that registers a set with its first generation, whatever others it has."""
    first = attestor_set.generations[0]
    return registry.functions.registerAttestorSet(
        attestor_set.salt, _members(first), first.threshold
    )


def rotate_set(registry: Any, attestor_set: AttestorSet) -> Any:
    """The call that starts the last generation of a set, after the registry's running one."""
    last = attestor_set.generations[-1]
    return registry.functions.rotateAttestorSet(
        attestor_set.id, _members(last), last.threshold, list(last.handover)
    )


def register_policy(registry: Any, registration: PolicyRegistration) -> Any:
    """The call that registers a policy; what `PolicyRegistration.check` refuses is never made."""
    registration.check()
    return registry.functions.registerPolicy(registration.as_tuple())


def _members(generation: Generation) -> list[str]:
    """As the library for contracts takes addresses."""
    return [address(member, "member") for member in generation.members]
