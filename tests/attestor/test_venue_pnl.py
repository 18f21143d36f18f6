"""
The pnl rule against the venue's own Closed PnL, on real fills (docs/explanation/metrics.md A3, A7).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from attestor.ledger import apply_fill
from attestor.statement import CENT, PLACES, UNIT

SPOT_AND_DUST = {"Buy", "Sell", "Spot Dust Conversion"}


def exact(text: str) -> int:
    """1e-18; the file was through a spreadsheet, which wrote some numbers with an exponent."""
    scaled = Decimal(text) * UNIT
    assert scaled == int(scaled)
    return int(scaled)


def test_the_rule_gives_the_venues_closed_pnl(shared_data: Path) -> None:
    """
    A close has a known entry if every fill since the position was last flat is in the file: the
    venue's start position equals the rebuilt one from a start at 0 on. Where pnl differs by more
    than a cent, it is because the venue keeps its entry price to 6 - (decimals of a size) places:
    by less than one such unit for each unit closed.
    """
    path = shared_data / "venue-pnl" / "fills_with_closed_pnl.csv"
    with path.open(newline="") as stream:
        table = [row for row in csv.DictReader(stream) if row["Direction"] not in SPOT_AND_DUST]
    decimals: dict[str, int] = defaultdict(int)
    for row in table:
        decimals[row["Coin"]] = max(
            decimals[row["Coin"]], len(row["Size Tokens"].partition(".")[2])
        )

    state: dict[tuple[str, str], tuple[int, int, bool]] = {}
    known = within_cent = within_unit = 0
    for row in table:
        key = (row["Account"], row["Coin"])
        traded = exact(row["Size Tokens"]) * (1 if row["Side"] == "BUY" else -1)
        price = exact(row["Execution Price"])
        start = exact(row["Start Position"])
        size, cost, is_known = state.get(key, (0, 0, False))
        if start == 0:
            size, cost, is_known = 0, 0, True
        elif start != size:
            size, is_known = start, False
        applied = apply_fill(size, cost, traded, price)
        if applied.closing and is_known:
            known += 1
            closed = min(abs(size), abs(traded))
            difference = abs(applied.realised - UNIT * exact(row["Closed PnL"]))
            unit_of_entry = 10 ** (PLACES - (6 - decimals[row["Coin"]]))  # 1e-18
            within_cent += difference <= CENT
            within_unit += difference <= max(CENT, unit_of_entry * closed)
        state[key] = (applied.size, applied.cost, is_known)
    assert (known, within_unit) == (1_802, 1_802)
    assert within_cent == 1_499
