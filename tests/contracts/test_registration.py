"""What the client refuses before it pays, and a document that reaches the registry whole."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from registry_world import FIELD_ORDER, World

from algebra.errors import Malformed, Refused, Rejected
from contracts.build.artifact import REGISTRY, load_artifact
from contracts.client.model import PolicyRegistration, thresholds_hash
from policies.policy import Policy, example
from policies.signed_root import Root
from policies.terms import Terms

pytestmark = pytest.mark.evm


def document(world: World, tiers: int = 3, **changes: Any) -> Policy:
    policy = example("standard")
    listed = [replace(policy.tiers[i % len(policy.tiers)], name=f"tier {i}") for i in range(tiers)]
    return replace(
        policy, **{"attestor_set": world.attestor_set, "tiers": tuple(listed), **changes}
    )


@pytest.mark.parametrize("tiers", [1, 32])
def test_a_document_is_registered_as_it_stands(world: World, tiers: int) -> None:
    """Also the longest one that `Policy.check` admits, within the client's gas."""
    policy = document(world, tiers)
    registration = PolicyRegistration(policy, world.verifier, 3_600)
    world.client.register_policy(registration, sender=world.governor)
    held = world.client.policy_of(policy.policy_id)
    assert (held["attestor_set"], held["verifier"]) == (policy.attestor_set, world.verifier)
    assert (held["first_day"], held["last_day"]) == (policy.first_day, policy.last_day)
    assert (held["tiers"], held["min_epoch_seconds"]) == (tiers, 3_600)
    for index, tier in enumerate(policy.tiers):
        stated = (tier.terms, thresholds_hash(tier.thresholds.words()))
        assert world.client.tier_of(policy.policy_id, index) == stated
    with pytest.raises(Rejected) as caught:  # only the chain knows
        world.client.register_policy(registration, sender=world.governor)
    assert caught.value.code == "rejected.PolicyExists"


def test_nothing_is_sent_for_what_the_registry_would_refuse(world: World) -> None:
    policy = document(world)
    rebate = replace(policy.tiers[0].terms, maker_fee=-451)
    for code, changed, verifier, seconds in (
        ("refused.policy.attestors", replace(policy, attestor_set=bytes(32)), None, 0),
        ("refused.policy.window", replace(policy, first_day=policy.last_day + 1), None, 0),
        ("refused.policy.tier", document(world, 33), None, 0),
        ("refused.policy.terms",
         replace(policy, tiers=(replace(policy.tiers[0], terms=rebate),)), None, 0),
        ("malformed.address", policy, "0x1234", 0),
        ("malformed.word", policy, None, -1),
        ("malformed.word", policy, None, 1 << 32),
    ):  # fmt: skip
        block = world.chain.web3.eth.block_number
        with pytest.raises((Refused, Malformed)) as caught:
            world.client.register_policy(
                PolicyRegistration(changed, verifier or world.verifier, seconds),
                sender=world.governor,
            )
        assert caught.value.code == code
        assert world.chain.web3.eth.block_number == block


def test_a_signed_root_is_submitted_as_it_stands(world: World) -> None:
    signed = Root(*world.root(root=FIELD_ORDER - 1).as_tuple())
    serial = world.client.submit_root(signed, world.sign(signed), sender=world.relayer)
    held = world.client.root_of(world.attestor_set, signed.root)
    assert (held["serial"], held["valid_until"]) == (serial, signed.valid_until)


@pytest.mark.parametrize(
    ("struct", "ours"), [("ITierRegistry.Terms", Terms), ("ITierRegistry.Root", Root)]
)
def test_fields_stand_in_the_order_of_the_contract(struct: str, ours: type) -> None:
    """By name: the registry says the unit of a fee in its name as well."""
    parts = [part for entry in load_artifact(REGISTRY).abi for part in entry.get("inputs", ())]
    parts += [inner for part in parts for inner in part.get("components", ())]
    kinds = [part for part in parts if part.get("internalType", "").endswith(struct)]
    inner = next(iter(kinds))["components"]
    names = [re.sub("([A-Z])", r"_\1", part["name"]).lower() for part in inner]
    assert [name.replace("_centi_bp", "") for name in names] == list(ours.__dataclass_fields__)
