"""
A deployment as a plan: checked whole before anything is paid for, then done step by step, each
shown by the chain's state; whatever interrupts it, a second run goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from algebra.errors import Refused
from algebra.keccak import keccak
from contracts.build.artifact import Artifact
from contracts.client import probe, steps
from contracts.client.chain import ROOM, Chain, Sender
from contracts.client.deployment import Deployment
from contracts.client.order import Order
from contracts.client.outbox import act_of
from contracts.client.registry import RegistryClient
from contracts.client.rehearsal import Rehearsed, rehearse
from contracts.client.steps import Step
from policies.address import address
from verifier.ceremonies import why_not

VERIFIER, REGISTRY = "verifier", "registry"


@dataclass(frozen=True)
class Costed:
    """A step with the gas that it may take; 0 where it is done."""

    step: Step
    gas: int


class Plan:
    """
    Parameters
    ----------
    order : what is to stand on the chain
    sender : pays for every step
    at : where the contracts stand by a deployment file, if there is one

    Raises
    ------
    Refused, Malformed, Rejected
        As `rehearse`.
    """

    def __init__(
        self, chain: Chain, order: Order, sender: Sender, at: Deployment | None = None
    ) -> None:
        self.chain, self.order, self.sender = chain, order, sender
        self.payer = sender if isinstance(sender, str) else str(sender.address)
        self._at = {} if at is None else {VERIFIER: at.verifier, REGISTRY: at.registry}
        self.rehearsed: Rehearsed = rehearse(order)

    # ---- before anything is paid ----

    def check(self) -> list[Costed]:
        """
        Every step with its gas, once nothing stands against the plan.

        Raises
        ------
        Refused
            `refused.verifier_setup`: a key of no known ceremony on a chain that is not for
            development; `refused.chain`: the chain lacks something; `refused.gas`;
            `refused.funds`: the sender cannot pay for all of it.
        Rejected
            `rejected.<ErrorName>`: a step that can be tried would be refused.
        """
        reason = why_not(int(self.rehearsed.facts.srs_id, 16))
        if reason and not self.chain.is_development:
            raise Refused(
                "refused.verifier_setup",
                f"{self.order.verifier.name}: its setup is {reason}, and chain "
                f"{self.chain.chain_id} is not a development chain; make keys from a ceremony's "
                "file",
                chain_id=self.chain.chain_id,
            )
        if any(self._made(name) is None for name in (VERIFIER, REGISTRY)):
            probe.require(self.chain, self.order.largest)
        costed = self._costed()
        gas = sum(each.gas for each in costed)
        cost, held = gas * self.chain.gas_price(), self.chain.balance(self.payer)
        if cost > held:
            raise Refused(
                "refused.funds",
                f"the sender cannot pay: {gas} gas cost {cost} wei at most, {self.payer} has "
                f"{held}; nothing was sent",
            )
        return costed

    def _costed(self) -> list[Costed]:
        """Makings cost what the chain estimates; calls what the rehearsal took, in proportion."""
        found, dearer, tried = [], 1.0, False
        for step, rehearsed in zip(self.steps(), self.rehearsed.gas, strict=True):
            if step.done():
                found.append(Costed(step, 0))
                continue
            draft = self.chain.draft(step.call, self.sender)
            if "to" not in draft:
                gas = self.chain.gas_limit(draft)
                dearer = max(dearer, gas * ROOM[1] / (rehearsed * ROOM[0]))
            elif not tried and self._made(REGISTRY) is not None:
                gas, tried = self.chain.gas_limit(draft), True
            else:  # what it needs is not there yet
                gas = int(rehearsed * dearer) * ROOM[0] // ROOM[1]
            found.append(Costed(step, gas))
        return found

    # ---- the steps ----

    def steps(self) -> Iterator[Step]:
        """
        In their order; each is made when it is asked for, with the places of the contracts before
        it: those on chain, or those that they will have if the sender sends nothing else.
        """
        order = self.order
        yield self._making(VERIFIER, order.verifier, *order.arguments)
        yield self._making(REGISTRY, order.registry, *order.roles.arguments())
        if order.listing is not None:
            client = RegistryClient.planned(self.chain, self.place(REGISTRY))
            there = self._made(REGISTRY) is not None
            for step in steps.of_listing(client, order.listing, self.place(VERIFIER)):
                # Of a registry that is not there, no state can be asked.
                yield step if there else replace(step, done=lambda: False)

    def run(self) -> Deployment:
        """Do what is not done; where the contracts stand. Raises as `steps.take`."""
        steps.take(self.chain, self.steps(), self.sender, self.chain.courier.tell)
        return Deployment(
            chain_id=self.chain.chain_id,
            registry=self.place(REGISTRY),
            verifier=self.place(VERIFIER),
            verifier_name=self.order.verifier.name,
            **asdict(self.rehearsed.facts),
        )

    def close(self) -> None:
        """The deployment file is written: what a second run needed is forgotten."""
        for name in (VERIFIER, REGISTRY):
            self.chain.courier.outbox.forget_made(self.chain.chain_id, self.payer, self._act(name))

    def place(self, name: str) -> str:
        """Where a contract stands, or will."""
        made = self._made(name)
        if made is not None:
            return made
        before = name == REGISTRY and self._made(VERIFIER) is None
        nonce = self.chain.courier.count(self.payer, "pending") + int(before)
        return contract_address(self.payer, nonce)

    # ---- contracts ----

    def _making(self, name: str, artifact: Artifact, *arguments: object) -> Step:
        def record(receipt: Any) -> None:
            if receipt["status"] == 1:
                self.chain.courier.outbox.keep_made(
                    self.chain.chain_id, self.payer, self._act(name), receipt["contractAddress"]
                )

        return Step(
            f"{name} {artifact.name}",
            self.chain.making(artifact, *arguments),
            f"the code at {self.place(name)}",
            lambda: self._made(name) is not None,
            record,
        )

    def _made(self, name: str) -> str | None:
        """Where a contract of this plan stands by its code."""
        outbox = self.chain.courier.outbox
        at = self._at.get(name) or outbox.made(self.chain.chain_id, self.payer, self._act(name))
        artifact = self.order.verifier if name == VERIFIER else self.order.registry
        return at if at is not None and artifact.is_code(self.chain.code(at)) else None

    def _act(self, name: str) -> str:
        order = self.order
        made = (
            self.chain.making(order.verifier, *order.arguments)
            if name == VERIFIER
            else self.chain.making(order.registry, *order.roles.arguments())
        )
        return act_of(None, bytes(self.chain.draft(made, self.sender)["data"]))  # type: ignore[arg-type]


def contract_address(sender: str, nonce: int) -> str:
    """Where a contract stands that a sender makes with its transaction of this nonce."""
    number = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    short = len(number) == 1 and number[0] < 0x80
    item = number if short else bytes([0x80 + len(number)]) + number
    body = b"\x94" + bytes.fromhex(sender[2:]) + item
    made = keccak(bytes([0xC0 + len(body)]) + body)[-20:]
    return address("0x" + made.hex(), "contract")
