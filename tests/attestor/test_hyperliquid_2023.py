"""The venue adapter on the real files, and on broken copies of their form."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from algebra.errors import Malformed, Refused, Unavailable
from attestor import prices
from attestor.log import Log, build_log
from attestor.statement import UNIT
from attestor.venues.hyperliquid_2023 import LEDGER, LIQUIDATIONS, TRADES, History
from circuits.versions import CURRENT
from history.dates import day_number
from history.v2.record import (
    BOOKED,
    CARRY,
    FILL,
    INFLOW,
    LIQUIDATION,
    MARK,
    REWARD,
    TRANSFER,
    TRIP,
)

FIRST, LAST = day_number("2023-02-26"), day_number("2023-05-02")
DAYS = 66

W51EC = "0x51ec66e63199176f59c80268e0be6ffa91fab220"
W89C9 = "0x89c95863d976998b78784a7ffe0020ce458bcfe5"
W0779 = "0x077904eb39fdfee17679356987beb89c7b26e5b8"
W8621 = "0x86219301a71c65a8f2c3e0ffce65bcdad7a01003"
W9A15 = "0x9a1500b41519868039b1f95c447ba50b76d837e6"
W1497 = "0x1497603fea33e12307ea0a1988cdff9efc4bdea4"
W069C = "0x069cb0aeab4abd5eab8e7bed1a128db31f64b116"
W8D7E = "0x8d7e609eabc813df14ef5ae36346de96503af0c4"
W27C7 = "0x27c77c2c2f8ffb1005f9d202bd9a0e261e34d053"
W17D8 = "0x17d8e3268b7c81111c98b7d3ccea55072a32d6c0"
PAIR = ("0x5ad808db223ab069822171305479cddfc0a39dd3", "0xe16c0e1bf3b75f67e83c9e47b9c0eb8bf1b99ccd")

# owner: wallets, (records, gifts, fills, booked, liquidations, closing in cents); the gifts are the
# records of what fills win at once beyond the band of 2 % (A4), as counted from the files apart
OWNERS = {
    "two": ((W8621, W9A15), (655, 6, 350, 0, 0, 648_649)),
    "three": ((W1497, W069C, W0779), (3_846, 78, 1_916, 0, 0, 351_590)),
    "four": ((W0779, W8D7E, W9A15, W27C7), (4_406, 176, 3_332, 24, 2, 473_848)),
}
TOO_MANY = (W51EC, W8D7E, W9A15, W069C)
"""4,826 records, 354 of them gifts: more than the class of 2^13 holds."""


def log_of(history: History, wallets: tuple[str, ...]) -> Log:
    return build_log(history.statement(wallets, FIRST, LAST))


@pytest.fixture(scope="module")
def logs(history: History) -> dict[str, Log]:
    """Of each owner, his wallets in the order of the table."""
    return {name: log_of(history, wallets) for name, (wallets, _) in OWNERS.items()}


@pytest.mark.parametrize("name", OWNERS)
def test_real_owners(history: History, logs: dict[str, Log], name: str) -> None:
    wallets, counts = OWNERS[name]
    log = logs[name]
    records = log.records
    seen = tuple(int(records.has(bit).sum()) for bit in (FILL, BOOKED, LIQUIDATION))
    lines = [line for w in wallets for line in history.transfers[w]]
    gifts = int(records.has(TRANSFER).sum()) - len(lines)
    assert (len(records), gifts, *seen, log.closing) == counts
    assert (log.opening, log.days, log.wallets) == (0, DAYS, len(wallets))
    assert int(records.owner_marks.sum()) == DAYS
    assert int(records.has(MARK).sum()) == DAYS * (len(wallets) + 1)
    assert not records.has(CARRY | REWARD).any()
    assert int(records.has(FILL | BOOKED).sum()) < sum(len(history.fills[w]) for w in wallets)
    assert sum(line.amount > 0 for line in lines) + gifts == int(
        (records.has(TRANSFER) & records.has(INFLOW)).sum()
    )
    assert records.has(TRIP).sum() > 90
    assert (records.distance[records.has(LIQUIDATION)] <= 0).all()


@pytest.mark.parametrize("name", OWNERS)
def test_the_order_of_wallets_changes_nothing(
    history: History, logs: dict[str, Log], name: str
) -> None:
    """From the last to the first: where there are two or four, none stands where it stood."""
    assert log_of(history, OWNERS[name][0][::-1]) == logs[name]


def test_wallets_together_hold_what_they_hold_apart(history: History, logs: dict[str, Log]) -> None:
    apart = sum(log_of(history, (wallet,)).closing for wallet in OWNERS["three"][0])
    assert logs["three"].closing == apart


def test_two_wallets_that_trade_with_each_other(history: History) -> None:
    log = log_of(history, PAIR)
    own, fills = log.records.has(BOOKED), log.records.has(FILL)
    assert (int(own.sum()), int(fills.sum())) == (943, 199)
    volume = int(log.records.notional[own].sum()), int(log.records.notional[own | fills].sum())
    assert volume[0] * 100 // volume[1] == 92
    apart = sum(int(log_of(history, (wallet,)).records.has(BOOKED).sum()) for wallet in PAIR)
    assert apart < 943


def test_all_executions_of_a_liquidation_are_flagged(history: History) -> None:
    flagged = [fill for fills in history.fills.values() for fill in fills if fill.liquidation]
    assert len(flagged) == 69
    assert len({(fill.time, fill.wallet) for fill in flagged}) == 62


@pytest.mark.slow
def test_which_wallets_have_a_complete_ledger(history: History) -> None:
    """
    111 of those with 16 fills or more, 39 of those with 64: the 113 and 40 that were found when the
    data was checked, but for the two of `test_prices_of_others_refuse_two_more`.
    """
    counts, trips = {16: 0, 64: 0}, []
    for wallet, fills in history.fills.items():
        if len(fills) < 16:
            continue
        try:
            log = log_of(history, (wallet,))
        except Refused as refusal:
            assert refusal.code == "refused.ledger"
            continue
        counts[16] += 1
        trips.append(int(log.records.has(TRIP).sum()))
        counts[64] += len(fills) >= 64
    assert counts == {16: 111, 64: 39}
    assert (median(trips), max(trips)) == (8, 3_403)


def test_negative_controls(history: History) -> None:
    with pytest.raises(Refused, match="neither deposit nor opening"):
        log_of(history, ("0xe9e2419f8f5661134fd73e78d14faaf7241d2acb",))
    with pytest.raises(Refused, match=r"non_mm_\w+\.csv:\d+: .*ledger is incomplete"):
        log_of(history, ("0x42061acc5da4af3b779aa7a275e72ad163308490",))


def test_prices_of_others_refuse_two_more(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Their own fills are no prices, so between those of others their equity stands at older ones and
    falls below -1 % of their deposits; with their own among them it does not.
    """
    for wallet, day in ((W89C9, 52), (W17D8, 13)):
        with pytest.raises(Refused, match=rf"below -1 % of its deposits on day {day} "):
            log_of(history, (wallet,))
    monkeypatch.setattr(prices, "trades_of_others", lambda quotes, _: quotes)
    assert [len(log_of(history, (wallet,)).records) for wallet in (W89C9, W17D8)] == [5_072, 159]


def test_over_capacity_and_outside_the_window(history: History) -> None:
    statement = history.statement(TOO_MANY, FIRST, LAST)
    with pytest.raises(Refused) as caught:
        build_log(statement, capacity=CURRENT.capacity(1 << 13))
    assert (caught.value.code, caught.value.fields["records"]) == ("refused.capacity", 4_826)
    with pytest.raises(Malformed, match="outside the window"):
        build_log(history.statement((W51EC,), FIRST, FIRST + 30))


TRADE_LINES = [
    "time,user,coin,side,px,sz,crossed",
    f"2023-03-01T10:00:00Z,{W51EC},ETH,Bid,1655.5,0.5,true",
    f"2023-03-01T10:00:01Z,{W51EC},ETH,Ask,1656,0.25,false",
    f"2023-03-01T10:00:01Z,{W51EC},ETH,Ask,1656,0.25,false",
]
LEDGER_LINES = ["time,user,delta_usd", f"2023-03-01T09:00:00Z,{W51EC},1000"]
LIQUIDATION_LINES = [
    "time,user,liquidated_ntl_pos,liquidated_account_value,leverage_type",
    f"2023-03-01T10:00:01Z,{W51EC},356.8,-2.5,Cross",
]


def write(folder: Path, trades: list[str], ledger: list[str], liquidations: list[str]) -> Path:
    for name, lines in ((TRADES, trades), (LEDGER, ledger), (LIQUIDATIONS, liquidations)):
        (folder / name).write_text("\n".join(lines) + "\n")
    return folder


def test_a_small_history(tmp_path: Path) -> None:
    history = History.load(write(tmp_path, TRADE_LINES, LEDGER_LINES, LIQUIDATION_LINES))
    fills = history.fills[W51EC]
    assert [(f.size, f.price, f.maker, f.liquidation) for f in fills] == [
        (UNIT // 2, 16_555 * UNIT // 10, False, False),
        (-UNIT // 4, 1_656 * UNIT, True, True),
        (-UNIT // 4, 1_656 * UNIT, True, True),
    ]
    records = build_log(history.statement((W51EC,), FIRST, LAST)).records
    assert records.value[records.has(FILL)].tolist() == [0, 25]  # two executions, one record
    assert records.value[records.has(LIQUIDATION)].tolist() == [25]


@pytest.mark.parametrize(
    ("line", "old", "new", "reason"),
    [
        (2, "1655.5", "1655." + 19 * "1", "more than 18 decimals"),
        (2, "1655.5", "-1655.5", "px: must be above 0"),
        (2, "1655.5", "0", "px: must be above 0"),
        (2, "0.5", "1e2", "sz: not a plain decimal"),
        (2, "ETH", "XRP", "coin: unknown"),
        (2, "Bid", "bid", "side: 'bid' is none of Bid, Ask"),
        (2, "true", "yes", "crossed: 'yes' is none of"),
        (2, "T10", " 10", "time: not of the form"),
        (3, "10:00:01Z", "09:59:59Z", "time: goes back"),
        (2, W51EC, W51EC.replace("e", "E"), "wallet: the checksum of the address does not match"),
        (2, ",true", "", "6 cells, 7 wanted"),
        (2, "true", "true,1", "8 cells, 7 wanted"),
        (1, "coin", "Coin", "header"),
    ],
)
def test_bad_trades_are_refused_with_file_line_and_reason(
    tmp_path: Path, line: int, old: str, new: str, reason: str
) -> None:
    trades = list(TRADE_LINES)
    assert old in trades[line - 1]
    trades[line - 1] = trades[line - 1].replace(old, new, 1)
    with pytest.raises(Malformed) as caught:
        History.load(write(tmp_path, trades, LEDGER_LINES, LIQUIDATION_LINES))
    assert (caught.value.code, caught.value.fields["file"], caught.value.fields["line"]) == (
        "malformed.statement", TRADES, line,
    )  # fmt: skip
    assert reason in str(caught.value)


def test_a_ledger_line_read_twice_is_refused(tmp_path: Path) -> None:
    """Of the real ledger no line is like another; two of one second that differ are two."""
    other = LEDGER_LINES[1].replace("1000", "1001")
    two = [*LEDGER_LINES, other]
    history = History.load(write(tmp_path, TRADE_LINES, two, LIQUIDATION_LINES))
    assert len(history.transfers[W51EC]) == 2
    write(tmp_path, TRADE_LINES, [*two, LEDGER_LINES[1]], LIQUIDATION_LINES)
    with pytest.raises(Malformed) as caught:
        History.load(tmp_path)
    assert (caught.value.fields["file"], caught.value.fields["line"]) == (LEDGER, 4)
    assert "the same as line 2: read twice" in caught.value.message


def test_bad_ledgers_and_liquidations(tmp_path: Path) -> None:
    second = LIQUIDATION_LINES[1]
    cases = [
        ([LEDGER_LINES[0], LEDGER_LINES[1].replace("1000", "1,000")], LIQUIDATION_LINES, LEDGER),
        (
            LEDGER_LINES,
            [LIQUIDATION_LINES[0], second.replace("10:00:01", "10:00:02")],
            LIQUIDATIONS,
        ),
        (LEDGER_LINES, [*LIQUIDATION_LINES, second], LIQUIDATIONS),
        (LEDGER_LINES, [LIQUIDATION_LINES[0], second.replace("Cross", "Both")], LIQUIDATIONS),
    ]
    for ledger, liquidations, file in cases:
        with pytest.raises(Malformed) as caught:
            History.load(write(tmp_path, TRADE_LINES, ledger, liquidations))
        assert caught.value.fields["file"] == file


def test_files_that_are_no_files(tmp_path: Path) -> None:
    write(tmp_path, TRADE_LINES, LEDGER_LINES, LIQUIDATION_LINES)
    (tmp_path / TRADES).write_bytes(b"")
    with pytest.raises(Malformed, match="empty"):
        History.load(tmp_path)
    (tmp_path / TRADES).write_bytes(b"\xff\xfe")
    with pytest.raises(Malformed, match="UTF-8"):
        History.load(tmp_path)
    (tmp_path / TRADES).unlink()
    with pytest.raises(Unavailable):
        History.load(tmp_path)
