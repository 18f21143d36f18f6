"""The engine on the registry of grants itself; the verifier alone is a stand-in."""

from __future__ import annotations

from typing import Any

from engine.machine import CHAIN_ID, GAS, Contract, Machine, Reverted
from engine.world import KEYS, OWN, World
from eth_utils.address import to_canonical_address, to_checksum_address
from grants import grants_world as grants
from grants.grants_world import NOTICE, OPEN
from grants.machine import Machine as GrantsMachine
from grants.machine import Reverted as GrantsReverted

from contracts.build.artifact import Artifact, load_artifact
from policies.effective.terms import Effective, Status

NULLIFIERS = {trader: 0x1000 + i for i, trader in enumerate(KEYS)}
"""Of the identity that each account claims by, unless another is named."""


class Shared(Machine):
    """The engine's view of the machine on which the registry of grants stands."""

    def __init__(self, machine: GrantsMachine) -> None:
        self.grants = machine
        self.gas_used = 0

    @property
    def now(self) -> int:  # type: ignore[override]
        return self.grants.now

    @now.setter
    def now(self, second: int) -> None:
        self.grants.now = second

    def run(
        self, sender: str, to: str | None, data: bytes, gas: int = GAS, fail: bool = True
    ) -> bytes:
        assert to is not None
        try:
            found = self.grants.call(to_canonical_address(sender), to_canonical_address(to), data)
        except GrantsReverted as error:
            raise Reverted(error.name, dict(enumerate(error.arguments))) from error  # type: ignore[arg-type]
        self.gas_used = self.grants.gas_used
        return found

    def deploy(self, artifact: Artifact, *arguments: Any, sender: str) -> Contract:
        place = self.grants.deploy(artifact, *arguments)
        return Contract(self, artifact, str(to_checksum_address(place)))


class GrantsWorld(World):
    """As it stands at the second when the engine may report; the first root is known."""

    own = (*OWN[:5], 2_000)

    def __init__(self, most_level: int = 3) -> None:
        self.on = grants.World(chain_id=CHAIN_ID).start()
        super().__init__(machine=Shared(self.on.machine))
        self.on.governor("registerEngine", to_canonical_address(self.engine.address), most_level)
        self.on.submit()
        self.wait(NOTICE)
        assert self.machine.now == OPEN + NOTICE

    def put_registry(self) -> Contract:
        place = str(to_checksum_address(self.on.grants.place))
        return Contract(self.machine, load_artifact("TierGrants"), place)

    def give_terms(self) -> None:
        """Nobody has a grant yet."""

    # -- accounts ------------------------------------------------------------------------------
    def onboard(self, trader: str, tier: int = 1, **named: Any) -> str:
        """A claim for an account, by its own nullifier unless another is named."""
        named.setdefault("nullifier", NULLIFIERS[trader])
        return self.on.onboard(KEYS[trader], tier, **named)

    def now_terms(self, trader: str) -> Effective:
        """What the registry says of an account."""
        answer = self.on.anybody("effectiveTerms", to_canonical_address(trader))
        *numbers, status, changes_at = answer
        return Effective(*numbers, Status(status), changes_at)

    def subject(self, nullifier: int) -> int:
        """Who stands behind a nullifier, as the engine counts limits."""
        scope = self.on.anybody("scopeOf", grants.SERIES)
        return int(self.on.anybody("subjectOf", scope, nullifier))

    def level(self, trader: str) -> int:
        """Conduct that was reported of an account and holds."""
        level, until, *_ = self.on.anybody("conductOf", to_canonical_address(trader))
        return int(level) if self.machine.now < until else 0
