"""
Roots and attestor sets: k of n signatures over exactly this root for exactly this registry, or
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from registry_world import (
    ATTESTORS,
    FIELD_ORDER,
    FIRST_DAY,
    KEYS,
    LAST_DAY,
    ROOT,
    STRANGER,
    Root,
    World,
)
from support.root_types import ROOT_TYPES

from algebra.errors import Malformed, Rejected
from contracts.build.artifact import REGISTRY, load_artifact
from history.dates import DAY_LIMIT
from policies.attestor_set import AttestorSet, Generation
from policies.signed_root import Root as SignedRoot
from policies.signed_root import RootDomain

pytestmark = pytest.mark.evm

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # secp256k1
ZERO = "0x" + 40 * "0"


def high_s(signature: bytes) -> bytes:
    """The other signature of the same message by the same key."""
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    return r + (CURVE_ORDER - s).to_bytes(32, "big") + bytes([55 - v])


def test_quorum_is_enough_and_so_are_all(world: World) -> None:
    signed = world.submit()
    record = world.client.root_of(world.attestor_set, ROOT)
    assert record == {
        "first_day": FIRST_DAY,
        "last_day": LAST_DAY,
        "valid_until": signed.valid_until,
        "serial": 1,
        "revoked": False,
        "generation": 1,
        "generation_ended": False,
        "feed": signed.feed,
        "rules": signed.rules,
    }
    second = world.root(root=ROOT + 1)
    assert world.client.submit_root(second, world.sign(second, KEYS[:3]), sender=world.account) == 2


def test_digest_is_that_of_eip712(world: World) -> None:
    signed = world.root()
    domain = {
        "name": "Tierproof",
        "version": "1",
        "chainId": world.chain.chain_id,
        "verifyingContract": world.client.address,
    }
    message = dict(
        zip((field["name"] for field in ROOT_TYPES["Root"]), signed.as_tuple(), strict=True)
    )
    encoded = encode_typed_data(domain, ROOT_TYPES, message)
    digest = keccak(b"\x19" + encoded.version + encoded.header + encoded.body)
    assert world.client.root_digest(signed) == digest
    domain = RootDomain(world.chain.chain_id, world.client.address.lower())
    assert SignedRoot(*signed.as_tuple()).message(domain).digest == digest


SIGNATURES: dict[str, tuple[str, Callable[[World, Root], list[bytes]]]] = {
    "none": ("TooFewSignatures", lambda w, s: []),
    "one of two": ("TooFewSignatures", lambda w, s: w.sign(s, KEYS[:1])),
    "the same twice": ("SignersNotAscending", lambda w, s: w.sign(s, [KEYS[0], KEYS[0]])),
    "descending": ("SignersNotAscending", lambda w, s: w.sign(s, [KEYS[1], KEYS[0]])),
    "two and one again": (
        "SignersNotAscending",
        lambda w, s: w.sign(s, [KEYS[0], KEYS[1], KEYS[1]]),
    ),
    "an attestor of no set": ("SignerNotMember", lambda w, s: w.sign(s, [KEYS[0], KEYS[3]])),
    "two members and a stranger": (
        "SignerNotMember",
        lambda w, s: w.sign(s, sorted([*KEYS[:2], STRANGER], key=lambda key: int(key.address, 16))),
    ),
    "high s": ("ECDSAInvalidSignatureS", lambda w, s: [high_s(part) for part in w.sign(s)]),
    "64 bytes": ("ECDSAInvalidSignatureLength", lambda w, s: [part[:64] for part in w.sign(s)]),
    "66 bytes": ("ECDSAInvalidSignatureLength", lambda w, s: [part + b"\0" for part in w.sign(s)]),
    "empty": ("ECDSAInvalidSignatureLength", lambda w, s: [b"", b""]),
    "zero bytes": ("ECDSAInvalidSignature", lambda w, s: [bytes(65), bytes(65)]),
}


@pytest.mark.parametrize("case", SIGNATURES)
def test_signatures_refused(world: World, case: str) -> None:
    name, make = SIGNATURES[case]
    signed = world.root()
    with pytest.raises(Rejected) as caught:
        world.submit(signed, make(world, signed))
    assert caught.value.code == f"rejected.{name}"
    assert world.client.root_of(world.attestor_set, ROOT)["serial"] == 0
    world.submit(signed)  # what was refused did not spoil the root


@pytest.mark.parametrize(
    "domain",
    [
        {"chainId": 1},
        {"verifyingContract": "0x" + 40 * "1"},
        {"name": "tierproof"},
        {"version": "2"},
    ],
    ids=lambda change: str(next(iter(change))),
)
def test_signatures_for_elsewhere(world: World, domain: dict[str, Any]) -> None:
    """E2: of another chain, registry, product or version."""
    signed = world.root()
    with pytest.raises(Rejected) as caught:
        world.submit(signed, world.sign(signed, **domain))
    assert caught.value.code in ("rejected.SignerNotMember", "rejected.SignersNotAscending")


@pytest.mark.parametrize("field", ["root", "first_day", "last_day", "valid_until", "feed"])
def test_every_signed_field_counts(world: World, field: str) -> None:
    signed = world.root()
    altered = replace(signed, **{field: getattr(signed, field) + 1})
    with pytest.raises(Rejected) as caught:
        world.submit(altered, world.sign(signed))
    assert caught.value.code in ("rejected.SignerNotMember", "rejected.SignersNotAscending")


def test_signed_rules_count(world: World) -> None:
    signed = world.root()
    with pytest.raises(Rejected) as caught:
        world.submit(replace(signed, rules=b"\x0b" * 32), world.sign(signed))
    assert caught.value.code in ("rejected.SignerNotMember", "rejected.SignersNotAscending")


def test_signatures_for_another_set(world: World) -> None:
    """The same attestors in another quorum do not vouch for this one."""
    loose = AttestorSet.of(ATTESTORS.members, 1).id
    world.register_set(ATTESTORS.members, 1)
    signed = world.root()
    with pytest.raises(Rejected) as caught:
        world.submit(replace(signed, attestor_set=loose), world.sign(signed)[:1])
    assert caught.value.code == "rejected.SignerNotMember"


def test_roots_refused(world: World) -> None:
    def refused(name: str, signed: Root) -> None:
        with pytest.raises(Rejected) as caught:
            world.submit(signed)
        assert caught.value.code == f"rejected.{name}"

    refused("RootOutOfRange", world.root(root=0))
    refused("RootOutOfRange", world.root(root=FIELD_ORDER))
    refused("RootOutOfRange", world.root(root=ROOT + FIELD_ORDER))
    refused("WindowInvalid", world.root(first_day=LAST_DAY + 1))
    refused("WindowInvalid", world.root(last_day=DAY_LIMIT))
    refused("RootExpired", world.root(valid_until=world.chain.now() - 1))
    refused("RootExpired", world.root(valid_until=0))
    refused("FeedOutOfRange", world.root(feed=0))
    refused("FeedOutOfRange", world.root(feed=FIELD_ORDER))
    refused("RulesMissing", world.root(rules=bytes(32)))
    refused("AttestorSetUnknown", world.root(attestor_set=bytes(32)))
    refused("AttestorSetUnknown", world.root(attestor_set=b"\1" * 32))
    world.submit()
    refused("RootExists", world.root())
    world.submit(world.root(root=FIELD_ORDER - 1))


def test_revocation(world: World) -> None:
    client = world.client
    client.revoke_root(world.attestor_set, 5, sender=world.guardian)  # before it was submitted
    with pytest.raises(Rejected) as caught:
        world.submit(world.root(root=5))
    assert caught.value.code == "rejected.RootIsRevoked"
    with pytest.raises(Rejected) as caught:
        client.revoke_root(world.attestor_set, 5, sender=world.guardian)
    assert caught.value.code == "rejected.RootIsRevoked"
    with pytest.raises(Rejected) as caught:
        client.revoke_root(b"\1" * 32, 5, sender=world.guardian)
    assert caught.value.code == "rejected.AttestorSetUnknown"
    client.end_generation(world.attestor_set, 1, sender=world.guardian)
    for attempt in (
        world.submit,
        lambda: client.end_generation(world.attestor_set, 1, sender=world.guardian),
        lambda: world.register(world.policy(policy_id=b"\2" * 32)),
    ):
        with pytest.raises(Rejected) as caught:
            attempt()
        assert caught.value.code == "rejected.GenerationIsEnded"
    client.revoke_root(world.attestor_set, 6, sender=world.guardian)  # still possible


def test_attestor_sets(world: World) -> None:
    client = world.client
    one, two, three = ATTESTORS.members
    assert AttestorSet.of([three, one, two], 2).id == world.attestor_set
    client.register_attestor_set(AttestorSet.of([two], 1), sender=world.governor)
    known = world.chain.contract(load_artifact(REGISTRY), client.address).functions.generationOf
    assert list(world.chain.read(known(AttestorSet.of([two], 1).id, 1))) == [1, 1, False]
    for name, members, threshold in (
        ("AttestorSetEmpty", [], 0),
        ("AttestorSetEmpty", [], 1),
        ("ThresholdOutOfRange", [one, two], 0),
        ("ThresholdOutOfRange", [one, two], 3),
        ("MembersNotAscending", [two, one], 1),
        ("MembersNotAscending", [one, one], 1),
        ("MembersNotAscending", [ZERO, one], 1),
        ("AttestorSetTooLarge", [f"0x{i:040x}" for i in range(1, 66)], 1),
        ("AttestorSetExists", [one, two, three], 2),
    ):
        with pytest.raises(Rejected) as caught:
            world.register_set(members, threshold)
        assert caught.value.code == f"rejected.{name}"
        if name != "AttestorSetExists":
            with pytest.raises(Malformed):
                Generation(tuple(member.lower() for member in members), threshold)
