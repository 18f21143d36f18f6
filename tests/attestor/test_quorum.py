"""k of n over a root; an empty list means nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from attestor_world import FIRST_DAY, Attestors, key

from algebra.errors import Malformed, Refused, Rejected
from attestor.cosigning import sign_root
from attestor.quorum import verify_quorum
from attestor.signatures import recover
from policies.attestor_set import AttestorSet
from policies.signed_root import Root, RootDomain

WORLD = Attestors()
ROOT = Root(12_345, WORLD.set.id, 1, FIRST_DAY, FIRST_DAY + 65, 1_900_000_000)


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
    other = AttestorSet.of(WORLD.set.members, 2, "other")
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
