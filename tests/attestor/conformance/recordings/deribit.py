"""Deribit: the examples of the venue's own documents, as all that an account has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attestor.venues.deribit.log import CURRENCIES
from attestor.venues.deribit.log import METHOD as LOG
from attestor.venues.deribit.positions import METHOD as POSITIONS
from attestor.venues.deribit.trades import METHOD as TRADES
from history.dates import day_number
from tests.attestor.conformance.maker import Recording
from tests.attestor.conformance.recordings.folders import Asked, write

WALLET = "0x" + "d" * 40
DAYS = (day_number("2021-02-18"), day_number("2021-02-19"))
"""Those of the log's lines."""
END = (DAYS[1] + 1) * 86_400_000
EMPTY = {
    LOG: {"logs": [], "continuation": None},
    TRADES: {"trades": [], "has_more": False},
    POSITIONS: [],
}


def recordings(data: Path, scratch: Path) -> Sequence[Recording]:
    """What each example is refused for."""
    found = data / "venue-api" / "deribit"
    if not found.is_dir():
        return ()
    said = {
        LOG: ("get_transaction_log", "five lines of a log that goes on"),
        TRADES: ("get_user_trades_by_currency_and_time", "trades without their lines"),
        POSITIONS: ("get_positions", "a position without a line"),
    }
    return [
        _alone(scratch / file, title, method, (found / f"{file}.json").read_bytes())
        for method, (file, title) in said.items()
    ]


def _alone(folder: Path, title: str, shown: str, example: bytes) -> Recording:
    """One example; every other answer is empty."""
    answers: list[Asked] = []
    for currency in CURRENCIES:
        for method, empty in EMPTY.items():
            params = {"currency": currency, "start_timestamp": 0, "end_timestamp": END}
            request = {"method": method, "account": WALLET, "params": params}
            told = (method, currency) == (shown, "BTC")
            answers.append((request, example if told else {"id": 4, "result": empty}))
    write(folder, "deribit", DAYS, {WALLET: ()}, answers, (END + 1) * 1_000)
    return Recording(title, folder, (WALLET,), *DAYS, "malformed.statement")
