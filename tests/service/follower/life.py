"""A life of a registry on an EVM, recorded: all that it and its authority said."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from grants.grants_world import World
from grants.test_indexer import rarely

from contracts.client.logs import events_of
from policies.place import Place
from service.follower.follower import Contracts


@dataclass(frozen=True)
class Said:
    """A log before it stands in a block."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Life:
    """What is followed, and what was said, in order."""

    contracts: Contracts
    said: tuple[Said, ...]


@cache
def recorded() -> Life:
    """A life in which every event of the registry occurs."""
    world = World()
    world.start()
    for _ in rarely(world):
        pass
    places = {each.place: "0x" + each.place.hex() for each in (world.grants, world.authority)}
    registry, authority = places.values()
    place = Place(world.machine.chain_id, registry)
    contracts = Contracts(place, authority, events_of("TierGrants"), events_of("Authority"))
    said = tuple(
        Said(places[at], tuple(topic.to_bytes(32) for topic in topics), bytes(data))
        for _, (_, at, topics, data) in world.machine.history
        if at in places
    )
    return Life(contracts, said)
