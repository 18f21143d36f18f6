"""A follower of the registry that a deployment file names, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable

from algebra.errors import TierproofError
from contracts.client.blocks import Blocks
from contracts.client.deployment import Deployment
from contracts.client.logs import events_of
from policies.place import Place
from service.follower.follower import Contracts, Follower, Step, Transactions
from service.follower.settings import FollowerSettings
from service.store.database import Database
from service.store.schema import migrate


def contracts_of(deployment: Deployment) -> Contracts:
    """What is followed of a deployment."""
    place = Place(deployment.chain_id, deployment.registry)
    authority = deployment.authority.lower()
    return Contracts(place, authority, events_of("TierGrants"), events_of("Authority"))


def opened(url: str, clock: Callable[[], float] = time.time) -> Database:
    """The database of a follower, brought to the newest version; errors as `schema.migrate`."""
    database = Database(url, clock)
    try:
        migrate(database)
    except TierproofError:
        database.close()
        raise
    return database


def connected(
    deployment: Deployment,
    rpc: str,
    database: Transactions,
    settings: FollowerSettings,
    tell: Callable[[Step | TierproofError], None] = lambda _: None,
) -> Follower:
    """
    A follower; the node is not asked before its first step.

    Parameters
    ----------
    rpc : URL of a node, the only place on the network that is reached

    Raises
    ------
    Refused
        `refused.config`: no HTTP URL.
    """
    contracts = contracts_of(deployment)
    node = Blocks.connect(rpc, [contracts.place.registry, contracts.authority])
    return Follower(database, node, contracts, settings, tell)
