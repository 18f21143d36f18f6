"""Hyperliquid, as the made-up venue answers: an earlier state, a week's trades, two wallets."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attestor.collect.folder import COLLECTED
from attestor.collect.hyperliquid import HyperliquidCollecting
from attestor.collect.writer import Collecting
from benchmarks.venue_of_one import DAY, HOUR, Account, Venue
from history.dates import day_number
from tests.attestor.conformance.maker import Absent, Fault, Maker, Outcome, Same
from tests.attestor.conformance.recordings.hyperliquid import Answering, recordings

FIRST, DAYS = day_number("2026-10-01"), 3
LAST = FIRST + DAYS - 1
MINE, OTHER = "0x" + "a1" * 20, "0x" + "b2" * 20
FILLS, FUNDING, LEDGER = "userFillsByTime", "userFunding", "userNonFundingLedgerUpdates"
STATE, CANDLES = "clearinghouseState", "candleSnapshot"


def _trades(venue: Venue) -> None:
    """
    Two bitcoin are held when the window begins. Then: a buy, funding, a deposit, a sale in two
    parts, one of ether, a liquidation of it, a withdrawal.
    """
    mine = venue.accounts[MINE] = Account(MINE)
    at = venue.start
    price, ether = venue.price("BTC", at), venue.price("ETH", at)
    mine.move(at - 9 * HOUR, "deposit", "50000")
    mine.fill(at - 8 * HOUR, "BTC", Decimal("0.2"), price)
    mine.fill(at + HOUR, "BTC", Decimal("0.1"), price + 10)
    mine.fund(at + 2 * HOUR + 51, "BTC", price, Decimal("0.0001"))
    mine.move(at + 3 * HOUR, "deposit", "1000")
    for part in ("0.04", "0.06"):
        mine.fill(at + DAY, "BTC", -Decimal(part), price + 20)
    mine.fill(at + DAY + HOUR, "ETH", Decimal(3), ether)
    said = {"liquidatedUser": MINE, "markPx": f"{ether}", "method": "market"}
    mine.fill(at + DAY + 2 * HOUR, "ETH", Decimal(-1), ether, liquidation=said)
    mine.move(at + DAY + 3 * HOUR, "withdraw", "-500", nonce=1, fee="0.0")
    mine.fill(at + 2 * DAY, "ETH", Decimal(-2), ether + 1)
    other = venue.accounts[OTHER] = Account(OTHER)
    other.move(at - 9 * HOUR, "deposit", "700")


def write(folder: Path) -> None:
    """The state before the window, and all that came after it."""
    venue = Venue(FIRST, DAYS, seed=3)
    venue.page, venue.rows = 4, 4
    _trades(venue)
    end, venue.now = venue.now, venue.start - HOUR
    wallets = (MINE, OTHER)
    with TemporaryDirectory() as scratch:
        before = Path(scratch) / "earlier"
        where = Collecting(before, "hyperliquid", FIRST, LAST, wallets, None)
        HyperliquidCollecting(where, Answering(venue), opening=True).run()
        venue.now = end
        where = Collecting(folder, "hyperliquid", FIRST, LAST, wallets, before)
        HyperliquidCollecting(where, Answering(venue)).run()


Edit = Callable[[Any], Any]


def kept(kind: str, edit: Edit, which: int = 0) -> Callable[[Path], None]:
    """A change of a kept answer of one's own, and of its digest, as one would who wants belief."""

    def change(folder: Path) -> None:
        listed = json.loads((folder / COLLECTED).read_text())
        entry = [
            each
            for each in listed["answers"]
            if each["request"]["type"] == kind and each["request"].get("user", MINE) == MINE
        ][which]
        path = folder / entry["file"]
        body = json.dumps(edit(json.loads(path.read_bytes()))).encode()
        path.write_bytes(body)
        entry["sha256"] = sha256(body).hexdigest()
        (folder / COLLECTED).write_text(json.dumps(listed))

    return change


def page_gone(folder: Path) -> None:
    """The second page of fills, as if it had never been asked: the answers after it move up."""
    listed = json.loads((folder / COLLECTED).read_text())
    asked = [each["request"] for each in listed["answers"]]
    pages = [n for n, request in enumerate(asked) if request["type"] == FILLS]
    gone = listed["answers"].pop(pages[1])
    (folder / gone["file"]).unlink()
    for number, each in enumerate(listed["answers"], start=1):
        name = f"{Path(each['file']).parent}/{number:06}.json"
        (folder / each["file"]).rename(folder / name)
        each["file"] = name
    (folder / COLLECTED).write_text(json.dumps(listed))


def of_row(row: int, **cells: Any) -> Edit:
    """Other cells in one row of an answer."""

    def edit(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows[row].update(cells)
        return rows

    return edit


def other_state(state: dict[str, Any]) -> dict[str, Any]:
    """A dollar more, in every place that tells it."""
    for part in ("marginSummary", "crossMarginSummary"):
        for name in ("accountValue", "totalRawUsd"):
            state[part][name] = f"{Decimal(state[part][name]) + 1}"
    return state


def one_id(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Two fills under the id of one."""
    rows[0]["tid"] = rows[1]["tid"]
    return rows


def no_type(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A movement of a type that nobody has seen."""
    rows[0]["delta"]["type"] = "airdrop"
    return rows


INCOMPLETE, LINE = "refused.incomplete", "malformed.statement"
OUTCOMES: dict[str, Outcome] = {
    "id-twice": Same(kept(FILLS, lambda rows: [rows[0], *rows])),
    "id-differs": Fault(kept(FILLS, one_id), INCOMPLETE, "fills between them are missing"),
    "pages-overlap": Same(kept(FILLS, lambda rows: [*rows, rows[-1]], 1)),
    "transfer-twice": Fault(
        kept(LEDGER, lambda rows: [*rows, rows[-1]]), INCOMPLETE, "500 is missing between"
    ),
    "stale-mark": Fault(
        kept(CANDLES, lambda rows: [*rows[:30], *rows[62:]]), INCOMPLETE, "no candle for too long"
    ),
    "past-expiry": Absent("perpetuals do not end"),
    "out-of-order": Same(kept(FILLS, lambda rows: rows[::-1])),
    "sign": Fault(kept(FILLS, of_row(1, side="B")), LINE, "make it"),
    "exponent": Fault(kept(FILLS, of_row(1, sz="6e-2")), LINE, "not a plain decimal"),
    "decimals": Fault(kept(FILLS, of_row(1, px="2600.1234567890123456789")), LINE, "px"),
    "not-a-number": Fault(kept(FILLS, of_row(1, px="NaN")), LINE, "not a plain decimal"),
    "line-missing": Fault(
        kept(FILLS, lambda rows: [rows[0], *rows[2:]]), INCOMPLETE, "fills before it are missing"
    ),
    "first-missing": Fault(
        kept(FILLS, lambda rows: rows[:-1]), INCOMPLETE, "fills between them are missing"
    ),
    "last-missing": Fault(kept(FILLS, lambda rows: rows[1:], 1), INCOMPLETE, "were not asked"),
    "page-missing": Fault(page_gone, INCOMPLETE, "were not asked"),
    "opening-wrong": Fault(kept(STATE, other_state), INCOMPLETE, "money at"),
    "closing-wrong": Fault(kept(STATE, other_state, 1), INCOMPLETE, "money at"),
    "unknown-kind": Fault(kept(LEDGER, no_type), LINE, "is not known"),
    "unknown-instrument": Fault(kept(FILLS, of_row(0, coin="XYZ")), LINE, "is no perpetual"),
}

MAKER = Maker(
    venue="hyperliquid",
    wallets=(MINE,),
    first_day=FIRST,
    last_day=LAST,
    others=(OTHER,),
    write=write,
    records=16,  # 5 fills (two are one order's), a payment, 2 movements, 2 trips, 6 marks
    opening=4_999_260,
    closing=5_047_927,
    outcomes=OUTCOMES,
    recordings=recordings,
)
