"""A deployment rehearsed on a throwaway chain of this process, before anything is paid for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from contracts.client.chain import Chain
from contracts.client.model import Roles
from contracts.client.order import Order
from contracts.client.works import VerifierFacts, Works
from policies.address import address


@dataclass(frozen=True)
class Rehearsed:
    """
    Attributes
    ----------
    facts : what each verifier says of itself
    gas : what each step took, in the order of the plan; 0 where nothing was left to do
    """

    facts: tuple[VerifierFacts, ...]
    gas: tuple[int, ...]


def rehearse(order: Order, deployer: str) -> Rehearsed:
    """
    Do every step of an order on a chain of this process.

    Raises
    ------
    Refused, Malformed, Rejected
        As `Order.check`; `malformed.verifier`: it does not answer as a verifier does;
        `rejected.<ErrorName>`: a constructor or the registry refuses.
    """
    order.check()
    scratch = Chain.embedded()
    payer = scratch.accounts()[0]
    works = Works(scratch, replace(order, roles=_with(order.roles, deployer, payer)), payer)
    gas = []
    for step in works.steps():
        if step.done():
            gas.append(0)
            continue
        if step.makes is not None:  # a factory says nothing of what a constructor refuses
            scratch.attempt({"from": payer, "data": step.makes})
        scratch.send(step.call, sender=payer, record=step.record)
        gas.append(scratch.sent[-1].gas_used)
    return Rehearsed(tuple(each for each in works.facts()), tuple(gas))


def _with(roles: Roles, deployer: str, payer: str) -> Roles:
    """The same roles, where the deployer has another address."""
    held: dict[str, Any] = {
        name: payer
        for name in ("admin", "governor", "guardian")
        if address(getattr(roles, name), name) == address(deployer, "deployer")
    }
    return replace(roles, **held)
