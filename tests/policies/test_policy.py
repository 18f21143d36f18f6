"""Thresholds in words, the posterior word, and the strict policy document."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import comb
from pathlib import Path
from typing import Any

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from algebra.errors import Malformed, Refused, Unavailable
from history.dates import day_text
from history.v2.metrics import METRICS
from history.v2.posterior import exceeds_probability_numerator, posterior_word
from history.v2.thresholds import LAYOUT, USED_LIMBS, Slot, Thresholds
from policies.margin import example as margin_example
from policies.policy import EXAMPLES, Policy, example
from policies.rule_files import RuleFiles
from policies.series import Series
from policies.terms import Terms

SAMPLE_WORD = (6, 11, 15, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 59, 63, 67)
NUMBERS = [
    slot
    for slot in LAYOUT.values()
    if not slot.name.startswith("near_word_") and slot.name != "mask"
]


def within(slot: Slot) -> st.SearchStrategy[int]:
    least, greatest = -slot.offset, (1 << 12 * slot.limbs) - 1 - slot.offset
    return st.one_of(st.sampled_from([least, greatest]), st.integers(least, greatest))


@st.composite
def thresholds(draw: st.DrawFn) -> Thresholds:
    return Thresholds(
        **{slot.name: draw(within(slot)) for slot in NUMBERS},
        near_word=tuple(draw(st.lists(st.integers(0, 4095), min_size=16, max_size=16))),
        asked=draw(st.frozensets(st.integers(1, 27))),
    )


@given(thresholds())
def test_words_and_back(t: Thresholds) -> None:
    words = t.words()
    assert all(0 <= word < 2**252 for word in words)
    back = Thresholds.from_words(words)
    assert back == t.effective == t.effective.effective
    assert back.words() == words
    if 5 not in t.asked:
        assert back.distance == -(2**23)
    if 7 not in t.asked:
        assert back.drawdown == 10_000
    if 16 not in t.asked:
        assert back.peak_exposure == 4095
    if not t.asked & {17, 18}:
        assert back.class_net == 0


SPARE = (17, 20, 21, 22, 23, 66, 67)
"""Limbs of numbers that an earlier statement had."""


@given(st.lists(st.integers(0, 4095), min_size=105, max_size=105))
def test_any_words_read_as_one_thing_or_not_at_all(limbs: list[int]) -> None:
    for limb in (*SPARE, *range(USED_LIMBS, 105)):
        limbs[limb] = 0
    limbs[96] &= 2**3 - 1
    words = [sum(x << (12 * i) for i, x in enumerate(limbs[j : j + 21])) for j in range(0, 105, 21)]
    t = Thresholds.from_words(words)
    everything = t.changed(asked=frozenset(range(1, 28)))
    assert [*everything.limbs()[:94], *limbs[94:]] == limbs
    assert t.mask == limbs[94] + (limbs[95] << 12) + (limbs[96] << 24)


def test_layout_is_the_one_of_the_page() -> None:
    starts = {name: slot.start for name, slot in LAYOUT.items()}
    assert USED_LIMBS == 97 and METRICS.spare == SPARE
    expected = {
        "floor": 0,
        "activity": 4,
        "risk_free": 8,
        "near_line": 10,
        "sharpe": 12,
        "regime_sharpe": 14,
        "trade_t": 16,
        "trade_trips": 18,
        "distance": 24,
        "liquidations": 26,
        "drawdown": 27,
        "near_word_0": 29,
        "near_word_15": 44,
        "turnover": 45,
        "volume": 47,
        "mean_equity": 52,
        "active_days": 56,
        "fills": 57,
        "maker_share": 59,
        "mean_exposure": 61,
        "peak_exposure": 63,
        "class_net": 64,
        "votes": 68,
        "rewards": 69,
        "best_day": 70,
        "sharpe_confidence": 72,
        "capital_use": 73,
        "worst_days": 74,
        "shortfall": 75,
        "shortfall_mode": 77,
        "volatility_sensitivity": 78,
        "weight_0": 80,
        "weight_9": 89,
        "score_limit": 90,
        "correlated_sharpe": 92,
        "mask": 94,
    }
    assert {name: starts[name] for name in expected} == expected
    # by hand: floor 1 in limb 0, near line 0 as 2^23 = 2048 * 2^12 in limb 11, M5's weakest as 0,
    # M7's 10,000 in limbs 27 and 28, M16's 4095 in limb 63, the mask's bit 12 (M13) in limb 95
    words = Thresholds(1, 2, asked=frozenset({13}), fills=3).words()
    assert words[0] == 1 + (2 << 48) + (2048 << 132)
    assert words[1] == (10_000 % 4096 << 72) + (10_000 // 4096 << 84)
    assert words[2] == 3 << 180  # limb 57
    # and M26, unasked: ten weights and a limit of 0
    assert words[3] == 4095 + sum(2048 << 12 * limb for limb in range(17, 21))
    weights = sum(2048 << 12 * limb for limb in range(6)) + (2048 << 12 * 7)
    assert words[4] == weights + (1 << 12 * 11)


@pytest.mark.parametrize(
    "words",
    [
        (0, 0, 0, 0),
        (0, 0, 0, 0, 0, 0),
        (0, 0, 0, 0, -1),
        (1 << 252, 0, 0, 0, 0),
        (0, 0, 0, 0, 1 << 156),  # limb 97
        (0, 0, 0, 0, 1 << 251),
        (0, 0, 0, 0, 1 << (120 + 27)),  # mask bit 27
        *(
            tuple(1 << 12 * (limb % 21) if limb // 21 == i else 0 for i in range(5))
            for limb in SPARE
        ),
    ],
)
def test_from_words_refuses(words: tuple[int, ...]) -> None:
    with pytest.raises(Malformed) as caught:
        Thresholds.from_words(words)
    assert caught.value.code == "malformed.thresholds"


@pytest.mark.parametrize("slot", NUMBERS, ids=lambda slot: slot.name)
def test_words_refuse_what_does_not_fit(slot: Slot) -> None:
    asked = frozenset(slot.metrics[:1])
    for number in ((1 << 12 * slot.limbs) - slot.offset, -slot.offset - 1):
        with pytest.raises(Refused, match=slot.name):
            Thresholds(1, 1, asked=asked).changed(**{slot.name: number}).words()


BASE = Thresholds(1000, 1000, near_line=2500)
GOOD_WORD = posterior_word(1, 1, 1500, 1000)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"floor": 0}, "refused.policy.range"),
        ({"activity": 0}, "refused.policy.range"),
        ({"floor": 1 << 48}, "refused.policy.range"),
        ({"risk_free": 1_000_001}, "refused.policy.range"),
        ({"near_line": 2**23}, "refused.policy.range"),
        ({"asked": {1}, "sharpe": 1 << 16}, "refused.policy.range"),
        ({"asked": {1}, "sharpe": -1}, "refused.policy.range"),
        ({"asked": {4}}, "refused.policy.metric"),
        ({"asked": {26}, "score_limit": 1 << 23}, "refused.policy.range"),
        ({"asked": {28}}, "refused.policy.metric"),
        ({"asked": {24}}, "refused.policy.range"),
        ({"asked": {24}, "worst_days": 181}, "refused.policy.range"),
        ({"asked": {24}, "worst_days": 9, "shortfall_mode": 3}, "refused.policy.range"),
        ({"asked": {0}}, "refused.policy.metric"),
        ({"asked": {17, 18}}, "refused.policy.metric"),
        ({"asked": {3}, "trade_trips": 29}, "refused.policy.range"),
        ({"asked": {5}, "distance": 2501}, "refused.policy.near_line"),
        ({"asked": {7}, "drawdown": 10_001}, "refused.policy.range"),
        ({"asked": {8}}, "refused.policy.near_word"),
        ({"asked": {8}, "near_word": (*GOOD_WORD[:15], GOOD_WORD[14])}, "refused.policy.near_word"),
        ({"asked": {8}, "near_word": (*GOOD_WORD[:15], 367)}, "refused.policy.range"),
        ({"asked": {8}, "near_word": (14, 4081, *GOOD_WORD[2:])}, "refused.policy.near_word"),
        ({"asked": {8}, "near_word": GOOD_WORD[:15]}, "refused.policy.range"),
        ({"asked": {10}, "volume": 1 << 60}, "refused.policy.range"),
        ({"asked": {14}, "maker_share": 10_001}, "refused.policy.range"),
    ],
)
def test_check_refuses(change: dict[str, Any], code: str) -> None:
    if "asked" in change:
        change = {**change, "asked": frozenset(change["asked"])}
    with pytest.raises(Refused) as caught:
        BASE.changed(**change).check(180)
    assert caught.value.code == code


def test_check_accepts_the_edges() -> None:
    BASE.check(2)
    BASE.changed(asked=frozenset({3, 5}), trade_trips=30, distance=2500).check(366)
    BASE.changed(asked=frozenset({8}), near_word=GOOD_WORD).check(180)
    BASE.changed(asked=frozenset({8}), near_word=(5, *range(4081, 4096))).check(180)
    BASE.changed(distance=9999, trade_trips=1, near_line=-(2**23)).check(
        180
    )  # unasked numbers do not count
    for days in (1, 367, 0, -1):
        with pytest.raises(Refused, match="window"):
            BASE.check(days)


# -- M8 --------------------------------------------------------------------------------------------
def beta_tail(alpha: int, beta: int, x: Fraction) -> Fraction:
    """P(Beta(alpha, beta) > x): its density integrated term by term, no binomial tail in sight."""
    inverse = alpha * comb(alpha + beta - 1, alpha)  # 1 / B(alpha, beta)
    area = sum(
        (-1) ** k * comb(beta - 1, k) * (1 - x ** (alpha + k)) / Fraction(alpha + k)
        for k in range(beta)
    )
    return inverse * area


def test_posterior_word_of_the_sample() -> None:
    assert posterior_word(1, 1, 3000, 1000) == SAMPLE_WORD


@pytest.mark.parametrize(
    ("a", "b", "rate", "error"), [(1, 1, 1500, 1000), (2, 5, 3000, 500), (1, 3, 4200, 123)]
)
def test_posterior_word_against_the_beta_integral(a: int, b: int, rate: int, error: int) -> None:
    word = posterior_word(a, b, rate, error)
    assert all(left < right for left, right in pairwise(word))
    x, limit = Fraction(rate, 10_000), Fraction(error, 10_000)
    for near in range(0, 9):
        days = word[near]
        assert beta_tail(a + near, b + days - near, x) <= limit
        assert days == near or beta_tail(a + near, b + days - 1 - near, x) > limit


@given(
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(0, 10_000),
    st.integers(0, 8),
    st.integers(0, 12),
)
def test_tail_is_the_beta_integral(a: int, b: int, rate: int, near: int, more: int) -> None:
    numerator, denominator = exceeds_probability_numerator(near, near + more, a, b, rate)
    assert Fraction(numerator, denominator) == beta_tail(a + near, b + more, Fraction(rate, 10_000))


def test_posterior_word_edges() -> None:
    assert posterior_word(1, 1, 1, 1) == tuple(range(4080, 4096))  # no window is long enough
    some = posterior_word(1, 1, 300, 1000)
    assert some[0] < 366 and some[-1] == 4095 and sorted(some) == list(some)
    assert posterior_word(1, 50, 9000, 5000) == tuple(
        range(16)
    )  # the prior alone is enough: m_K = K
    for bad in (
        (0, 1, 1, 1),
        (1, 101, 1, 1),
        (1, 1, 0, 1),
        (1, 1, 10_000, 1),
        (1, 1, 1, 0),
        (1, 1, 1, 10_000),
    ):
        with pytest.raises(Refused) as caught:
            posterior_word(*bad)
        assert caught.value.code == "refused.policy.prior"


# -- the document ----------------------------------------------------------------------------------
def test_examples_are_the_tiers_of_the_page() -> None:
    standard, sample = (example(name) for name in EXAMPLES)
    assert (standard.days, sample.days) == (365, 66)
    assert (day_text(sample.first_day), day_text(sample.last_day)) == ("2023-02-26", "2023-05-02")
    assert sample.window == 19414 + 2**24 * 19479
    assert [tier.name for tier in standard.tiers] == ["member", "prime", "prime-plus"]
    assert standard.advice() == []
    prime = standard.tier("prime")
    assert prime.thresholds.asked == {1, 5, 6, 7, 8, 10, 11, 12, 13, 15, 21, 22, 24}
    assert (prime.thresholds.sharpe, prime.thresholds.distance, prime.thresholds.volume) == (
        1000,
        500,
        100_000_000_00,
    )
    plus = standard.tier("prime-plus")
    assert (plus.terms.initial_margin_bp, plus.terms.taker_fee, plus.terms.maker_fee) == (
        1250,
        200,
        -50,
    )
    assert (plus.thresholds.trade_t, plus.thresholds.mean_equity) == (165, 10_000_000_00)
    assert (plus.thresholds.sharpe_confidence, plus.thresholds.shortfall) == (233, 300)
    assert sample.tier("prime").thresholds.near_word == SAMPLE_WORD
    assert sample.advice() == ["tier member: M7 without M23 admits capital that is never used"]
    for policy in (standard, sample):  # what the issue asks of both
        for tier in policy.tiers[1:]:
            asked, t = tier.thresholds.asked, tier.thresholds
            assert {1, 5, 22, 24} <= asked
            assert t.worst_days == policy.days // 20 and t.near_line == 1000
        assert [tier.thresholds.sharpe_confidence for tier in policy.tiers[1:]] == [165, 233]
        assert [tier.thresholds.shortfall for tier in policy.tiers[1:]] == [800, 300]
        assert [tier.thresholds.distance for tier in policy.tiers[1:]] == [500, 1000]
        assert policy.market is not None
        assert all(tier.terms.max_leverage <= policy.market.leverage for tier in policy.tiers)
    with pytest.raises(Refused, match="it has: member, prime, prime-plus"):
        standard.tier("gold")
    with pytest.raises(Refused):
        example("none")


@pytest.mark.parametrize("name", EXAMPLES)
def test_document_and_back(name: str, tmp_path: Path) -> None:
    policy = example(name)
    assert Policy.parse(policy.document()) == policy
    assert policy.policy_id == keccak(policy.hashed()) and len(policy.policy_id) == 32
    path = tmp_path / "policy.json"
    policy.save(path)
    assert Policy.load(path) == policy
    assert [entry.name for entry in tmp_path.iterdir()] == ["policy.json"]
    other = replace(policy, attestor_set=bytes(31) + b"\1")
    assert other.policy_id != policy.policy_id and Policy.parse(other.document()) == other
    for tier in policy.tiers:
        assert Thresholds.from_words(tier.thresholds.words()) == tier.thresholds.effective


def test_ids_do_not_go_by_the_spelling_of_the_format() -> None:
    """
    Files say `tierproof/policy` and a version; what is hashed says `HASHED_FORMAT`, so every id
    that was handed out holds whatever the files' spelling becomes.
    """
    ids = {name: example(name).policy_id.hex() for name in EXAMPLES}
    assert ids == {
        "standard": "36e129031e5936c6eaf45c7408e5e7db8d0837d389eb04887d7a64ef2cd76a20",
        "sample-hyperliquid": "8f96d4f950996f18f455c6f3581f4a819cd3cfef7d6eec63db353d4d3a407fd8",
    }
    hashed = json.loads(example("standard").hashed())
    assert hashed["format"] == "tierproof-policy-2" and "version" not in hashed
    with pytest.raises(Malformed):
        Policy.parse(example("standard").hashed())


def test_the_real_owners_policy_names_the_document_of_their_venue() -> None:
    document = margin_example("hyperliquid")
    named = RuleFiles(((f"margin/{document.name}", document.digest),))
    assert example("sample-hyperliquid").documents == named


def change(path: str, value: object) -> bytes:
    """The sample's document with one place set (or, with ..., removed)."""
    document: Any = json.loads(example("sample-hyperliquid").document())
    where = document
    *parents, last = [int(key) if key.isdigit() else key for key in path.split("/")]
    for key in parents:
        where = where[key]
    if value is ...:
        del where[last]
    else:
        where[last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "malformed.policy.json"),
        (b"\xff", "malformed.policy.json"),
        (b"[" * 100_000, "malformed.policy.json"),
        (b"[]", "malformed.policy.type"),
        (b'{"a": 1, "a": 1}', "malformed.policy.json"),
        (b'{"a": 1.0}', "malformed.policy.type"),
        (b'{"a": NaN}', "malformed.policy.type"),
        (b'{"a": ' + b"9" * 5000 + b"}", "malformed.policy.type"),
        (change("extra", 1), "malformed.policy.key"),
        (change("prior", ...), "malformed.policy.key"),
        (change("format", "tierproof-policy-1"), "malformed.policy.format"),
        (change("version", 1), "malformed.policy.format"),
        (change("version", 3), "malformed.policy.format"),
        (change("version", ...), "malformed.policy.key"),
        (change("series", ...), "malformed.policy.key"),
        (change("series", "sample"), "malformed.policy.type"),
        (change("series/name", ...), "malformed.policy.key"),
        (change("series/name", ""), "malformed.policy.type"),
        (change("series/least_days", "28"), "malformed.policy.type"),
        (change("series/attestor_set", 1), "malformed.policy.key"),
        (change("series/least_days", 27), "refused.policy.series"),
        (change("series/least_days", 67), "refused.policy.window"),
        (change("series/max_age_days", 121), "refused.policy.series"),
        (change("version", True), "malformed.policy.format"),
        (change("first_day", "2023-2-26"), "malformed.policy.date"),
        (change("first_day", "2023-W09-7"), "malformed.policy.date"),
        (change("first_day", "1969-12-31"), "malformed.policy.date"),
        (change("attestor_set", "0x00"), "malformed.policy.type"),
        (change("attestor_set", "0x" + "A" * 64), "malformed.policy.type"),
        (change("name", ""), "malformed.policy.type"),
        (change("name", "\ud800"), "malformed.policy.json"),
        (change("tiers", {}), "malformed.policy.type"),
        (change("tiers/0/asked", [6, 7, 11, 13, 12]), "malformed.policy.asked"),
        (change("tiers/0/asked", [6, 7, 11, 12, 12, 13]), "malformed.policy.asked"),
        (change("tiers/0/asked", [6, 7, 11, 12, 13, 28]), "malformed.policy.asked"),
        (change("tiers/0/asked", [6, 7, 11, 12]), "malformed.policy.key"),  # a threshold too many
        (change("tiers/0/asked", [6, 7, 11, 12, 13, 19]), "malformed.policy.key"),  # one too few
        (change("tiers/0/thresholds/fills", True), "malformed.policy.type"),
        (change("tiers/0/thresholds/sharpe", 1), "malformed.policy.key"),
        (change("tiers/1/thresholds/near_word/3", "42"), "malformed.policy.type"),
        (change("tiers/0/terms/rebate", 1), "malformed.policy.key"),
        (change("tiers", []), "refused.policy.tier"),
        (change("tiers/1/name", "member"), "refused.policy.tier"),
        (change("last_day", "2023-02-26"), "refused.policy.window"),
        (change("last_day", "2023-02-25"), "refused.policy.window"),
        (change("tiers/1/thresholds/near_word/3", 43), "refused.policy.near_word"),
        (change("tiers/1/thresholds/floor", 0), "refused.policy.range"),
        (change("tiers/0/terms/max_leverage", 3), "refused.policy.terms"),
        (change("tiers/0/terms/maintenance_margin_bp", 10_001), "refused.policy.terms"),
        (change("tiers/0/terms/validity_days", 0), "refused.policy.terms"),
        (change("prior/a", 0), "refused.policy.prior"),
        (change("tiers/1/thresholds/floor", 301), "refused.policy.floor"),
        (change("tiers/1/thresholds/active_days", 67), "refused.policy.together"),
        (change("advice_overridden", 1), "malformed.policy.type"),
        (change("advice_overridden", None), "malformed.policy.type"),
        (change("market", None), "malformed.policy.type"),
        (change("market/days", 1_096), "malformed.policy.key"),
        (change("market/index", ...), "malformed.policy.key"),
        (change("market/greatest_move", 0), "refused.policy.market"),
        (change("market/greatest_move", 10_001), "refused.policy.market"),
    ],
)
def test_parse_refuses(data: bytes, code: str) -> None:
    with pytest.raises((Malformed, Refused)) as caught:
        Policy.parse(data)
    assert caught.value.code == code


def test_load_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"missing\.json"):
        Policy.load(tmp_path / "missing.json")
    (tmp_path / "bad.json").write_bytes(change("tiers/0/thresholds/floor", 0))
    with pytest.raises(Refused, match=r"bad\.json: tier member: thresholds: floor = 0") as caught:
        Policy.load(tmp_path / "bad.json")
    assert caught.value.fields["tier"] == "member"


SERIES_ID = "890478f637ae16f93752e947a51668a8595813ae2323b8a9822e25528bb4e819"
POLICY_IDS = [
    "36e129031e5936c6eaf45c7408e5e7db8d0837d389eb04887d7a64ef2cd76a20",
    "8f96d4f950996f18f455c6f3581f4a819cd3cfef7d6eec63db353d4d3a407fd8",
]


# -- what the registry asks as well (policies.rules) -----------------------------------------------
TERMS = Terms(500, 300, 300, 50, 20, 5_000, 30)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"maintenance_margin_bp": 99}, "maintenance_margin_bp = 99 is outside 100..400"),
        ({"maintenance_margin_bp": 401}, "maintenance_margin_bp = 401 is outside 100..400"),
        ({"initial_margin_bp": 199}, "initial_margin_bp = 199 is outside 200..10000"),
        ({"initial_margin_bp": 10_001}, "initial_margin_bp = 10001 is outside 200..10000"),
        ({"max_leverage": 0}, "max_leverage = 0 is outside 1..50"),
        ({"max_leverage": 51}, "max_leverage = 51 is outside 1..50"),
        ({"max_leverage": 21}, r"max_leverage \* initial_margin_bp = 10500 is above 10000"),
        ({"taker_fee": 10_001}, "taker_fee = 10001 is outside -10000..10000"),
        ({"maker_fee": -10_001}, "maker_fee = -10001 is outside -10000..10000"),
        ({"limit": 0}, "limit = 0 is outside 1..4294967295"),
        ({"limit": 1 << 32}, "limit = 4294967296 is outside"),
        ({"validity_days": 0}, "validity_days = 0 is outside 1..90"),
        ({"validity_days": 91}, "validity_days = 91 is outside 1..90"),
        (
            {"initial_margin_bp": 4_000, "maintenance_margin_bp": 2_501, "max_leverage": 2},
            "maintenance_margin_bp = 2501 is above 2500; no default is above it",
        ),
    ],
)
def test_terms_out_of_range(change: dict[str, int], names: str) -> None:
    with pytest.raises(Refused, match=names) as caught:
        replace(TERMS, **change).check()
    assert caught.value.code == "refused.policy.terms"


def test_terms_at_their_limits() -> None:
    Terms(10_000, 2_500, 10_000, -10_000, 1, 1, 1).check()
    Terms(200, 160, -10_000, 10_000, 50, (1 << 32) - 1, 90).check()
    assert TERMS.as_tuple() == (500, 300, 300, 50, 20, 5_000, 30)


def with_fees(*fees: tuple[int, int]) -> Policy:
    policy = example("standard")
    tiers = [
        replace(tier, terms=replace(tier.terms, taker_fee=taker, maker_fee=maker))
        for tier, (taker, maker) in zip(policy.tiers, fees, strict=True)
    ]
    return replace(policy, tiers=tuple(tiers))


def test_no_rebate_is_above_the_taker_fee_of_any_tier() -> None:
    """One account takes, another makes: what the two together pay is not below zero."""
    with_fees((450, -50), (300, 50), (50, 0)).check()
    for fees, tier in (
        (((450, -51), (300, 50), (50, 0)), "prime-plus"),
        (((40, 0), (300, -41), (50, 0)), "prime"),
        (((40, -41), (300, 0), (50, 0)), "member"),
    ):
        with pytest.raises(Refused, match=f"tier {tier}: terms: lowest taker_fee") as caught:
            with_fees(*fees).check()
        assert caught.value.code == "refused.policy.terms"
        assert caught.value.fields["got"] == -1


def with_tiers(count: int) -> Policy:
    policy = example("standard")
    tiers = [replace(policy.tiers[0], name=f"tier {i}") for i in range(count)]
    return replace(policy, tiers=tuple(tiers))


def test_number_of_tiers() -> None:
    for count in (1, 16):
        with_tiers(count).check()
    for count in (0, 17):
        with pytest.raises(Refused, match=f"number of tiers = {count} is outside 1..16") as caught:
            with_tiers(count).check()
        assert caught.value.code == "refused.policy.tier"


def test_the_last_day_is_of_2149() -> None:
    """Days travel in 16 bits on chain."""
    policy = example("standard").over((1 << 16) - 200, (1 << 16) - 1)
    assert Policy.parse(policy.document()) == policy and day_text(policy.last_day) == "2149-06-06"
    with pytest.raises(Refused, match="last_day = 65536 is above 65535") as caught:
        replace(policy, last_day=1 << 16).check()
    assert caught.value.code == "refused.policy.window"


@pytest.mark.parametrize(("days", "least"), [(28, 28), (366, 366), (100, 28)])
def test_windows_are_as_long_as_their_series_asks(days: int, least: int) -> None:
    policy = replace(example("sample-hyperliquid"), least_days=least)
    policy.over(20_000, 19_999 + days).check()
    outside = {27, least - 1, 367}
    for wrong in outside:
        with pytest.raises(Refused, match="days of the window") as caught:
            policy.over(20_000, 19_999 + wrong).check()
        assert caught.value.code == "refused.policy.window"


def test_a_policy_of_version_1_says_what_to_do() -> None:
    with pytest.raises(Malformed, match="names no series; write it anew, from the one of"):
        Policy.parse(change("version", 1))


# -- series ----------------------------------------------------------------------------------------
def test_the_id_of_a_series_is_the_hash_of_its_canonical_bytes() -> None:
    policy = example("standard")
    assert policy.series.hashed() == (
        b'{"attestor_set":"0x' + b"00" * 32 + b'","format":"tierproof-series-1","least_days":90,'
        b'"max_age_days":60,"name":"standard"}'
    )
    assert policy.series.id == keccak(policy.series.hashed())
    assert example("sample-hyperliquid").series.id.hex() == SERIES_ID


def test_policies_of_a_series_follow_each_other() -> None:
    """Window, tiers and name are the policy's own; the rest makes another series."""
    policy = example("standard")
    later = policy.over(policy.last_day + 1, policy.last_day + 200)
    assert replace(later, name="next", tiers=later.tiers[:1]).series == policy.series
    changes: list[dict[str, Any]] = [
        {"series_name": "other"},
        {"attestor_set": bytes(31) + b"\1"},
        {"least_days": 91},
        {"max_age_days": 61},
    ]
    ids = {replace(policy, **change).series.id for change in changes}
    assert len(ids | {policy.series.id}) == 5


@pytest.mark.parametrize(
    ("series", "says"),
    [
        (Series("", bytes(32), 28, 60), "its name is 1 to 64 printable"),
        (Series("a" * 65, bytes(32), 28, 60), "its name is 1 to 64 printable"),
        (Series("a\n", bytes(32), 28, 60), "its name is 1 to 64 printable"),
        (Series("a", bytes(32), 27, 60), "least_days = 27 is outside 28..366"),
        (Series("a", bytes(32), 367, 60), "least_days = 367 is outside 28..366"),
        (Series("a", bytes(32), 28, 6), "max_age_days = 6 is outside 7..120"),
        (Series("a", bytes(32), 28, 121), "max_age_days = 121 is outside 7..120"),
    ],
)
def test_what_is_no_series(series: Series, says: str) -> None:
    with pytest.raises(Refused, match=says) as caught:
        series.check()
    assert caught.value.code == "refused.policy.series"


@pytest.mark.parametrize(("least", "age"), [(28, 7), (366, 120)])
def test_series_at_their_limits(least: int, age: int) -> None:
    Series("a" * 64, bytes(32), least, age).check()


def test_a_policy_that_trusts_nobody_cannot_be_registered() -> None:
    policy = example("standard")
    policy.check()
    with pytest.raises(Refused, match="trusts nobody") as caught:
        policy.check_registrable()
    assert caught.value.code == "refused.policy.attestors"
    replace(policy, attestor_set=bytes(31) + b"\1").check_registrable()


def test_policy_ids_do_not_change() -> None:
    """Of the documents that ship; registered policies and scopes go by them."""
    assert [example(name).policy_id.hex() for name in EXAMPLES] == POLICY_IDS


@pytest.mark.parametrize(
    "numbers",
    [
        {"asked": {2, 11}},
        {"asked": {25}},
        {"asked": {11, 24}, "worst_days": 2, "shortfall_mode": 2},
    ],
)
def test_a_metric_of_the_feed_needs_an_index(numbers: dict[str, Any]) -> None:
    policy = example("standard")
    asked = policy.tiers[0].thresholds.changed(**{**numbers, "asked": frozenset(numbers["asked"])})
    tiers = (replace(policy.tiers[0], thresholds=asked),)
    fed = replace(policy, tiers=tiers, index="vol", advice_overridden=True)
    fed.check()
    with pytest.raises(Refused, match=f"tier {fed.tiers[0].name}: M.*market feed") as caught:
        replace(fed, index="").check()
    assert caught.value.code == "refused.policy.metric"
