"""The project's own format: a desk of one wallet, with pages, an option and a closing."""

from __future__ import annotations

from pathlib import Path

from attestor.venues.instruments_csv import INSTRUMENTS
from attestor.venues.sample import DAYS, FIRST_DAY, write_sample
from attestor.venues.statement_csv import COLUMNS, STATEMENT
from history.dates import day_number
from tests.attestor.conformance.lines import again, change, replace, swapped, together, without
from tests.attestor.conformance.maker import Fault, Maker, Recording, Same

A, B = "0x" + "a" * 40, "0x" + "b" * 40
SECOND, THIRD = "statement-2.csv", "statement-3.csv"
EXPIRY, SOONER = "2026-01-31T08:00:00Z", "2026-01-01T14:00:00Z"
PAGES = {
    STATEMENT: f"""
2026-01-01T00:00:00Z,10,opening,{A},,,,,,,,1000,,,
2026-01-01T00:00:00Z,20,position,{A},BTC,buy,1,90,,,,,,,
2026-01-01T00:00:00Z,30,mark,,BTC,,,100,,,,,,,
2026-01-01T00:00:00Z,40,mark,,CALL,,,5,,,,,0.5,,
2026-01-01T00:00:00Z,50,opening,{B},,,,,,,,500,,,
""",
    SECOND: f"""
2026-01-01T09:00:00Z,60,fill,{A},BTC,sell,0.5,100,0.1,taker,t1,,,1,5
2026-01-01T09:10:00Z,70,fill,{B},ETH,buy,1,20,0,maker,t2,,,0,
2026-01-01T10:00:00Z,80,fill,{A},CALL,sell,2,5,0.2,taker,t3,,,0,
2026-01-01T11:00:00Z,90,transfer,{A},,,,,,,x,50,,,
2026-01-01T12:00:00Z,100,carry,{A},,,,,,,f1,-0.25,,,
""",
    THIRD: f"""
2026-01-01T13:00:00Z,110,liquidation,{A},CALL,buy,2,5,0,taker,t4,,,-2,0
2026-01-02T00:00:00Z,120,mark,,BTC,,,100,,,,,,,
2026-01-02T10:00:00Z,130,fill,{A},BTC,sell,0.5,100,0,taker,t5,,,0.5,5
2026-01-03T00:00:00Z,140,closing,{A},,,,,,,,1059.45,,,
""",
}


def write(folder: Path) -> None:
    """A bitcoin of 90 sold in halves for 100, two calls sold and taken back, 50 USD more."""
    for name, lines in PAGES.items():
        (folder / name).write_text(",".join(COLUMNS) + lines)
    (folder / INSTRUMENTS).write_text(f"name,underlying,expiry\nBTC,,\nETH,,\nCALL,BTC,{EXPIRY}\n")


def head_again(folder: Path) -> None:
    """The last line of the second page is the first of the third."""
    last = (folder / SECOND).read_text().splitlines()[-1]
    change(THIRD, lambda lines: [lines[0], last, *lines[1:]])(folder)


def recordings(data: Path, scratch: Path) -> list[Recording]:
    """The sample, which is made and not recorded."""
    made = write_sample(scratch / "sample")
    last = FIRST_DAY + DAYS - 1
    return [
        Recording(f"the sample's {owner.name}", made.folder, owner.wallets, FIRST_DAY, last)
        for owner in made.owners
    ]


SAME = f",61,fill,{A}"
MALFORMED, LEDGER = "malformed.statement", "refused.ledger"
CLOSES = "the venue states "

MAKER = Maker(
    venue="custodian-7",
    wallets=(A,),
    others=(B,),
    first_day=day_number("2026-01-01"),
    last_day=day_number("2026-01-02"),
    write=write,
    records=12,  # four executions, two lines, two trips, two marks a day
    opening=101_000,
    closing=105_945,
    recordings=recordings,
    outcomes={
        "id-twice": Fault(again(SECOND, 2, ",60,", ",61,"), MALFORMED, "read twice"),
        "id-differs": Fault(
            together(
                again(SECOND, 2, ",60,", ",61,"),
                replace(SECOND, f"{SAME},BTC,sell,0.5,100", f"{SAME},BTC,buy,0.5,101"),
            ),
            MALFORMED,
            "trade t1 stands at",
        ),
        "pages-overlap": Same(head_again),
        "transfer-twice": Fault(again(SECOND, 5, ",90,", ",91,"), MALFORMED, "read twice"),
        "stale-mark": Fault(without(THIRD, 3), "refused.price", "hours old, at most 25 wanted"),
        "past-expiry": Fault(
            together(replace(INSTRUMENTS, EXPIRY, SOONER), without(THIRD, 2)),
            "refused.expired",
            "the line that closes it is missing",
        ),
        "out-of-order": Fault(swapped(SECOND, 4), MALFORMED, "goes back"),
        "sign": Fault(replace(SECOND, "-0.25", "0.25"), LEDGER, CLOSES),
        "exponent": Fault(replace(SECOND, "x,50,", "x,5e1,"), MALFORMED, "not a plain decimal"),
        "decimals": Fault(
            replace(SECOND, "0.5,100,0.1", f"0.5,100.{0:018}1,0.1"),
            MALFORMED,
            "more than 18 decimals",
        ),
        "not-a-number": Fault(replace(SECOND, "x,50,", "x,NaN,"), MALFORMED, "not a plain decimal"),
        "line-missing": Fault(without(SECOND, 4), MALFORMED, "start position differs"),
        "first-missing": Fault(without(STATEMENT, 2), MALFORMED, "no opening line"),
        "last-missing": Fault(without(THIRD, 4), LEDGER, CLOSES),
        "page-missing": Fault(
            lambda folder: (folder / SECOND).unlink(), MALFORMED, "a page without the one before it"
        ),
        "opening-wrong": Fault(replace(STATEMENT, ",1000,", ",1001,"), LEDGER, CLOSES),
        "closing-wrong": Fault(replace(THIRD, "1059.45", "1059.5"), LEDGER, CLOSES),
        "unknown-kind": Fault(replace(SECOND, "carry", "airdrop"), MALFORMED, "kind"),
        "unknown-instrument": Fault(
            replace(THIRD, f"{A},CALL,buy", f"{A},PUT,buy"), MALFORMED, "instrument: unknown: 'PUT'"
        ),
        "stranger": Fault(
            replace(SECOND, f"carry,{A}", "carry,0x" + "a" * 39 + "c"),
            MALFORMED,
            "differs in 1 of 40 digits",
        ),
    },
)
