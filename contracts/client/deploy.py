"""Put a registry and a verifier on chain, and tell whether they are what a deployment says."""

from __future__ import annotations

from pathlib import Path

from algebra.errors import Refused
from contracts.build.artifact import REGISTRY, Artifact, load_artifact
from contracts.client.chain import Chain, Sender
from contracts.client.deployment import Deployment
from contracts.client.order import Order
from contracts.client.plan import Plan
from contracts.client.registry import RegistryClient
from contracts.client.rehearsal import VerifierFacts, verifier_facts
from contracts.client.roles import roles_that_differ
from verifier.ceremonies import ceremony_ids


def deploy(chain: Chain, order: Order, *, sender: Sender, path: Path | None = None) -> Deployment:
    """
    Check an order whole, do what is not done of it, and write where the contracts are.

    Parameters
    ----------
    sender : pays; the governor, where a policy is registered
    path : file to write, none if not given. A deployment that stands in it is gone on with.

    Raises
    ------
    Refused, Malformed, Rejected
        As `Plan` and `Plan.check`: nothing is sent.
    Refused
        `refused.deployment`: another deployment stands in the file.
    Rejected, Unavailable
        As `Plan.run`.
    """
    plan = planned(chain, order, sender=sender, path=path)
    plan.check()
    deployment = plan.run()
    check_deployment(chain, deployment, order.verifier)
    if path is not None:
        deployment.write(path)
    plan.close()
    return deployment


def planned(chain: Chain, order: Order, *, sender: Sender, path: Path | None) -> Plan:
    """The plan of an order, after what stands in the deployment file; raises as `deploy`."""
    plan = Plan(chain, order, sender, stands := _standing(chain, order, path))
    if stands is not None:
        said = VerifierFacts(stands.key_digest, stands.srs_id)
        if said != plan.rehearsed.facts:
            raise Refused(
                "refused.deployment", "the deployment file is of a verifier with another key"
            )
    return plan


def _standing(chain: Chain, order: Order, path: Path | None) -> Deployment | None:
    """The deployment of a file that a run before has written, compared with the chain."""
    if path is None or not path.exists():
        return None
    stands = Deployment.read(path)
    client = check_deployment(chain, stands, order.verifier)
    if stands.verifier_name != order.verifier.name:
        raise Refused(
            "refused.deployment",
            f"{path.name}: a deployment of {stands.verifier_name} stands in it",
        )
    differing = roles_that_differ(client, order.roles)
    if differing:
        raise Refused(
            "refused.deployment",
            f"{path.name}: a registry with other roles is in it: {', '.join(differing)}",
        )
    return stands


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
