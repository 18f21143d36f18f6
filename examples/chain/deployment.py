"""
The registry of grants with its verifiers, a feed of volatility, and a margin engine on it.

Notice is 48 hours, as it must be outside development chains, and every role is an account's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.abi import function_abi_to_4byte_selector

from contracts.build.artifact import FOLDER, load_artifact, read_artifact
from contracts.build.link import linked
from contracts.client.chain import Chain, Sender
from policies.effective.glide import ONE, Clock
from policies.effective.regime import Band, pack
from policies.effective.terms import Default

HOUR, DAY = 3_600, 86_400
NOTICE = 48 * HOUR
LOOSEN, TIGHTEN = 1, 2
GOVERNED = (
    "registerAttestorSet",
    "rotateAttestorSet",
    "registerVerifier",
    "registerSeries",
    "announceWindow",
    "registerPolicy",
    "unbar",
    "unpause",
    "close",
    "announceMarket",
    "registerEngine",
)
GUARDED = (
    "endGeneration",
    "revokeRoot",
    "disableVerifier",
    "disablePolicy",
    "revoke",
    "bar",
    "pause",
    "disableEngine",
)
BANDS = (Band(0, 0, ONE), Band(6_000, 5_000, 13_000), Band(9_000, 7_500, 20_000))
DEFAULT = Default(2_000, Clock(1_500, 1_500, 0), 600, 200, 5)
FEED_HEARTBEAT, PRICE_HEARTBEAT = 48 * HOUR, 2 * DAY
NOWHERE = "0x" + "00" * 20
OWN = (2_500, 1_250, 600, 300, 4, 2_000)
"""The engine's own terms, if the registry does not answer."""
DOLLAR = 10**6
"""Units of the collateral."""


@dataclass(frozen=True)
class Roles:
    """Who governs, who guards, who appoints; each is an address that the node holds."""

    admin: str
    governor: str
    guardian: str
    anybody: str


@dataclass(frozen=True)
class Deployment:
    """Contracts on a chain, as web3 speaks to them."""

    chain: Chain
    roles: Roles
    grants: Any
    engine: Any
    markets: Any
    token: Any
    price: Any
    volatility: Any

    def call(self, name: str, *arguments: Any) -> Any:
        """A call of the registry."""
        return self.grants.functions[name](*arguments)

    def governor(self, name: str, *arguments: Any) -> Any:
        """The receipt of what the governor does."""
        return self.chain.send(self.call(name, *arguments), sender=self.roles.governor)

    def guardian(self, name: str, *arguments: Any) -> Any:
        """The receipt of what the guardian does."""
        return self.chain.send(self.call(name, *arguments), sender=self.roles.guardian)

    def read(self, name: str, *arguments: Any) -> Any:
        """What a view of the registry answers."""
        return self.chain.read(self.call(name, *arguments))


def selector(contract: Any, name: str) -> bytes:
    """Four bytes of a function."""
    return bytes(function_abi_to_4byte_selector(contract.get_function_by_name(name).abi))


def deploy(chain: Chain) -> Deployment:
    """All of it; nothing is registered yet but an engine, which reports after the notice."""
    accounts = chain.accounts()
    roles = Roles(*accounts[:4])
    put = _Putter(chain, roles.admin)
    authority = put("Authority", roles.admin)
    grants = put.registry(authority.address)
    _give(chain, authority, grants, roles)
    token, price = put("MockToken", 6), put("MockPriceFeed", 8)
    volatility, markets = put("MockFeed", 2), put("Markets", roles.admin)
    engine = put(
        "MarginEngine", grants.address, OWN, token.address, markets.address, NOWHERE, roles.admin
    )
    return Deployment(chain, roles, grants, engine, markets, token, price, volatility)


@dataclass(frozen=True)
class _Putter:
    """Puts contracts up, whatever folder their artifact is in."""

    chain: Chain
    sender: Sender

    def __call__(self, name: str, *arguments: Any) -> Any:
        folders = ("artifacts", "example-artifacts", "test-artifacts")
        paths = [FOLDER / folder / f"{name}.json" for folder in folders]
        artifact = read_artifact(next((path for path in paths if path.is_file()), paths[0]))
        return self._put(artifact, *arguments)

    def registry(self, authority: str) -> Any:
        whole = load_artifact("TierGrants")
        artifact = linked(whole, {name: self(name).address for name in sorted(whole.links)})
        default = DEFAULT
        terms = (
            *(default.initial, default.maintenance.target, default.taker_fee, default.maker_fee),
            *(default.max_leverage, 0, 0),
        )
        return self._put(artifact, authority, NOTICE, [], terms, pack(BANDS))

    def _put(self, artifact: Any, *arguments: Any) -> Any:
        address, _ = self.chain.deploy(artifact, *arguments, sender=self.sender)
        return self.chain.contract(artifact, address)


def _give(chain: Chain, authority: Any, grants: Any, roles: Roles) -> None:
    """Each role its functions and its member."""
    members: Sequence[tuple[int, str, Sequence[str]]] = (
        (LOOSEN, roles.governor, GOVERNED),
        (TIGHTEN, roles.guardian, GUARDED),
    )
    for role, member, names in members:
        selectors = [selector(grants, name) for name in names]
        act = authority.functions
        for call in (
            act.setTargetFunctionRole(grants.address, selectors, role),
            act.grantRole(role, member, 0),
        ):
            chain.send(call, sender=roles.admin)
