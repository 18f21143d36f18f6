"""Batches of real proofs, of both profiles: one setup, two keys, one pairing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from eth_utils.crypto import keccak
from gas.claims import CLAIMED, TIERS, cases, home, last_day, proof
from grants.grants_world import (
    GOLD,
    KEYS,
    NOTHING,
    OPEN,
    POLICY,
    SERIES,
    SILVER,
    STRANGER,
    World,
    key_address,
)
from grants.wallets import wallet

from algebra.interface import Point, R
from algebra.native_backend import native
from contracts.build.artifact import load_artifact
from prover.profile import Profile
from verifier.batch import equation_of
from verifier.key import GENERATOR_G2
from verifier.loader import GENERATOR_G1, negated

pytestmark = pytest.mark.evm
DAYS = 60
ACCOUNTS = KEYS[:3]
WORDS = tuple(int.from_bytes(key_address(key)) for key in ACCOUNTS)
PROFILES = (Profile.FAST, Profile.LEAN, Profile.FAST)
"""Of the three claims."""
FOLD = 64
"""Bytes of W', the last point of a proof."""


@dataclass(frozen=True)
class Real:
    """A registry with both verifiers, and three institutions' proofs for it."""

    world: World
    scope: int

    def case(self, index: int) -> Any:
        return cases(PROFILES[index], DAYS, self.scope, WORDS)[index]

    def proof(self, index: int) -> bytes:
        return proof(PROFILES[index], DAYS, self.scope, WORDS, index)

    def claim(self, index: int, shown: bytes | None = None) -> tuple[Any, ...]:
        """With the consent of a wallet."""
        one = self.case(index)
        consent = self.world.agreed(
            ACCOUNTS[index], None, GOLD, deadline=self.world.machine.now + 1,
            nullifier=one.statement[1],
        )  # fmt: skip
        claim = self.world.claim(
            ACCOUNTS[index],
            CLAIMED,
            verifier=list(Profile).index(PROFILES[index]),
            root=one.statement[0],
            nullifier=one.statement[1],
            thresholds=TIERS[CLAIMED].words(),
            proof=shown or self.proof(index),
        )
        return (claim, consent, NOTHING)


@pytest.fixture(scope="module")
def built() -> Real:
    world = World()
    for name in ("TierproofVerifier8192", "TierproofVerifier8192Lean"):
        place = world.machine.deploy(load_artifact(name))
        digest = world.machine.call(STRANGER, place, keccak(text="keyDigest()")[:4])
        world.governor("registerVerifier", place, digest)
    world.register_set()
    window = (last_day(1), last_day(DAYS))
    world.register_series(windows=[window])
    tiers = [(tier.words(), terms) for tier, terms in zip(TIERS, (SILVER, GOLD), strict=True)]
    world.register_policy(POLICY, window, (0, 1), tiers)
    for account in ACCOUNTS:
        wallet(world.machine, "echo", key_address(account))
    made = Real(world, int(world.anybody("scopeOf", SERIES)))
    one = made.case(0)
    world.at(OPEN).submit(root=one.statement[0], last_day=window[1], feed=one.statement[-1])
    return made


@pytest.fixture
def real(built: Real) -> Iterator[Real]:
    with built.world.machine.undone():
        yield built


def test_proofs_of_two_keys(real: Real) -> None:
    assert real.world.batch(*map(real.claim, range(3))) == ["first"] * 3
    assert [real.world.grant(account)["verifier"] for account in ACCOUNTS] == [0, 1, 0]


def test_a_malformed_proof_is_alone(real: Real) -> None:
    claims = [real.claim(i) for i in range(3)]
    good = real.proof(1)
    for shown, error in (
        (good[:-1], "BadLength"),
        (bytes(64) + good[64:], "BadPoint"),
        (real.proof(0), "BadLength"),
    ):
        with real.world.machine.undone():
            claims[1] = real.claim(1, shown)
            assert real.world.batch(*claims) == ["first", error, "first"]


def test_a_sum_of_infinity(real: Real) -> None:
    """Whoever chooses W' chooses where the sum lands: here, nowhere. It is false as others are."""
    left, _, y = parts(real, 0)
    point = combine([left], [-pow(y, -1, R) % R])
    shown = with_fold(real.proof(0), point)
    for claims in ([real.claim(0, shown)], [real.claim(0, shown), real.claim(1)]):
        with real.world.refuses("BatchNotAccepted"):
            real.world.batch(*claims)


def test_another_account_s_proof_fails_all(real: Real) -> None:
    claims = [real.claim(0), real.claim(1), real.claim(2, real.proof(0))]
    with real.world.refuses("BatchNotAccepted"):
        real.world.batch(*claims)
    assert real.world.batch(*claims[:2]) == ["first"] * 2


def test_two_false_proofs_whose_sum_is_true(real: Real) -> None:
    """
    Both W' are free once all else is fixed, so L + L' = [tau] and W' + W'' = [1] are two equations
    that anybody solves; only weights stand in between.
    """
    (one, _, y), (other, _, z) = parts(real, 0), parts(real, 2)
    key = home(Profile.FAST).key.verifying
    tau = home(Profile.FAST).setup.unsafe_tau
    # y W' + z ([1] - W') = [tau] - F - F'
    scale = pow(y - z, -1, R)
    first = combine([GENERATOR_G1, one, other], [(tau - z) * scale, -scale, -scale])
    second = combine([GENERATOR_G1, first], [1, -1])
    lefts = [combine([one, first], [1, y]), combine([other, second], [1, z])]
    assert holds(combine(lefts, [1, 1]), combine([first, second], [1, 1]), key.tau_g2)
    assert not holds(lefts[0], first, key.tau_g2)
    claims = [
        real.claim(0, with_fold(real.proof(0), first)),
        real.claim(2, with_fold(real.proof(2), second)),
    ]
    for given in (claims, claims[::-1], [real.claim(1), *claims]):
        with real.world.refuses("BatchNotAccepted"):
            real.world.batch(*given)


def parts(real: Real, index: int) -> tuple[Point, Point, int]:
    """F, W' and y of a proof: L = F + y W'."""
    key = home(PROFILES[index]).key.verifying
    equation = equation_of(key, real.case(index).statement, real.proof(index), native())
    *terms, (y, _) = equation.terms
    return combine([point for _, point in terms], [s for s, _ in terms]), equation.right, y


def combine(points: Sequence[Point], scalars: Sequence[int]) -> Point:
    return native().scale_points(list(points), [scalar % R for scalar in scalars])


def with_fold(shown: bytes, point: Point) -> bytes:
    assert point is not None
    return shown[:-FOLD] + b"".join(c.to_bytes(32, "big") for c in point)


def holds(left: Point, right: Point, tau: Any) -> bool:
    return native().pairing_check([(left, GENERATOR_G2), (negated(right), tau)])
