"""Derive, as the made-up desk of `derive_world` has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from derive_faults import DEPOSITS, SETTLEMENTS, TRADES, WRONG, again, gone, of, row, without
from derive_world import DESK, FIRST_DAY, HEDGE, LAST_DAY, STRANGER, WALLET, desk

from tests.attestor.conformance.maker import Fault, Maker, Outcome, Same
from tests.attestor.conformance.recordings.derive import recordings


def _fault(name: str) -> Fault:
    """One that the tests of the adapter have."""
    return Fault(*WRONG[name])


def _turned(result: Any, params: dict[str, Any]) -> None:
    result["trades"].reverse()


def _one_id(result: Any, params: dict[str, Any]) -> None:
    if params["page"] == 1:
        result["trades"][0]["trade_id"] = result["trades"][1]["trade_id"]


def _nameless(result: Any, params: dict[str, Any]) -> None:
    result["trades"][0]["instrument_name"] = "ETH-SWAP"


def _stale(folder: Path) -> None:
    """No ticker of anything, so that the calls that were sold have no mark on the next day."""
    without("public/get_tickers")(folder)


OUTCOMES: dict[str, Outcome] = {
    "id-twice": _fault("a trade stands twice"),
    "id-differs": Fault(
        of(TRADES, HEDGE, _one_id),
        "malformed.statement",
        "trade_id: stands at",
    ),
    "pages-overlap": Fault(
        of(TRADES, DESK, again("trades", 0)), "malformed.statement", "trade_id: stands at"
    ),
    "transfer-twice": _fault("a deposit stands twice"),
    "stale-mark": Fault(_stale, "refused.price", "none for the open"),
    "past-expiry": _fault("an option did not settle"),
    "out-of-order": Same(of(TRADES, HEDGE, _turned)),
    "sign": _fault("the other sign"),
    "exponent": _fault("a number in its exponent form"),
    "decimals": _fault("more decimals than are kept"),
    "not-a-number": Fault(
        of(TRADES, DESK, row("trades", 0, trade_price="NaN")),
        "malformed.statement",
        "not a plain decimal",
    ),
    "line-missing": _fault("a trade is missing"),
    "first-missing": Fault(
        of(DEPOSITS, DESK, gone("events", 1)), "refused.ledger", "the venue states"
    ),
    "last-missing": Fault(
        of(SETTLEMENTS, DESK, gone("settlements", -1)), "refused.expired", "did not settle"
    ),
    "page-missing": _fault("a page is missing"),
    "opening-wrong": Fault(
        of(DEPOSITS, DESK, row("events", 0, amount="1")), "refused.ledger", "the venue states"
    ),
    "closing-wrong": _fault("another value"),
    "unknown-kind": _fault("a direction of another kind"),
    "unknown-instrument": Fault(
        of(TRADES, DESK, _nameless), "malformed.statement", "neither a perpetual"
    ),
    "another-position": _fault("another position"),
    "option-of-another-amount": _fault("an option settles with another amount"),
    "portfolio-margin": _fault("portfolio margin"),
    "foreign-fee": _fault("a fee in another token"),
    "no-index": _fault("a coin without an index"),
}

MAKER = Maker(
    venue="derive",
    wallets=(WALLET,),
    first_day=FIRST_DAY,
    last_day=LAST_DAY,
    write=lambda folder: desk().write(folder),
    others=(STRANGER,),
    records=55,
    opening=16_799_700,
    closing=16_670_762,
    outcomes=OUTCOMES,
    recordings=recordings,
)
