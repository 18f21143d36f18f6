"""Put a registry and a verifier on chain, and tell whether they are what a deployment says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from algebra.errors import Malformed, Refused, Rejected, Unavailable
from contracts.build.artifact import CODE_SIZE_LIMIT, REGISTRY, Artifact, load_artifact
from contracts.client.chain import Chain, Sender
from contracts.client.deployment import Deployment
from contracts.client.registry import RegistryClient
from verifier.ceremonies import ceremony_ids, why_not


@dataclass(frozen=True)
class VerifierFacts:
    """What a verifier says of itself; `key_digest` and `srs_id` as 0x hexadecimal of 32 bytes."""

    key_digest: str
    srs_id: str


def verifier_facts(chain: Chain, artifact: Artifact, at: str) -> VerifierFacts:
    """Ask a deployed verifier for its key digest and its setup."""
    functions = chain.contract(artifact, at).functions
    return VerifierFacts(
        key_digest="0x" + bytes(chain.read(functions.keyDigest())).hex(),
        srs_id=f"{int(chain.read(functions.srsId())):#066x}",
    )


def inspect_verifier(artifact: Artifact, arguments: Sequence[object] = ()) -> VerifierFacts:
    """
    What a verifier would say of itself, learnt on a throwaway chain before anything is paid for.

    Raises
    ------
    Refused
        `refused.test_verifier`: compiled from the tests' sources. `refused.code_size`: larger than
        a chain takes.
    Malformed
        `malformed.verifier`: it does not answer as a verifier does.
    """
    if not artifact.source_name.startswith("src/"):
        raise Refused(
            "refused.test_verifier", f"{artifact.name} belongs to the tests and is never deployed"
        )
    if artifact.deployed_size > CODE_SIZE_LIMIT:
        raise Refused(
            "refused.code_size",
            f"{artifact.name} has {artifact.deployed_size} bytes, a chain takes {CODE_SIZE_LIMIT}",
        )
    scratch = Chain.embedded()
    try:
        place, _ = scratch.deploy(artifact, *arguments, sender=scratch.accounts()[0])
        return verifier_facts(scratch, artifact, place)
    except (Rejected, Unavailable, AttributeError, TypeError):
        raise Malformed(
            "malformed.verifier", f"{artifact.name} is not a Tierproof verifier"
        ) from None


def deploy(
    chain: Chain,
    verifier: str | Artifact,
    *,
    sender: Sender,
    admin: str,
    governor: str,
    guardian: str,
    admin_delay: int = 0,
    arguments: Sequence[object] = (),
    path: Path | None = None,
) -> Deployment:
    """
    Deploy a verifier and a registry, and write where they are.

    Parameters
    ----------
    verifier : artifact name such as `TierproofVerifier8192`, or the artifact itself
    sender : pays for both
    admin, governor, guardian : addresses of the roles; timelocks as admin and governor on a real
        chain
    admin_delay : seconds a new admin waits before it takes over
    arguments : constructor arguments of the verifier; the generated ones have none
    path : file to write, none if not given

    Raises
    ------
    Refused
        `refused.verifier_setup`: a key of no known ceremony on a chain that is not for
        development. Nothing is sent. `refused.test_verifier`, `refused.code_size`.
    Rejected, Unavailable
        As `Chain.send`.
    """
    artifact = load_artifact(verifier) if isinstance(verifier, str) else verifier
    facts = inspect_verifier(artifact, arguments)
    reason = why_not(int(facts.srs_id, 16))
    if reason and not chain.is_development:
        raise Refused(
            "refused.verifier_setup",
            f"{artifact.name}: its setup is {reason}, and chain {chain.chain_id} is not a "
            "development chain; make keys from a ceremony's file",
            chain_id=chain.chain_id,
        )
    place, _ = chain.deploy(artifact, *arguments, sender=sender)
    client = RegistryClient.deploy(
        chain,
        sender=sender,
        admin=admin,
        governor=governor,
        guardian=guardian,
        admin_delay=admin_delay,
    )
    deployment = Deployment(
        chain_id=chain.chain_id,
        registry=client.address,
        verifier=place,
        verifier_name=artifact.name,
        **asdict(facts),
    )
    check_deployment(chain, deployment, artifact)
    if path is not None:
        deployment.write(path)
    return deployment


def check_deployment(
    chain: Chain, deployment: Deployment, artifact: Artifact | None = None
) -> RegistryClient:
    """
    A client for the registry of a deployment, after comparing the file and the committed artifacts
    with the chain.

    Raises
    ------
    Refused
        `refused.deployment`: another chain, other code than the artifacts', another key or setup,
        or a registry that was told of a ceremony that is none of ours.
    Unavailable
        `unavailable.contract`: no code at an address.
    """
    if chain.chain_id != deployment.chain_id:
        raise Refused(
            "refused.deployment",
            f"the deployment is on chain {deployment.chain_id}, this is chain {chain.chain_id}",
        )
    artifact = artifact or load_artifact(deployment.verifier_name)
    found = verifier_facts(chain, artifact, deployment.verifier)
    if found != VerifierFacts(deployment.key_digest, deployment.srs_id):
        raise Refused(
            "refused.deployment", "the verifier on chain is not the one of the deployment file"
        )
    client = RegistryClient(chain, deployment.registry)
    # What a contract says of itself proves nothing; its code does.
    for compiled, place in (
        (artifact, deployment.verifier),
        (load_artifact(REGISTRY), deployment.registry),
    ):
        if not compiled.is_code(chain.code(place)):
            raise Refused(
                "refused.deployment",
                f"the code at {place} is not that of {compiled.name}",
                address=place,
            )
    if strangers := set(client.ceremonies()) - set(ceremony_ids()):
        raise Refused(
            "refused.deployment",
            f"the registry takes setups that are no known ceremony's: 0x{min(strangers):050x}",
            address=deployment.registry,
        )
    return client
