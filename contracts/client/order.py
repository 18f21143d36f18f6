"""What is to be deployed, and what can be said of it without a chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from algebra.errors import Refused, Rejected
from contracts.build.artifact import CODE_SIZE_LIMIT, REGISTRY, Artifact, load_artifact
from contracts.client.model import PolicyRegistration, Roles
from policies.attestor_set import AttestorSet
from policies.policy import Policy

_ZERO = "0x" + "00" * 20


@dataclass(frozen=True)
class Listing:
    """A policy to register, with the set that it trusts and the least length of its epochs."""

    policy: Policy
    attestor_set: AttestorSet
    min_epoch_seconds: int

    def registration(self, verifier: str) -> PolicyRegistration:
        """As the registry takes it."""
        return PolicyRegistration(self.policy, verifier, self.min_epoch_seconds)

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
        self.registration(_ZERO).check()


@dataclass(frozen=True)
class Order:
    """
    Attributes
    ----------
    verifier : of contracts/src
    roles : of the registry
    arguments : constructor arguments of the verifier; the generated ones have none
    listing : the first policy, if one is to be registered
    """

    verifier: Artifact
    roles: Roles
    arguments: Sequence[object] = ()
    listing: Listing | None = None

    @property
    def registry(self) -> Artifact:
        """The registry of this version."""
        return load_artifact(REGISTRY)

    @property
    def largest(self) -> int:
        """Bytes of the largest contract."""
        return max(self.verifier.deployed_size, self.registry.deployed_size)

    def check(self) -> None:
        """
        Raises
        ------
        Refused
            `refused.test_verifier`: compiled from the tests' sources. `refused.code_size`: larger
            than a chain takes. And as `Listing.check`.
        Rejected
            As `Listing.check`.
        Malformed
            `malformed.address`: of a role.
        """
        artifact = self.verifier
        if not artifact.source_name.startswith("src/"):
            raise Refused(
                "refused.test_verifier",
                f"{artifact.name} belongs to the tests and is never deployed",
            )
        if artifact.deployed_size > CODE_SIZE_LIMIT:
            raise Refused(
                "refused.code_size",
                f"{artifact.name} has {artifact.deployed_size} bytes, a chain takes "
                f"{CODE_SIZE_LIMIT}",
            )
        self.roles.arguments()
        if self.listing is not None:
            self.listing.check()
