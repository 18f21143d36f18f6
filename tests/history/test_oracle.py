"""
The oracle: totals and day rows against a second, naive text; every metric at its threshold, one
below, one above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from fractions import Fraction
from itertools import pairwise
from math import floor as rounded_down
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.feeds import market

from algebra.errors import Malformed, Refused, TierNotMet
from history.v2 import record as r
from history.v2.feed import Feed
from history.v2.metrics import METRICS
from history.v2.oracle import Assessment, DayRow, assess, day_rows, named, sums
from history.v2.record import Record, Records
from history.v2.thresholds import LAYOUT, Thresholds
from history.v2.totals import day_totals

WORD = (3, 7, *range(20, 34))


def fill(
    day: int,
    value: int,
    *,
    notional: int = 1000,
    flags: int = 0,
    distance: int = 9000,
    exposure: int = 5,
) -> Record:
    return Record(r.ACTIVE | r.FILL | flags, day, 600, exposure, distance, notional, value)


def trip(day: int, value: int) -> Record:
    return Record(r.ACTIVE | r.TRIP, day, 600, 0, r.NO_POSITION_DISTANCE, 0, value)


def close(day: int, value: int, **more: Any) -> list[Record]:
    """A fill, and the trip that it ends, of one value."""
    return [fill(day, value, **more), trip(day, value)]


def mark(
    day: int, value: int = 0, notional: int = 0, *, distance: int = 9000, exposure: int = 5
) -> Record:
    return Record(r.ACTIVE | r.MARK, day, 1439, exposure, distance, notional, value)


def owner_mark(day: int, net: int, gross: int) -> Record:
    return Record(r.ACTIVE | r.MARK | r.MAKER, day, 1439, 0, 10_000, net, gross)


def flow(day: int, value: int, flags: int = 0, kind: int = r.TRANSFER) -> Record:
    return Record(r.ACTIVE | kind | flags, day, 700, 5, 9000, 0, value)


def vote(day: int) -> Record:
    return Record(r.ACTIVE, day, 800, 5, 9000, 0, 0)


def closing_of(opening: int, rows: Sequence[Record]) -> int:
    return opening + sum(row.value for row in rows if not row.kind & (r.MARK | r.TRIP))


def run(
    rows: Sequence[Record],
    days: int,
    opening: int,
    asked: Sequence[int] = (),
    *,
    wallets: int = 1,
    **numbers: Any,
) -> Assessment:
    settings_: dict[str, Any] = {
        "floor": 1,
        "activity": 100,
        "near_line": 3000,
        "worst_days": 2,
        "near_word": WORD,
        **numbers,
    }
    if 3 in asked:
        settings_.setdefault("trade_trips", 30)
    thresholds = Thresholds(**settings_, asked=frozenset(asked))
    table = Records.from_rows(rows)
    return assess(
        table,
        opening,
        closing_of(opening, rows),
        wallets,
        19_000,
        18_999 + days,
        thresholds,
        market(19_000, min(days, 366)),
    )


# -- totals and day rows, once more and naively ----------------------------------------------------
@st.composite
def any_record(draw: st.DrawFn) -> Record:
    kind = draw(st.sampled_from([r.VOTE, *r.KINDS]))
    flags = 0
    if kind == r.FILL:
        flags = draw(st.sampled_from([0, r.MAKER, r.LIQUIDATION, r.MAKER | r.LIQUIDATION]))
    elif kind in (r.TRANSFER, r.REWARD):
        flags = draw(st.sampled_from([0, r.INFLOW, r.BASE, r.INFLOW | r.BASE]))
    elif kind == r.MARK:
        flags = draw(st.sampled_from([0, r.MAKER]))
    owner = kind == r.MARK and flags == r.MAKER
    stateless = owner or kind == r.TRIP
    big = draw(st.booleans())
    reach = 2**47 - 1 if big else 1000
    edges = [-reach, reach, 2**24 - 1, -(2**24)] if big else [-reach, reach]
    value = draw(st.one_of(st.sampled_from(edges), st.integers(-reach, reach)))
    return Record(
        r.ACTIVE | kind | flags,
        draw(st.integers(0, 2)),
        draw(st.integers(0, 1439)),
        0 if stateless else draw(st.integers(0, 4095)),
        10_000 if stateless else draw(st.sampled_from([-(2**23), -1, 0, 2999, 3000, 3001, 10_000])),
        draw(st.integers(0, 2 * reach + 1)) if kind in (r.FILL, r.BOOKED, r.MARK) else 0,
        0 if kind == r.VOTE else abs(value) if owner else value,
    )


def naive_totals(rows: Sequence[Record], day: int) -> dict[str, int]:
    """B1's table as it stands."""
    total = {
        name: 0
        for name in (
            "pnl",
            "flow",
            "inflow",
            "base",
            "unrealised",
            "volume",
            "maker_volume",
            "open",
            "net",
            "gross",
            "fills",
            "trips",
            "trip_square",
            "trip_pnl",
            "liquidations",
            "near",
            "marks",
            "votes",
            "rewards",
            "records",
        )
    }
    for row in rows:
        if row.day != day:
            continue
        bits = [row.kind >> i & 1 for i in range(12)]
        (
            active,
            is_fill,
            transfer,
            is_mark,
            carry,
            reward,
            booked,
            is_trip,
            maker,
            liquidation,
            inflow,
            base,
        ) = bits
        total["pnl"] += row.value * (is_fill + booked + carry)
        total["flow"] += row.value * (transfer + reward)
        total["inflow"] += row.value * inflow
        total["base"] += row.value * base
        total["unrealised"] += row.value * is_mark * (1 - maker)
        total["volume"] += row.notional * is_fill
        total["maker_volume"] += row.notional * maker * is_fill
        total["open"] += row.notional * is_mark * (1 - maker)
        total["net"] += row.notional * is_mark * maker
        total["gross"] += row.value * is_mark * maker
        total["fills"] += is_fill
        total["trips"] += is_trip
        total["trip_square"] += row.value**2 * is_trip
        total["trip_pnl"] += row.value * is_trip
        total["liquidations"] += liquidation
        total["near"] += row.distance < 3000
        total["marks"] += is_mark * (1 - maker)
        total["votes"] += active - (
            is_fill + transfer + is_mark + carry + reward + booked + is_trip
        )
        total["rewards"] += reward
        total["records"] += active
    return total


@given(st.lists(any_record(), max_size=25))
def test_totals_are_the_table_of_b1(rows: list[Record]) -> None:
    totals = day_totals(Records.from_rows(rows), 3, 3000)
    for day, total in enumerate(totals):
        assert {field.name: getattr(total, field.name) for field in fields(total)} == naive_totals(
            rows, day
        )


def test_totals_are_exact_where_64_bits_are_not() -> None:
    count, value = 1 << 17, 2**47 - 1
    base = Records.from_rows(
        [*close(1, value, notional=2**48 - 1), *close(1, -value, notional=2**48 - 1)]
    )
    table = base.take([0, 1] * count)
    total = day_totals(table, 2, 0)[1]
    assert total.pnl == count * value and total.trip_square == count * value**2
    assert total.volume == count * (2**48 - 1)
    assert day_totals(base.take([2, 3] * count), 2, 0)[1].pnl == -count * value


small = st.lists(
    any_record().filter(lambda row: abs(row.value) <= 1000 and row.notional <= 2001), max_size=25
)


@settings(max_examples=200)
@given(small, st.integers(0, 5000), st.integers(1, 3000), st.integers(1, 3000))
def test_day_rows_are_b2(rows: list[Record], opening: int, floor: int, activity: int) -> None:
    thresholds = Thresholds(floor, activity, near_line=3000)
    expected: list[dict[str, Any]] = []
    equity, unrealised, index = opening, 0, Fraction(10**10)
    for day in range(3):
        total = naive_totals(rows, day)
        profit = total["pnl"] + total["unrealised"] - unrealised
        capital = equity + (total["inflow"] if profit >= 0 else total["base"])
        equity += profit + total["flow"]
        unrealised = total["unrealised"]
        divisor = max(floor, profit, -profit, capital)
        gained = rounded_down(Fraction(10**8 * profit, divisor))
        index = Fraction(min(10**10, rounded_down(index * Fraction(10**8 + gained, 10**8))))
        active = total["volume"] + total["open"] >= activity
        expected.append({"profit": profit, "equity": equity, "capital": capital, "divisor": divisor,
                         "daily_return": gained, "index": index, "active_day": active})  # fmt: skip
    if any(row["equity"] < 0 for row in expected):
        with pytest.raises(Refused) as caught:
            day_rows(Records.from_rows(rows), opening, 3, thresholds)
        first = next(day for day, row in enumerate(expected) if row["equity"] < 0)
        assert (caught.value.code, caught.value.fields["day"]) == ("refused.oracle.bound", first)
        return
    found = day_rows(Records.from_rows(rows), opening, 3, thresholds)
    assert [{name: getattr(row, name) for name in expected[0]} for row in found] == expected
    for row in found:
        assert -(10**8) <= row.daily_return <= 10**8 and 0 <= row.index <= 10**10
        assert (
            row.daily_return * row.divisor + row.remainder == 10**8 * row.profit
            and 0 <= row.remainder < row.divisor
        )
        assert row.near_day == (row.near > 0)


@given(
    small.filter(lambda rows: not any(row.day > 0 for row in rows)),
    st.integers(1, 2000),
    st.integers(0, 1),
)
def test_a_flow_after_the_result_improves_no_day(
    rows: list[Record], amount: int, side: int
) -> None:
    """
    B4: a late deposit (base unless profit was negative) or a late withdrawal never raises the day's
    return.
    """
    opening, thresholds = 60_000, Thresholds(1, 1)
    before = day_rows(Records.from_rows(rows), opening, 2, thresholds)[0]
    late = (
        flow(0, amount, r.INFLOW | (r.BASE if before.profit >= 0 else 0))
        if side
        else flow(0, -amount, r.BASE if before.profit < 0 else 0)
    )
    after = day_rows(Records.from_rows([*rows, late]), opening, 2, thresholds)[0]
    assert after.daily_return <= before.daily_return


# -- a history worked out by hand ------------------------------------------------------------------
def history() -> list[Record]:
    """
    Four days, opening 100,000 cents.

    day 0: +1,000 by ten trips of +100, position of 50,000 held over night
    day 1: -500 by ten trips of -50; one of them a liquidation with distance -0.0007
    day 2: +800 by ten maker trips of +80, a deposit of 1,000, unrealised +200, position 20,000
    day 3: carry -10, the unrealised 200 gone, no trade; a vote and a reward
    """
    return [
        *close(0, 100) * 10,
        mark(0, 0, 50_000, exposure=40),
        owner_mark(0, 15_000, 50_000),
        *close(1, -50) * 9,
        *close(1, -50, flags=r.LIQUIDATION, distance=-7),
        mark(1),
        *close(2, 80, flags=r.MAKER) * 10,
        flow(2, 1000, r.INFLOW | r.BASE),
        mark(2, 200, 20_000),
        owner_mark(2, 15_000, 20_000),
        Record(r.ACTIVE | r.CARRY, 3, 1439, 5, 9000, 0, -10),
        vote(3),
        flow(3, 0, kind=r.REWARD),
        mark(3),
    ]


RETURNS = (1_000_000, -495_050, 985_221, -204_879)
"""
10^11 // 100000; -5 * 10^10 // 101000; 10^11 // 101500 (deposit counted); -2.1 * 10^10 // 102500.
"""
SUM_R = 1_285_292


def test_history_by_hand() -> None:
    found = run(history(), 4, 100_000)
    assert tuple(row.daily_return for row in found.rows) == RETURNS
    assert [row.equity for row in found.rows] == [101_000, 100_500, 102_500, 102_290]
    assert [row.profit for row in found.rows] == [1000, -500, 1000, -210]
    assert [row.capital for row in found.rows] == [100_000, 101_000, 101_500, 102_500]
    assert [row.index for row in found.rows] == [10**10, 9_950_495_000, 10**10, 9_979_512_100]
    assert [row.active_day for row in found.rows] == [True, True, True, False]
    assert [row.near_day for row in found.rows] == [False, True, False, False]
    s = found.sums
    assert (s.returns, s.trips, s.trip_square, s.trip_pnl) == (SUM_R, 30, 189_000, 1300)
    assert (s.pnl, s.profit, s.volume, s.maker_volume) == (1290, 1290, 30_000, 10_000)
    assert (s.open, s.net, s.gross) == (70_000, 30_000, 70_000)
    assert [row.available for row in found.rows] == [100_000, 101_000, 101_500, 102_500]
    assert [row.kept for row in found.rows] == [100_000, 100_500, 100_500, 102_290]
    assert (s.available, s.kept, s.profit_square) == (405_000, 403_290, 2_294_100)
    assert s.returns_cube == sum(x**3 for x in RETURNS)
    assert s.returns_fourth == sum(x**4 for x in RETURNS)
    assert s.returns_lag == sum(x * y for x, y in pairwise(RETURNS))
    assert (s.near_days, s.counted_days, s.active_days, s.days, s.records) == (1, 3, 3, 4, 70)
    assert (s.liquidations, s.fills, s.votes, s.rewards) == (1, 30, 1, 1)
    assert (found.best_day, found.least_distance, found.peak_exposure) == (1_000_000, -7, 40)
    assert found.holds and found.verdicts == ()


# metric, threshold's field, strictest value that holds (by hand), whether it is a lower limit
BY_HAND = [
    # weights 2, 4, 1, 4 of the days: 1000 A sqrt(365 (W^2 - W2)) / (W sqrt(V)) = 438.9 with W = 11,
    # W2 = 37, A = 185505, V = 45273048416430
    (2, "regime_sharpe", 438, True),
    (3, "trade_t", 81, True),  # over days: 100 * 1290 sqrt(3 / 7512300) = 81.5; over trades: 348.2
    (3, "trade_trips", 30, True),
    (5, "distance", -7, True),
    (6, "liquidations", 1, False),
    (7, "drawdown", 50, False),  # 1 - 0.99504950 = 49.505 of 1/10^4
    (9, "turnover", 29, True),  # 400 * 30000 / 405000 = 29.6
    (10, "volume", 30_000, True),
    (11, "mean_equity", 100_822, True),  # 403290 / 4 = 100822.5
    (12, "active_days", 3, True),
    (13, "fills", 30, True),
    (14, "maker_share", 3333, True),
    (15, "mean_exposure", 18, False),  # 7000000 / 403290 = 17.4
    (16, "peak_exposure", 40, False),
    (17, "class_net", 43, False),  # 100 * 30000 / 70000 = 42.9
    (18, "class_net", 42, True),
    (19, "votes", 1, True),
    (20, "rewards", 1, True),
    (21, "best_day", 7781, False),  # 10^10 / 1285292 = 7780.3
    (23, "capital_use", 17, True),  # 7000000 / 405000 = 17.3
    (24, "shortfall", 35, False),  # of two days: (495050 + 204879) / 2 of 10^8
    # changes 5, -30, 12, 0: (4 S(x r) - S(x) S(r)) / (4 S(x^2) - S(x)^2) = 143405404 / 4107
    (25, "volatility_sensitivity", 34_918, False),
]


@pytest.mark.parametrize(("metric", "name", "edge", "lower"), BY_HAND)
def test_metric_at_its_threshold(metric: int, name: str, edge: int, lower: bool) -> None:
    asks = {0: True, -1: lower, 1: not lower}
    for step, holds in asks.items():
        if name == "trade_trips" and edge + step < 30:
            continue  # the policy cannot ask less
        found = run(history(), 4, 100_000, [metric], **{name: edge + step})
        verdict = found.verdicts[0]
        assert (verdict.metric, verdict.holds, found.holds) == (metric, holds, holds), verdict.text
        assert (verdict.gap >= 0) is holds
        assert verdict.left >= verdict.right or not holds
        if holds:
            assert found.failing == ()
            found.require("any")
        else:
            with pytest.raises(TierNotMet, match=f"M{metric} ") as caught:
                found.require("prime")
            assert caught.value.exit_status == 1 and caught.value.fields["failing"] == {
                metric: verdict.gap
            }


def test_every_threshold_is_tried() -> None:
    tried = {name for _, name, _, _ in BY_HAND}
    elsewhere = {"sharpe", "near_word"}  # below
    elsewhere |= {"sharpe_confidence", "correlated_sharpe"}  # tests/history/test_confidence.py
    elsewhere |= {"weight", "score_limit"}  # tests/history/test_score.py
    elsewhere |= {"worst_days", "shortfall_mode"}  # tests/circuits/test_oracle_agreement.py
    refused = {n.name for number in METRICS.refused for n in METRICS[number].thresholds}
    common = {"floor", "activity", "risk_free", "near_line", "mask"}
    each = {name: series for series, names in METRICS.series.items() for name in names}
    assert {each.get(name, name) for name in LAYOUT} == tried | elsewhere | refused | common


@pytest.mark.parametrize("rho", [0, 12_000, 321_322, 321_323, 321_324])
def test_sharpe_of_daily_returns(rho: int) -> None:
    """Against the textbook formula in exact fractions: mean, sample variance, annualised."""
    mean = Fraction(SUM_R, 4) - rho
    variance = sum((Fraction(x) - Fraction(SUM_R, 4)) ** 2 for x in RETURNS) / 3
    square = 365 * mean**2 / variance  # of the annual ratio
    measured = run(history(), 4, 100_000, [1], risk_free=rho).verdicts[0].measured
    if mean < 0:  # from rho = 321,324 on: SUM_R / 4 = 321,323
        assert measured is None
        failing = run(history(), 4, 100_000, [1], risk_free=rho).verdicts[0]
        assert not failing.holds and "risk-free" in failing.text and failing.gap == SUM_R - 4 * rho
        return
    assert measured is not None
    assert Fraction(measured, 1000) ** 2 <= square < Fraction(measured + 1, 1000) ** 2
    for threshold in (max(0, measured - 1), measured, measured + 1):
        verdict = run(history(), 4, 100_000, [1], risk_free=rho, sharpe=threshold).verdicts[0]
        assert verdict.holds == (threshold <= measured)
        assert len(verdict.text) < 200
    assert "short by 0.001" in verdict.text


def test_near_rate_at_its_word() -> None:
    # one near day of three counted: m_1 decides
    for m_1, holds in ((2, True), (3, True), (4, False)):
        verdict = run(history(), 4, 100_000, [8], near_word=(1, m_1, *range(20, 34))).verdicts[0]
        assert verdict.holds is holds and (verdict.left, verdict.right) == (3, m_1)
    quiet = [mark(day) for day in range(4)]
    # no near day, no active day: M = 0 fails whatever the word but 0
    assert not run(quiet, 4, 100, [8], near_word=(1, 2, *range(20, 34))).holds
    assert run(quiet, 4, 100, [8], near_word=(0, 2, *range(20, 34))).holds


@pytest.mark.parametrize(("near", "holds"), [(14, True), (15, True), (16, False)])
def test_near_rate_has_no_seventeenth_number(near: int, holds: bool) -> None:
    rows = [mark(day, distance=2999 if day < near else 3000) for day in range(30)]
    verdict = run(rows, 30, 100, [8], near_word=tuple(range(16))).verdicts[0]
    assert verdict.holds is holds
    if not holds:
        assert (verdict.left, verdict.right) == (15, 16)


def test_a_near_day_counts_without_trades_and_once() -> None:
    rows = [mark(0, distance=2999), vote(0)._replace(distance=2998), mark(1, distance=3000)]
    found = run(rows, 2, 100)
    assert (found.sums.near_days, found.sums.counted_days, found.rows[0].near) == (1, 1, 2)


# -- degenerate histories --------------------------------------------------------------------------
def test_zero_variance_fails_both_ratios() -> None:
    still = [mark(day) for day in range(3)]
    assert not run(still, 3, 100, [1]).holds
    even = [*close(0, 7) * 30, mark(0), mark(1)]
    found = run(even, 2, 100, [3]).verdicts[0]
    assert not found.holds and found.measured is None and "variance" in found.text
    days = [*(row for i in range(30) for row in close(i % 2, 7 + i // 2)), mark(0), mark(1)]
    found = run(days, 2, 100, [3]).verdicts[0]  # trips differ, days do not
    assert not found.holds and found.measured is None and "all days have the same" in found.text


def test_few_closes() -> None:
    rows = [*(row for i in range(29) for row in close(0, 7 + i)), mark(0), mark(1)]
    verdict = run(rows, 2, 100, [3]).verdicts[0]
    assert (
        not verdict.holds
        and (verdict.left, verdict.right) == (29, 30)
        and "29 of 30" in verdict.text
    )
    assert not run([mark(0), mark(1)], 2, 100, [3]).holds


def test_trade_gain_is_the_smaller_and_not_negative() -> None:
    trips = [row for i in range(30) for row in close(0, 100 + (i % 2))]  # +3015

    def gain(rows: list[Record], days: int) -> tuple[Any, Assessment]:
        found = run(rows, days, 100_000, [3])
        return named(found.sums, {}, Thresholds(1, 1), METRICS).gain, found

    losing = [*trips, mark(0, -4000, 10), mark(1, -4000, 10)]  # an open loss of 4,000
    least, found = gain(losing, 2)
    assert least == 0 and not found.holds and found.verdicts[0].gap == 3015 - 4000
    winning = [*trips, mark(0, 900, 10), mark(1, 900, 10)]
    assert gain(winning, 2)[0] == 3015  # an open gain does not count
    paid = [*trips, fill(1, -3015), mark(0), mark(1)]  # fees of opening fills do
    assert gain(paid, 2)[0] == 0
    assert run(paid, 2, 100_000, [3], trade_t=0).holds
    assert not run(paid, 2, 100_000, [3], trade_t=1).holds


def test_no_volume_and_no_equity() -> None:
    idle = [mark(0), mark(1)]
    verdict = run(idle, 2, 100, [14]).verdicts[0]
    assert not verdict.holds and "volume" in verdict.text
    assert run(idle, 2, 100, [9, 15, 23]).holds
    for metric in (9, 15, 23):
        verdict = run(idle, 2, 0, [metric], mean_exposure=100).verdicts[0]
        assert not verdict.holds and verdict.measured is None
        assert ("equity" if metric == 15 else "capital") in verdict.text
    for metric in (17, 18):  # no position: neither hedger nor speculator
        verdict = run(idle, 2, 100, [metric], class_net=100).verdicts[0]
        assert not verdict.holds and "no position" in verdict.text


def test_equity_lent_for_the_close_of_the_day_counts_nothing() -> None:
    """Each midnight's loan is in at 23:59 and out after the mark: M11 does not see it, M9 does."""
    days = 10
    rows = [mark(day) for day in range(days)]
    for day in range(days):
        rows.append(flow(day, 99_000, r.INFLOW | r.BASE))
        if day:
            rows.append(flow(day, -99_000, 0))
    lent = run(rows, days, 1000, [9, 11])
    plain = run([mark(day) for day in range(days)], days, 1000, [11])
    assert lent.rows[5].equity == 100_000  # what v1 took for M11
    assert [v.measured for v in (plain.verdicts[0], lent.verdicts[1])] == [1000, 1000]
    assert lent.sums.available == 1000 * days + 99_000 * (2 * days - 1)


def test_no_position() -> None:
    idle = [mark(0, distance=10_000, exposure=0), mark(1, distance=10_000, exposure=0)]
    assert run(idle, 2, 100, [5, 16], distance=3000, peak_exposure=0).holds


@pytest.mark.parametrize("net", [0, 41, 42, 43, 44])
def test_one_is_hedger_or_speculator(net: int) -> None:
    hedger = run(history(), 4, 100_000, [17], class_net=net)
    speculator = run(history(), 4, 100_000, [18], class_net=net)
    assert hedger.holds != speculator.holds
    assert hedger.holds == (net >= 43)


def test_an_exact_tie_is_a_hedger() -> None:
    """100 * 300 net = 30 * 1000 gross."""
    rows = [fill(0, 0), mark(0), owner_mark(0, 300, 1000), mark(1)]
    for net, hedges in ((29, False), (30, True)):
        assert run(rows, 2, 1000, [17], class_net=net).holds is hedges
        assert run(rows, 2, 1000, [18], class_net=net).holds is not hedges


def test_best_day_needs_a_gain() -> None:
    losing = [fill(0, -10), mark(0), mark(1)]
    verdict = run(losing, 2, 1000, [21], best_day=10_000).verdicts[0]
    assert not verdict.holds and verdict.measured is None
    assert not run([mark(0), mark(1)], 2, 1000, [21], best_day=10_000).holds
    one = [fill(0, 10), mark(0), mark(1)]
    assert run(one, 2, 1000, [21], best_day=10_000).holds
    assert not run(one, 2, 1000, [21], best_day=9_999).holds


def test_unasked_metrics_do_not_count() -> None:
    found = run(
        history(),
        4,
        100_000,
        [13],
        fills=30,
        liquidations=0,
        drawdown=0,
        distance=2999,
        peak_exposure=0,
    )
    assert found.holds and [verdict.metric for verdict in found.verdicts] == [13]


def test_all_metrics_at_once() -> None:
    asked = [m.number for m in METRICS if not m.refused and m.number != 18]
    edges = {name: edge for metric, name, edge, _ in BY_HAND if metric != 18}
    found = run(
        history(),
        4,
        100_000,
        asked,
        **edges,
        near_word=(1, 3, *range(20, 34)),
    )
    assert found.holds and [verdict.metric for verdict in found.verdicts] == asked
    strict = run(
        history(),
        4,
        100_000,
        asked,
        **{**edges, "fills": 31, "votes": 2},
        near_word=(1, 3, *range(20, 34)),
    )
    assert [verdict.metric for verdict in strict.failing] == [13, 19]
    with pytest.raises(
        TierNotMet,
        match="M13 fills: 30 fills, at least 31 asked; short by 1 fill; M19 votes: 1 vote, at ",
    ):
        strict.require("prime")


# -- kinds and flows -------------------------------------------------------------------------------
def test_own_trades_and_flows_are_no_performance() -> None:
    own = Record(r.ACTIVE | r.BOOKED, 0, 1, 5, 9000, 50_000, -3)
    early = r.INFLOW | r.BASE
    rows = [
        own,
        flow(0, 500, early),
        flow(1, 200, early, r.REWARD),
        flow(1, -100),
        mark(0),
        mark(1),
    ]
    found = run(rows, 2, 1000)
    s = found.sums
    assert (s.pnl, s.profit, s.volume, s.fills, s.trips, s.rewards) == (-3, -3, 0, 0, 0, 1)
    assert found.rows[1].daily_return == 0 and found.rows[1].equity == 1000 - 3 + 600
    # the loss of day 0 is over opening and the deposit before it
    assert found.rows[0].daily_return == -(3 * 10**8) // 1500


def test_losses_below_the_floor_and_ruin() -> None:
    thresholds = Thresholds(10_000, 1)
    found = day_rows(Records.from_rows([fill(0, -100), mark(0), mark(1)]), 100, 2, thresholds)
    assert [row.daily_return for row in found] == [-(10**6), 0]  # 100 of the floor's 10,000
    ruined = day_rows(
        Records.from_rows([fill(0, -100), mark(0), fill(1, 50), mark(1)]), 100, 2, Thresholds(1, 1)
    )
    assert [row.daily_return for row in ruined] == [-(10**8), 10**8]
    assert [row.index for row in ruined] == [0, 0]  # an index of zero does not recover
    assert (sums(ruined).available, sums(ruined).kept) == (100, 0)


# -- refusals --------------------------------------------------------------------------------------
def refused(
    code: str, rows: Sequence[Record], opening: int = 100, days: int = 2, **more: Any
) -> Refused:
    with pytest.raises(Refused) as caught:
        run(rows, days, opening, **more)
    assert caught.value.code == code
    return caught.value


def test_bounds_name_the_day() -> None:
    quiet = [mark(0), mark(1)]
    error = refused("refused.oracle.bound", [*quiet, fill(1, -101)])
    assert (
        error.fields == {"day": 1, "field": "equity", "got": -1} and "2022-01-09" in error.message
    )
    half = 2**47
    full = 2 * half - 1
    held = Records.from_rows([*quiet, fill(0, 0, notional=full)])
    assert day_rows(held, full, 2, Thresholds(1, 1))[0].equity == full
    assert refused("refused.oracle.bound", [*quiet, fill(0, 1)], full).fields["field"] == "equity"
    over = [mark(0, 0, 100), mark(1), fill(0, 0, notional=full)]  # the activity line is 100
    run(over, 2, 100)
    error = refused("refused.oracle.bound", [*over, fill(0, 0, notional=1)])
    assert error.fields["field"] == "volume + open - activity"
    # in and out within a day: the equity is small, the capital is not
    round_trip = [flow(0, half - 1, r.INFLOW), flow(0, half - 1, r.INFLOW), flow(0, 3, r.INFLOW)]
    back = [flow(0, 1 - half), flow(0, 1 - half)]
    assert (
        refused("refused.oracle.bound", [*quiet, *round_trip, *back]).fields["field"]
        == "divisor - floor"
    )
    # withdrawals before a loss that exceed all there was
    out = [
        flow(0, 1 - half, r.BASE),
        flow(0, 1 - half, r.BASE),
        flow(0, -2 * 52, r.BASE),
        fill(0, -1),
    ]
    again = [flow(0, half - 1), flow(0, half - 1), flow(0, 104)]
    assert (
        refused("refused.oracle.bound", [*quiet, *out, *again]).fields["field"]
        == "divisor - capital"
    )


def test_the_floor_may_be_as_large_as_it_fits() -> None:
    thresholds = Thresholds(2**48 - 1, 1)
    rows = day_rows(Records.from_rows([fill(0, 5), mark(0), mark(1)]), 100, 2, thresholds)
    assert rows[0].divisor == 2**48 - 1 and rows[0].daily_return == 0


def test_ledger_and_marks() -> None:
    rows = [fill(0, 5), mark(0), mark(1)]
    table, thresholds = Records.from_rows(rows), Thresholds(1, 1)
    assert assess(table, 100, 105, 1, 0, 1, thresholds).holds
    for closing, gap in ((104, 1), (106, -1)):
        with pytest.raises(Refused) as caught:
            assess(table, 100, closing, 1, 0, 1, thresholds)
        assert (caught.value.code, caught.value.fields["gap"]) == ("refused.oracle.closing", gap)
    assert refused("refused.oracle.marks", rows[:2]).fields["day"] == 1
    assert refused("refused.oracle.marks", [*rows, mark(0)]).fields["day"] == 0
    refused("refused.oracle.marks", rows, wallets=2)
    refused("refused.oracle.marks", [], wallets=0)
    refused("refused.oracle.marks", [*rows, mark(0), mark(1)], wallets=4096)
    run([*rows, mark(0), mark(1)], 2, 100, wallets=2)
    # closing excludes unrealised pnl and may be negative
    found = run([fill(0, -150), mark(0, 60, 10), mark(1, 70, 10)], 2, 100)
    assert found.rows[-1].equity == 20
    with pytest.raises(Refused, match="closing balance"):
        assess(table, 100, 2**47, 1, 0, 1, thresholds)


def test_window_records_and_policy() -> None:
    rows = [mark(0), mark(1)]
    assert refused("refused.oracle.day", [*rows, mark(2)]).fields["index"] == 2
    refused("refused.policy.window", rows[:1], days=1)
    refused("refused.policy.window", rows, days=367)
    refused("refused.oracle.opening", rows, opening=-1)
    refused("refused.oracle.opening", rows, opening=2**48)
    refused("refused.policy.metric", rows, asked=[4])
    refused("refused.policy.near_line", rows, asked=[5], distance=3001)
    refused("refused.policy.range", rows, floor=0)
    with pytest.raises(Malformed):
        run([rows[0]._replace(kind=r.MARK), rows[1]], 2, 100)
    with pytest.raises(Refused):
        day_rows(Records.from_rows(rows), 100, 2, Thresholds(1, 0))


@pytest.mark.parametrize("asked", [{2}, {25}, {24}])
def test_a_metric_of_the_feed_without_one(asked: set[int]) -> None:
    """Of M24 in one of its modes; what nobody asks needs no feed."""
    rows, numbers = Records.from_rows([mark(0), mark(1)]), {"worst_days": 1, "shortfall_mode": 2}
    thresholds = Thresholds(1, 1, asked=frozenset(asked), near_line=3000, **numbers)
    for feed in (None, Feed.none(19_000, 2)):
        with pytest.raises(Refused, match=f"M{min(asked)}: .* market feed") as caught:
            assess(rows, 100, 100, 1, 19_000, 19_001, thresholds, feed)
        assert caught.value.code == "refused.policy.metric"
    assess(rows, 100, 100, 1, 19_000, 19_001, thresholds, market(19_000, 2))
    assess(rows, 100, 100, 1, 19_000, 19_001, thresholds.changed(frozenset({10})))
    if asked == {24}:
        assess(rows, 100, 100, 1, 19_000, 19_001, thresholds.changed(shortfall_mode=1))


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        (market(19_000, 3), "3 days from 2022-01-08, the window has 2 from 2022-01-08"),
        (market(19_001, 2), "2 days from 2022-01-09"),
        (Feed(19_000, (1, 3), (0, 0)), "there are days of weight 3"),
    ],
)
def test_a_feed_that_is_not_the_windows(feed: Feed, said: str) -> None:
    thresholds = Thresholds(1, 1, asked=frozenset({24}), worst_days=1, shortfall_mode=2)
    rows = Records.from_rows([mark(0), mark(1)])
    with pytest.raises(Refused, match=said) as caught:
        day_rows(rows, 100, 2, thresholds, first_day=19_000, feed=feed)
    assert caught.value.code == "refused.oracle.feed"


def test_days_and_sums_of_the_feed() -> None:
    """By hand on the four days of `history`; without an index the sums are of no meaning."""
    found = run(history(), 4, 100_000)
    assert [(row.weight, row.change) for row in found.rows] == [(2, 5), (4, -30), (1, 12), (4, 0)]
    s = found.sums
    assert (s.weights, s.weights_square, s.changes, s.changes_square) == (11, 37, -13, 1069)
    assert (s.weighted, s.weighted_square) == (185_505, 4_118_860_047_405)
    assert s.changes_returns == 5 * RETURNS[0] - 30 * RETURNS[1] + 12 * RETURNS[2]
    bare = day_rows(Records.from_rows([mark(0), mark(1)]), 1, 2, Thresholds(1, 1))
    assert [(row.weight, row.change) for row in bare] == [(0, -2048)] * 2


def test_longest_window() -> None:
    rows = [record for day in range(366) for record in (fill(day, 3 + day % 5), mark(day))]
    found = run(rows, 366, 10_000, [1, 12], active_days=366)
    assert found.holds and found.sums.days == 366
    assert all(isinstance(row, DayRow) for row in found.rows)
