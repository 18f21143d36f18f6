"""A deployment rehearsed on a throwaway chain of this process, before anything is paid for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from algebra.errors import Malformed, Rejected, Unavailable
from contracts.build.artifact import Artifact
from contracts.client.chain import Chain
from contracts.client.order import Order
from contracts.client.registry import RegistryClient
from contracts.client.steps import of_listing


@dataclass(frozen=True)
class VerifierFacts:
    """What a verifier says of itself; `key_digest` and `srs_id` as 0x hexadecimal of 32 bytes."""

    key_digest: str
    srs_id: str


@dataclass(frozen=True)
class Rehearsed:
    """
    Attributes
    ----------
    facts : what the verifier says of itself
    gas : what each step took, in the order of the plan
    """

    facts: VerifierFacts
    gas: tuple[int, ...]


def verifier_facts(chain: Chain, artifact: Artifact, at: str) -> VerifierFacts:
    """Ask a deployed verifier for its key digest and its setup."""
    functions = chain.contract(artifact, at).functions
    return VerifierFacts(
        key_digest="0x" + bytes(chain.read(functions.keyDigest())).hex(),
        srs_id=f"{int(chain.read(functions.srsId())):#066x}",
    )


def rehearse(order: Order) -> Rehearsed:
    """
    Do every step of an order on a chain of this process, where the payer is the governor.

    Raises
    ------
    Refused, Malformed, Rejected
        As `Order.check`; `malformed.verifier`: it does not answer as a verifier does;
        `rejected.<ErrorName>`: the registry refuses a step.
    """
    order.check()
    scratch = Chain.embedded()
    payer = scratch.accounts()[0]
    artifact = order.verifier
    try:
        place, _ = scratch.deploy(artifact, *order.arguments, sender=payer)
        facts = verifier_facts(scratch, artifact, place)
    except (Rejected, Unavailable, AttributeError, TypeError):
        raise Malformed(
            "malformed.verifier", f"{artifact.name} is not a Tierproof verifier"
        ) from None
    roles = replace(order.roles, governor=payer)
    registry, _ = scratch.deploy(order.registry, *roles.arguments(), sender=payer)
    if order.listing is not None:
        client = RegistryClient(scratch, registry)
        for step in of_listing(client, order.listing, place):
            scratch.send(step.call, sender=payer)
    return Rehearsed(facts, tuple(each.gas_used for each in scratch.sent))
