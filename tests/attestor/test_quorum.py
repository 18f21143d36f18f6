"""k of n over a root; an empty list means nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from attestor_world import FIRST_DAY, Attestors, key
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from algebra.errors import Malformed, Refused, Rejected
from algebra.interface import R
from attestor.quorum import AttestorSet, Root, RootDomain, sign_root, verify_quorum
from attestor.signatures import recover

WORLD = Attestors()
ROOT = Root(12_345, WORLD.set.id, FIRST_DAY, FIRST_DAY + 65, 1_900_000_000)


def test_the_set_id_is_the_contracts() -> None:
    members = [account.address for account in WORLD.keys]
    assert WORLD.set.id == keccak(encode(["address[]", "uint256"], [members, 2]))
    assert AttestorSet.of(members[::-1], 2) == WORLD.set
    assert AttestorSet.of(members, 3).id != WORLD.set.id


def test_the_digest_is_eip_712() -> None:
    """Built here from the contract's type string, without the library."""
    typehash = keccak(
        b"Root(uint256 root,bytes32 attestorSet,uint32 firstDay,uint32 lastDay,uint64 validUntil)"
    )
    struct = keccak(
        encode(
            ["bytes32", "uint256", "bytes32", "uint32", "uint32", "uint64"],
            [
                typehash,
                ROOT.root,
                ROOT.attestor_set,
                ROOT.first_day,
                ROOT.last_day,
                ROOT.valid_until,
            ],
        )
    )
    domain_type = (
        b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    )
    domain = keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [
                keccak(domain_type),
                keccak(b"Tierproof"),
                keccak(b"1"),
                WORLD.domain.chain_id,
                WORLD.domain.registry,
            ],
        )
    )
    message = ROOT.message(WORLD.domain)
    assert (message.version + message.header + message.body) == b"\x01" + domain + struct or (
        message.header == domain and message.body == struct
    )


@pytest.mark.parametrize("signers", [(0, 1), (0, 2), (2, 1), (0, 1, 2)])
def test_k_of_n(signers: tuple[int, ...]) -> None:
    signatures = sign_root(ROOT, WORLD.domain, [WORLD.keys[i] for i in signers], WORLD.set)
    found = verify_quorum(ROOT, WORLD.domain, signatures, WORLD.set)
    assert list(found) == sorted(WORLD.keys[i].address.lower() for i in signers)


def rejected(
    root: Root, domain: RootDomain, signatures: list[bytes], attestor_set: AttestorSet = WORLD.set
) -> str:
    with pytest.raises(Rejected) as caught:
        verify_quorum(root, domain, signatures, attestor_set)
    return caught.value.code


def test_too_few_twice_unsorted_or_strangers() -> None:
    first, second, _third = (recoverable(account) for account in WORLD.keys)
    stranger = key("stranger").sign_message(ROOT.message(WORLD.domain)).signature
    assert rejected(ROOT, WORLD.domain, []) == "rejected.quorum"
    assert rejected(ROOT, WORLD.domain, [first]) == "rejected.quorum"
    assert rejected(ROOT, WORLD.domain, [first, first]) == "rejected.quorum"
    assert rejected(ROOT, WORLD.domain, [second, first]) == "rejected.quorum"
    mixed = sorted(
        [first, bytes(stranger)], key=lambda s: recover(ROOT.message(WORLD.domain), s, "test")
    )
    assert rejected(ROOT, WORLD.domain, mixed) == "rejected.quorum"
    with pytest.raises(Malformed):
        verify_quorum(ROOT, WORLD.domain, [first, second[:-1]], WORLD.set)


def recoverable(account: object) -> bytes:
    return bytes(account.sign_message(ROOT.message(WORLD.domain)).signature)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "change",
    [
        {"root": 12_346},
        {"first_day": FIRST_DAY - 1},
        {"last_day": FIRST_DAY + 66},
        {"valid_until": 1},
    ],
)
def test_every_field_is_signed(change: dict[str, int]) -> None:
    signatures = list(sign_root(ROOT, WORLD.domain, WORLD.keys, WORLD.set))
    assert rejected(replace(ROOT, **change), WORLD.domain, signatures) == "rejected.quorum"


def test_chain_registry_and_set_are_signed() -> None:
    signatures = list(sign_root(ROOT, WORLD.domain, WORLD.keys, WORLD.set))
    assert rejected(ROOT, replace(WORLD.domain, chain_id=1), signatures) == "rejected.quorum"
    assert (
        rejected(ROOT, replace(WORLD.domain, registry="0x" + "78" * 20), signatures)
        == "rejected.quorum"
    )
    other = AttestorSet(WORLD.set.members, 1)
    assert rejected(ROOT, WORLD.domain, signatures, other) == "rejected.quorum"
    assert (
        rejected(replace(ROOT, attestor_set=other.id), WORLD.domain, signatures, other)
        == "rejected.quorum"
    )


def test_who_may_sign() -> None:
    for signers in (
        [],
        [WORLD.keys[0]],
        [WORLD.keys[0], WORLD.keys[0]],
        [WORLD.keys[0], key("stranger")],
    ):
        with pytest.raises(Refused) as caught:
            sign_root(ROOT, WORLD.domain, signers, WORLD.set)
        assert caught.value.code == "refused.quorum"


def test_sets_and_roots_out_of_range() -> None:
    members = WORLD.set.members
    for wrong, threshold in (
        ((), 0), (members, 0), (members, 4), (members[::-1], 2), ((members[0], members[0]), 1),
        ((members[0].upper().replace("X", "x"),), 1), (("0x" + "0" * 40,), 1),
        (tuple(f"0x{i:040x}" for i in range(1, 66)), 1),
    ):  # fmt: skip
        with pytest.raises(Malformed):
            AttestorSet(wrong, threshold)
    for change in (
        {"root": 0},
        {"root": R},
        {"first_day": FIRST_DAY + 66},
        {"last_day": 1 << 24},
        {"valid_until": -1},
    ):
        with pytest.raises(Malformed):
            replace(ROOT, **change)  # type: ignore[arg-type]
    with pytest.raises(Malformed):
        RootDomain(0, "0x" + "77" * 20)
