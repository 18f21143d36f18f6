"""
The steps of an order on one chain, in their order; each is made when it is asked for, with the
places of the contracts before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from algebra.errors import Malformed, Refused, Rejected
from algebra.keccak import keccak
from contracts.build.artifact import Artifact
from contracts.client import steps
from contracts.client.authority import ADMIN, LOOSEN, TIGHTEN, Authority, role_by_selector
from contracts.client.chain import Chain, Raw
from contracts.client.deployment import Birth, DeployedVerifier, Deployment
from contracts.client.factory import CREATION, KNOWN, RUNTIME
from contracts.client.order import Order
from contracts.client.outbox import act_of
from contracts.client.parts import (
    Part,
    all_parts,
    authority_part,
    library_parts,
    part,
    registry_part,
)
from contracts.client.registry import RegistryClient
from contracts.client.steps import Step
from policies.address import address
from verifier.ceremonies import why_not

_FACTORY = act_of(None, CREATION)


@dataclass(frozen=True)
class VerifierFacts:
    """What a verifier says of itself; `key_digest` and `srs_id` as 0x hexadecimal of 32 bytes."""

    key_digest: str
    srs_id: str


def verifier_facts(chain: Chain, artifact: Artifact, at: str) -> VerifierFacts:
    """
    Ask a deployed verifier for its key digest and its setup; Malformed (`malformed.verifier`) for
    what does not answer as one.
    """
    try:
        functions = chain.contract(artifact, at).functions
        return VerifierFacts(
            key_digest="0x" + bytes(chain.read(functions.keyDigest())).hex(),
            srs_id=f"{int(chain.read(functions.srsId())):#066x}",
        )
    except (Rejected, AttributeError, TypeError, ValueError):
        raise Malformed(
            "malformed.verifier", f"{artifact.name} is not a Tierproof verifier"
        ) from None


def require_setup(chain: Chain, name: str, srs_id: str) -> None:
    """
    Refused (`refused.verifier_setup`) for a verifier whose setup is no known ceremony's, but on a
    development chain.
    """
    reason = why_not(int(srs_id, 16))
    if reason and not chain.is_development:
        raise Refused(
            "refused.verifier_setup",
            f"{name}: its setup is {reason}, and chain {chain.chain_id} is not a development "
            "chain; make keys from a ceremony's file",
            chain_id=chain.chain_id,
        )


class Works:
    """
    Parameters
    ----------
    order : what is to stand on the chain
    deployer : pays for every step, and holds every role until the last one
    factory : where one stands by a deployment file
    facts : what the verifiers say of themselves, where they may not be there yet
    """

    def __init__(
        self,
        chain: Chain,
        order: Order,
        deployer: str,
        *,
        factory: str | None = None,
        facts: Sequence[VerifierFacts] = (),
    ) -> None:
        self.chain, self.order = chain, order
        self.deployer = address(deployer, "deployer")
        self._factory, self._facts = factory, facts
        self._verifiers: dict[str, tuple[Part, ...]] = {}

    # ---- places ----

    @property
    def birth(self) -> Birth:
        """What the registry is made of, by the factory that there is or will be."""
        order = self.order
        return Birth(self.factory, self.deployer, order.salt, order.notice, order.market)

    @property
    def factory(self) -> str:
        """Where the factory stands, or will if the deployer sends nothing else before."""
        made = self._made_factory()
        if made is not None:
            return made
        return contract_address(self.deployer, self.chain.courier.count(self.deployer, "pending"))

    @property
    def verifiers(self) -> tuple[Part, ...]:
        """The verifiers of the order."""
        factory, order = self.factory, self.order
        if factory not in self._verifiers:
            self._verifiers[factory] = tuple(
                part(factory, "verifier", each, *order.arguments) for each in order.verifiers
            )
        return self._verifiers[factory]

    def stands(self, each: Part) -> bool:
        """Whether a contract is there; its address follows from its bytes."""
        return each.artifact.is_code(self.chain.code(each.address))

    def missing(self) -> bool:
        """Whether a contract is still to be made."""
        parts = all_parts(self.birth, self.verifiers)
        return self._made_factory() is None or not all(map(self.stands, parts))

    def forget(self) -> None:
        """The deployment file is written: what a second run needed is forgotten."""
        self.chain.courier.outbox.forget_made(self.chain.chain_id, self.deployer, _FACTORY)

    def deployment(self) -> Deployment:
        """What stands, for the file."""
        birth = self.birth
        return Deployment(
            chain_id=self.chain.chain_id,
            registry=registry_part(birth).address,
            authority=authority_part(birth).address,
            birth=birth,
            libraries={each.artifact.name: each.address for each in library_parts(birth.factory)},
            verifiers=tuple(
                DeployedVerifier(each.artifact.name, each.address, facts.key_digest, facts.srs_id)
                for each, facts in zip(self.verifiers, self.facts(), strict=True)
            ),
        )

    def facts(self) -> tuple[VerifierFacts, ...]:
        """What each verifier says of itself; by the rehearsal where it is not there yet."""
        return tuple(
            said
            if said is not None and not self.stands(each)
            else verifier_facts(self.chain, each.artifact, each.address)
            for each, said in zip_longest(self.verifiers, self._facts)
        )

    # ---- steps ----

    def steps(self) -> Iterator[Step]:
        """
        The contracts; roles of functions, and the deployer's to register; verifiers, set, series,
        window and policy; the hand-over of the roles, by which the deployer keeps none that is not
        his in the end.
        """
        yield self._make_factory()
        for each in all_parts(self.birth, self.verifiers):
            yield self._making(each)
        registry = registry_part(self.birth)
        there = self.stands(registry) and self.stands(authority_part(self.birth))
        client = RegistryClient.planned(self.chain, registry.address)
        for step in (self._give(client), *self._registering(client), self._hand_over()):
            yield step if there else _undone(step)

    def _registering(self, client: RegistryClient) -> Iterator[Step]:
        """What the governor registers."""
        verifiers = self.verifiers
        digests = [bytes.fromhex(said.key_digest[2:]) for said in self.facts()]
        for each, digest in zip(verifiers, digests, strict=True):
            yield steps.of_verifier(client, each.artifact.name, each.address, digest)
        if self.order.listing is not None:

            def places() -> list[int]:
                found = [
                    steps.index_of(client, each.address, digest)
                    if self.stands(registry_part(self.birth))
                    else None
                    for each, digest in zip(verifiers, digests, strict=True)
                ]
                return [i if place is None else place for i, place in enumerate(found)]

            yield from steps.of_listing(client, self.order.listing, places)

    def _make_factory(self) -> Step:
        def record(receipt: Any) -> None:
            if receipt["status"] == 1:
                self.chain.courier.outbox.keep_made(
                    self.chain.chain_id, self.deployer, _FACTORY, receipt["contractAddress"]
                )

        return Step(
            "factory of contracts",
            Raw(None, CREATION),
            f"the code at {self.factory}",
            lambda: self._made_factory() is not None,
            record,
            makes=CREATION,
        )

    def _making(self, each: Part) -> Step:
        return Step(
            each.name,
            Raw(self.factory, each.creation.data),
            f"the code at {each.address}",
            lambda: self.stands(each),
            makes=each.creation.code,
        )

    def _give(self, client: RegistryClient) -> Step:
        authority = self._authority()
        return Step(
            "roles of the registry's functions",
            authority.give_functions(client.address, self.deployer),
            "getTargetFunctionRole(...) of each",
            lambda: (
                all(
                    authority.role_of(client.address, selector) == role
                    for selector, role in role_by_selector().items()
                )
                and (
                    authority.delay(LOOSEN, self.deployer) is not None
                    or all(step.done() for step in self._registering(client))
                )
            ),
        )

    def _hand_over(self) -> Step:
        authority, roles = self._authority(), self.order.roles
        holders = {ADMIN: roles.admin, LOOSEN: roles.governor, TIGHTEN: roles.guardian}

        def done() -> bool:
            given = all(
                authority.delay(role, who) == (roles.admin_delay if role == ADMIN else 0)
                for role, who in holders.items()
            )
            kept = any(
                authority.delay(role, self.deployer) is not None
                for role, who in holders.items()
                if address(who, "holder") != self.deployer
            )
            return given and not kept

        return Step(
            "roles to their holders, none to the deployer",
            authority.hand_over(roles, self.deployer),
            "hasRole(...) of each",
            done,
        )

    def _authority(self) -> Authority:
        return Authority(self.chain, authority_part(self.birth).address)

    def _made_factory(self) -> str | None:
        """Where a factory stands by its code."""
        made = self.chain.courier.outbox.made(self.chain.chain_id, self.deployer, _FACTORY)
        for at in (self._factory, made, KNOWN):
            if at is not None and self.chain.code(at) == RUNTIME:
                return address(at, "factory")
        return None


def _undone(step: Step) -> Step:
    """Of a registry that is not there, no state can be asked."""
    return replace(step, done=lambda: False)


def contract_address(sender: str, nonce: int) -> str:
    """Where a contract stands that a sender makes with its transaction of this nonce."""
    number = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    short = len(number) == 1 and number[0] < 0x80
    item = number if short else bytes([0x80 + len(number)]) + number
    body = b"\x94" + bytes.fromhex(sender[2:]) + item
    made = keccak(bytes([0xC0 + len(body)]) + body)[-20:]
    return address("0x" + made.hex(), "contract")
