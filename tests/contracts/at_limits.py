"""
Policies, attestor sets and roots with each number at its limits, one below and one above, alone and
mixed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from types import SimpleNamespace
from typing import Any

from grants.grants_world import DAY, Root

from algebra.interface import R
from policies.policy import Policy, Tier, example
from policies.terms import Terms

DOCUMENTS = 1_000
PRODUCTS = ((40, 249), (40, 250), (40, 251), (50, 199), (50, 200), (50, 201), (1, 10_000))
"""Leverage and initial margin whose product is below, at and above 10,000."""
EDGES: dict[str, tuple[int, ...]] = {
    "initial_margin_bp": (-1, 0, 199, 200, 201, 1_600, 3_124, 3_125, 3_126, 9_999, 10_000, 10_001,
                          65_535, 65_536),
    "maintenance_margin_bp": (-1, 0, 99, 100, 101, 999, 1_000, 1_001, 2_499, 2_500, 2_501, 8_000,
                              65_535, 65_536),
    "taker_fee": (-(2**23) - 1, -(2**23), -10_001, -10_000, -51, -50, -49, 0, 10_000, 10_001,
                  2**23 - 1, 2**23),
    "maker_fee": (-(2**23) - 1, -(2**23), -10_001, -10_000, -201, -200, -199, 0, 10_000, 10_001,
                  2**23 - 1, 2**23),
    "max_leverage": (-1, 0, 1, 2, 4, 5, 8, 9, 49, 50, 51, 65_535, 65_536),
    "limit": (-1, 0, 1, 2, 2**32 - 2, 2**32 - 1, 2**32),
    "validity_days": (-1, 0, 1, 2, 89, 90, 91, 255, 256),
}  # fmt: skip
DAYS = (
    (0, 27), (0, 0), (-1, 27), (0, 98), (-1, 98), (1, 0), (19_000, 18_999), (19_000, 19_000),
    *((19_000, 18_999 + days) for days in (26, 27, 28, 29, 89, 90, 91, 365, 366, 367)),
    (2**16 - 90, 2**16 - 1), (2**16 - 89, 2**16), (2**16, 2**16), (2**16 - 28, 2**16 - 1),
    (0, 2**32 - 1), (0, 2**32), (2**32, 2**32),
)  # fmt: skip
AGES: dict[str, tuple[int, ...]] = {
    "least_days": (-1, 0, 27, 28, 29, 89, 90, 91, 364, 365, 366, 367, 65_535, 65_536),
    "max_age_days": (-1, 0, 6, 7, 8, 119, 120, 121, 65_535, 65_536),
}


@dataclass(frozen=True)
class Sent:
    """
    What is put to both sides: a series and a policy of it as the contract takes them, and the
    document where there is one.
    """

    policy: Policy
    words: tuple[tuple[int, ...], ...]
    document: Policy | None = None

    @property
    def series(self) -> tuple[Any, ...]:
        """Arguments of `registerSeries`, unchecked: not all of these can write their id."""
        of, window = self.policy, (self.policy.first_day, self.policy.last_day)
        return (b"\2" * 32, of.attestor_set, of.least_days, of.max_age_days, [window])

    @property
    def registered(self) -> tuple[Any, ...]:
        """The argument of `registerPolicy`."""
        of = self.policy
        terms = [tier.terms.as_tuple() for tier in of.tiers]
        tiers = list(zip(self.words, terms, strict=True))
        return (b"\1" * 32, b"\2" * 32, of.first_day, of.last_day, [0], tiers)


def sent(policy: Policy) -> Sent:
    """A document, as both sides take it."""
    return Sent(policy, tuple(tier.thresholds.words() for tier in policy.tiers), policy)


def policies(attestor_set: bytes) -> list[Sent]:
    """At least `DOCUMENTS` documents, and words that no document has."""
    base = replace(example("standard"), attestor_set=attestor_set)
    documents = [*one_number_at_a_time(base), *products(base)]
    draw = random.Random("policies")
    while len(documents) < DOCUMENTS:
        documents.append(mixed(base, draw))
    made = [sent(document) for document in documents]
    for words in threshold_words():
        own = sent(base).words
        made.append(Sent(replace(base, tiers=base.tiers[:1]), (words,)))
        made.append(Sent(base, (*own[:-1], words)))
    return made


def one_number_at_a_time(base: Policy) -> Iterator[Policy]:
    yield base
    yield replace(base, attestor_set=bytes(32))
    for first, last in DAYS:
        yield replace(base, first_day=first, last_day=last)
    for name, edges in AGES.items():
        for edge in edges:
            yield replace(base, **{name: edge})
    for count in (0, 1, 2, 15, 16, 17):
        yield with_tiers(base, [base.tiers[0].terms] * count)
    for place in range(len(base.tiers)):
        for name, edges in EDGES.items():
            for edge in edges:
                yield with_term(base, place, **{name: edge})


def products(base: Policy) -> Iterator[Policy]:
    """Of leverage and margin, shares of the margin, and fees that add up to -1, 0, 1."""
    for place in range(len(base.tiers)):
        for leverage, margin in PRODUCTS:
            yield with_term(
                base, place, max_leverage=leverage, initial_margin_bp=margin,
                maintenance_margin_bp=100,
            )  # fmt: skip
        for initial in (200, 201, 204, 205, 206):
            for maintenance in range(initial * 8 // 10 - 1, initial * 8 // 10 + 2):
                yield with_term(
                    base, place, initial_margin_bp=initial, maintenance_margin_bp=maintenance
                )
        for maintenance in (2_499, 2_500, 2_501):
            yield with_term(
                base, place, initial_margin_bp=4_000, maintenance_margin_bp=maintenance,
                max_leverage=2,
            )  # fmt: skip
        for taker in (-10_000, -1, 0, 1, 450, 10_000):
            for total in (-1, 0, 1):
                yield with_term(base, place, taker_fee=taker, maker_fee=total - taker)
    for taker_of, maker_of in ((0, 1), (0, 2), (1, 2), (2, 0)):
        for total in (-1, 0, 1):
            yield with_rebate(base, taker_of, maker_of, total)


def with_rebate(base: Policy, taker_of: int, maker_of: int, total: int) -> Policy:
    """The lowest taker fee of one tier and the greatest rebate of another add up to `total`."""
    terms = [replace(tier.terms, taker_fee=900, maker_fee=100) for tier in base.tiers]
    terms[taker_of] = replace(terms[taker_of], taker_fee=300)
    terms[maker_of] = replace(terms[maker_of], maker_fee=total - 300)
    return with_tiers(base, terms)


def mixed(base: Policy, draw: random.Random) -> Policy:
    """Several numbers at once."""
    terms = [tier.terms for tier in base.tiers][: draw.randint(1, 3)]
    for _ in range(draw.randint(1, 3)):
        place, name = draw.randrange(len(terms)), draw.choice(list(EDGES))
        terms[place] = replace(terms[place], **{name: draw.choice(EDGES[name])})
    policy = with_tiers(base, terms)
    if draw.random() < 0.2:
        first, last = draw.choice(DAYS)
        policy = replace(policy, first_day=first, last_day=last)
    if draw.random() < 0.2:
        name = draw.choice(list(AGES))
        policy = replace(policy, **{name: draw.choice(AGES[name])})
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
    for count in (0, 1, 2, 3, 4, 31, 32, 33):
        half = count // 2
        for threshold in {-1, 0, 1, half, half + 1, count - 1, count, count + 1, 1 << 255}:
            yield attestors(range(1, count + 1), threshold)
    last = (1 << 160) - 1
    for numbers in ((0,), (0, 1), (1, 1), (2, 1), (1, 2), (1, 3, 2), (1, 3, 3), (1, last)):
        yield attestors(numbers, len(numbers))


def attestors(numbers: Any, threshold: int) -> Any:
    return SimpleNamespace(members=tuple(f"0x{n:040x}" for n in numbers), threshold=threshold)


def roots(base: Root) -> Iterator[Root]:
    """Of a window that is over; what each counts for is what it says."""
    yield base
    for root in (-1, 0, 1, 2, R - 2, R - 1, R, R + 1, (1 << 256) - 1):
        yield replace(base, root=root)
    for generation in (-1, 1, 2, (1 << 32) - 1, 1 << 32):
        yield replace(base, generation=generation)
    for first, last in DAYS:
        yield replace(base, first_day=first, last_day=last)
        yield replace(base, first_day=first, last_day=last, valid_until=0)
    latest = (base.last_day + 121) * DAY
    for second in (-1, 0, 1, latest - 1, latest, latest + 1, (1 << 64) - 1, 1 << 64):
        yield replace(base, valid_until=second)
    for feed in (-1, 0, 1, 2, R - 2, R - 1, R, R + 1, (1 << 256) - 1):
        yield replace(base, feed=feed)
    for rules in (0, 1, 2, (1 << 256) - 1):
        yield replace(base, rules=rules.to_bytes(32))


def as_tuple(signed: Root) -> tuple[Any, ...]:
    """The argument of `submitRoot`."""
    return astuple(signed)
