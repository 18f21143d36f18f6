"""What the prover refuses before it starts, each with its code; and key caches that do not match are made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.credential import Case, honest, world

from algebra.errors import Refused, TierNotMet
from algebra.native_backend import native
from circuits.policy import Policy, Prior, Terms, Tier
from circuits.thresholds import Thresholds
from prover.credential import check_request, prove_credential
from prover.keys import cached_bases, powers_needed
from prover.setup import unsafe_dev_setup

ACCOUNT = 0xACC


@dataclass(frozen=True)
class Request:
    """The five things that a request is made of."""

    case: Case
    leaf: Any
    secret: int
    policy: Policy
    account: int

    @property
    def attested(self) -> Any:
        case, leaf = self.case, self.leaf

        class Attested:
            def __init__(self) -> None:
                self.leaf, self.records, self.index, self.path = leaf, case.records, case.index, case.path
                self.root = case.statement[0]

        return Attested()


def request_of(case: Case) -> Request:
    leaf = case.leaf
    terms = Terms(1000, 500, 450, 150, 10, 86_400)
    tier = Tier("any", Thresholds.from_words(case.statement[5:]), terms)
    policy = Policy("test", leaf.first_day, leaf.last_day, bytes(32), Prior(1, 1, 1000, 1000), (tier,))
    return Request(case, leaf, case.secret, policy, ACCOUNT)


CHANGES: dict[str, Callable[[Request], Request]] = {
    "refused.secret": lambda r: replace(r, secret=0),
    "refused.owner": lambda r: replace(r, secret=r.secret + 1),
    "refused.class": lambda r: replace(r, leaf=replace(r.leaf, size_class=14)),
    "refused.setup": lambda r: replace(r, leaf=replace(r.leaf, srs_id=r.leaf.srs_id ^ 1)),
    "refused.window": lambda r: replace(r, policy=replace(r.policy, last_day=r.policy.last_day + 1)),
    "refused.account": lambda r: replace(r, account=0),
}


def test_an_honest_request_passes() -> None:
    r = request_of(honest(6, 13))
    check_request(world().key, r.attested, r.secret, r.policy, r.account)


@pytest.mark.parametrize("code", CHANGES)
def test_a_bad_request_is_refused(code: str) -> None:
    r = CHANGES[code](request_of(honest(6, 13)))
    with pytest.raises(Refused) as error:
        check_request(world().key, r.attested, r.secret, r.policy, r.account)
    assert error.value.code == code
    assert str(r.secret) not in str(error.value)


def test_a_tier_that_does_not_hold_is_named_with_its_gap() -> None:
    case = honest(13, fills=10**6)
    r = request_of(case)
    with pytest.raises(TierNotMet) as error:
        prove_credential(world().key, r.attested, r.secret, r.policy, "any", account=ACCOUNT, scope=1, algebra=native())
    assert error.value.code == "refused.tier"
    assert "M13 fills" in str(error.value) and error.value.fields["failing"] == {13: case.assessment.sums.fills - 10**6}


def test_cached_bases_are_used_only_whole_and_unchanged(tmp_path: Path) -> None:
    algebra, n, slots = native(), 16, 4
    setup = unsafe_dev_setup(powers_needed(n, slots), algebra)
    want = [algebra.affine(basis) for basis in cached_bases(setup, n, slots, algebra, None)]
    assert [algebra.affine(b) for b in cached_bases(setup, n, slots, algebra, tmp_path)] == want
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for broken in (bytes(flipped), whole[:-1], whole + b"\0", whole.replace(b"bases/1", b"bases/0"), b""):
        path.write_bytes(broken)
        assert [algebra.affine(b) for b in cached_bases(setup, n, slots, algebra, tmp_path)] == want
        assert path.read_bytes() == whole


def test_another_setup_has_another_cache(tmp_path: Path) -> None:
    algebra, n, slots = native(), 16, 4
    for seed in (b"one", b"two"):
        cached_bases(unsafe_dev_setup(powers_needed(n, slots), algebra, seed), n, slots, algebra, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
