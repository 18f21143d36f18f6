"""
A set outlives its members: who may follow them, what an ended generation takes with it, and what a
rotation leaves as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from eth_utils.address import to_checksum_address
from registry_world import (
    ATTESTORS,
    GOLD,
    KEYS,
    NEXT,
    NULLIFIER,
    ROOT,
    STRANGER,
    World,
)

from algebra.errors import Rejected
from attestor.generations import rotated
from contracts.client.calls import rotation
from policies.attestor_set import AttestorSet, Generation
from tierproof.onchain import bring_up

pytestmark = pytest.mark.evm
AFTER = Generation.of([STRANGER.address], 1)


def refused(name: str, act: Callable[[], object]) -> None:
    with pytest.raises(Rejected) as caught:
        act()
    assert caught.value.code == f"rejected.{name}"


def second(world: World, **changes: object) -> object:
    """A root that the second generation signs."""
    signed = world.root(generation=2, **changes)
    return world.submit(signed, world.sign(signed, KEYS[1:3]))


def end(world: World, generation: int) -> None:
    world.client.end_generation(world.attestor_set, generation, sender=world.guardian)


def test_a_lost_key_is_replaced(world: World) -> None:
    """The id stays, so does what the set did; only the running generation signs from now on."""
    world.submit()
    granted = world.onboard()
    world.rotate()
    client = world.client
    assert client.running_generation(world.attestor_set) == 2
    assert world.client.terms_of(world.account) == (GOLD.terms, granted.expiry)
    late = world.root(root=ROOT + 1)
    refused("WrongGeneration", lambda: world.submit(late))
    claimed = replace(late, generation=2)
    refused("SignerNotMember", lambda: world.submit(claimed, world.sign(claimed, KEYS[:2])))
    # keys of both generations: what they signed for the first does not count for the second
    refused("SignerNotMember", lambda: world.submit(claimed, world.sign(late, KEYS[1:3])))
    second(world, root=ROOT + 1)
    record = client.root_of(world.attestor_set, ROOT + 1)
    assert (record["generation"], record["generation_ended"]) == (2, False)
    world.onboard(nullifier=NULLIFIER + 1, account=world.relayer)  # a root of the first, still


def test_members_of_each_generation(world: World) -> None:
    world.rotate()
    functions = world.functions()
    for number, of in ((1, ATTESTORS.generations[0]), (2, NEXT), (3, None)):
        held = [
            world.chain.read(functions.isAttestor(world.attestor_set, number, key.address))
            for key in KEYS
        ]
        assert held == [of is not None and key.address.lower() in of.members for key in KEYS]
        known = [2, 3, False] if of else [0, 0, False]
        assert list(world.chain.read(functions.generationOf(world.attestor_set, number))) == known
    assert world.client.running_generation(b"\1" * 32) == 0


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("TooFewSignatures", KEYS[:1]),
        ("TooFewSignatures", []),
        ("SignersNotAscending", [KEYS[0], KEYS[0]]),
        ("SignerNotMember", [KEYS[2], KEYS[3]]),
    ],
)
def test_only_a_quorum_of_the_running_generation_hands_over(
    world: World, name: str, keys: list[object]
) -> None:
    refused(name, lambda: world.rotate(signatures=world.handed_over(NEXT, keys)))  # type: ignore[arg-type]
    assert world.client.running_generation(world.attestor_set) == 1


def test_a_handover_counts_once_and_for_what_it_says(world: World) -> None:
    signatures = world.handed_over(NEXT)
    refused("SignerNotMember", lambda: world.rotate(AFTER, signatures))
    loose = replace(NEXT, threshold=1)
    refused("SignerNotMember", lambda: world.rotate(loose, signatures))
    world.rotate(NEXT, signatures)
    refused("SignerNotMember", lambda: world.rotate(NEXT, signatures))
    refused("AttestorSetUnknown", lambda: world.rotate(attestor_set=b"\1" * 32))


@pytest.mark.parametrize(
    ("name", "members", "threshold"),
    [
        ("AttestorSetEmpty", [], 0),
        ("ThresholdOutOfRange", [KEYS[0].address], 2),
        ("MembersNotAscending", [KEYS[1].address, KEYS[0].address], 1),
    ],
)
def test_the_next_generation_keeps_the_rules_of_the_first(
    world: World, name: str, members: list[str], threshold: int
) -> None:
    refused(name, lambda: world.rotate_unchecked(members, threshold))


def test_an_ended_generation_takes_its_roots_and_grants_with_it(world: World) -> None:
    world.submit()
    world.submit(world.root(root=ROOT + 1))
    world.onboard()
    world.rotate()
    second(world, root=ROOT + 2)
    end(world, 1)
    refused("GrantGenerationEnded", lambda: world.client.terms_of(world.account))
    assert world.client.grant_of(world.account)["generation_ended"] is True
    refused("GenerationIsEnded", lambda: world.onboard(root=ROOT + 1, nullifier=NULLIFIER + 1))
    # the next generation signs the same root again, and anybody onboards the account anew
    second(world)
    record = world.client.root_of(world.attestor_set, ROOT)
    assert (record["generation"], record["generation_ended"], record["serial"]) == (2, False, 4)
    world.onboard(nullifier=NULLIFIER + 1)
    assert world.client.terms_of(world.account)[0] == GOLD.terms
    refused("RootExists", lambda: second(world))


def test_an_ended_generation_signs_nothing_and_hands_over_still(world: World) -> None:
    end(world, 1)
    refused("GenerationIsEnded", world.submit)
    refused("GenerationIsEnded", lambda: world.register(world.policy(policy_id=b"\2" * 32)))
    refused("GenerationIsEnded", lambda: end(world, 1))
    for number in (0, 2):
        refused("GenerationUnknown", lambda number=number: end(world, number))
    world.rotate()
    second(world)
    world.onboard()
    end(world, 2)
    refused("GrantGenerationEnded", lambda: world.client.terms_of(world.account))


def test_a_revoked_root_stays_revoked_in_every_generation(world: World) -> None:
    world.submit()
    world.client.revoke_root(world.attestor_set, ROOT, sender=world.guardian)
    world.rotate()
    end(world, 1)
    refused("RootIsRevoked", lambda: second(world))


def test_the_registry_is_brought_to_the_set_s_last_generation(world: World) -> None:
    """From nothing, from an earlier generation, and not to one that follows another."""
    fresh = AttestorSet.of([key.address for key in KEYS[:2]], 2, "fresh")
    signatures = [key.unsafe_sign_hash(fresh.message(AFTER).digest) for key in KEYS[:2]]
    grown = rotated(fresh, AFTER, [bytes(each.signature) for each in signatures])
    assert bring_up(world.client, grown, governor=world.governor) == 2
    assert world.client.running_generation(grown.id) == 2
    assert bring_up(world.client, grown, governor=world.governor) == 0
    assert bring_up(world.client, fresh, governor=world.governor) == 0
    world.rotate()
    other = rotated(ATTESTORS, AFTER, world.handed_over(AFTER))
    own = [bytes(STRANGER.unsafe_sign_hash(other.message(NEXT).digest).signature)]
    third = rotated(other, NEXT, own)
    assert bring_up(world.client, other, governor=world.governor) == 0
    refused("TooFewSignatures", lambda: bring_up(world.client, third, governor=world.governor))


def test_the_data_of_a_rotation_is_the_contract_s(world: World) -> None:
    made = rotated(ATTESTORS, NEXT, world.handed_over(NEXT))
    listed = [to_checksum_address(member) for member in NEXT.members]
    call = world.functions().rotateAttestorSet(
        ATTESTORS.id, listed, NEXT.threshold, list(made.generations[-1].handover)
    )
    assert "0x" + rotation(made).hex() == call._encode_transaction_data()
    with pytest.raises(ValueError, match="registered"):
        rotation(ATTESTORS)
