"""A step of a plan: one transaction, and the state of the chain that shows it done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from algebra.errors import Unavailable
from contracts.client.chain import Call, Chain, Sender
from contracts.client.model import Bounds, PolicyRegistration
from contracts.client.order import Listing
from contracts.client.registered import has_policy, has_series
from contracts.client.registry import RegistryClient
from policies.address import address
from policies.attestor_set import AttestorSet
from policies.policy import Policy


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
    makes : bytes of the contract's creation code, where a contract is made
    """

    name: str
    call: Call
    shown_by: str
    done: Callable[[], bool]
    record: Callable[[Any], None] = _nothing
    makes: bytes | None = None


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


def of_set(client: RegistryClient, attestor_set: AttestorSet, bounds: Bounds) -> Iterator[Step]:
    """A set with each of its generations."""
    shown = f"attestorSetOf(0x{attestor_set.id.hex()})"
    for number in range(1, attestor_set.generation + 1):
        call = (
            client.calls.register_set(attestor_set, bounds)
            if number == 1
            else client.calls.rotate_set(attestor_set.until(number))
        )
        yield Step(
            "attestor set" if number == 1 else f"generation {number} of the attestor set",
            call,
            f"{shown}.latest >= {number}",
            lambda number=number: client.latest_generation(attestor_set.id) >= number,  # type: ignore[misc]
        )


def index_of(client: RegistryClient, target: str, key_digest: bytes) -> int | None:
    """The last place of a verifier that is not switched off; None where there is none."""
    places = [
        index
        for index, held in enumerate(client.verifiers())
        if (held["target"], held["key_digest"]) == (address(target, "verifier"), key_digest)
        and not held["disabled_at"]
    ]
    return places[-1] if places else None


def of_verifier(client: RegistryClient, name: str, target: str, key_digest: bytes) -> Step:
    """A verifier under an index."""
    return Step(
        f"verifier {name} in the registry",
        client.calls.register_verifier(target, key_digest),
        f"verifierOf(some index) is {target}",
        lambda: index_of(client, target, key_digest) is not None,
    )


def of_series(client: RegistryClient, policy: Policy) -> Step:
    """The series of a policy, whose calendar begins with the policy's window."""
    series, window = policy.series, (policy.first_day, policy.last_day)
    return Step(
        f"series {series.name}",
        client.calls.register_series(series, [window]),
        f"seriesOf(0x{series.id.hex()})",
        lambda: has_series(client, series),
    )


def of_window(client: RegistryClient, series: bytes, window: tuple[int, int]) -> Step:
    """A window in the calendar of a series."""
    return Step(
        f"window of the days {window[0]} to {window[1]}",
        client.calls.announce_window(series, window),
        f"isPublished(0x{series.hex()}, {window[0]}, {window[1]})",
        lambda: client.is_published(series, window),
    )


def of_policy(client: RegistryClient, registration: PolicyRegistration) -> Step:
    """A policy with its tiers."""
    policy = registration.policy
    return Step(
        f"policy {policy.name}",
        client.calls.register_policy(registration),
        f"policyOf(0x{policy.policy_id.hex()})",
        lambda: has_policy(client, policy),
    )


def of_policy_alone(
    client: RegistryClient, policy: Policy, verifiers: Sequence[int]
) -> Iterator[Step]:
    """A policy of a set that is registered, after its series and its window."""
    yield of_series(client, policy)
    yield of_window(client, policy.series.id, (policy.first_day, policy.last_day))
    yield of_policy(client, PolicyRegistration(policy, tuple(verifiers)))


def of_listing(
    client: RegistryClient, listing: Listing, verifiers: Callable[[], Sequence[int]]
) -> Iterator[Step]:
    """A policy for verifiers, after the set that it trusts, its series and its window."""
    yield from of_set(client, listing.attestor_set, listing.bounds)
    yield from of_policy_alone(client, listing.policy, verifiers())


def of_pause(client: RegistryClient) -> Step:
    """A pause from now on; done where one runs."""
    return Step(
        "pause",
        client.calls.pause(),
        "switches().pausedUntil is ahead",
        lambda: client.switches()["paused_until"] > client.chain.now(),
    )


def of_unpause(client: RegistryClient) -> Step:
    """The end of a pause, after the notice."""
    return Step(
        "unpause",
        client.calls.unpause(),
        "switches().pausedUntil is no further ahead than the notice",
        lambda: client.switches()["paused_until"] <= client.chain.now() + client.notice(),
    )
