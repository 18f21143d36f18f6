"""Derive: three recorded shapes, as all that a sub-account has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attestor.venues.derive.answers import ACCOUNT, ACCOUNTS, HISTORIES, TRADES
from history.dates import day_number
from tests.attestor.conformance.maker import Recording
from tests.attestor.conformance.recordings.folders import Asked, write

WALLET = "0x" + "d" * 40
DAYS = (day_number("2023-11-14"), day_number("2023-11-14"))
"""The day of the trade."""
END = (DAYS[1] + 1) * 86_400_000


def recordings(data: Path, scratch: Path) -> Sequence[Recording]:
    """The sub-account as it is; and as one of standard margin that has the trade and position."""
    found = data / "venue-api" / "derive"
    if not found.is_dir():
        return ()

    def read(name: str) -> Any:
        return json.loads((found / f"http_{name}.json").read_text())

    account, standard = read("subaccount_usdc"), {"margin_type": "SM"}
    standard["positions"] = [read("position_eth")]
    trade = read("private_trade_eth")
    return (
        _alone(scratch / "portfolio", "a sub-account of portfolio margin", account, [trade],
               "refused.portfolio_margin"),
        _alone(scratch / "standard", "half an ether bought, two sold are stated",
               account | standard, [trade], "refused.ledger"),
    )  # fmt: skip


def _alone(folder: Path, name: str, account: Any, trades: list[Any], code: str) -> Recording:
    number = account["subaccount_id"]
    told = [(ACCOUNTS, {"wallet": WALLET}, {"wallet": WALLET, "subaccount_ids": [number]})]
    told.append((ACCOUNT, {"subaccount_id": number}, account))
    for method, form in HISTORIES.items():
        rows = trades if method == TRADES else []
        params = {"subaccount_id": number}
        result: Any = rows if form.rows is None else {form.rows: rows}
        if form.span is not None:
            params |= dict(zip(form.span, (0, END + 1), strict=True))
        if form.paged:
            params |= {"page": 1, "page_size": 100}
            result["pagination"] = {"count": len(rows), "num_pages": 1}
        told.append((method, params, result))
    answers: list[Asked] = [
        ({"method": method, "params": params}, {"id": 1, "result": result})
        for method, params, result in told
    ]
    write(folder, "derive", DAYS, {WALLET: (str(number),)}, answers, END * 1_000)
    return Recording(name, folder, (WALLET,), *DAYS, code)
