"""A step of a plan: one transaction, and the state of the chain that shows it done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from algebra.errors import Unavailable
from contracts.client import calls
from contracts.client.chain import Call, Chain, Sender
from contracts.client.model import PolicyRegistration
from contracts.client.order import Listing
from contracts.client.registered import is_registered
from contracts.client.registry import RegistryClient
from policies.attestor_set import AttestorSet


def _nothing(receipt: Any) -> None:
    """Nothing is to be kept of a receipt."""


@dataclass(frozen=True)
class Step:
    """
    Attributes
    ----------
    name : what it does
    call : what is sent
    shown_by : the state that shows it done, in words
    done : asks the state
    record : gets the receipt before the transaction is forgotten
    """

    name: str
    call: Call
    shown_by: str
    done: Callable[[], bool]
    record: Callable[[Any], None] = _nothing


def take(chain: Chain, steps: Iterable[Step], sender: Sender, tell: Callable[[str], None]) -> int:
    """
    Do what is not done: ask the state, send, wait, ask again. Returns how many were sent.

    Raises
    ------
    Unavailable
        `unavailable.step`: the transaction went through and the state does not show it.
    Rejected, Refused, Unavailable
        As `Chain.send`; the steps before stand, and a second run goes on after them.
    """
    sent = 0
    for step in steps:
        if step.done():
            tell(f"{step.name}: is done")
            chain.forget(step.call, sender)
            continue
        tell(step.name)
        chain.send(step.call, sender=sender, record=step.record)
        sent += 1
        if not step.done():
            raise Unavailable(
                "unavailable.step",
                f"{step.name}: the transaction went through, and {step.shown_by} does not show it",
            )
    return sent


def of_set(client: RegistryClient, attestor_set: AttestorSet) -> Iterator[Step]:
    """A set with each of its generations."""
    shown = f"attestorSetOf(0x{attestor_set.id.hex()})"
    for number in range(1, attestor_set.generation + 1):
        call = (
            calls.register_set(client.contract, attestor_set)
            if number == 1
            else calls.rotate_set(client.contract, attestor_set.until(number))
        )
        yield Step(
            "attestor set" if number == 1 else f"generation {number} of the attestor set",
            call,
            f"{shown} >= {number}",
            lambda number=number: client.running_generation(attestor_set.id) >= number,  # type: ignore[misc]
        )


def of_policy(client: RegistryClient, registration: PolicyRegistration) -> Step:
    """A policy with its tiers."""
    return Step(
        f"policy {registration.policy.name}",
        calls.register_policy(client.contract, registration),
        f"policyOf(0x{registration.policy.policy_id.hex()})",
        lambda: is_registered(client, registration),
    )


def of_listing(client: RegistryClient, listing: Listing, verifier: str) -> Iterator[Step]:
    """A policy for a verifier, after the set that it trusts."""
    yield from of_set(client, listing.attestor_set)
    yield of_policy(client, listing.registration(verifier))


def of_pause(client: RegistryClient) -> Step:
    """A pause from now on, whether another runs or not; done where one began in this block."""
    until = client.chain.now() + client.pause_seconds()
    return Step(
        "pause",
        client.contract.functions.pause(),
        f"pausedUntil() >= {until}",
        lambda: client.paused_until() >= until,
    )


def of_unpause(client: RegistryClient) -> Step:
    """The end of a pause."""
    return Step(
        "unpause",
        client.contract.functions.unpause(),
        "pausedUntil() has passed",
        lambda: client.paused_until() <= client.chain.now(),
    )
