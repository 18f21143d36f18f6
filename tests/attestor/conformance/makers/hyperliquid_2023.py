"""The venue's public history of 2023: whole files without ids, so that little can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attestor.venues.registry import adapter_of
from history.dates import day_number
from tests.attestor.conformance.lines import again, replace, swapped, without
from tests.attestor.conformance.maker import Absent, Fault, Maker, Recording, Unseen

A, B = "0x" + "a" * 40, "0x" + "b" * 40
TRADES, LEDGER, LIQUIDATIONS = (each.name for each in adapter_of("hyperliquid-2023").inputs)
FILES = {
    TRADES: f"""time,user,coin,side,px,sz,crossed
2023-03-01T10:00:00Z,{A},ETH,Bid,1600,0.5,true
2023-03-01T10:00:00Z,{B},ETH,Ask,1600,0.5,false
2023-03-01T10:00:01Z,{B},ETH,Bid,1604,0.5,true
2023-03-01T10:00:02Z,{A},ETH,Ask,1604,0.25,false
2023-03-01T11:00:00Z,{A},ETH,Ask,1604,0.25,true
""",
    LEDGER: f"""time,user,delta_usd
2023-03-01T09:00:00Z,{A},1000
2023-03-01T09:00:01Z,{B},2000
2023-03-01T09:30:00Z,{A},-100
""",
    LIQUIDATIONS: f"""time,user,liquidated_ntl_pos,liquidated_account_value,leverage_type
2023-03-01T11:00:00Z,{A},401,4,Cross
""",
}


def write(folder: Path) -> None:
    """Half an ether bought for 1,600 and sold for 1,604 in two parts, the second by force."""
    for name, content in FILES.items():
        (folder / name).write_text(content)


PAIR = ("0x86219301a71c65a8f2c3e0ffce65bcdad7a01003", "0x9a1500b41519868039b1f95c447ba50b76d837e6")
SHORT_LEDGER = "0x42061acc5da4af3b779aa7a275e72ad163308490"


def recordings(data: Path, scratch: Path) -> Sequence[Recording]:
    """The venue's files: an owner of two wallets, and one whose ledger is not whole."""
    folder = data / "hyperliquid"
    if not folder.is_dir():
        return ()
    first, last = day_number("2023-02-26"), day_number("2023-05-02")
    return (
        Recording("two wallets with profit", folder, PAIR, first, last),
        Recording(
            "a ledger that is not whole", folder, (SHORT_LEDGER,), first, last, "refused.ledger"
        ),
    )


MALFORMED = "malformed.statement"
NO_ID = "fills have no id"
NO_PAGES = "each file is whole, never in pages"

MAKER = Maker(
    venue="hyperliquid",
    wallets=(A,),
    others=(B,),
    first_day=day_number("2023-03-01"),
    last_day=day_number("2023-03-02"),
    write=write,
    records=10,  # three executions, two lines, a trip, two marks a day
    opening=0,
    closing=90_200,
    recordings=recordings,
    outcomes={
        "id-twice": Unseen(again(TRADES, 5), NO_ID),
        "id-differs": Absent(NO_ID),
        "pages-overlap": Absent(NO_PAGES),
        "transfer-twice": Fault(again(LEDGER, 2), MALFORMED, "read twice"),
        "stale-mark": Absent("the files have no marks; a public fill has no age"),
        "past-expiry": Absent("perpetuals have no expiry"),
        "out-of-order": Fault(swapped(TRADES, 5), MALFORMED, "goes back"),
        "sign": Unseen(replace(LEDGER, "-100", "100"), "no balance is stated"),
        "exponent": Fault(replace(LEDGER, "2000", "2e3"), MALFORMED, "not a plain decimal"),
        "decimals": Fault(
            replace(TRADES, "Bid,1604,0.5", f"Bid,1604,0.5{0:018}1"),
            MALFORMED,
            "more than 18 decimals",
        ),
        "not-a-number": Fault(replace(LEDGER, "2000", "NaN"), MALFORMED, "not a plain decimal"),
        "line-missing": Unseen(without(TRADES, 5), "fills have no start position"),
        "first-missing": Unseen(without(TRADES, 2), "fills have no start position"),
        "last-missing": Fault(without(TRADES, 6), MALFORMED, "liquidation: no fill of this user"),
        "page-missing": Absent(NO_PAGES),
        "opening-wrong": Absent("every wallet begins empty"),
        "closing-wrong": Absent("no closing is stated"),
        "unknown-kind": Fault(
            replace(LIQUIDATIONS, "Cross", "Portfolio"), MALFORMED, "leverage_type"
        ),
        "unknown-instrument": Fault(
            replace(TRADES, f"{B},ETH,Bid", f"{B},PEPE,Bid"), MALFORMED, "coin: unknown"
        ),
        "deposit-missing": Fault(without(LEDGER, 2), "refused.ledger", "neither deposit"),
    },
)
