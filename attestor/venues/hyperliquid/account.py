"""
What an account's answers hold, each row once and in the order in which it happened
(docs/explanation/attestation.md 2.7).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from algebra.errors import Malformed, Refused
from attestor.collect.folder import Answer, Collected
from attestor.complaints import Complaints
from attestor.statement import DAY_MICROSECONDS, Fill, Source, bad_line
from attestor.venues.hyperliquid.chain import ordered
from attestor.venues.hyperliquid.fills import identity, read_fill
from attestor.venues.hyperliquid.kind import require_standard
from attestor.venues.hyperliquid.merged import Row, incomplete, merged, require_reach, told
from attestor.venues.hyperliquid.money import (
    Liquidation,
    Movement,
    Payment,
    funding_identity,
    read_funding,
    read_ledger,
)
from attestor.venues.hyperliquid.state import State, read_state

FILLS, FUNDING, LEDGER = "userFillsByTime", "userFunding", "userNonFundingLedgerUpdates"
STATE = "clearinghouseState"
KEPT = 10_000
"""Fills of an account that the venue keeps."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AccountHistory:
    """
    Attributes
    ----------
    account, address : its name here, and what the venue calls it
    states : ascending; the first is where the history begins, empty at 0 or taken then
    fills : by coin
    funding, ledger : ascending
    """

    account: str
    address: str
    states: Sequence[State]
    fills: Mapping[str, Sequence[Fill]]
    funding: Sequence[Payment]
    ledger: Sequence[Movement]


def read_account(
    collected: Collected,
    account: str,
    address: str,
    perpetuals: Mapping[str, int],
    repeated: Counter[str],
) -> AccountHistory:
    """
    Read an account's answers.

    Parameters
    ----------
    perpetuals : decimals of a size by coin
    repeated : counts by file the rows that are there twice

    Raises
    ------
    Malformed
        `malformed.statement` with answer, place and reason, several as one
        (`attestor.complaints`).
    Refused
        `refused.account_kind`: balances together with spot, or a position with margin of its own.
        `refused.incomplete`: no state, a part of the time was not asked for, or a fill that does
        not find the position that the one before it left.
    """
    require_standard(collected, account, address)
    asked = {kind: collected.asked(type=kind, user=address) for kind in (FILLS, FUNDING, LEDGER)}
    states = _states(collected, asked[FILLS], account, address)
    begin, end = states[0].time, states[-1].time
    for kind, answers in asked.items():
        since = begin // DAY_MICROSECONDS * DAY_MICROSECONDS if kind == FUNDING else begin
        require_reach(answers, kind, account, since // 1_000, end // 1_000)
    wrong = Complaints()
    entries = _taken(
        merged(asked[LEDGER], lambda _: None, repeated),
        lambda row, source: read_ledger(row, source, address),
        wrong,
    )
    told_of = [entry for entry in entries if entry is not None and begin < entry.time <= end]
    payments = _taken(merged(asked[FUNDING], funding_identity, repeated), read_funding, wrong)
    found = _taken(
        merged(asked[FILLS], identity, repeated),
        lambda row, source: read_fill(row, source, account, address, perpetuals),
        wrong,
    )
    fills = _flagged(
        [fill for fill in found if begin < fill.time <= end],
        [entry for entry in told_of if isinstance(entry, Liquidation)],
        wrong,
    )
    wrong.settle()
    by_coin = _ordered(fills, states[0], account)
    moved = sorted(
        (entry for entry in told_of if isinstance(entry, Movement)),
        key=lambda entry: (entry.time, entry.transaction or "", entry.amount),
    )
    funding = _by_the_hour(payments, account, begin, end, by_coin, states[0])
    return AccountHistory(account, address, states, by_coin, funding, moved)


def _taken(
    rows: Iterable[tuple[Row, Source]], read: Callable[[Row, Source], T], wrong: Complaints
) -> list[T]:
    """What the rows are read as; those that are refused are complaints."""
    out: list[T] = []
    for row, source in rows:
        try:
            out.append(read(row, source))
        except Malformed as error:
            wrong.add(error)
    return out


def _states(
    collected: Collected, fills: Sequence[Answer], account: str, address: str
) -> list[State]:
    """Where the history begins, and every state after it."""
    states = sorted(
        (read_state(each, account) for each in collected.asked(type=STATE, user=address)),
        key=lambda state: state.time,
    )
    if not states or not fills:
        raise incomplete(account, f"neither {STATE} nor {FILLS} may be left out")
    first = min(answer.request["startTime"] for answer in fills) * 1_000
    begin = State(fills[0].source, 0)
    if first > 0:
        begin = next((state for state in states if state.time == first), begin)
        if begin.time != first:
            raise incomplete(
                account,
                f"fills are asked from {told(first // 1_000)} on, at which no state was taken; ask "
                "from 0, or from the instant of a state",
            )
    later = [state for state in states if state.time > begin.time]
    if not later:
        raise incomplete(account, "no state was taken after its history, so its end is not proven")
    return [begin, *later]


def _flagged(fills: list[Fill], told_of: list[Liquidation], wrong: Complaints) -> list[Fill]:
    """The ledger tells of a liquidation by its instant: all fills then are of it."""
    flags = {entry.time: entry for entry in told_of}
    for time in flags.keys() - {fill.time for fill in fills}:
        wrong.add(
            bad_line(flags[time].source, "liquidation: no fill of the account at its instant")
        )
    if not flags:
        return fills
    return [fill._replace(liquidation=True) if fill.time in flags else fill for fill in fills]


def _ordered(fills: list[Fill], begin: State, account: str) -> dict[str, list[Fill]]:
    by_coin: dict[str, list[Fill]] = defaultdict(list)
    for fill in fills:
        by_coin[fill.instrument].append(fill)
    try:
        return {
            coin: ordered(found, begin.positions.get(coin, (0, 0))[0])
            for coin, found in sorted(by_coin.items())
        }
    except Refused as refusal:
        if len(fills) < KEPT or begin.time:
            raise
        raise incomplete(
            account,
            f"{refusal.message}; {len(fills):,} fills are there, and the venue keeps the latest "
            f"{KEPT:,}: begin with a state (`tierproof collect --opening`) and collect before so "
            "many are new",
            **{name: value for name, value in refusal.fields.items() if name != "account"},
        ) from refusal


# -- funding ---------------------------------------------------------------------------------------
def _by_the_hour(
    payments: Sequence[Payment],
    account: str,
    begin: int,
    end: int,
    fills: Mapping[str, Sequence[Fill]],
    opening: State,
) -> list[Payment]:
    """
    Payments as they are told; of a day's sum, what no payment of an hour tells.

    A sum counts from the day's beginning if the coin is held then, else from its first fill of the
    day; what is left of one from the day's end.
    """
    hours: dict[tuple[str, int], list[Payment]] = defaultdict(list)
    sums: list[Payment] = []
    for payment in payments:
        if payment.whole_day:
            sums.append(payment)
        elif begin < payment.time <= end:
            hours[payment.coin, payment.time // DAY_MICROSECONDS].append(payment)
    out = [payment for told_of in hours.values() for payment in told_of]
    for each in sums:
        known = hours.get((each.coin, each.time // DAY_MICROSECONDS), [])
        if each.time + DAY_MICROSECONDS <= begin or each.time > end:
            continue
        if each.time < begin:
            raise incomplete(
                account,
                f"{each.coin}: funding of {told(each.time // 1_000)[:10]} is told as one sum, in "
                "which the history begins",
                coin=each.coin,
            )
        rest = each.amount - sum(payment.amount for payment in known)
        moment = each.time + DAY_MICROSECONDS - 1 if known else _moment(each, fills, opening)
        if moment is None:
            raise incomplete(
                account,
                f"{each.coin}: funding of {told(each.time // 1_000)[:10]}, and neither a position "
                "nor a fill on that day",
                coin=each.coin,
            )
        if rest:
            out.append(each._replace(time=moment, amount=rest))
    return sorted(out, key=lambda payment: (payment.time, payment.coin))


def _moment(each: Payment, fills: Mapping[str, Sequence[Fill]], opening: State) -> int | None:
    """When a day's sum begins to count: see `_by_the_hour`."""
    found = fills.get(each.coin, ())
    index = bisect_right(found, each.time - 1, key=lambda fill: fill.time)
    held = opening.positions.get(each.coin, (0, 0))[0]
    held += sum(fill.size for fill in found[:index])
    if held:
        return each.time
    if index < len(found) and found[index].time < each.time + DAY_MICROSECONDS:
        return found[index].time
    return None
