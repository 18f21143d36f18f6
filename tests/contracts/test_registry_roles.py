"""Who may do what, and what a governor cannot register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from eth_utils.crypto import keccak
from registry_world import DAY, GOLD, POLICY_ID, ROOT, SILVER, Policy, Tier, World, mock

from algebra.errors import Rejected
from contracts.build.artifact import REGISTRY, load_artifact
from contracts.client.chain import Chain
from history.dates import DAY_LIMIT
from policies.terms import Terms
from verifier.ceremonies import allowed_id

DEVELOPMENT = allowed_id("development")

pytestmark = pytest.mark.evm

ACTIONS: dict[str, tuple[str, Callable[[World, str], Any]]] = {
    "register_attestor_set": (
        "governor",
        lambda w, s: w.register_set([w.relayer], 1, sender=s),
    ),
    "rotate_attestor_set": ("governor", lambda w, s: w.rotate(sender=s)),
    "register_policy": (
        "governor",
        lambda w, s: w.register(w.policy(policy_id=b"\3" * 32), sender=s),
    ),
    "advance_epoch": ("governor", lambda w, s: w.client.advance_epoch(POLICY_ID, sender=s)),
    "unpause": ("governor", lambda w, s: w.client.unpause(sender=s)),
    "pause": ("guardian", lambda w, s: w.client.pause(sender=s)),
    "revoke_root": ("guardian", lambda w, s: w.client.revoke_root(w.attestor_set, ROOT, sender=s)),
    "end_generation": (
        "guardian",
        lambda w, s: w.client.end_generation(w.attestor_set, 1, sender=s),
    ),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_role_matrix(world: World, action: str) -> None:
    """
    Exactly one role may; not the other, not the admin, not a relayer, not an account with terms.
    """
    role, act = ACTIONS[action]
    world.chain.advance_time(8 * DAY)
    for who in ("admin", "governor", "guardian", "relayer", "account"):
        if who == role:
            continue
        with pytest.raises(Rejected) as caught:
            act(world, getattr(world, who))
        assert caught.value.code == "rejected.AccessControlUnauthorizedAccount"
    act(world, getattr(world, role))


def test_admin_is_handed_over_in_two_steps(world: World) -> None:
    functions = world.chain.contract(load_artifact(REGISTRY), world.client.address).functions
    chain, new = world.chain, world.account
    with pytest.raises(Rejected) as caught:
        chain.send(functions.grantRole(bytes(32), new), sender=world.admin)
    assert caught.value.code == "rejected.AccessControlEnforcedDefaultAdminRules"
    chain.send(functions.beginDefaultAdminTransfer(new), sender=world.admin)
    assert chain.read(functions.defaultAdmin()) == world.admin
    chain.advance_time(5)
    chain.send(functions.acceptDefaultAdminTransfer(), sender=new)
    assert chain.read(functions.defaultAdmin()) == new
    governor_role = chain.read(functions.GOVERNOR_ROLE())
    with pytest.raises(Rejected) as caught:
        chain.send(functions.grantRole(governor_role, world.admin), sender=world.admin)
    assert caught.value.code == "rejected.AccessControlUnauthorizedAccount"
    chain.send(functions.revokeRole(governor_role, world.governor), sender=new)
    with pytest.raises(Rejected):
        world.client.unpause(sender=world.governor)


def _with_terms(**changes: int) -> tuple[Tier, ...]:
    return (SILVER, Tier(GOLD.thresholds, replace(GOLD.terms, **changes)))


POLICIES: dict[str, tuple[str, Callable[[World], Policy]]] = {
    "no id": ("PolicyIdZero", lambda w: w.policy(policy_id=bytes(32))),
    "twice": ("PolicyExists", lambda w: w.policy(policy_id=POLICY_ID)),
    "unknown attestors": ("AttestorSetUnknown", lambda w: w.policy(attestor_set=bytes(32))),
    "window backwards": ("WindowInvalid", lambda w: w.policy(first_day=20_090)),
    "window too late": ("WindowInvalid", lambda w: w.policy(last_day=DAY_LIMIT)),
    "no tiers": ("TierCountOutOfRange", lambda w: w.policy(tiers=())),
    "33 tiers": ("TierCountOutOfRange", lambda w: w.policy(tiers=(SILVER,) * 33)),
    "thresholds all zero": (
        "ThresholdsInvalid",
        lambda w: w.policy(tiers=(Tier((0, 0, 0, 0, 0), SILVER.terms),)),
    ),
    "253 bit threshold": (
        "ThresholdsInvalid",
        lambda w: w.policy(tiers=(Tier((1, 1 << 252, 0, 0, 0), SILVER.terms),)),
    ),
    "terms all zero": (
        "TermsInvalid",
        lambda w: w.policy(tiers=(Tier(GOLD.thresholds, Terms(0, 0, 0, 0, 0, 0)),)),
    ),
    "no maintenance margin": (
        "TermsInvalid",
        lambda w: w.policy(tiers=_with_terms(maintenance_margin_bp=0)),
    ),
    "maintenance over initial": (
        "TermsInvalid",
        lambda w: w.policy(tiers=_with_terms(maintenance_margin_bp=501)),
    ),
    "margin over 100%": (
        "TermsInvalid",
        lambda w: w.policy(tiers=_with_terms(initial_margin_bp=10_001, max_leverage=1)),
    ),
    "leverage over margin": (
        "TermsInvalid",
        lambda w: w.policy(tiers=_with_terms(max_leverage=21)),
    ),
    "no leverage": ("TermsInvalid", lambda w: w.policy(tiers=_with_terms(max_leverage=0))),
    "rebate over fee": (
        "TermsInvalid",
        lambda w: w.policy(tiers=_with_terms(maker_fee=-301)),
    ),
    "negative taker fee": (
        "TermsInvalid",
        lambda w: w.policy(tiers=_with_terms(taker_fee=-51)),
    ),
    "no validity": ("TermsInvalid", lambda w: w.policy(tiers=_with_terms(validity=0))),
    "verifier without code": ("Reverted", lambda w: w.policy(verifier=w.relayer)),
    "registry as verifier": ("Reverted", lambda w: w.policy(verifier=w.client.address)),
}


@pytest.mark.parametrize("case", POLICIES)
def test_policies_refused(world: World, case: str) -> None:
    name, make = POLICIES[case]
    policy = make(world)
    if case not in ("no id", "twice"):
        policy = replace(policy, policy_id=keccak(text=case))
    with pytest.raises(Rejected) as caught:
        world.register(policy)
    assert caught.value.code == f"rejected.{name}"


def test_a_policy_reads_back(world: World) -> None:
    record = world.client.policy_of(POLICY_ID)
    assert (record["attestor_set"], record["verifier"]) == (world.attestor_set, world.verifier)
    assert (record["tiers"], record["epoch"], record["min_epoch_seconds"]) == (3, 0, 7 * DAY)
    assert world.client.tier_of(POLICY_ID, 1)[0] == GOLD.terms
    with pytest.raises(Rejected) as caught:
        world.client.tier_of(POLICY_ID, 3)
    assert caught.value.code == "rejected.TierUnknown"
    with pytest.raises(Rejected) as caught:
        world.client.scope(bytes(32))
    assert caught.value.code == "rejected.PolicyUnknown"


@pytest.mark.parametrize("srs_id", [DEVELOPMENT, 7], ids=["development", "unknown"])
def test_other_setups_only_on_development_chains(srs_id: int) -> None:
    """D7: the registry itself refuses, whatever the client does and the verifier says."""
    chain = Chain.embedded()
    assert chain.tester is not None
    chain.tester.backend.chain.chain_id = 1  # what the CHAINID instruction answers
    world = World.build(chain)
    verifier, _ = chain.deploy(mock(), srs_id, bytes(32), sender=world.relayer)
    policy = world.policy(policy_id=b"\4" * 32, verifier=verifier)
    with pytest.raises(Rejected) as caught:
        world.register(policy)
    assert caught.value.code == "rejected.SetupNotKnown"
    assert caught.value.fields["arguments"] == {"verifier": verifier.lower(), "srsId": srs_id}
    chain.tester.backend.chain.chain_id = 131_277_322_940_537
    world.register(policy)
