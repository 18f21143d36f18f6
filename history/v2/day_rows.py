"""
Day rows and their sums in plain integers (docs/explanation/metrics.md B2 to B4): the oracle that
the circuit must equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace

from algebra.errors import Refused
from history.dates import day_text
from history.v2.feed import Feed
from history.v2.metrics.form import INDEX_SCALE, RETURN_SCALE
from history.v2.metrics.losses import REGIME, REGIME_WEIGHTS, day_loss
from history.v2.record import MAX_DAYS, Records
from history.v2.thresholds import MIN_DAYS, Thresholds
from history.v2.totals import TOTALS, DayTotals, day_totals

BOUND = 1 << 48  # cents; numbers of a day that the circuit holds in four limbs
CLOSING_OFFSET = 1 << 47  # cents; |closing| < 2^47


@dataclass(frozen=True, slots=True)
class DayRow(DayTotals):
    """
    One day of the window: its totals, and B2's numbers.

    Attributes
    ----------
    profit : P, cents, signed
    equity : E at the close, cents, >= 0
    capital : b, cents, signed (withdrawals before a loss may exceed the equity)
    available : C, cents, >= 0: equity before the day and every deposit of it
    kept : H, cents, signed: equity before the day less withdrawals and less the day's loss
    divisor : D = max(F, |P|, b), cents
    daily_return : r, 1e-8, -10^8..10^8
    return_before : r of the day before, 0 on the first
    remainder : 10^8 P - r D, 0 <= remainder < D
    index : X, 1e-10, 0..10^10
    index_remainder : X_before (10^8 + r) mod 10^8
    loss : z of M24, in 1 / LOSS_SCALE, signed
    beyond : e of M24, what the loss is above the level v, in the same unit, >= 0
    weight : w of the market feed, 0..15
    change : x of the market feed, 1/10 point
    active_day : a, volume + open positions reach the activity line
    near_day : some record of the day is near liquidation
    moment : the day's number, from 0, where it is active, else 0
    recency : days since the last active day, 0 on one; before the first, since the window began
    recency_before : the same of the day before, 0 on the first
    """

    profit: int
    equity: int
    capital: int
    available: int
    kept: int
    divisor: int
    daily_return: int
    return_before: int
    remainder: int
    index: int
    index_remainder: int
    loss: int
    beyond: int
    weight: int
    change: int
    active_day: bool
    near_day: bool
    moment: int
    recency: int
    recency_before: int


def _of(formula: Callable[[DayRow], int]) -> dict[str, Callable[[DayRow], int]]:
    return {"of_day": formula}


def _total(name: str) -> dict[str, Callable[[DayRow], int]]:
    return _of(lambda day: int(getattr(day, name)))


@dataclass(frozen=True, slots=True)
class Sums:
    """
    S(x) over the N day rows, each by what it is on one day; in the order of the circuit's sum rows.

    returns in 1e-8 and their powers, returns_lag = S(r_d r_{d-1}) in 1e-16; weighted = S(w r),
    weighted_square = S(w r^2); changes = S(x) and changes_square in tenths of a point,
    changes_returns = S(x r); trip_square and
    profit_square = S(P^2) in cents^2; trip_pnl, pnl, profit (S(P)), volume, maker_volume,
    available (S(C)), kept (S(H)), open, net and gross in cents; loss_beyond = S(e) in 1 /
    LOSS_SCALE; all others count. near_days is K, counted_days M, active_days S(a), days N; recency
    is g of the last day, clumpiness S(g), active_moment S(d a).
    """

    returns: int = field(metadata=_of(lambda day: day.daily_return))
    returns_square: int = field(metadata=_of(lambda day: day.daily_return**2))
    returns_cube: int = field(metadata=_of(lambda day: day.daily_return**3))
    returns_fourth: int = field(metadata=_of(lambda day: day.daily_return**4))
    returns_lag: int = field(metadata=_of(lambda day: day.daily_return * day.return_before))
    trips: int = field(metadata=_total("trips"))
    trip_square: int = field(metadata=_total("trip_square"))
    trip_pnl: int = field(metadata=_total("trip_pnl"))
    pnl: int = field(metadata=_total("pnl"))
    profit: int = field(metadata=_of(lambda day: day.profit))
    profit_square: int = field(metadata=_of(lambda day: day.profit**2))
    liquidations: int = field(metadata=_total("liquidations"))
    near_days: int = field(metadata=_of(lambda day: int(day.near_day)))
    counted_days: int = field(metadata=_of(lambda day: int(day.near_day or day.active_day)))
    volume: int = field(metadata=_total("volume"))
    available: int = field(metadata=_of(lambda day: day.available))
    kept: int = field(metadata=_of(lambda day: day.kept))
    active_days: int = field(metadata=_of(lambda day: int(day.active_day)))
    fills: int = field(metadata=_total("fills"))
    maker_volume: int = field(metadata=_total("maker_volume"))
    open: int = field(metadata=_total("open"))
    net: int = field(metadata=_total("net"))
    gross: int = field(metadata=_total("gross"))
    votes: int = field(metadata=_total("votes"))
    rewards: int = field(metadata=_total("rewards"))
    loss_beyond: int = field(metadata=_of(lambda day: day.beyond))
    weights: int = field(metadata=_of(lambda day: day.weight))
    weights_square: int = field(metadata=_of(lambda day: day.weight**2))
    weighted: int = field(metadata=_of(lambda day: day.weight * day.daily_return))
    weighted_square: int = field(metadata=_of(lambda day: day.weight * day.daily_return**2))
    changes: int = field(metadata=_of(lambda day: day.change))
    changes_square: int = field(metadata=_of(lambda day: day.change**2))
    changes_returns: int = field(metadata=_of(lambda day: day.change * day.daily_return))
    recency: int = field(metadata=_of(lambda day: day.recency - day.recency_before))
    clumpiness: int = field(metadata=_of(lambda day: day.recency))
    active_moment: int = field(metadata=_of(lambda day: day.moment))
    days: int = field(metadata=_of(lambda day: 1))
    records: int = field(metadata=_total("records"))


SUMS: dict[str, Callable[[DayRow], int]] = {
    field.name: field.metadata["of_day"] for field in fields(Sums)
}
"""What each sum adds of a day."""


def _bound(name: str, number: int, day: int, when: str) -> None:
    if not 0 <= number < BOUND:
        raise Refused(
            "refused.oracle.bound",
            f"day {day} ({when}): {name} = {number} cents is outside 0..2^48 - 1; such a history "
            "cannot be proven",
            day=day,
            field=name,
            got=number,
        )


def day_rows(
    records: Records,
    opening: int,
    days: int,
    thresholds: Thresholds,
    *,
    first_day: int = 0,
    feed: Feed | None = None,
) -> list[DayRow]:
    """
    The N day rows of a history.

    Parameters
    ----------
    records : canonical, day 0 the window's first
    opening : equity before the first day, cents, 0 <= opening < 2^48
    days : N, 2..366
    thresholds : floor F, activity A and near_line are used
    first_day : days since 1970-01-01, for dates in errors
    feed : of the window; None without an index

    Returns
    -------
    `days` rows in order.

    Raises
    ------
    Malformed
        A record that is not canonical (`Records.check`).
    Refused
        `refused.oracle.bound` naming the day and number of B3 that does not hold,
        `refused.oracle.day` (a record outside the window), `refused.oracle.opening`,
        `refused.oracle.feed` (the feed of another window; M24 by weights that are not 1, 2 and 4),
        `refused.policy.window`,
        `refused.policy.range`.
    """
    if not MIN_DAYS <= days <= MAX_DAYS:
        raise Refused(
            "refused.policy.window",
            f"window: {days} days is outside {MIN_DAYS}..{MAX_DAYS}",
            got=days,
        )
    floor, activity = thresholds.floor, thresholds.activity
    if not (1 <= floor < BOUND and 1 <= activity < BOUND):
        raise Refused(
            "refused.policy.range", "thresholds: floor and activity must be in 1..2^48 - 1"
        )
    if not 0 <= opening < BOUND:
        raise Refused("refused.oracle.opening", "opening equity is outside 0..2^48 - 1 cents")
    feed = _feed_of(feed, first_day, days)
    if thresholds.effective.shortfall_mode == REGIME:
        _require_regimes(feed)
    rows: list[DayRow] = []
    equity_before, unrealised_before, index_before = opening, 0, INDEX_SCALE
    for day, total in enumerate(day_totals(records, days, thresholds.near_line)):
        when = day_text(first_day + day)
        profit = total.pnl + total.unrealised - unrealised_before
        equity = equity_before + profit + total.flow
        # a gain is over all deposits of the day; a loss only over what was there before it (B4)
        capital = equity_before + (total.inflow if profit >= 0 else total.base)
        divisor = max(floor, abs(profit), capital)
        daily_return, remainder = divmod(RETURN_SCALE * profit, divisor)
        risen, index_remainder = divmod(index_before * (RETURN_SCALE + daily_return), RETURN_SCALE)
        for name, number in (
            ("equity", equity),
            ("|profit|", abs(profit)),
            ("divisor - floor", divisor - floor),
            ("divisor - |profit|", divisor - abs(profit)),
            ("divisor - capital", divisor - capital),
            ("remainder", remainder),
            ("divisor - 1 - remainder", divisor - 1 - remainder),
            ("volume + open - activity", max(0, total.volume + total.open - activity)),
        ):
            _bound(name, number, day, when)
        active = total.volume + total.open >= activity
        recency = rows[-1].recency if rows else 0
        row = DayRow(
            **{name: getattr(total, name) for name in TOTALS},
            profit=profit,
            equity=equity,
            capital=capital,
            available=equity_before + total.inflow,
            kept=equity_before - (total.inflow - total.flow) + min(0, profit),
            divisor=divisor,
            daily_return=daily_return,
            return_before=rows[-1].daily_return if rows else 0,
            remainder=remainder,
            index=min(INDEX_SCALE, risen),
            index_remainder=index_remainder,
            loss=0,
            beyond=0,
            weight=feed.weights[day],
            change=feed.changes[day],
            active_day=active,
            near_day=total.near > 0,
            moment=day if active else 0,
            recency=0 if active else recency + 1,
            recency_before=recency,
        )
        rows.append(row)
        equity_before, unrealised_before, index_before = equity, total.unrealised, row.index
    return with_losses(rows, thresholds)


def with_losses(rows: Sequence[DayRow], thresholds: Thresholds) -> list[DayRow]:
    """The same days with what M24 makes of them: the loss of each, and how far it is beyond v."""
    effective = thresholds.effective
    mode = effective.shortfall_mode

    def loss(row: DayRow) -> int:
        weighted = row.weight * row.daily_return
        return int(day_loss(mode, row.daily_return, row.index, row.weight, weighted))

    lost = [replace(row, loss=loss(row)) for row in rows]
    level = loss_level(lost, effective.worst_days)
    return [replace(row, beyond=max(0, row.loss - level)) for row in lost]


def _feed_of(feed: Feed | None, first_day: int, days: int) -> Feed:
    if feed is None:
        return Feed.none(first_day, days)
    if (feed.first_day, len(feed.weights)) != (first_day, days):
        raise Refused(
            "refused.oracle.feed",
            f"feed: {len(feed.weights)} days from {day_text(feed.first_day)}, the window has "
            f"{days} from {day_text(first_day)}",
            expected=(first_day, days),
            got=(feed.first_day, len(feed.weights)),
        )
    return feed


def _require_regimes(feed: Feed) -> None:
    wrong = sorted(set(feed.weights) - REGIME_WEIGHTS)
    if feed.present and wrong:
        raise Refused(
            "refused.oracle.feed",
            f"feed: M24 by volatility counts days of weight 4 beside 1 and 2; there are days of "
            f"weight {wrong[0]}",
            got=wrong[0],
        )


def loss_level(rows: Sequence[DayRow], worst_days: int) -> int:
    """The best v of M24: the loss of the k-th worst day, 0 where that is none or k is 0."""
    if not 0 < worst_days <= len(rows):
        return 0
    return max(0, sorted((row.loss for row in rows), reverse=True)[worst_days - 1])


def sums(rows: list[DayRow]) -> Sums:
    """S(x) over the rows of `day_rows`."""
    return Sums(**{name: sum(of_day(row) for row in rows) for name, of_day in SUMS.items()})


def reconcile(rows: list[DayRow], closing: int, wallets: int, *, first_day: int = 0) -> None:
    """
    Whether the ledger closes: E_last = closing + unrealised_last, and every day has one mark a
    wallet.

    Parameters
    ----------
    closing : equity without unrealised pnl after the last day, cents, |closing| < 2^47 (may be
        negative)
    wallets : 1..4095

    Raises
    ------
    Refused
        `refused.oracle.closing` with the gap in cents, `refused.oracle.marks` naming the day.
    """
    if not -CLOSING_OFFSET <= closing < CLOSING_OFFSET:
        raise Refused("refused.oracle.closing", "closing balance is outside -2^47..2^47 - 1 cents")
    if not 1 <= wallets < 1 << 12:
        raise Refused("refused.oracle.marks", f"wallets: {wallets} is outside 1..4095")
    for day, row in enumerate(rows):
        if row.marks != wallets:
            raise Refused(
                "refused.oracle.marks",
                f"day {day} ({day_text(first_day + day)}): {row.marks} marks, one for each of "
                f"{wallets} wallets wanted",
                day=day,
            )
    gap = rows[-1].equity - rows[-1].unrealised - closing
    if gap:
        raise Refused(
            "refused.oracle.closing",
            f"ledger: opening and records give {gap} cents more than the closing",
            gap=gap,
        )
