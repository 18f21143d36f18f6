"""What the client refuses before it pays, and a document that reaches the registry whole."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from registry_world import ATTESTORS, FIELD_ORDER, GOLD, NULLIFIER, OWNER, SERIES, World

from algebra.errors import Malformed, Refused, Rejected
from contracts.build.artifact import REGISTRY, load_artifact
from contracts.client.model import PolicyRegistration, thresholds_hash
from contracts.client.registered import check_policy, has_policy
from policies.policy import Policy, example
from policies.signed_root import Root
from policies.terms import Terms

pytestmark = pytest.mark.evm


def document(world: World, tiers: int = 3, **changes: Any) -> Policy:
    policy = example("standard")
    policy = policy.over(world.first_day, world.last_day)
    listed = [replace(policy.tiers[i % len(policy.tiers)], name=f"tier {i}") for i in range(tiers)]
    of = {
        "attestor_set": ATTESTORS.id,
        "series_name": SERIES.name,
        "least_days": SERIES.least_days,
        "max_age_days": SERIES.max_age_days,
        "tiers": tuple(listed),
    }
    return replace(policy, **{**of, **changes})


@pytest.mark.parametrize("tiers", [1, 16])
def test_a_document_is_registered_as_it_stands(world: World, tiers: int) -> None:
    """Also the longest one that `Policy.check` admits, within a block's gas."""
    policy = document(world, tiers)
    call = world.client.calls.register_policy(PolicyRegistration(policy, (0,)))
    assert policy.series == SERIES and not has_policy(world.client, policy)
    with pytest.raises(Rejected) as caught:
        check_policy(world.client, policy)
    assert caught.value.code == "rejected.PolicyUnknown"
    world.client.send(call, sender=world.governor)
    held = world.client.policy_of(policy.policy_id)
    assert (held["series"], held["verifiers"]) == (SERIES.id, (0,))
    assert (held["first_day"], held["last_day"]) == (policy.first_day, policy.last_day)
    assert held["tiers"] == tiers and has_policy(world.client, policy)
    for index, tier in enumerate(policy.tiers):
        stated = world.client.tier_of(held["first_tier"] + index)
        assert stated["terms"] == tier.terms
        assert stated["thresholds_hash"] == thresholds_hash(tier.thresholds.words())
    with pytest.raises(Rejected) as caught:  # only the chain knows
        world.client.send(call, sender=world.governor)
    assert caught.value.code == "rejected.PolicyExists"
    world.client.send(world.client.calls.disable_policy(policy.policy_id), sender=world.guardian)
    with pytest.raises(Rejected) as caught:
        check_policy(world.client, policy)
    assert caught.value.code == "rejected.PolicyDisabled" and not has_policy(world.client, policy)


def test_nothing_is_made_for_what_the_registry_would_refuse(world: World) -> None:
    policy = document(world)
    cheap = replace(policy.tiers[0], terms=replace(policy.tiers[0].terms, maker_fee=-451))
    for code, changed, judge in (
        ("refused.policy.attestors", replace(policy, attestor_set=bytes(32)), 0),
        ("refused.policy.window", replace(policy, first_day=policy.last_day + 1), 0),
        ("refused.policy.tier", document(world, 17), 0),
        (
            "refused.policy.terms",
            replace(policy, tiers=(replace(policy.tiers[0], terms=cheap.terms),)),
            0,
        ),
        ("refused.policy.series", replace(policy, max_age_days=6), 0),
        ("malformed.word", policy, -1),
        ("malformed.word", policy, 1 << 8),
    ):
        with pytest.raises((Refused, Malformed)) as caught:
            world.client.calls.register_policy(PolicyRegistration(changed, (judge,)))
        assert caught.value.code == code


def test_a_signed_root_is_submitted_and_extended_as_it_stands(world: World) -> None:
    signed = Root(*world.root(root=FIELD_ORDER - 1).as_tuple())
    assert world.client.root_digest(signed) == signed.message(world.client.domain).digest
    world.client.submit_root(signed, world.sign(signed), sender=world.relayer)
    held = world.client.root_of(ATTESTORS.id, signed.root)
    assert held["serial"] and held["valid_until"] == signed.valid_until
    longer = replace(signed, valid_until=signed.valid_until + 1)
    world.client.submit_root(longer, world.sign(longer), sender=world.relayer)
    again = world.client.root_of(ATTESTORS.id, signed.root)
    assert again == {**held, "valid_until": longer.valid_until}


def test_a_consent_is_signed_as_the_contract_reads_it(world: World) -> None:
    """Every field is in the digest: one that differs is not the signature's."""
    world.submit()
    relay = {"account": OWNER.address, "sender": world.relayer}
    for change in (
        {"account": world.account.lower()},
        {"holder": world.account.lower()},
        {"series": bytes(32)},
        {"nullifier": NULLIFIER + 1},
        *({"terms": replace(GOLD.terms, **{name: getattr(GOLD.terms, name) + 1})}
          for name in list(Terms.__dataclass_fields__)[:6]),
    ):  # fmt: skip
        with pytest.raises(Rejected) as caught:
            world.onboard(consent=world.consent(**change), **relay)
        assert caught.value.code == "rejected.SignatureInvalid", change
    least, deadline, signature = world.consent()
    for wrong in ((least - 1, deadline, signature), (least, deadline + 1, signature)):
        with pytest.raises(Rejected) as caught:
            world.onboard(consent=wrong, **relay)
        assert caught.value.code == "rejected.SignatureInvalid"
    longer = replace(GOLD.terms, validity_days=1)  # not part of it
    assert world.onboard(consent=world.consent(terms=longer), **relay).act == "first"


@pytest.mark.parametrize(("struct", "ours"), [("struct Terms", Terms), ("struct Root", Root)])
def test_fields_stand_in_the_order_of_the_contract(struct: str, ours: type) -> None:
    """By name: the registry says the unit of a fee in its name as well."""
    parts = [part for entry in load_artifact(REGISTRY).abi for part in entry.get("inputs", ())]
    parts += [inner for part in parts for inner in part.get("components", ())]
    kinds = [part for part in parts if part.get("internalType", "") == struct]
    inner = next(iter(kinds))["components"]
    names = [re.sub("([A-Z])", r"_\1", part["name"]).lower() for part in inner]
    assert [name.replace("_centi_bp", "") for name in names] == list(ours.__dataclass_fields__)
