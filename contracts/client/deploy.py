"""Put a registry and its verifiers on chain, and tell whether they are what a deployment says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from algebra.errors import Refused
from contracts.build.artifact import Artifact, load_artifact
from contracts.client.chain import Chain, Sender
from contracts.client.deployment import Deployment
from contracts.client.factory import RUNTIME
from contracts.client.order import Order
from contracts.client.parts import authority_part, library_parts, registry_part
from contracts.client.plan import Plan
from contracts.client.registry import RegistryClient
from contracts.client.works import verifier_facts


def deploy(chain: Chain, order: Order, *, sender: Sender, path: Path | None = None) -> Deployment:
    """
    Check an order whole, do what is not done of it, and write where the contracts are.

    Parameters
    ----------
    sender : pays, and holds the roles until the last step
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
    check_deployment(chain, deployment, order.verifiers)
    if path is not None:
        deployment.write(path)
    plan.close()
    return deployment


def planned(chain: Chain, order: Order, *, sender: Sender, path: Path | None) -> Plan:
    """The plan of an order, after what stands in the deployment file; raises as `deploy`."""
    stands = Deployment.read(path) if path is not None and path.exists() else None
    if stands is None:
        return Plan(chain, order, sender)
    names = [each.name for each in stands.verifiers]
    if missing := {each.name for each in order.verifiers} - set(names):
        raise Refused(
            "refused.deployment",
            f"{path and path.name}: a deployment of {', '.join(names)} stands in it, without "
            f"{min(missing)}; `registry add-verifier` adds one",
        )
    check_deployment(chain, stands, order.verifiers)
    plan = Plan(chain, order, sender, stands.birth.factory)
    if plan.works.birth != stands.birth:
        raise Refused(
            "refused.deployment",
            f"{path and path.name}: a registry by another deployer, or with another notice, market "
            "or salt, is in it",
        )
    return plan


def check_deployment(
    chain: Chain, deployment: Deployment, artifacts: Sequence[Artifact] = ()
) -> RegistryClient:
    """
    A client for the registry of a deployment, after comparing the file and the committed artifacts
    with the chain. The addresses of registry, authority and libraries follow from their code and
    all that the constructors were given, so nothing of it can be another.

    Parameters
    ----------
    artifacts : of verifiers that are not among the committed ones

    Raises
    ------
    Refused
        `refused.deployment`: another chain, other code than the artifacts', other values of a
        constructor, another key or setup.
    Unavailable
        `unavailable.contract`: no code at an address.
    """
    if chain.chain_id != deployment.chain_id:
        raise Refused(
            "refused.deployment",
            f"the deployment is on chain {deployment.chain_id}, this is chain {chain.chain_id}",
        )
    client = RegistryClient(chain, deployment.registry)
    birth = deployment.birth
    if chain.code(birth.factory) != RUNTIME:
        raise _other_code(birth.factory, "a factory of contracts")
    stated = {
        "registry": deployment.registry,
        "authority": deployment.authority,
        **deployment.libraries,
    }
    libraries = {each.artifact.name: each for each in library_parts(birth.factory)}
    wanted = {
        "registry": registry_part(birth),
        "authority": authority_part(birth),
        **libraries,
    }
    for name in wanted.keys() | stated.keys():
        if name not in wanted or name not in stated or wanted[name].address != stated[name]:
            raise Refused(
                "refused.deployment",
                f"{name}: {stated.get(name)} was not made as this version makes it, with what the "
                "deployment file says",
                address=stated.get(name),
            )
        if not wanted[name].artifact.is_code(chain.code(stated[name])):
            raise _other_code(stated[name], name)
    own = {each.name: each for each in artifacts}
    for verifier in deployment.verifiers:
        artifact = own.get(verifier.name) or load_artifact(verifier.name)
        found = verifier_facts(chain, artifact, verifier.address)
        if astuple(found) != (verifier.key_digest, verifier.srs_id):
            raise Refused(
                "refused.deployment", "the verifier on chain is not the one of the deployment file"
            )
        # What a contract says of itself proves nothing; its code does.
        if not artifact.is_code(chain.code(verifier.address)):
            raise _other_code(verifier.address, artifact.name)
    return client


def _other_code(at: str, name: str) -> Refused:
    return Refused("refused.deployment", f"the code at {at} is not that of {name}", address=at)
