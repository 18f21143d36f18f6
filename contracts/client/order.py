"""What is to be deployed, and what can be said of it without a chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from algebra.errors import Refused, Rejected
from contracts.build.artifact import CODE_SIZE_LIMIT, REGISTRY, Artifact, load_artifact
from contracts.client.model import Bounds, PolicyRegistration, Roles
from policies.attestor_set import AttestorSet
from policies.market_rules import STRICT, MarketRules
from policies.policy import Policy


@dataclass(frozen=True)
class Listing:
    """A policy to register, with the set that it trusts and what that may vouch for."""

    policy: Policy
    attestor_set: AttestorSet
    bounds: Bounds = field(default_factory=Bounds)

    def check(self) -> None:
        """
        Raises
        ------
        Rejected
            `rejected.policy`: the policy trusts another set.
        Refused
            As `PolicyRegistration.check`.
        """
        if self.policy.attestor_set != self.attestor_set.id:
            raise Rejected(
                "rejected.policy", "policy: it trusts another attestor set than the one given"
            )
        PolicyRegistration(self.policy, ()).check()
        self.bounds.as_tuple()


@dataclass(frozen=True)
class Order:
    """
    Attributes
    ----------
    verifiers : of contracts/src, at least one; each judges the proofs of its key
    roles : who holds them in the end
    arguments : constructor arguments of the verifiers; the generated ones have none
    listing : the first policy, if one is to be registered
    market : default and bands at first
    notice : seconds from what loosens to its effect
    salt : 32 bytes; another one is another registry
    """

    verifiers: tuple[Artifact, ...]
    roles: Roles
    arguments: Sequence[object] = ()
    listing: Listing | None = None
    market: MarketRules = STRICT
    notice: int = 0
    salt: bytes = bytes(32)

    @property
    def largest(self) -> int:
        """Bytes of the largest contract."""
        registry = load_artifact(REGISTRY)
        whole = [*self.verifiers, registry, *map(load_artifact, registry.links)]
        return max(each.deployed_size for each in whole)

    def check(self) -> None:
        """
        Raises
        ------
        Refused
            `refused.test_verifier`: compiled from the tests' sources. `refused.code_size`: larger
            than a chain takes. And as `Listing.check` and `MarketRules.check`.
        Rejected
            As `Listing.check`.
        Malformed
            As `Roles.check`.
        """
        for artifact in self.verifiers:
            self.check_verifier(artifact)
        self.roles.check()
        self.market.check()
        if self.listing is not None:
            self.listing.check()

    @staticmethod
    def check_verifier(verifier: Artifact) -> None:
        """
        Whether a verifier is one to deploy.

        Raises
        ------
        Refused
            `refused.test_verifier`, `refused.code_size`.
        """
        if not verifier.source_name.startswith("src/"):
            raise Refused(
                "refused.test_verifier",
                f"{verifier.name} belongs to the tests and is never deployed",
            )
        if verifier.deployed_size > CODE_SIZE_LIMIT:
            raise Refused(
                "refused.code_size",
                f"{verifier.name} has {verifier.deployed_size} bytes, a chain takes "
                f"{CODE_SIZE_LIMIT}",
            )
