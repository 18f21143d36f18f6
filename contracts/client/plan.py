"""
A deployment as a plan: checked whole before anything is paid for, then done step by step, each
shown by the chain's state; whatever interrupts it, a second run goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from algebra.errors import Refused
from contracts.client import probe, steps
from contracts.client.authority import ADMIN, LOOSEN, TIGHTEN, Authority
from contracts.client.chain import ROOM, Chain, Sender
from contracts.client.deployment import Deployment
from contracts.client.model import LEAST_NOTICE
from contracts.client.order import Order
from contracts.client.parts import authority_part
from contracts.client.rehearsal import Rehearsed, rehearse
from contracts.client.steps import Step
from contracts.client.works import Works, require_setup
from policies.address import address


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
    sender : pays for every step, and is the deployer
    factory : where one stands by a deployment file

    Raises
    ------
    Refused, Malformed, Rejected
        As `rehearse`.
    """

    def __init__(
        self, chain: Chain, order: Order, sender: Sender, factory: str | None = None
    ) -> None:
        self.chain, self.order, self.sender = chain, order, sender
        self.payer = sender if isinstance(sender, str) else str(sender.address)
        self.rehearsed: Rehearsed = rehearse(order, self.payer)
        self.works = Works(chain, order, self.payer, factory=factory, facts=self.rehearsed.facts)

    # ---- before anything is paid ----

    def check(self) -> list[Costed]:
        """
        Every step with its gas, once nothing stands against the plan.

        Raises
        ------
        Refused
            `refused.verifier_setup`, `refused.quorum`, `refused.notice`: what a chain that is not
            for development does not take; `refused.chain`: the chain lacks something;
            `refused.gas`; `refused.funds`: the sender cannot pay for all of it;
            `refused.deployment`: somebody else holds a role of what stands there.
        Rejected
            `rejected.<ErrorName>`: a step that can be tried would be refused.
        """
        if not self.chain.is_development:
            self._check_real()
        missing = self.works.missing()
        if missing:
            probe.require(self.chain, self.order.largest)
        self._check_members()
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

    def _check_real(self) -> None:
        """What the contracts ask outside development chains."""
        where = f"chain {self.chain.chain_id} is not a development chain"
        for artifact, facts in zip(self.order.verifiers, self.rehearsed.facts, strict=True):
            require_setup(self.chain, artifact.name, facts.srs_id)
        for name, seconds in (
            ("notice", self.order.notice),
            ("admin delay", self.order.roles.admin_delay),
        ):
            if seconds < LEAST_NOTICE:
                raise Refused(
                    "refused.notice",
                    f"{name}: {seconds} s is less than {LEAST_NOTICE}, and {where}",
                )
        listing = self.order.listing
        if listing is not None and listing.attestor_set.generations[0].threshold < 2:
            raise Refused(
                "refused.quorum", f"attestor set: one signature is no quorum, and {where}"
            )

    def _check_members(self) -> None:
        """Nobody but the deployer and those named holds a role of what stands there."""
        part = authority_part(self.works.birth)
        if not self.works.stands(part):
            return
        roles = self.order.roles
        named = {ADMIN: roles.admin, LOOSEN: roles.governor, TIGHTEN: roles.guardian}
        for role, found in Authority(self.chain, part.address).members().items():
            known = {self.works.deployer} if role in (ADMIN, LOOSEN) else set()
            if role in named:
                known.add(address(named[role], "holder"))
            if others := set(found) - known:
                raise Refused(
                    "refused.deployment",
                    f"a registry with other roles is there: {min(others)} holds role {role}; "
                    "another salt is another registry",
                    address=part.address,
                )

    def _costed(self) -> list[Costed]:
        """Makings cost what the chain estimates; calls what the rehearsal took, in proportion."""
        found, dearer, tried = [], 1.0, False
        can_try = not self.works.missing()
        for step, rehearsed in zip(self.works.steps(), self.rehearsed.gas, strict=True):
            if step.done():
                gas = 0
            elif step.makes is not None:
                gas = self.chain.gas_limit({"from": self.payer, "data": step.makes})
                dearer = max(dearer, gas * ROOM[1] / (rehearsed * ROOM[0]))
            elif can_try and not tried:
                gas, tried = self.chain.gas_limit(self.chain.draft(step.call, self.sender)), True
            else:  # what it needs is not there yet
                gas = int(rehearsed * dearer) * ROOM[0] // ROOM[1]
            found.append(Costed(step, gas))
        return found

    # ---- doing it ----

    def steps(self) -> Iterator[Step]:
        """As `Works.steps`."""
        return self.works.steps()

    def run(self) -> Deployment:
        """Do what is not done; where the contracts stand. Raises as `steps.take`."""
        steps.take(self.chain, self.steps(), self.sender, self.chain.courier.tell)
        return self.works.deployment()

    def close(self) -> None:
        """The deployment file is written: what a second run needed is forgotten."""
        self.works.forget()
