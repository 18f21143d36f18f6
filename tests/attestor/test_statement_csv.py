"""The project's own format: what it reads, and each line that it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from algebra.errors import Malformed, Refused
from attestor.log import Log, build_log
from attestor.statement import CENT
from attestor.venues.statement_csv import COLUMNS, INSTRUMENTS, STATEMENT, StatementFile
from history.dates import day_number
from history.v2.record import CARRY, FILL, LIQUIDATION, MARK, REWARD, TRANSFER, TRIP

A, B = "0x" + "a" * 40, "0x" + "b" * 40
FIRST = day_number("2026-01-01")
GOOD = [
    {"kind": "opening", "wallet": A, "amount": "1000"},
    {
        "kind": "position",
        "wallet": A,
        "instrument": "BTC",
        "side": "buy",
        "size": "1",
        "price": "90",
    },
    {"kind": "mark", "instrument": "BTC", "price": "100"},
    {"kind": "mark", "instrument": "CALL", "price": "5", "delta": "0.5"},
    {
        "kind": "fill",
        "wallet": A,
        "instrument": "BTC",
        "side": "sell",
        "size": "0.5",
        "price": "110",
        "fee": "-0.01",
        "liquidity": "maker",
        "id": "t1",
        "start_position": "1",
        "closed_pnl": "10",
    },
    {
        "kind": "liquidation",
        "wallet": A,
        "instrument": "CALL",
        "side": "sell",
        "size": "2",
        "price": "4",
        "fee": "0",
        "liquidity": "taker",
    },
    {"kind": "transfer", "wallet": A, "amount": "-20.5", "id": "x"},
    {"kind": "carry", "wallet": A, "amount": "0.25"},
    {"kind": "reward", "wallet": A, "amount": "3", "id": "programme"},
    {"kind": "vote", "wallet": A, "id": "proposal"},
]


EXPIRY = "2026-01-31T08:00:00Z"
NAMES = f"name,underlying,expiry\nBTC,,\nCALL,BTC,{EXPIRY}\n"


def write(folder: Path, rows: list[dict[str, str]], instruments: str = NAMES) -> Path:
    lines = [",".join(COLUMNS)]
    for index, row in enumerate(rows):
        filled = {"time": f"2026-01-01T00:{index // 3:02d}:00Z", "sequence": str(index + 1), **row}
        lines.append(",".join(filled.get(column, "") for column in COLUMNS))
    (folder / STATEMENT).write_text("\n".join(lines) + "\n")
    (folder / INSTRUMENTS).write_text(instruments)
    return folder


def test_every_kind_is_read(tmp_path: Path) -> None:
    next_day = [dict(row, time="2026-01-02T00:00:00Z") for row in GOOD[2:4]]
    loaded = StatementFile.load(write(tmp_path, GOOD + next_day), "some-venue")
    log = build_log(loaded.statement([A], FIRST, FIRST + 1))
    assert log.opening == 101_000  # re-based from 90 to the mark of the window's first instant
    kinds = [
        int(log.records.has(bit).sum())
        for bit in (FILL, LIQUIDATION, TRANSFER, CARRY, REWARD, MARK, TRIP)
    ]
    # 110 against a mark of 100 wins 5 USD at once, 4.45 beyond the band: the second transfer.
    assert kinds == [2, 1, 2, 1, 1, 4, 2]
    assert int((log.records.kind == 1).sum()) == 1
    # 110 - 100 for half a bitcoin and a rebate of a cent; carry 25 cents; 3 - 20.50 USD of flows
    assert log.closing == 101_000 + 501 + 25 - 1_750
    assert loaded.fills[A][0].fee == -CENT


def test_marks_at_the_first_instant_price_the_opening(tmp_path: Path) -> None:
    rows = [dict(row, time="2026-01-01T00:00:00Z") for row in GOOD[:3]]
    rows.append(dict(GOOD[2], time="2026-01-02T00:00:00Z"))
    loaded = StatementFile.load(write(tmp_path, rows), "v")
    assert build_log(loaded.statement([A], FIRST, FIRST + 1)).opening == 101_000


@pytest.mark.parametrize(
    ("time", "first"),
    [
        ("2026-01-01T00:00:01Z", FIRST),
        ("2026-01-03T00:00:00Z", FIRST),
        ("2026-01-01T00:00:00Z", FIRST + 1),
    ],
)
def test_an_opening_is_of_the_windows_first_instant(tmp_path: Path, time: str, first: int) -> None:
    loaded = StatementFile.load(
        write(tmp_path, [dict(GOOD[2], time="2026-01-01T00:00:00Z"), dict(GOOD[0], time=time)]), "v"
    )
    with pytest.raises(Malformed, match="first instant") as caught:
        build_log(loaded.statement([A], first, first + 1))
    assert (caught.value.code, caught.value.fields["line"]) == ("malformed.statement", 3)


def test_other_wallets_are_left_out_but_price(tmp_path: Path) -> None:
    buy = {
        "kind": "fill",
        "instrument": "BTC",
        "side": "buy",
        "size": "1",
        "fee": "0",
        "liquidity": "taker",
    }
    rows = [
        {"kind": "opening", "wallet": A, "amount": "1000"},
        {"kind": "opening", "wallet": B, "amount": "1000"},
        {**buy, "wallet": A, "price": "100"},
        {**buy, "wallet": B, "price": "130"},
    ]
    log = build_log(StatementFile.load(write(tmp_path, rows), "v").statement([A], FIRST, FIRST + 1))
    assert (log.wallets, int(log.records.has(FILL).sum())) == (1, 1)
    assert log.records.value[log.records.has(MARK) & ~log.records.owner_marks].tolist() == [
        3_000,
        3_000,
    ]


@pytest.mark.parametrize(
    ("row", "changes", "reason"),
    [
        (4, {"price": "1." + 19 * "1"}, "more than 18 decimals"),
        (4, {"size": "0"}, "size: must be above 0"),
        (4, {"size": "-1"}, "size: must be above 0"),
        (4, {"price": ""}, "price: empty, a fill needs it"),
        (4, {"amount": "1"}, "amount: a fill has none"),
        (4, {"side": "long"}, "side: 'long' is none of buy, sell"),
        (4, {"liquidity": ""}, "liquidity: empty"),
        (4, {"instrument": "XRP"}, "instrument: unknown"),
        (4, {"kind": "order"}, "kind: unknown"),
        (4, {"sequence": "4"}, "sequence: 4 is repeated or goes back"),
        (4, {"sequence": "05"}, "sequence: not a whole number"),
        (4, {"time": "2025-12-31T23:59:59Z"}, "time: goes back"),
        (4, {"wallet": "0xAB"}, "wallet"),
        (4, {"id": "has blank"}, "id:"),
        (2, {"price": "0"}, "price: must be above 0"),
        (2, {"delta": "0.5"}, "delta: an option's mark carries one"),
        (3, {"delta": ""}, "delta: an option's mark carries one"),
        (3, {"delta": "1.00000001"}, "delta: outside -1..1"),
        (8, {"amount": "-3"}, "reward: amount below 0"),
        (8, {"id": ""}, "id: empty, a reward needs it"),
        (9, {"amount": "1"}, "amount: a vote has none"),
        (6, {"amount": "1.5.5"}, "amount: not a plain decimal"),
        (1, {"time": "2026-01-01T00:00:00.000001Z"}, "the same instant as its wallet's opening"),
        (1, {"wallet": B}, "no opening line of this wallet before it"),
        (
            1,
            {
                "kind": "opening",
                "instrument": "",
                "side": "",
                "size": "",
                "price": "",
                "amount": "1",
            },
            "has one already",
        ),
    ],
)
def test_bad_lines_are_refused_with_file_line_and_reason(
    tmp_path: Path, row: int, changes: dict[str, str], reason: str
) -> None:
    rows = [dict(line) for line in GOOD]
    rows[row].update(changes)
    with pytest.raises(Malformed) as caught:
        StatementFile.load(write(tmp_path, rows), "v")
    assert (caught.value.code, caught.value.fields["file"], caught.value.fields["line"]) == (
        "malformed.statement", STATEMENT, row + 2,
    )  # fmt: skip
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("instruments", "reason"),
    [
        (NAMES + "BTC,,\n", "stands twice"),
        (NAMES.replace("CALL,BTC", "CALL,ETH"), "underlying: no instrument"),
        (NAMES + f"SECOND,CALL,{EXPIRY}\n", "underlying: no instrument"),
        ("name,underlying\nB TC,\n", "name:"),
        ("name\nBTC\n", "header: no underlying; want name,underlying$"),
        ("name,expiry\nBTC,\n", "header: no underlying; unknown 'expiry'"),
        ("name,underlying,strike\nBTC,,\n", "header: no expiry; unknown 'strike'"),
        ("name,underlying\nBTC,\nCALL,BTC\n", r"csv:3: expiry: empty, an option needs it"),
        (NAMES.replace(EXPIRY, ""), r"csv:3: expiry: empty, an option needs it"),
        (NAMES.replace(EXPIRY, "2026-01-31"), r"csv:3: expiry: not of the form"),
        (NAMES.replace(EXPIRY, "2026-02-30T08:00:00Z"), r"csv:3: expiry: no such instant"),
    ],
)
def test_bad_instruments(tmp_path: Path, instruments: str, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        StatementFile.load(write(tmp_path, GOOD, instruments), "v")


def test_an_open_quote_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    path = tmp_path / STATEMENT
    path.write_text(path.read_text().replace("proposal", '"proposal'))
    with pytest.raises(Malformed, match="not CSV"):
        StatementFile.load(tmp_path, "v")


def test_an_option_that_expires_worthless_is_settled_at_zero(tmp_path: Path) -> None:
    """With its line it is done, at a profit of the premium; without, nothing is attested."""
    sold = {"kind": "fill", "wallet": A, "instrument": "CALL", "side": "sell", "size": "1",
            "price": "150", "fee": "1", "liquidity": "maker"}  # fmt: skip
    rows = [
        GOOD[0] | {"time": "2026-01-01T00:00:00Z"},
        GOOD[2] | {"time": "2026-01-01T00:00:00Z", "price": "1000"},
        GOOD[3] | {"time": "2026-01-01T08:00:00Z", "price": "150"},
        sold | {"time": "2026-01-01T09:00:00Z"},
        GOOD[2] | {"time": "2026-01-02T00:00:00Z", "price": "1000"},
        GOOD[3] | {"time": "2026-01-02T07:00:00Z", "price": "0", "delta": "0"},
    ]
    settled = {"kind": "expiry", "wallet": A, "instrument": "CALL", "side": "buy", "size": "1",
               "price": "0", "time": "2026-01-02T08:01:00Z"}  # fmt: skip
    names = NAMES.replace(EXPIRY, "2026-01-02T08:00:00Z")

    def log_of(lines: list[dict[str, str]]) -> Log:
        file = StatementFile.load(write(tmp_path, lines, names), "v")
        return build_log(file.statement([A], FIRST, FIRST + 2))

    log = log_of([*rows, settled])
    assert log.closing - log.opening == 14_900
    with pytest.raises(Refused, match=r"statement\.csv:5: instrument: -1 of CALL") as caught:
        log_of(rows)
    assert caught.value.code == "refused.expired"
