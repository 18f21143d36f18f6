"""
Policies, attestor sets and roots with each number at its limits, one below and one above, alone and
mixed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import registry_world as raw
from registry_world import DAY

from algebra.interface import R
from policies.policy import Policy, Tier, example
from policies.terms import Terms

DOCUMENTS = 1_000
PRODUCTS = ((99, 101), (101, 99), (100, 100), (73, 137), (137, 73), (1, 10_000), (10_000, 1))
"""Leverage and initial margin whose product is 9,999, 10,000 or 10,001."""
EDGES: dict[str, tuple[int, ...]] = {
    "initial_margin_bp": (-1, 0, 1, 2, 399, 400, 401, 9_999, 10_000, 10_001, 65_535, 65_536),
    "maintenance_margin_bp": (-1, 0, 1, 2, 399, 400, 401, 10_000, 65_535, 65_536),
    "taker_fee": (-(2**31) - 1, -(2**31), -10_001, -10_000, -51, -50, -49, 0, 10_000, 10_001,
                  2**31 - 1, 2**31),
    "maker_fee": (-(2**31) - 1, -(2**31), -10_001, -10_000, -201, -200, -199, 0, 10_000, 10_001,
                  2**31 - 1, 2**31),
    "max_leverage": (-1, 0, 1, 2, 24, 25, 26, 10_000, 65_535, 65_536),
    "validity": (-1, 0, 1, 2, 2**32 - 2, 2**32 - 1, 2**32),
}  # fmt: skip
DAYS = (
    (0, 65), (0, 0), (-1, 65), (1, 0), (19_000, 18_999), (19_000, 19_000), (19_000, 19_001),
    (19_000, 19_365), (19_000, 19_366), (2**24 - 66, 2**24 - 1), (2**24 - 65, 2**24),
    (2**24 - 1, 2**24 - 1), (2**24, 2**24), (0, 2**32 - 1), (0, 2**32), (2**32, 2**32),
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """What is put to both sides: the contract's struct, and the document where there is one."""

    struct: raw.Policy
    document: Policy | None = None


def struct(policy: Policy, verifier: str) -> raw.Policy:
    """A document as the contract's struct, unchecked; not all of these can write their id."""
    return raw.Policy(
        b"\1" * 32,
        policy.attestor_set,
        policy.first_day,
        policy.last_day,
        verifier,
        7 * DAY,
        tuple(raw.Tier(tier.thresholds.words(), tier.terms) for tier in policy.tiers),
    )


def policies(attestor_set: bytes, verifier: str) -> list[Sent]:
    """At least `DOCUMENTS` documents, and structs that no document has."""
    base = replace(example("standard"), attestor_set=attestor_set)
    documents = [*one_number_at_a_time(base), *products(base)]
    draw = random.Random("policies")
    while len(documents) < DOCUMENTS:
        documents.append(mixed(base, draw))
    sent = [Sent(struct(document, verifier), document) for document in documents]
    for words in threshold_words():
        sent += [
            Sent(replace(sent[0].struct, tiers=tuple(tiers)))
            for tiers in (
                [raw.Tier(words, base.tiers[0].terms)],
                [*sent[0].struct.tiers, raw.Tier(words, base.tiers[0].terms)],
            )
        ]
    return sent


def one_number_at_a_time(base: Policy) -> Iterator[Policy]:
    yield base
    yield replace(base, attestor_set=bytes(32))
    for first, last in DAYS:
        yield replace(base, first_day=first, last_day=last)
    for count in (0, 1, 2, 31, 32, 33):
        yield with_tiers(base, [base.tiers[0].terms] * count)
    for place in range(len(base.tiers)):
        for name, edges in EDGES.items():
            for edge in edges:
                yield with_term(base, place, **{name: edge})


def products(base: Policy) -> Iterator[Policy]:
    """Of leverage and margin, and fees that add up to -1, 0, 1."""
    for place in range(len(base.tiers)):
        for leverage, margin in PRODUCTS:
            yield with_term(
                base, place, max_leverage=leverage, initial_margin_bp=margin,
                maintenance_margin_bp=1,
            )  # fmt: skip
        for taker in (-10_000, -1, 0, 1, 450, 10_000):
            for total in (-1, 0, 1):
                yield with_term(base, place, taker_fee=taker, maker_fee=total - taker)


def mixed(base: Policy, draw: random.Random) -> Policy:
    """Several numbers at once, of which the contract's arguments can carry each."""
    terms = [tier.terms for tier in base.tiers][: draw.randint(1, 3)]
    for _ in range(draw.randint(1, 3)):
        place, name = draw.randrange(len(terms)), draw.choice(list(EDGES))
        terms[place] = replace(terms[place], **{name: draw.choice(EDGES[name])})
    policy = with_tiers(base, terms)
    if draw.random() < 0.2:
        first, last = draw.choice(DAYS)
        policy = replace(policy, first_day=first, last_day=last)
    return policy


def with_term(base: Policy, place: int, **numbers: int) -> Policy:
    terms = [tier.terms for tier in base.tiers]
    terms[place] = replace(terms[place], **numbers)
    return with_tiers(base, terms)


def with_tiers(base: Policy, terms: list[Terms]) -> Policy:
    tiers = [Tier(f"tier {i}", base.tiers[0].thresholds, each) for i, each in enumerate(terms)]
    return replace(base, tiers=tuple(tiers))


def threshold_words() -> Iterator[tuple[int, ...]]:
    yield (0, 0, 0, 0, 0)
    for place in range(5):
        for word in (1, (1 << 252) - 2, (1 << 252) - 1, 1 << 252, (1 << 256) - 1):
            yield tuple(word if i == place else 0 for i in range(5))


def attestor_sets() -> Iterator[Any]:
    """Members and threshold, as what `policies.attestor_set.Generation` checks."""
    for count in (0, 1, 2, 3, 63, 64, 65):
        for threshold in (-1, 0, 1, count - 1, count, count + 1, 1 << 256):
            yield attestors(range(1, count + 1), threshold)
    last = (1 << 160) - 1
    for numbers in ((0,), (0, 1), (1, 1), (2, 1), (1, 2), (1, 3, 2), (1, 3, 3), (1, last)):
        yield attestors(numbers, 1)


def attestors(numbers: Any, threshold: int) -> Any:
    return SimpleNamespace(members=tuple(f"0x{n:040x}" for n in numbers), threshold=threshold)


def roots(base: raw.Root) -> Iterator[raw.Root]:
    yield base
    for root in (-1, 0, 1, 2, R - 2, R - 1, R, R + 1, (1 << 256) - 1):
        yield replace(base, root=root)
    for generation in (-1, 1, 2, (1 << 32) - 1, 1 << 32):
        yield replace(base, generation=generation)
    for first, last in DAYS:
        yield replace(base, first_day=first, last_day=last)
    for second in (-1, 0, 1, (1 << 64) - 2, (1 << 64) - 1, 1 << 64):
        yield replace(base, valid_until=second)
    for feed in (-1, 0, 1, 2, R - 2, R - 1, R, R + 1, (1 << 256) - 1):
        yield replace(base, feed=feed)
    for rules in (0, 1, 2, (1 << 256) - 1):
        yield replace(base, rules=rules.to_bytes(32))
