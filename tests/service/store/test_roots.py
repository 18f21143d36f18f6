"""A root counts for the chain, the registry and the generation that its signatures name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.place import Place
from service.store.store import Store
from tests.service.store import store_world as world
from tests.service.store.store_world import POLICY, ROOT, SIGNED, said


@pytest.mark.parametrize("place", world.ELSEWHERE)
def test_a_root_that_was_signed_for_another_place(store: Store, place: Place) -> None:
    """Another chain, and another registry: it is refused where it was not signed for."""
    store.register_policy(POLICY, [place])
    elsewhere = replace(world.credential(5), place=place)
    assert said(lambda: store.require_root(POLICY, place, ROOT)) == "unknown.root"
    assert said(lambda: store.accept(POLICY, elsewhere)) == "unknown.root"
    world.register_root(store, place=place)
    assert store.require_root(POLICY, place, ROOT) == SIGNED
    assert store.accept(POLICY, elsewhere).place == place


def test_the_quorum_is_asked_for_the_place_that_is_kept(store: Store) -> None:
    asked = []
    store.register_root(
        SIGNED, [b"s"], domain=world.ELSEWHERE[0].domain, files=POLICY.documents,
        quorum=lambda *given: asked.append(given),
    )  # fmt: skip
    assert asked == [(SIGNED, world.ELSEWHERE[0].domain, [b"s"])]


def test_fields_may_differ_from_place_to_place(store: Store) -> None:
    """Signed anew for another place it may count longer there; here it stays as it was."""
    longer = replace(SIGNED, valid_until=SIGNED.valid_until + 7)
    store.register_policy(POLICY, world.ELSEWHERE)
    world.register_root(store, longer, world.ELSEWHERE[1])
    assert said(lambda: world.register_root(store, longer)) == "refused.root_exists"
    assert store.require_root(POLICY, world.ELSEWHERE[1], ROOT) == longer
    assert store.require_root(POLICY, world.PLACE, ROOT) == SIGNED


def test_a_revocation_counts_at_every_place_and_for_those_to_come(store: Store) -> None:
    store.register_policy(POLICY, world.ELSEWHERE)
    world.register_root(store, place=world.ELSEWHERE[0])
    store.revoke_root(POLICY.attestor_set, ROOT)
    for place in (world.PLACE, world.ELSEWHERE[0]):
        assert said(lambda: store.require_root(POLICY, place, ROOT)) == "refused.root_revoked"  # noqa: B023
    again = said(lambda: world.register_root(store, place=world.ELSEWHERE[1]))
    assert again == "refused.root_revoked"


def test_the_end_of_a_generation(store: Store) -> None:
    store.end_generation(POLICY.attestor_set, 1)
    assert said(lambda: store.accept(POLICY, world.credential(5))) == "refused.generation_ended"
    assert said(lambda: world.register_root(store)) == "refused.generation_ended"
    world.register_root(store, replace(SIGNED, generation=2))
    assert said(lambda: store.accept(POLICY, world.credential(5))) == "done"
