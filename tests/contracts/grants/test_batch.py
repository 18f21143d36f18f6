"""
Batches: claims in their order by one pairing; what fails before it fails alone, a false proof
fails all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from grants.grants_world import (
    ALICE,
    BOB,
    CAROL,
    DAY,
    NOTHING,
    NOTICE,
    NULLIFIER,
    OPEN,
    PROOF,
    TIERS,
    WORD,
    World,
    key_address,
    started,
)
from grants.wallets import wallet

pytestmark = pytest.mark.evm
ACCOUNTS = (ALICE, BOB, CAROL)
FALSE, OTHER_FALSE = b"\xff" + PROOF, b"\xfe" + PROOF
"""Their errors cancel where equations are added as they are (MockVerifier)."""
MIXED = b"\7" * 32
"""A policy of verifiers 0, 1 and those that a test adds."""


@pytest.fixture
def world() -> Iterator[World]:
    """The accounts are wallets, which spare the tests the curve's arithmetic."""
    with started() as built:
        built.submit()
        for account in ACCOUNTS:
            wallet(built.machine, "echo", key_address(account))
        yield built


def one(
    world: World,
    account: LocalAccount = ALICE,
    nullifier: int = 1,
    tier: int = 1,
    holder: LocalAccount | None = None,
    signed: bool = True,
    **changes: Any,
) -> tuple[Any, ...]:
    """A claim with the account's consent."""
    consent = world.agreed(
        account, holder, TIERS[tier], deadline=world.machine.now + 100 * DAY, nullifier=nullifier
    )
    claim = world.claim(account, tier, nullifier=nullifier, **changes)
    return (claim, consent if signed else NOTHING, NOTHING)


def each(world: World, **changes: Any) -> list[tuple[Any, ...]]:
    """A claim of each account by a nullifier of its own."""
    return [one(world, account, i + 1, **changes) for i, account in enumerate(ACCOUNTS)]


def add_verifier(world: World, place: bytes) -> int:
    """In force, and of a policy; its index."""
    index = int(world.governor("registerVerifier", place, keccak(text="mock")))
    world.register_policy(MIXED, verifiers=(0, 1, index))
    world.at(OPEN + NOTICE)
    return index


# -- what counts -----------------------------------------------------------------------------------
def test_each_claim_counts(world: World) -> None:
    claims = [one(world, account, i + 1, i) for i, account in enumerate(ACCOUNTS)]
    assert world.batch(*claims) == ["first"] * 3
    assert [world.grant(account)["tier"] for account in ACCOUNTS] == [1, 2, 3]
    assert [world.holder(i)["account"] for i in (1, 2, 3)] == [
        "0x" + key_address(account).hex() for account in ACCOUNTS
    ]


def test_a_batch_of_one_is_the_single_call(world: World) -> None:
    with world.machine.undone():
        assert world.onboard() == "first"
        single = (world.grant(ALICE), world.holder())
    assert world.batch((world.claim(), NOTHING, NOTHING), sender=ALICE) == ["first"]
    assert (world.grant(ALICE), world.holder()) == single
    with world.refuses("BatchNotAccepted"):
        world.batch(one(world, BOB, proof=FALSE))


def test_how_many(world: World) -> None:
    claims = [(world.claim(nullifier=i + 1), NOTHING, NOTHING) for i in range(33)]
    with world.refuses("BatchSizeOutOfRange", 33, 32):
        world.batch(*claims, sender=ALICE)
    with world.refuses("BatchSizeOutOfRange", 0, 32):
        world.batch()
    assert world.batch(*claims[:32], sender=ALICE) == ["first"] * 32


def test_a_later_claim_sees_the_earlier_ones(world: World) -> None:
    first = one(world, ALICE, NULLIFIER)
    assert world.batch(first, one(world, ALICE, NULLIFIER, holder=ALICE)) == [
        "first",
        "WindowCounted",
    ]
    world.next_window()
    renewed = one(world, ALICE, NULLIFIER, 2, holder=ALICE, later=True)
    moved = one(world, BOB, NULLIFIER, 2, holder=ALICE, later=True)
    assert world.batch(renewed, renewed, moved) == ["renewed", "WindowCounted", "WindowCounted"]


def test_one_nullifier_for_two_accounts(world: World) -> None:
    """A consent that names no holder, or another than there is by then, is none."""
    claims = [one(world, ALICE), one(world, BOB)]
    assert world.batch(*claims) == ["first", "SignatureInvalid"]
    world.next_window()
    later = one(world, BOB, 1, holder=ALICE, later=True)
    assert world.batch(later, later, one(world, CAROL, 2, later=True)) == [
        "moved",
        "SignatureInvalid",
        "first",
    ]


def test_two_windows_of_one_account(world: World) -> None:
    world.next_window()
    claims = [one(world, tier=0), one(world, holder=ALICE, later=True)]
    assert world.batch(*claims) == ["first", "renewed"]
    assert world.grant(ALICE)["tier"] == 5
    assert world.batch(*claims) == ["SignatureInvalid", "WindowCounted"]


# -- what fails alone ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("error", "changes"),
    [
        ("PolicyUnknown", {"policy": b"\x11" * 32}),
        ("PolicyPending", {"policy": MIXED}),
        ("VerifierUnknown", {"verifier": 9}),
        ("VerifierPending", {"verifier": 2}),
        ("WrongThresholds", {"thresholds": (1, 0, 0, 0, 0)}),
        ("NullifierOutOfRange", {"nullifier": 0}),
        ("RootUnknown", {"root": 5}),
        ("ConsentMissing", {"signed": False}),
        ("SignatureInvalid", {"holder": CAROL}),
    ],
)
def test_a_refusal_is_alone(world: World, error: str, changes: dict[str, Any]) -> None:
    world.register_policy(MIXED)
    world.governor("registerVerifier", world.mock(), keccak(text="mock"))
    middle = one(world, BOB, **{"nullifier": 2, **changes})
    assert world.batch(one(world), middle, one(world, CAROL, 3)) == ["first", error, "first"]
    assert world.grant(BOB)["tier"] == 0 and world.holder(2)["as_of"] == 0


def test_a_root_that_is_full_or_revoked(world: World) -> None:
    world.at(OPEN)
    other = world.register_set(bounds=(200, 2), salt=b"\3" * 32)
    series = b"\4" * 32
    world.register_series(series, attestor_set=other)
    world.register_policy(MIXED, verifiers=(0,), series=series)
    world.at(OPEN + NOTICE)
    world.submit(attestor_set=other)

    def claim(i: int, account: LocalAccount) -> tuple[Any, ...]:
        consent = world.agreed(
            account, None, TIERS[1], deadline=OPEN + 50 * DAY, nullifier=i, series=series
        )
        return (world.claim(account, nullifier=i, policy=MIXED), consent, NOTHING)

    claims = [claim(i + 1, account) for i, account in enumerate(ACCOUNTS)]
    with world.machine.undone():
        assert world.batch(*claims) == ["first", "first", "RootFull"]
    world.guardian("revokeRoot", other, WORD)
    assert world.batch(*claims, one(world)) == ["RootHasEnded"] * 3 + ["first"]


def test_what_the_verifier_refuses_itself(world: World) -> None:
    """A malformed proof, and a statement that is not its own."""
    index = add_verifier(world, world.mock(b"\5" * 32))
    claims = each(world, policy=MIXED)
    claims[1] = one(world, BOB, 2, policy=MIXED, verifier=index)
    assert world.batch(*claims) == ["first", "MockRejected", "first"]


def test_a_wallet_that_burns_its_gas(world: World) -> None:
    wallet(world.machine, "burns", key_address(BOB))
    assert world.batch(*each(world)) == ["first", "SignatureInvalid", "first"]
    assert world.machine.gas_used < 1_200_000


def test_nothing_is_remembered_of_a_failed_claim(world: World) -> None:
    claims = each(world)
    assert world.batch((claims[0][0], NOTHING, NOTHING), claims[1]) == ["ConsentMissing", "first"]
    assert world.batch(claims[0]) == ["first"]


def test_all_may_fail(world: World) -> None:
    assert world.batch(*each(world, signed=False)) == ["ConsentMissing"] * 3


def test_keys_of_one_setup(world: World) -> None:
    """The first claim that counts says which; the others count in a batch of their own."""
    index = add_verifier(world, world.mock(srs_id=7))
    claims = each(world, policy=MIXED)
    claims[1] = one(world, BOB, 2, policy=MIXED, verifier=index)
    assert world.batch(*claims) == ["first", "OtherSetup", "first"]
    assert world.batch(claims[1]) == ["first"]
    assert world.grant(BOB)["verifier"] == index


def test_the_setup_is_that_of_the_first_that_counts(world: World) -> None:
    index = add_verifier(world, world.mock(srs_id=7))
    claims = each(world, policy=MIXED)
    claims[0] = (claims[0][0], NOTHING, NOTHING)
    claims[1] = one(world, BOB, 2, policy=MIXED, verifier=index)
    assert world.batch(*claims) == ["ConsentMissing", "first", "OtherSetup"]


# -- what fails all --------------------------------------------------------------------------------
@pytest.mark.parametrize("place", range(3))
def test_one_false_proof(world: World, place: int) -> None:
    claims = each(world)
    claims[place] = one(world, ACCOUNTS[place], place + 1, proof=FALSE)
    with world.refuses("BatchNotAccepted"):
        world.batch(*claims)
    assert [world.grant(account)["tier"] for account in ACCOUNTS] == [0, 0, 0]
    assert world.batch(*claims[:place], *claims[place + 1 :]) == ["first"] * 2


@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize("pair", [(FALSE, OTHER_FALSE), (OTHER_FALSE, FALSE)])
def test_errors_that_cancel(world: World, pair: tuple[bytes, bytes], others: int) -> None:
    """As they are, their sums are those of two true proofs."""
    claims = [one(world, CAROL, 3)] * others + [
        one(world, account, i + 1, proof=proof)
        for i, (account, proof) in enumerate(zip((ALICE, BOB), pair, strict=True))
    ]
    with world.refuses("BatchNotAccepted"):
        world.batch(*claims)


def test_two_of_a_kind_that_are_false(world: World) -> None:
    with world.refuses("BatchNotAccepted"):
        world.batch(*each(world, proof=FALSE))


def test_paused_or_closed(world: World) -> None:
    claims = each(world)
    with world.machine.undone():
        world.guardian("pause")
        with world.refuses("RegistryPaused"):
            world.batch(*claims)
    world.governor("close", bytes(20), OPEN + 31 * DAY)
    with world.refuses("RegistryClosed"):
        world.batch(*claims)
