"""Several claims by one transaction: what came of each, read from the registry's own events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from registry_world import GOLD, POLICY_ID, PROOF, ROOT, World
from web3.datastructures import AttributeDict

from algebra.errors import Refused, Rejected, Unavailable
from contracts.client.calls import NO_CONSENT
from contracts.client.model import Claim, Granted
from contracts.client.onboarding import Onboarding, Outcome, outcomes
from tierproof import onchain

pytestmark = pytest.mark.evm
ACCOUNTS: list[LocalAccount] = [Account.from_key(keccak(text=f"account {i}")) for i in range(3)]
FALSE = b"\xff" + PROOF
"""MockVerifier takes it for a false proof."""


def one(world: World, place: int, signed: bool = True, **changes: Any) -> Onboarding:
    """A claim of one of the accounts by a nullifier of its own, with its consent."""
    fields: dict[str, Any] = {
        "policy_id": POLICY_ID,
        "tier": 1,
        "verifier": 0,
        "root": ROOT,
        "nullifier": 1 + place,
        "account": ACCOUNTS[place].address.lower(),
        "thresholds": GOLD.thresholds,
        "proof": PROOF,
        **changes,
    }
    key = ACCOUNTS[place]
    consent = world.consent(key, nullifier=fields["nullifier"]) if signed else NO_CONSENT
    return Onboarding(Claim(**fields), consent)


def told(found: list[Outcome]) -> list[str]:
    return [each.code if isinstance(each, Rejected) else each.act for each in found]


def status(world: World, place: int) -> str:
    return world.client.effective_terms(ACCOUNTS[place].address).status


def test_what_came_of_each(world: World) -> None:
    """One without its consent fails alone, between two that count."""
    world.submit()
    batch = [one(world, 0), one(world, 1, signed=False), one(world, 2)]
    assert world.client.counted(batch, sender=world.relayer) == [True, False, True]
    found = onchain.onboard_batch(world.client, batch, relayer=world.relayer)
    assert told(found) == ["first", "rejected.ConsentMissing", "first"]
    granted = [each for each in found if isinstance(each, Granted)]
    assert [each.nullifier for each in granted] == [1, 3]
    assert len({each.transaction for each in granted}) == 1 and granted[0].expiry
    assert [status(world, i) for i in range(3)] == ["running", "none", "running"]


def test_a_later_claim_sees_the_earlier_one(world: World) -> None:
    world.submit()
    found = onchain.onboard_batch(
        world.client, [one(world, 0), one(world, 1, nullifier=1)], relayer=world.relayer
    )
    assert told(found) == ["first", "rejected.SignatureInvalid"]  # it names nobody as the holder


def test_nothing_is_sent_where_none_counts(world: World) -> None:
    before = world.chain.head()
    batch = [one(world, 0), one(world, 1, root=ROOT + 1)]
    found = onchain.onboard_batch(world.client, batch, relayer=world.relayer)
    assert told(found) == ["rejected.RootUnknown"] * 2 and world.chain.head() == before
    assert all(isinstance(each, Rejected) and each.fields["error"] for each in found)


def test_a_false_proof_is_named_and_nothing_is_sent(world: World) -> None:
    world.submit()
    before, batch = world.chain.head(), [one(world, 0), one(world, 1, proof=FALSE)]
    with pytest.raises(Rejected) as caught:
        onchain.onboard_batch(world.client, batch, relayer=world.relayer)
    assert caught.value.code == "rejected.BatchNotAccepted" and world.chain.head() == before
    assert ACCOUNTS[1].address.lower() in caught.value.message
    assert ACCOUNTS[0].address.lower() not in caught.value.message
    assert status(world, 0) == "none"


def test_an_estimate_with_which_a_claim_starves(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim without gas fails alone: the transaction goes through, and an estimate may say so."""
    world.submit()
    batch = [one(world, i) for i in range(3)]
    asked = world.client.counted

    def starved(given: Any, *, sender: Any, gas: int | None = None) -> list[bool]:
        found = asked(given, sender=sender, gas=gas)
        return found if gas is None else [*found[:-1], False]

    monkeypatch.setattr(world.client, "counted", starved)
    before = world.chain.head()
    with pytest.raises(Refused) as caught:
        onchain.onboard_batch(world.client, batch, relayer=world.relayer)
    assert caught.value.code == "refused.gas" and world.chain.head() == before


def test_how_many(world: World) -> None:
    for count in (0, 33):
        batch = [one(world, 0)] * count
        for ask in (world.client.counted, world.client.onboard_batch):
            with pytest.raises(Refused) as caught:
                ask(batch, sender=world.relayer)
            assert caught.value.code == "refused.batch_size"


def test_events_that_do_not_tell_of_each(world: World) -> None:
    """A log of another contract, one too few, one of another claim, a failure out of its place."""
    world.submit()
    batch = [one(world, 0), one(world, 1, signed=False)]
    call = world.client.calls.onboard_batch(batch)
    receipt = world.chain.send(call, sender=world.relayer)
    claims, contract = [each.claim for each in batch], world.client.contract
    assert told(outcomes(contract, receipt, claims)) == ["first", "rejected.ConsentMissing"]
    foreign = [dict(log) | {"address": "0x" + "11" * 20} for log in receipt["logs"]]
    swapped = list(reversed(receipt["logs"]))
    for logs, of in (
        (foreign, claims),
        (receipt["logs"][:1], claims),
        (receipt["logs"], claims[:1]),
        (receipt["logs"], [replace(claims[0], nullifier=9), claims[1]]),
        (receipt["logs"], [claims[0], replace(claims[1], account="0x" + "22" * 20)]),
        (swapped, claims[::-1]),
    ):
        seen: Any = {**dict(receipt), "logs": [AttributeDict(log) for log in logs]}
        with pytest.raises(Unavailable) as caught:
            outcomes(contract, seen, of)
        assert caught.value.code == "unavailable.event"
