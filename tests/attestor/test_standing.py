"""Distance at records and at the clock's instants (docs/explanation/metrics.md A6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from attestor_world import INSTRUMENTS, USD, A, B, Lines, at, statement
from test_log_rules import of_kind, owner_marks

from algebra.errors import Refused
from attestor.log import build_log
from attestor.statement import UNIT, Fill, Instrument, Line, Quote
from history.v2.record import CARRY, FILL, LIQUIDATION, MARK, TRANSFER, Record
from policies.margin import MarginDocument, example


def document(**changes: Any) -> MarginDocument:
    """The sample's rules, for the instruments of these tests and from the first day on."""
    found = example("sample")
    rules = found.versions[0]
    linear = tuple(replace(rules.linear[0], name=name, underlying=name) for name in ("BTC", "ETH"))
    one = replace(rules, **{"since": 0, "collateral": (), "linear": linear, **changes})
    return replace(found, versions=(one,))


def run(
    fills: list[Fill],
    lines: tuple[Line, ...] = (),
    quotes: tuple[Quote, ...] = (),
    margin: MarginDocument | None = None,
    **more: Any,
) -> list[Record]:
    given = statement(fills, lines, quotes, **more)
    return build_log(replace(given, margin=margin)).records.rows()


@pytest.mark.parametrize(
    ("size", "price", "fee", "distance", "exposure"),
    [
        (5, 1_000, 0, 10_000, 20),  # E 5,000, M 50, K 4,950: a long without debt
        (6, 1_000, 0, 8_316, 24),  # (5,000 - 60) / 5,940
        (-5, 1_000, 0, 9_801, 20),
        (50, 1_000, 0, 909, 200),  # (5,000 - 500) / 49,500
        (-50, 1_000, 0, 891, 200),
        (50, 1_000, 4_600, -20, 2_500),  # E 400 < M 500: a hundredth of what is missing over G
        (50, 1_000, 5_000, -100, 4_095),
        (1, 1, 0, 10_000, 1),
    ],
)
def test_flat_rules_by_hand(size: int, price: int, fee: int, distance: int, exposure: int) -> None:
    make = Lines()
    fills = [make.fill(at(0), A, size, price, fee=fee * USD)]
    (mark, *_) = [r for r in run(fills, cash=5_000) if r.kind == 9]
    assert (mark.distance, mark.exposure) == (distance, exposure)


def test_the_clock_sees_a_dip_between_two_records() -> None:
    """At 13:00 the price is down by a tenth, at 14:00 it is back: the day's mark says so."""
    make = Lines()
    quotes = [make.mark(at(0, hour), 900 if hour == 13 else 1_000) for hour in range(24)]
    fills = [make.fill(at(0, 9), A, 20, 1_000)]
    with_dip = run(fills, quotes=tuple(quotes), cash=4_000)
    without = run(fills, quotes=tuple(quotes[:13] + quotes[14:]), cash=4_000)
    # E 4,000 - 2,000, G 18,000 at the dip: (2,000 - 180) / 17,820.
    assert of_kind(with_dip, MARK)[0].distance == 10_000 * 1_820 // 17_820
    assert of_kind(without, MARK)[0].distance == 10_000 * 3_800 // 19_800
    assert of_kind(with_dip, MARK)[0].exposure == 180
    assert of_kind(with_dip, MARK)[1].distance == 10_000 * 3_800 // 19_800
    assert [r.distance for r in of_kind(with_dip, FILL)] == [
        r.distance for r in of_kind(without, FILL)
    ]


@pytest.mark.parametrize("minute", [1, 59])
def test_between_two_instants_nothing_is_seen(minute: int) -> None:
    make = Lines()
    quotes = (
        make.mark(at(0, 0), 1_000), make.mark(at(0, 13, minute), 900),
        make.mark(at(0, 13, minute, 30), 1_000),
    )  # fmt: skip
    found = run([make.fill(at(0, 9), A, 20, 1_000)], quotes=quotes, cash=4_000)
    assert of_kind(found, MARK)[0].distance == 10_000 * 3_800 // 19_800


def test_an_instant_counts_for_the_next_record_of_its_account_alone() -> None:
    make = Lines()
    quotes = [make.mark(at(0, hour), 900 if hour == 13 else 1_000) for hour in range(24)]
    fills = [
        make.fill(at(0, 9), A, 20, 1_000),
        make.fill(at(0, 9), B, 20, 1_000),
        make.fill(at(0, 13), B, -20, 900),  # of the instant itself: after it
        make.fill(at(0, 15), A, 1, 1_000),
    ]
    found = run(fills, quotes=tuple(quotes), cash=4_000, wallets=(A, B))
    first, second, closed, added = of_kind(found, FILL)
    assert closed.distance == added.distance == 10_000 * 1_820 // 17_820
    assert first.distance == second.distance
    # E 4,000 and 21,000 held, or 20,000 before the marks' day; B holds nothing any more.
    marks = of_kind(found, MARK)
    assert [r.distance for r in marks[:2]] == [10_000 * 3_790 // 20_790, 10_000]


def test_carry_lines_wait_and_their_record_has_the_instants() -> None:
    make = Lines()
    quotes = [make.mark(at(0, hour), 900 if hour == 13 else 1_000) for hour in range(24)]
    lines = (make.carry(at(0, 14), A, USD),)
    found = run([make.fill(at(0, 9), A, 20, 1_000)], lines, tuple(quotes), cash=4_000)
    (carry,) = of_kind(found, CARRY)
    assert carry.distance == 10_000 * 1_820 // 17_820


def test_a_liquidation_has_no_distance_left() -> None:
    make = Lines()
    fills = [make.fill(at(0, 9), A, 1, 100), make.fill(at(0, 10), A, -1, 100, liquidation=True)]
    assert [r.distance for r in of_kind(run(fills), LIQUIDATION)] == [0]


# -- a venue's document ----------------------------------------------------------------------------
def test_a_document_says_what_is_charged() -> None:
    """0.01 and 5 / 100,000 for each bitcoin, as the venue has it."""
    make = Lines()
    (mark, *_) = of_kind(run([make.fill(at(0), A, 50, 1_000)], margin=document(), cash=5_000), MARK)
    rate = 100 + 50 * 10_000 * 5 // 100_000  # 1/10^4 of 50,000
    margin = 50_000 * rate // 10_000
    assert mark.distance == 10_000 * (5_000 - margin) // (50_000 - margin)


def options(**terms: Any) -> dict[str, Instrument]:
    filled = {"expiry": at(5, 8), "strike": 1_000 * UNIT, "call": True, **terms}
    return {**INSTRUMENTS, "CALL": Instrument("CALL", "BTC", **filled)}


def short_calls(**terms: Any) -> list[Record]:
    make = Lines()
    quotes = [make.mark(at(day, 0), 1_000) for day in range(3)]
    quotes += [make.mark(at(day, 0), 50, "CALL", delta=10**8 // 2) for day in range(3)]
    given = statement([make.fill(at(0, 9), A, -10, 50, instrument="CALL")], quotes=quotes)
    given = replace(given, margin=document(), instruments=options(**terms))
    return build_log(given).records.rows()


def test_options_are_valued_anew_at_every_rung() -> None:
    mark = of_kind(short_calls(), MARK)[0]
    # 10,000 of cash against ten short calls of 50: the price may double before they cost 10,000.
    assert 8_000 <= mark.distance <= 10_000 and mark.exposure == 10
    assert [(r.distance, r.exposure) for r in owner_marks(short_calls())] == [(10_000, 0)] * 3


def test_an_option_needs_its_terms_under_a_document() -> None:
    with pytest.raises(Refused, match="CALL: an option under a margin document needs") as caught:
        short_calls(strike=None)
    assert caught.value.code == "refused.margin.rule"


def test_an_instrument_without_a_rule_is_refused() -> None:
    make = Lines()
    with pytest.raises(Refused) as caught:
        run([make.fill(at(0), A, 1, 100, instrument="ETH")], margin=document(linear=()))
    assert caught.value.code == "refused.margin.rule"


def test_the_document_says_what_nets_in_the_owners_mark() -> None:
    make = Lines()
    fills = [make.fill(at(0), A, 1, 100), make.fill(at(0), A, -2, 30, instrument="ETH")]
    rules = document().versions[0]
    together = replace(
        document(),
        versions=(
            replace(rules, linear=tuple(replace(one, underlying="BTC") for one in rules.linear)),
        ),
    )
    seen = {
        name: owner_marks(run(fills, margin=margin))[0].notional
        for name, margin in (("apart", document()), ("together", together), ("none", None))
    }
    assert seen == {"apart": 16_000, "together": 4_000, "none": 16_000}


def test_transfers_carry_the_instants_since_the_last_record() -> None:
    make = Lines()
    quotes = [make.mark(at(0, hour), 900 if hour == 13 else 1_000) for hour in range(24)]
    found = run(
        [make.fill(at(0, 9), A, 20, 1_000)],
        (make.transfer(at(0, 20), A, 50_000),),
        tuple(quotes),
        cash=4_000,
    )
    (deposit,) = of_kind(found, TRANSFER)
    assert (deposit.distance, deposit.exposure) == (10_000 * 1_820 // 17_820, 180)
