"""Tricks with money that comes and goes."""

from __future__ import annotations

from dataclasses import replace

from attestor.log import Log, build_log
from attestor.statement import CENT, DAY_MICROSECONDS, MICROSECONDS, Opening, Statement
from benchmarks.gaming.figures import days_of, drawdown, rows_of, sharpe
from benchmarks.gaming.owners import PLACE, Events
from benchmarks.gaming.played import Played
from history.v2.day_rows import DayRow, sums
from history.v2.record import BASE, INFLOW, TRANSFER, Records

IDLE = "0x" + "1" * 40
"""A wallet that does nothing."""
DOLLAR = 100
"""A floor that decides nothing, cents."""
TREASURIES = (5, 7, 9, 10, 40, 990)
"""Idle money, tenths of the mean capital."""


def rule_off(log: Log) -> Records:
    """The records with every deposit as base: of one whose loss no price showed when it came."""
    rows = [
        row._replace(kind=row.kind | BASE)
        if row.kind & TRANSFER and row.kind & INFLOW and row.value > 0
        else row
        for row in log.records.rows()
    ]
    return Records.from_rows(rows)


def worst_day(rows: list[DayRow]) -> float:
    """The least return of a day, as a share."""
    return min(row.daily_return for row in rows) / 10**8


def after_a_crash(
    trick: str, honest: Statement, tricked: Statement, rule: str, within: float = 0.0
) -> Played:
    """
    Money that comes between a crash and the next price that shows it; `within` is what of it lies
    within the band, points of return.
    """
    log, worst = build_log(tricked), worst_day(rows_of(honest))
    return Played(
        trick,
        "worst day, points of return better",
        100 * (worst_day(days_of(log, rule_off(log))) - worst),
        100 * (worst_day(days_of(log)) - worst),
        within,
        "money counts under a loss only if the day had none when the next price is told either"
        + (", but for what lies within the band" if within else ""),
        rule,
    )


def deposit_after_a_crash(statement: Statement, time: int, amount: int) -> Played:
    """
    It is paid in.

    Parameters
    ----------
    time : microseconds, after the crash and before a price tells of it
    amount : u'
    """
    line = Events(statement).transfer(time, statement.wallets[0], amount)
    return after_a_crash(
        "a deposit after a crash, before the next mark",
        statement,
        replace(statement, lines=[*statement.lines, line]),
        "base is asked twice (metrics A5)",
    )


def gift_after_a_crash(statement: Statement, time: int, amount: int) -> Played:
    """As `deposit_after_a_crash`; it is won from a confederate in two trades of one second."""
    (bought,) = statement.fills
    events, price = Events(statement), bought.price
    size = amount // (price - price // 100)
    given = [
        events.fill(time, bought.wallet, bought.instrument, size, price // 100),
        events.fill(time + 1, bought.wallet, bought.instrument, -size, price),
    ]
    band = statement.margin.at(time).band.linear if statement.margin else 100
    paid = sum(opening.balance for opening in statement.openings.values())
    return after_a_crash(
        "a gift after a crash, before the next mark",
        statement,
        replace(statement, fills=[*statement.fills, *given]),
        "a gift is base as a deposit is (metrics A4)",
        round(100 * band * size * (price // 100) / (10**4 * paid) + 0.005, 2),
    )


def lent(statement: Statement, amount: int) -> Statement:
    """Two seconds before each midnight `amount` (u') comes, at midnight it goes."""
    events, wallet = Events(statement), statement.wallets[0]
    midnights = range(statement.start + DAY_MICROSECONDS, statement.end + 1, DAY_MICROSECONDS)
    lines = list(statement.lines)
    for midnight in midnights:
        lines.append(events.transfer(midnight - 2 * MICROSECONDS, wallet, amount))
        if midnight < statement.end:
            lines.append(events.transfer(midnight, wallet, -amount))
    return replace(statement, lines=lines)


def lent_equity(statement: Statement, amount: int) -> Played:
    """Equity lent over each midnight; `amount` in u'."""
    honest, rows = rows_of(statement), rows_of(lent(statement, amount))
    equity = [sum(row.equity for row in each) / len(each) / 100 for each in (honest, rows)]
    kept = [sum(row.kept for row in each) / len(each) / 100 for each in (honest, rows)]
    return Played(
        "equity lent for two seconds at each midnight",
        "mean equity, USD more",
        equity[1] - equity[0],
        kept[1] - kept[0],
        0.0,
        "what comes on a day, and what goes on it, is not there all day",
        "kept capital H in M11 and M15 (metrics B2)",
    )


def out_over_midnight(statement: Statement) -> Played:
    """Half of the equity is taken out for two seconds at each midnight."""
    honest = rows_of(statement)
    events, wallet, lines = Events(statement), statement.wallets[0], list(statement.lines)
    for day, row in enumerate(honest):
        midnight = statement.start + (day + 1) * DAY_MICROSECONDS
        half = row.equity // 2 * CENT
        if half and midnight < statement.end:
            lines.append(events.transfer(midnight - 2 * MICROSECONDS, wallet, -half))
            lines.append(events.transfer(midnight, wallet, half))
    rows = rows_of(replace(statement, lines=lines))
    equity = [sum(row.equity for row in each) for each in (honest, rows)]
    return Played(
        "half of the equity taken out over each midnight",
        "M23, multiple of what it was",
        equity[0] / equity[1],  # the ratio was over the equity at the close
        use(rows) / use(honest),
        1.0,
        "what goes and comes again was there all the same",
        "all capital C in M9 and M23 (metrics B2)",
    )


def with_treasury(statement: Statement, amount: int) -> Statement:
    """An idle wallet beside it that holds `amount` (u')."""
    idle = Opening(PLACE, statement.start, amount)
    return replace(
        statement,
        wallets=(*statement.wallets, IDLE),
        openings={**statement.openings, IDLE: idle},
    )


def use(rows: list[DayRow]) -> float:
    """M23's ratio."""
    total = sums(rows)
    return total.open / total.available


def idle_treasury(statement: Statement) -> Played:
    """
    An idle treasury that thins out the drawdown, as large as a tier admits that asks M23 at half of
    what the owner uses by himself.
    """
    honest = rows_of(statement)
    asked, capital = use(honest) / 2, sums(honest).available // len(honest) * CENT
    hidden = {use(honest): 0.0}
    for tenths in TREASURIES:
        rows = rows_of(with_treasury(statement, tenths * capital // 10))
        hidden[use(rows)] = 1 - drawdown(rows) / drawdown(honest)
    return Played(
        "an idle treasury beside the account",
        "share of the drawdown that is not shown",
        max(hidden.values()),
        max(share for used, share in hidden.items() if used >= asked),
        0.5,
        "M23 at half of the honest use admits a treasury as large as the account, which halves "
        "either; weak where the rest is levered",
        "M23 beside M7 (advice)",
    )


def high_floor(histories: list[Log], floor: int, better: float) -> Played:
    """
    F far above what the accounts hold; the number of `histories` whose Sharpe ratio is better by so
    much for it.
    """
    wide, small = 0, 0
    for log in histories:
        rows = days_of(log, floor=floor)
        flattered = sharpe(rows) - sharpe(days_of(log, floor=DOLLAR)) >= better
        wide += flattered
        small += flattered and sum(row.kept for row in rows) >= 10 * floor * len(rows)
    return Played(
        "a floor F above a tenth of the equity asked",
        f"of {len(histories)} owners, those whose Sharpe ratio is better by {better:g}",
        wide,
        small,
        0.0,
        "who meets M11 = 10 F has too much equity for F to matter",
        "a policy with F > M11 / 10 is refused",
    )
