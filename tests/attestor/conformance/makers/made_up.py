"""The made-up exchange of `tests.attestor.conformance.made_up_venue`."""

from __future__ import annotations

from pathlib import Path

from history.dates import day_number
from tests.attestor.conformance.lines import again, replace, swapped, without
from tests.attestor.conformance.made_up_venue import COLUMNS, EXPORT
from tests.attestor.conformance.maker import Absent, Fault, Maker

A, B = "0x" + "a" * 40, "0x" + "b" * 40
ROWS = f"""
1,2026-01-01T08:00:00Z,{A},transfer,,,,,,1000,1000
1,2026-01-01T08:00:00Z,{B},transfer,,,,,,500,500
2,2026-01-01T09:00:00Z,{A},trade,BTC-PERP,buy,2,100,0.5,,999.5
2,2026-01-01T09:00:00Z,{B},trade,BTC-PERP,sell,2,100,0,,500
3,2026-01-01T10:00:00Z,{A},trade,BTC-PERP,sell,1,100.5,0.25,,999.75
3,2026-01-01T10:00:00Z,{B},trade,BTC-PERP,buy,1,100.5,0,,499.5
4,2026-01-01T11:00:00Z,{A},transfer,,,,,,-50,949.75
4,2026-01-02T12:00:00Z,{B},trade,BTC-PERP,buy,1,101,0,,498.5
5,2026-01-02T12:00:00Z,{A},trade,BTC-PERP,sell,1,101,0,,950.75
5,2026-01-03T00:00:00Z,{B},end,,,,,,,498.5
6,2026-01-03T00:00:00Z,{A},end,,,,,,,950.75
"""


def write(folder: Path) -> None:
    """Two bitcoin bought at 100, sold one by one at 100.50 and 101."""
    (folder / EXPORT).write_text(",".join(COLUMNS) + ROWS)


NINE, ELEVEN = "2026-01-01T09:00:00Z", "2026-01-01T11:00:00Z"
MALFORMED = "malformed.statement"
NOT_NEXT, NOT_STEP = "is next", "not the one before it"
NUMBERED = "rows are numbered, in one file"

MAKER = Maker(
    venue="made-up",
    wallets=(A,),
    others=(B,),
    first_day=day_number("2026-01-01"),
    last_day=day_number("2026-01-02"),
    write=write,
    records=10,  # three executions, two transfers, a trip, two marks a day
    opening=0,
    closing=95_075,
    outcomes={
        "id-twice": Fault(again(EXPORT, 4), MALFORMED, NOT_NEXT),
        "id-differs": Fault(again(EXPORT, 4, "100", "101"), MALFORMED, NOT_NEXT),
        "pages-overlap": Absent(NUMBERED),
        "transfer-twice": Fault(again(EXPORT, 2), MALFORMED, NOT_NEXT),
        "stale-mark": Absent("the exchange has no marks"),
        "past-expiry": Absent("perpetuals have no expiry"),
        "out-of-order": Fault(swapped(EXPORT, 7), MALFORMED, "goes back"),
        "sign": Fault(replace(EXPORT, "-50,", "50,"), MALFORMED, NOT_STEP),
        "exponent": Fault(replace(EXPORT, "-50,", "-5e1,"), MALFORMED, "not a plain decimal"),
        "decimals": Fault(replace(EXPORT, ",0.25,", f",0.25{0:034}1,"), MALFORMED, "more than 36"),
        "not-a-number": Fault(replace(EXPORT, "-50,", "NaN,"), MALFORMED, "not a plain decimal"),
        "line-missing": Fault(without(EXPORT, 6), MALFORMED, NOT_NEXT),
        "first-missing": Fault(without(EXPORT, 2), MALFORMED, NOT_NEXT),
        "last-missing": Fault(without(EXPORT, 10), MALFORMED, NOT_NEXT),
        "page-missing": Absent(NUMBERED),
        "opening-wrong": Absent("every wallet begins with row 1"),
        "closing-wrong": Fault(replace(EXPORT, "0,,950.75", "0,,950.7"), MALFORMED, NOT_STEP),
        "end-missing": Fault(without(EXPORT, 12), MALFORMED, "no end"),
        "unknown-kind": Fault(
            again(EXPORT, 8, f"4,{ELEVEN},{A},transfer", f"5,{ELEVEN},{A},rebate"),
            MALFORMED,
            "what: 'rebate'",
        ),
        "unknown-instrument": Fault(
            replace(EXPORT, f"{NINE},{B},trade,BTC", f"{NINE},{B},trade,DOGE"),
            MALFORMED,
            "market: unknown",
        ),
    },
)
