"""Granting terms: what is granted, to whom, for how long, and every way to be refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from registry_world import (
    DAY,
    FIELD_ORDER,
    FIRST_DAY,
    GOLD,
    LAST_DAY,
    NULLIFIER,
    POLICY_ID,
    PRIME,
    PROOF,
    ROOT,
    SILVER,
    Tier,
    World,
    mock,
)

from algebra.errors import Rejected
from algebra.hexadecimal import hex32
from contracts.build.artifact import REGISTRY, load_artifact
from history.v2.feed import NO_FEED
from policies.attestor_set import AttestorSet
from policies.place import Place

pytestmark = pytest.mark.evm


def scope_of(world: World, epoch: int, policy_id: bytes = POLICY_ID) -> int:
    return Place(world.chain.chain_id, world.client.address, epoch).scope(policy_id)


def window_word(first_day: int, last_day: int) -> int:
    return first_day + 2**24 * last_day


def refused(name: str, world: World, **changes: Any) -> dict[str, Any]:
    """The onboarding is refused by that very error and leaves no trace; the error's arguments."""
    account = changes.get("account", world.account)
    before = world.client.grant_of(account)
    with pytest.raises(Rejected) as caught:
        world.onboard(**changes)
    assert caught.value.code == f"rejected.{name}"
    assert world.client.grant_of(account) == before
    arguments = caught.value.fields["arguments"]
    assert isinstance(arguments, dict)
    return arguments


def test_terms_are_granted_to_the_account(world: World) -> None:
    world.submit()
    scope, epoch = world.client.scope(POLICY_ID)
    assert (scope, epoch) == (scope_of(world, 0), 0)
    assert not world.client.nullifier_used(scope, NULLIFIER)
    granted = world.onboard()
    assert (granted.account, granted.policy_id, granted.tier) == (world.account, POLICY_ID, 1)
    assert (granted.nullifier, granted.root, granted.epoch) == (NULLIFIER, ROOT, 0)
    assert granted.expiry == world.chain.now() + GOLD.terms.validity
    assert world.client.terms_of(world.account) == (GOLD.terms, granted.expiry)
    assert world.client.nullifier_used(scope, NULLIFIER)
    grant = world.client.grant_of(world.account)
    assert (grant["policy_id"], grant["tier"], grant["epoch"]) == (POLICY_ID, 1, 0)
    with pytest.raises(Rejected) as caught:
        world.client.terms_of(world.relayer)
    assert caught.value.code == "rejected.NoGrant"


def test_the_verifier_sees_the_statement_that_the_registry_computes(world: World) -> None:
    """
    Eleven words in protocol order; with any of them changed in the call, what is verified changes
    too (A11, E2).
    """
    policy_id = keccak(text="strict policy")
    words = [
        ROOT,
        NULLIFIER,
        scope_of(world, 0, policy_id),
        int(world.account, 16),
        window_word(FIRST_DAY, LAST_DAY),
        *GOLD.thresholds,
        world.root().feed,
    ]
    expected = keccak(encode(["uint256[11]", "bytes"], [words, PROOF]))
    verifier, _ = world.chain.deploy(mock(), 7, expected, sender=world.relayer)
    world.register(world.policy(policy_id=policy_id, verifier=verifier))
    world.submit()
    world.submit(world.root(root=ROOT + 1))
    for change in (
        {"root": ROOT + 1},
        {"nullifier": NULLIFIER + 1},
        {"account": world.relayer},
        {"tier": 0, "thresholds": SILVER.thresholds},
        {"proof": PROOF[:-1]},
        {"proof": PROOF + b"\0"},
        {"proof": b""},
    ):
        refused("Reverted", world, policy_id=policy_id, **change)
    scope, _ = world.client.scope(policy_id)
    assert not world.client.nullifier_used(scope, NULLIFIER)
    assert world.onboard(policy_id=policy_id).account == world.account


@pytest.mark.parametrize(("proven", "holds"), [(77, True), (78, False), (NO_FEED, False)])
def test_the_feed_is_the_one_that_was_signed_with_the_root(
    world: World, proven: int, holds: bool
) -> None:
    """Nobody names it in the call: the last word is what the registry keeps of the root."""
    policy_id = keccak(text="policy with an index")
    head = [ROOT, NULLIFIER, scope_of(world, 0, policy_id), int(world.account, 16)]
    words = [*head, window_word(FIRST_DAY, LAST_DAY), *GOLD.thresholds, proven]
    expected = keccak(encode(["uint256[11]", "bytes"], [words, PROOF]))
    verifier, _ = world.chain.deploy(mock(), 7, expected, sender=world.relayer)
    world.register(world.policy(policy_id=policy_id, verifier=verifier))
    world.submit(world.root(feed=77))
    if holds:
        assert world.onboard(policy_id=policy_id).account == world.account
    else:
        refused("Reverted", world, policy_id=policy_id)


def test_the_next_epoch_asks_for_another_scope(world: World) -> None:
    world.submit()
    world.onboard()
    with pytest.raises(Rejected) as caught:
        world.client.advance_epoch(POLICY_ID, sender=world.governor)
    assert caught.value.code == "rejected.EpochTooSoon"
    world.chain.advance_time(7 * DAY)
    assert world.client.advance_epoch(POLICY_ID, sender=world.governor) == 1
    scope, epoch = world.client.scope(POLICY_ID)
    assert (scope, epoch) == (scope_of(world, 1), 1)
    assert world.onboard(relayer=world.account).epoch == 1


def test_whoever_submits_the_account_gets_the_terms(world: World) -> None:
    world.submit()
    thief = world.chain.accounts()[5]
    assert world.onboard(relayer=thief).account == world.account
    with pytest.raises(Rejected) as caught:
        world.client.terms_of(thief)
    assert caught.value.code == "rejected.NoGrant"


def test_replay_is_refused(world: World) -> None:
    world.submit()
    world.onboard()
    assert refused("NullifierUsed", world)["nullifier"] == hex32(NULLIFIER)
    refused("NullifierUsed", world, relayer=world.chain.accounts()[6])
    refused("NullifierUsed", world, proof=PROOF + b"another proof of the same statement")
    refused("NullifierUsed", world, account=world.relayer)
    refused("NullifierUsed", world, tier=2, thresholds=PRIME.thresholds)


@pytest.mark.parametrize(
    "nullifier", [0, FIELD_ORDER, FIELD_ORDER + NULLIFIER, 5 * FIELD_ORDER, 2**256 - 1]
)
def test_nullifier_outside_the_field(world: World, nullifier: int) -> None:
    world.submit()
    found = refused("NullifierOutOfRange", world, nullifier=nullifier)
    assert found["nullifier"] == hex32(nullifier)


def test_small_refusals(world: World) -> None:
    refused("RootUnknown", world)
    world.submit()
    refused("AccountZero", world, account="0x" + 40 * "0")
    refused("PolicyUnknown", world, policy_id=keccak(text="nobody's"))
    refused("TierUnknown", world, tier=3)
    refused("TierUnknown", world, tier=255)
    refused("WrongThresholds", world, thresholds=SILVER.thresholds)
    refused("WrongThresholds", world, thresholds=(0, 0, 0, 0, 0))
    refused("WrongThresholds", world, tier=2)
    refused("RootUnknown", world, root=ROOT + FIELD_ORDER)
    refused("RootUnknown", world, root=0)
    world.onboard()


def test_root_of_another_window(world: World) -> None:
    world.submit(world.root(first_day=FIRST_DAY - 1))
    arguments = refused("WrongWindow", world)
    assert arguments["policyWindow"] == window_word(FIRST_DAY, LAST_DAY)
    assert arguments["rootWindow"] == window_word(FIRST_DAY - 1, LAST_DAY)
    world.submit(world.root(root=77, last_day=LAST_DAY + 1))
    refused("WrongWindow", world, root=77)


def test_root_of_another_attestor_set(world: World) -> None:
    members = [world.chain.accounts()[7]]
    world.register_set(members, 1)
    other = AttestorSet.of(members, 1).id
    policy_id = keccak(text="other attestors")
    world.register(world.policy(policy_id=policy_id, attestor_set=other))
    world.submit()
    refused("RootUnknown", world, policy_id=policy_id)


def test_root_expires_after_its_last_second(world: World) -> None:
    signed = world.submit(world.root(valid_until=world.chain.now() + 1_000))
    world.chain.advance_time(signed.valid_until - world.chain.now())
    assert world.chain.now() == signed.valid_until
    registry = world.chain.contract(load_artifact(REGISTRY), world.client.address)
    arguments = (POLICY_ID, 1, ROOT, NULLIFIER, world.account, list(GOLD.thresholds), PROOF)
    world.chain.read(
        registry.functions.onboard(*arguments)
    )  # a call, at the time of the latest block
    world.chain.advance_time(1)
    assert refused("RootExpired", world)["validUntil"] == signed.valid_until


def test_root_holds_before_its_last_second(world: World) -> None:
    signed = world.submit(world.root(valid_until=world.chain.now() + 1_000))
    world.chain.advance_time(
        signed.valid_until - world.chain.now() - 20
    )  # blocks that follow may be a second apart
    world.onboard()


def test_revoked_root_ends_grants_and_gives_none(world: World) -> None:
    world.submit()
    world.onboard()
    world.client.revoke_root(world.attestor_set, ROOT, sender=world.guardian)
    with pytest.raises(Rejected) as caught:
        world.client.terms_of(world.account)
    assert caught.value.code == "rejected.GrantRootRevoked"
    assert world.client.grant_of(world.account)["root_revoked"] is True
    refused("RootIsRevoked", world, nullifier=NULLIFIER + 1)


def test_grant_expires_to_the_second(world: World) -> None:
    world.submit()
    granted = world.onboard()
    world.chain.advance_time(granted.expiry - 1 - world.chain.now())
    assert world.chain.now() == granted.expiry - 1
    assert world.client.terms_of(world.account) == (GOLD.terms, granted.expiry)
    world.chain.advance_time(1)
    with pytest.raises(Rejected) as caught:
        world.client.terms_of(world.account)
    assert caught.value.code == "rejected.GrantExpired"
    assert caught.value.fields["arguments"] == {
        "account": world.account.lower(),
        "expiry": granted.expiry,
    }


def test_only_the_account_replaces_a_running_grant(world: World) -> None:
    """
    By better, worse, longer or shorter terms alike: a relayer cannot, the account can. All may when
    it has ended.
    """
    world.submit()
    silver = {"tier": 0, "thresholds": SILVER.thresholds}
    prime = {"tier": 2, "thresholds": PRIME.thresholds}
    granted = world.onboard()
    for number, change in enumerate(({}, silver, prime), NULLIFIER + 1):
        arguments = refused("OnlyAccountReplacesGrant", world, nullifier=number, **change)
        assert arguments == {"account": world.account.lower(), "expiry": granted.expiry}
    world.onboard(relayer=world.account, nullifier=NULLIFIER + 1, **prime)
    last = world.onboard(relayer=world.account, nullifier=NULLIFIER + 2, **silver)
    assert world.client.terms_of(world.account) == (SILVER.terms, last.expiry)
    world.chain.advance_time(last.expiry - 60 - world.chain.now())
    refused("OnlyAccountReplacesGrant", world, nullifier=NULLIFIER + 3)
    world.chain.advance_time(60)
    world.onboard(nullifier=NULLIFIER + 3)
    assert world.client.terms_of(world.account)[0] == GOLD.terms


def test_a_stranger_s_credential_does_not_move_a_grant_to_his_root(world: World) -> None:
    """
    Once there, the revocation of that root would have taken the account's terms, its nullifier
    being used.
    """
    world.submit()
    granted = world.onboard()
    world.submit(world.root(root=ROOT + 1))
    refused("OnlyAccountReplacesGrant", world, root=ROOT + 1, nullifier=NULLIFIER + 1)
    world.client.revoke_root(world.attestor_set, ROOT + 1, sender=world.guardian)
    assert world.client.terms_of(world.account) == (GOLD.terms, granted.expiry)


def test_a_grant_planted_by_a_stranger_does_not_keep_better_terms_away(world: World) -> None:
    weak = Tier(SILVER.thresholds, replace(SILVER.terms, validity=3_650 * DAY))
    policy_id = keccak(text="weak")
    world.register(world.policy(policy_id=policy_id, tiers=(weak,)))
    world.submit()
    world.onboard(policy_id=policy_id, tier=0, thresholds=weak.thresholds, nullifier=NULLIFIER + 1)
    refused("OnlyAccountReplacesGrant", world)
    own = world.onboard(relayer=world.account)
    assert world.client.terms_of(world.account) == (GOLD.terms, own.expiry)


def test_a_grant_on_a_revoked_root_can_be_replaced_by_anybody(world: World) -> None:
    world.submit()
    world.submit(world.root(root=ROOT + 1))
    world.onboard()
    world.client.revoke_root(world.attestor_set, ROOT, sender=world.guardian)
    world.onboard(root=ROOT + 1, tier=0, thresholds=SILVER.thresholds, nullifier=NULLIFIER + 1)
    assert world.client.terms_of(world.account)[0] == SILVER.terms


def test_pause_stops_onboarding_and_ends(world: World) -> None:
    world.submit()
    world.client.pause(sender=world.guardian)
    refused("RegistryPaused", world)
    with pytest.raises(Rejected) as caught:
        world.submit(world.root(root=99))
    assert caught.value.code == "rejected.RegistryPaused"
    world.client.unpause(sender=world.governor)
    world.onboard()
    world.client.pause(sender=world.guardian)
    world.client.terms_of(world.account)  # terms that were granted stay
    refused("RegistryPaused", world, nullifier=NULLIFIER + 1)
    world.chain.advance_time(7 * DAY)
    world.onboard(relayer=world.account, nullifier=NULLIFIER + 1)


@pytest.mark.parametrize(
    ("manner", "name"),
    list(enumerate(["revert empty", "revert with reason", "burn gas", "invalid opcode"])),
)
def test_a_verifier_that_fails_never_grants(world: World, manner: int, name: str) -> None:
    """
    D3, D6: however the verifier fails, the whole transaction does; the nullifier stays unused.
    """
    verifier, _ = world.chain.deploy(mock("BrokenVerifier"), manner, sender=world.relayer)
    policy_id = keccak(text=name)
    world.register(world.policy(policy_id=policy_id, verifier=verifier))
    world.submit()
    refused("Reverted", world, policy_id=policy_id, gas=400_000)
    scope, _ = world.client.scope(policy_id)
    assert not world.client.nullifier_used(scope, NULLIFIER)


@pytest.mark.parametrize("gas", [45_000, 60_000, 80_000, 90_000])
def test_short_gas_never_grants(world: World, gas: int) -> None:
    world.submit()
    refused("Reverted", world, gas=gas)


def test_gas_of_onboard(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """
    The registry's own share: a whole transaction with a verifier that does nothing and an empty
    proof.
    """
    world.submit()
    bare = world.onboard(proof=b"").gas_used
    with_proof = world.onboard(
        proof=bytes([255]) * 1_600, nullifier=7, account=world.relayer
    ).gas_used
    with capsys.disabled():
        print(f"\nonboard, accepting mock: {bare} gas; with 1,600 proof bytes: {with_proof} gas")
    assert bare <= 110_000
