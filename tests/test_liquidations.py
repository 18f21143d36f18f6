"""The table of real liquidations: by hand of a made-up history, and as margin.md 6 has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.project import ROOT

from attestor.venues.hyperliquid_2023 import (
    LEDGER,
    LEDGER_COLUMNS,
    LIQUIDATION_COLUMNS,
    LIQUIDATIONS,
    TRADE_COLUMNS,
    TRADES,
)
from benchmarks.liquidations import Walk, table

ONE, OTHER = "0x" + "1" * 40, "0x" + "2" * 40


def history(folder: Path) -> Path:
    """
    ONE: 100 USD, long 10 ETH at 100 (0.01 of it is margin), the price falls to 92 between two of
    his records, 91 ends him. OTHER only trades.
    """
    trades = [
        ("2023-03-01T10:00:00Z", ONE, "ETH", "Bid", "100", "10", "true"),
        ("2023-03-01T12:30:00Z", OTHER, "ETH", "Ask", "92", "1", "true"),
        ("2023-03-01T13:30:00Z", OTHER, "ETH", "Bid", "100", "1", "true"),
        ("2023-03-01T20:30:00Z", ONE, "ETH", "Ask", "90.5", "10", "true"),
    ]
    ledger = [("2023-03-01T09:00:00Z", ONE, "100"), ("2023-03-01T09:00:01Z", OTHER, "1000")]
    ended = [("2023-03-01T20:30:00Z", ONE, "905", "5", "Cross")]
    for name, columns, rows in (
        (TRADES, TRADE_COLUMNS, trades),
        (LEDGER, LEDGER_COLUMNS, ledger),
        (LIQUIDATIONS, LIQUIDATION_COLUMNS, ended),
    ):
        (folder / name).write_text("\n".join(",".join(row) for row in (columns, *rows)) + "\n")
    return folder


def test_what_the_clock_alone_sees(tmp_path: Path) -> None:
    walk = Walk(history(tmp_path))
    wallets = [walk.run(ONE), walk.run(OTHER)]
    told = table(wallets)
    # bought at 100: 90 spare of 990, 9.09 %; at 92 only the clock at 13:00 looks: 10.8 of 910.8
    assert told[0] == "1 liquidations of wallets with a whole ledger; in the day before:"
    assert told[2:6] == [
        "| 2 % | 0 | 1 |",
        "| 5 % | 0 | 1 |",
        "| 10 % | 1 | 1 |",
        "| 20 % | 1 | 1 |",
    ]
    assert told[-1] == "of 1 wallets never liquidated 0 were below 5 % once"


@pytest.mark.slow
def test_the_page_has_what_the_venues_history_gives(shared_data: Path) -> None:
    walk = Walk(shared_data / "hyperliquid")
    wallets = [walk.run(name) for name in sorted(walk.history.fills)]
    told = table([wallet for wallet in wallets if wallet.whole])
    page = (ROOT / "docs" / "explanation" / "margin.md").read_text()
    assert told[0].startswith("39 liquidations")
    for row in told[2:6]:
        assert row in page
    numbers = [int(word.strip(",;.")) for line in told[7:] for word in line.split()
               if word.strip(",;.").isdecimal()]  # fmt: skip
    assert numbers == [2, 29, 98, 24, 5, 45, 239, 24, 63, 1_318, 24, 203, 73, 5]
    assert "29 cases of 98, 5 % in 45 of 239" in page and "63 of 1,318; of 203" in page
