"""Scopes and roots as Python computes them, and as the registry does."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from grants.grants_world import SERIES, STRANGER, Root, World

from policies import signed_root
from policies.place import Place
from policies.policy import example

pytestmark = pytest.mark.evm


def place_of(world: World) -> Place:
    chain_id = int(world.machine.state.execution_context.chain_id)
    return Place(chain_id, "0x" + world.grants.place.hex())


@pytest.mark.parametrize("chain_id", [31_337, 1, 2**64 - 1])
def test_scopes_are_the_registry_s(chain_id: int) -> None:
    world = World(chain_id)
    place = place_of(world)
    assert place.chain_id == chain_id
    for series in (SERIES, bytes(32), b"\xff" * 32, example("standard").series.id):
        assert world.grants.call(STRANGER, "scopeOf", series) == place.scope(series)


def test_roots_are_signed_as_the_registry_asks(world: World) -> None:
    signed = Root()
    digest = signed_root.Root(*astuple(signed)).message(place_of(world).domain).digest
    assert world.grants.call(STRANGER, "rootDigest", astuple(signed)) == digest
