"""A verifier that comes to a registry that stands: its contract, and its place in the registry."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.build.artifact import Artifact
from contracts.client.chain import Raw
from contracts.client.deployment import DeployedVerifier, Deployment
from contracts.client.order import Order
from contracts.client.parts import part
from contracts.client.registry import RegistryClient
from contracts.client.steps import Step, index_of, of_verifier
from contracts.client.works import require_setup, verifier_facts


class Added:
    """
    Parameters
    ----------
    where : whose factory makes it
    artifact : of contracts/src

    Raises
    ------
    Refused
        As `Order.check_verifier`.
    """

    def __init__(self, client: RegistryClient, where: Deployment, artifact: Artifact) -> None:
        Order.check_verifier(artifact)
        self.client, self.factory = client, where.birth.factory
        self.part = part(self.factory, "verifier", artifact)

    def steps(self) -> Iterator[Step]:
        """
        The making and the registration.

        Raises
        ------
        Refused
            `refused.verifier_setup`: its setup is none that the chain takes; it is made by then.
        """
        made = self.part
        yield Step(
            made.name,
            Raw(self.factory, made.creation.data),
            f"the code at {made.address}",
            self._stands,
            makes=made.creation.code,
        )
        if self._stands():
            verifier = self.verifier()
            require_setup(self.client.chain, verifier.name, verifier.srs_id)
            digest = bytes.fromhex(verifier.key_digest[2:])
            yield of_verifier(self.client, verifier.name, verifier.address, digest)

    def verifier(self) -> DeployedVerifier:
        """What stands, for the deployment file."""
        made = self.part
        facts = verifier_facts(self.client.chain, made.artifact, made.address)
        return DeployedVerifier(made.artifact.name, made.address, facts.key_digest, facts.srs_id)

    def index(self) -> int:
        """Its place in the registry, once it is registered."""
        made = self.verifier()
        found = index_of(self.client, made.address, bytes.fromhex(made.key_digest[2:]))
        if found is None:
            raise AssertionError("registered a moment ago")
        return found

    def _stands(self) -> bool:
        return self.part.artifact.is_code(self.client.chain.code(self.part.address))
