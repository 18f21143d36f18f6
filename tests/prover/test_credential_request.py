"""
What the prover refuses before it starts, each with its code; and key caches that do not match are
made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.credential import Case, honest, world

from algebra.errors import Malformed, Refused, TierNotMet
from algebra.interface import Algebra, Basis, Point
from algebra.native_backend import native
from algebra.reference import reference
from circuits.language.circuit import BLINDING_ROWS
from history.v2.feed import NO_FEED
from history.v2.metrics import METRICS
from history.v2.metrics.table import MetricTable
from history.v2.thresholds import Thresholds
from policies.policy import Policy, Prior, Tier
from policies.terms import Terms
from prover import keys
from prover.credential import check_request, prove_credential
from prover.keys import MAGIC, cached_bases, powers_needed
from prover.point_file import DIGEST_BYTES
from prover.setup import unsafe_dev_setup

ACCOUNT = 0xACC


@dataclass(frozen=True)
class Request:
    """What a request is made of; `feed` is the digest that was signed with the root."""

    case: Case
    leaf: Any
    secret: int
    policy: Policy
    account: int
    feed: int

    @property
    def attested(self) -> Any:
        case, leaf, feed = self.case, self.leaf, self.feed

        class Attested:
            def __init__(self) -> None:
                self.leaf, self.records, self.index, self.path = (
                    leaf,
                    case.records,
                    case.index,
                    case.path,
                )
                self.root = case.statement[0]
                self.feed, self.market = feed, None

        return Attested()


def request_of(case: Case, metrics: MetricTable = METRICS) -> Request:
    """Of a case without an index: its last public word, after the thresholds', is `NO_FEED`."""
    leaf, (*words, feed) = case.leaf, case.statement[5:]
    terms = Terms(1000, 500, 450, 150, 10, 5_000, 1)
    tier = Tier("any", Thresholds.from_words(words, metrics), terms)
    window, prior = (leaf.first_day, leaf.last_day), Prior(1, 1, 1000, 1000)
    policy = Policy("test", *window, bytes(32), "test", 28, 60, prior=prior, tiers=(tier,))
    return Request(case, leaf, case.secret, policy, ACCOUNT, feed)


CHANGES: dict[str, Callable[[Request], Request]] = {
    "refused.secret": lambda r: replace(r, secret=0),
    "refused.owner": lambda r: replace(r, secret=r.secret + 1),
    "refused.class": lambda r: replace(r, leaf=replace(r.leaf, size_class=14)),
    "refused.setup": lambda r: replace(r, leaf=replace(r.leaf, srs_id=r.leaf.srs_id ^ 1)),
    "refused.window": lambda r: replace(
        r, policy=replace(r.policy, last_day=r.policy.last_day + 1)
    ),
    "refused.feed.digest": lambda r: replace(r, feed=NO_FEED ^ 1),
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
        prove_credential(
            world().key,
            r.attested,
            r.secret,
            r.policy,
            "any",
            account=ACCOUNT,
            scope=1,
            algebra=native(),
        )
    assert error.value.code == "refused.tier"
    assert "M13 fills" in str(error.value) and error.value.fields["failing"] == {
        13: case.assessment.sums.fills - 10**6
    }


@pytest.mark.parametrize("damage", ["slots", "infinity"])
def test_a_proof_on_wrong_points_never_leaves(damage: str) -> None:
    """
    Bases that somebody changed would give away cells of the witness: the proof does not verify and
    is thrown away.
    """
    r, key = request_of(honest(6, 13)), world().key
    bases = list(key.bases)
    if damage == "slots":
        bases[0], bases[1] = bases[1], bases[0]
    else:  # the blinding rows of the first slot no longer count
        limbs = native().points_to_limbs(bases[0]).copy()
        limbs[-BLINDING_ROWS:] = 0
        bases[0] = native().points_from_limbs(limbs, check=True)
    with pytest.raises(Malformed) as error:
        prove_credential(
            replace(key, bases=tuple(bases)),
            r.attested,
            r.secret,
            r.policy,
            "any",
            account=ACCOUNT,
            scope=1,
            algebra=native(),
        )
    assert error.value.code == "malformed.proving_key"


# -- cached bases ----------------------------------------------------------------------------------
N, CACHED_SLOTS = 16, 4


def bases_in(folder: Path | None, algebra: Algebra, seed: bytes = b"one") -> list[list[Point]]:
    setup = unsafe_dev_setup(powers_needed(N, CACHED_SLOTS), algebra, seed)
    return [
        algebra.affine(basis) for basis in cached_bases(setup, N, CACHED_SLOTS, algebra, folder)
    ]


def resealed(content: bytes) -> bytes:
    return content[:-DIGEST_BYTES] + hashlib.sha256(content[:-DIGEST_BYTES]).digest()


def changed(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "cut in the head": lambda whole: whole[:100],
    "one byte short": lambda whole: whole[:-1],
    "one point short": lambda whole: resealed(whole[: -DIGEST_BYTES - 64] + whole[-DIGEST_BYTES:]),
    "one byte more": lambda whole: whole + b"\0",
    "changed point": lambda whole: changed(whole, len(whole) // 2),
    "changed digest": lambda whole: changed(whole, len(whole) - 1),
    "another version": lambda whole: resealed(whole.replace(b"bases/2", b"bases/1")),
    "another setup": lambda whole: resealed(changed(whole, len(MAGIC) + 1)),
    "another class": lambda whole: resealed(whole.replace(b" 16 4 ", b" 32 2 ")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_cached_bases_are_used_only_whole_and_unchanged(name: str, tmp_path: Path) -> None:
    want = bases_in(None, native())
    assert bases_in(tmp_path, native()) == want
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    broken = BROKEN[name](whole)
    assert broken != whole
    path.write_bytes(broken)
    assert bases_in(tmp_path, native()) == want
    assert path.read_bytes() == whole and list(tmp_path.iterdir()) == [path]


def test_an_intact_cache_is_what_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Mapped, not made again: with nothing to make bases from, the second call still has them. Both
    algebras read one file.
    """
    want = bases_in(tmp_path, native())
    monkeypatch.setattr(keys, "lagrange_bases", None)
    assert bases_in(tmp_path, native()) == bases_in(tmp_path, reference()) == want


def test_both_algebras_write_the_same_cache(tmp_path: Path) -> None:
    contents = []
    for algebra in (native(), reference()):
        bases_in(tmp_path / algebra.name, algebra)
        contents += [path.read_bytes() for path in (tmp_path / algebra.name).iterdir()]
    assert len(contents) == 2 and contents[0] == contents[1]


def test_mapped_bases_outlive_their_file(tmp_path: Path) -> None:
    setup = unsafe_dev_setup(powers_needed(N, CACHED_SLOTS), native())
    cached_bases(setup, N, CACHED_SLOTS, native(), tmp_path)
    mapped = cached_bases(setup, N, CACHED_SLOTS, native(), tmp_path)
    next(tmp_path.iterdir()).unlink()
    assert not mapped[0].data.flags.writeable and not mapped[0].data.flags.owndata
    scalars = native().powers(3, N, 5, Basis.EVALUATION)
    for basis, again in zip(
        mapped, cached_bases(setup, N, CACHED_SLOTS, native(), None), strict=True
    ):
        assert native().msm(basis, scalars) == native().msm(again, scalars) is not None


def test_another_setup_has_another_cache(tmp_path: Path) -> None:
    assert bases_in(tmp_path, native(), b"one") != bases_in(tmp_path, native(), b"two")
    assert len(list(tmp_path.iterdir())) == 2
