"""
What stands on the chain: the registry of grants as `deploy` puts it up, with a verifier of each
profile and a notice of 48 hours, and a margin engine with its market.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_utils.abi import function_abi_to_4byte_selector

from contracts.build.artifact import FOLDER, load_artifact, read_artifact
from contracts.client.chain import Chain
from contracts.client.deploy import deploy as deploy_registry
from contracts.client.model import LEAST_NOTICE, Roles
from contracts.client.order import Order
from contracts.client.registry import RegistryClient
from examples.chain.people import SIZE, People
from policies.effective.glide import ONE
from policies.effective.regime import Band
from policies.market_rules import MarketRules, Source
from policies.terms import Terms
from prover.profile import Profile
from tierproof.verifier_contract import name_for

HOUR, DAY = 3_600, 86_400
NOTICE = LEAST_NOTICE
BANDS = (Band(0, 0, ONE), Band(6_000, 5_000, 13_000), Band(9_000, 7_500, 20_000))
DEFAULT = Terms(2_000, 1_500, 600, 200, 5, 0, 0)
MARKET = MarketRules(DEFAULT, BANDS)
FEED_HEARTBEAT, PRICE_HEARTBEAT = 48 * HOUR, 2 * DAY
NOWHERE = "0x" + "00" * 20
OWN = (2_500, 1_250, 600, 300, 4, 2_000)
"""The engine's own terms, if the registry does not answer."""
DOLLAR = 10**6
"""Units of the collateral."""
VERIFIERS = (Profile.FAST, Profile.LEAN)
"""Whose keys the registry's verifiers are of, by their index."""


@dataclass(frozen=True)
class Deployment:
    """The registry's client, the engine's contracts as web3 speaks to them, and who does what."""

    chain: Chain
    client: RegistryClient
    roles: Roles
    anybody: str
    engine: Any
    markets: Any
    token: Any
    price: Any
    volatility: Any

    def market(self) -> MarketRules:
        """The same default and bands, read from the feed."""
        return MarketRules(DEFAULT, BANDS, Source(self.volatility.address, FEED_HEARTBEAT))


def deploy(chain: Chain, people: People) -> Deployment:
    """All of it; nothing is registered yet but the verifiers, which judge after the notice."""
    deployer, admin, governor, guardian, anybody = chain.accounts()[:5]
    roles = Roles(admin, governor, guardian, admin_delay=NOTICE)
    names = [name_for(people.keys.verifying_key(SIZE, each), each) for each in VERIFIERS]
    order = Order(tuple(map(load_artifact, names)), roles, market=MARKET, notice=NOTICE)
    client = RegistryClient(chain, deploy_registry(chain, order, sender=deployer).registry)

    def put(name: str, folder: str, *arguments: object) -> Any:
        artifact = read_artifact(FOLDER / folder / f"{name}.json")
        return chain.contract(artifact, chain.deploy(artifact, *arguments, sender=admin)[0])

    token, price = put("MockToken", "test-artifacts", 6), put("MockPriceFeed", "test-artifacts", 8)
    volatility = put("MockFeed", "test-artifacts", 2)
    markets = put("Markets", "example-artifacts", admin)
    engine = put(
        "MarginEngine",
        "example-artifacts",
        *(client.address, OWN, token.address, markets.address, NOWHERE, admin),
    )
    return Deployment(chain, client, roles, anybody, engine, markets, token, price, volatility)


def selector(contract: Any, name: str) -> bytes:
    """Four bytes of a function."""
    return bytes(function_abi_to_4byte_selector(contract.get_function_by_name(name).abi))
