"""Hyperliquid: recorded answers, each an account's only ones; and a whole made-up history."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attestor.collect.http import Asker
from attestor.collect.hyperliquid import HyperliquidCollecting
from attestor.collect.writer import Collecting
from benchmarks.venue_of_one import DAY, HOUR, Venue
from history.dates import day_number
from tests.attestor.conformance.maker import Recording
from tests.attestor.conformance.recordings.folders import Asked, write

FILLS, FUNDING, LEDGER = "userFillsByTime", "userFunding", "userNonFundingLedgerUpdates"
STATE = "clearinghouseState"
NAMELESS = "0x" + "0" * 39 + "1"
"""For recordings that do not say whose they are."""
TRADER = "0x" + "c3" * 20
STATE_DAY = day_number("2023-10-04")
"""Of the recorded state, which has no instant in it."""
WEEK, FILLED = 7, 2_000


class Answering(Asker):
    """Asks a made-up venue without a network."""

    def __init__(self, venue: Venue) -> None:
        super().__init__("http://127.0.0.1/info")
        self._venue = venue

    def post(self, request: Mapping[str, Any], path: str = "") -> tuple[bytes, int]:
        return json.dumps(self._venue.answer(request)).encode(), (self._venue.now + 1_000) * 1_000


def recordings(data: Path, scratch: Path) -> Sequence[Recording]:
    """What each recording is refused for, and a week that is attested."""
    return (*_recorded(data / "venue-api" / "hyperliquid", scratch), _week(scratch / "week"))


def _week(folder: Path) -> Recording:
    first = day_number("2026-10-01")
    venue = Venue(first, WEEK, seed=11, summed=2)
    venue.page, venue.rows = 700, 200
    venue.trade(TRADER, FILLED)
    where = Collecting(folder, "hyperliquid", first, first + WEEK - 1, (TRADER,), None)
    HyperliquidCollecting(where, Answering(venue)).run()
    return Recording("a week of the made-up venue", folder, (TRADER,), first, first + WEEK - 1)


def _recorded(found: Path, scratch: Path) -> list[Recording]:
    if not found.is_dir():
        return []

    def read(name: str) -> Any:
        return json.loads((found / f"{name}.json").read_text())

    fills, funding = read("user_fills_by_time_2023"), read("user_funding_2023")
    ledger, state = read("user_non_funding_ledger_updates_2025"), read("clearinghouse_state_2023")
    own, odd = read("fills_own_liquidation_builder_fee_2026"), read("fills_odd_2026")
    other = read("fill_counterparty_of_liquidation_2026")["data"]
    user, incomplete = "user", "refused.incomplete"
    listed: tuple[tuple[str, str, dict[str, Any], str], ...] = (
        ("500 fills, cut, and funding of 2023", fills["request"][user],
         {FILLS: fills["response"], FUNDING: funding["response"]}, incomplete),
        ("movements of 2025 without the fills", ledger["request"][user],
         {LEDGER: ledger["response"]}, incomplete),
        ("a state of 2023, without its instant", state["request"][user],
         {STATE: state["response"]}, "malformed.statement"),
        ("fills at another exchange of the venue", own[user],
         {FILLS: own["response"]}, "malformed.statement"),
        ("spot, dust and a vault", NAMELESS, {FILLS: odd["response"]}, "malformed.statement"),
        ("the other side of a liquidation", NAMELESS, {FILLS: other["fills"]}, incomplete),
    )  # fmt: skip
    return [
        _alone(scratch / f"recorded-{number}", name, address, told, code)
        for number, (name, address, told, code) in enumerate(listed)
    ]


def _alone(
    folder: Path, name: str, user: str, told: Mapping[str, Any], code: str
) -> Recording:  # fmt: skip
    """Rows as all that an account ever did; a state of it where one is told, else an empty one."""
    times = [row["time"] // DAY for kind in (FILLS, FUNDING, LEDGER) for row in told.get(kind, ())]
    first, last = min(times, default=STATE_DAY), max(times, default=STATE_DAY)
    venue = Venue(first, 1)
    venue.now = (last + 1) * DAY + HOUR
    asked = {"user": user, "startTime": 0, "endTime": venue.now}
    coins = {"BTC", "ETH", *(row["coin"] for row in told.get(FILLS, ()))}
    coins |= {row["delta"]["coin"] for row in told.get(FUNDING, ())}
    universe = [{"name": coin, "szDecimals": 4} for coin in sorted(coins) if coin.isalnum()]
    answers: list[Asked] = [({"type": "meta"}, {"universe": universe})]
    answers += [
        (request, venue.answer(request))
        for kind in ("userRole", "subAccounts", "userAbstraction")
        for request in [{"type": kind, "user": user}]
    ]
    for kind in (FILLS, FUNDING, LEDGER):
        rows = told.get(kind, [])
        answers.append(({"type": kind, **asked}, rows))
        if rows:  # and nothing after them
            latest = max(row["time"] for row in rows)
            answers.append(({"type": kind, **asked, "startTime": latest}, []))
    request = {"type": STATE, "user": user}
    answers.append((request, told.get(STATE) or venue.answer(request)))
    days = (first, last)
    write(folder, "hyperliquid", days, {user: ()}, answers, (venue.now + 1) * 1_000)
    return Recording(name, folder, (user,), *days, code)
