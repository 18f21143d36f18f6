"""One id, one fact: ids that stand twice, whatever the venue."""

from __future__ import annotations

from typing import Any

import pytest
from attestor_world import CENT, UNIT, USD, A, B, C, Lines, at, statement

from algebra.errors import Malformed
from attestor.log import build_log
from attestor.statement import Coin, Fill, Transfer
from history.v2.record import BOOKED


def refused(fills: list[Fill] = [], lines: list[Transfer] = []) -> dict[str, Any]:  # noqa: B006
    """The complaint, which is one, with its fields."""
    with pytest.raises(Malformed) as caught:
        build_log(statement(fills, lines, wallets=(A, B, C)))
    assert caught.value.code == "malformed.statement" and "errors" not in caught.value.fields
    return caught.value.fields


def sides(make: Lines) -> list[Fill]:
    """Both sides of one trade, each in a wallet of the owner."""
    return [
        make.fill(at(0, 10), A, 1, 120, trade_id="7", maker=True),
        make.fill(at(0, 10), B, -1, 120, trade_id="7"),
    ]


def test_both_sides_of_a_trade_share_its_id() -> None:
    records = build_log(statement(sides(Lines()), wallets=(A, B))).records
    assert int(records.has(BOOKED).sum()) == 2


@pytest.mark.parametrize("wallet", [A, B, C])
@pytest.mark.parametrize("bought", [True, False])
def test_a_third_line_under_a_trade_id_is_refused(wallet: str, bought: bool) -> None:
    """Whichever wallet and side it has: a trade has one buyer and one seller."""
    make = Lines()
    fills = sides(make)
    again = make.fill(at(0, 10), wallet, 1 if bought else -1, 120, trade_id="7")
    fields = refused([*fills, again])
    same = fills[0] if bought else fills[1]
    assert (fields["file"], fields["line"]) == ("test.csv", again.source.line)
    assert fields["reason"] == (
        f"id: trade 7 stands at line {same.source.line} with the same side of the trade"
    )


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"time": at(0, 10, second=1)}, "instant"),
        ({"price": 120 * UNIT + 1}, "price"),
        ({"size": -UNIT - 1}, "size"),
        ({"size": UNIT + 1, "wallet": C}, "size"),
        ({"price": 119 * UNIT, "wallet": A}, "price"),
    ],
)
def test_one_id_on_trades_that_differ_is_refused(changes: dict[str, Any], what: str) -> None:
    """Else the two would count as one own trade, and its volume and maker share as none."""
    first, second = sides(Lines())
    fields = refused([first, second._replace(**changes)])
    assert fields["line"] == second.source.line
    assert fields["reason"] == (
        f"id: trade 7 stands at line {first.source.line} with another {what}"
    )


def test_markets_number_their_trades_apart() -> None:
    make = Lines()
    fills = [
        make.fill(at(0, 10), A, 1, 120, trade_id="7"),
        make.fill(at(0, 11), A, 2, 30, trade_id="7", instrument="ETH"),
    ]
    assert int(build_log(statement(fills)).records.has(BOOKED).sum()) == 0


def test_a_transaction_moves_money_once_into_or_out_of_a_wallet() -> None:
    make = Lines()
    first = make.transfer(at(0, 9), A, 500, "0xabc")
    for usd, later, reason in ((500, 0, "the same amount"), (500, 1, "the same amount"),
                               (501, 0, "another amount")):  # fmt: skip
        again = make.transfer(at(later, 10), A, usd, "0xabc")
        fields = refused(lines=[first, again])
        assert fields["line"] == again.source.line
        told = f"transaction 0xabc into this wallet stands at line {first.source.line} with"
        assert fields["reason"] == f"id: {told} {reason}"
    out = make.transfer(at(0, 12), A, -500, "0xdef")
    assert "out of this wallet" in refused(lines=[out, out._replace(sequence=99)])["reason"]


def test_a_transaction_may_reach_several_wallets_and_come_back() -> None:
    make = Lines()
    lines = [
        make.transfer(at(0, 9), A, -500, "0xabc"),
        make.transfer(at(0, 9), B, 200, "0xabc"),
        make.transfer(at(0, 9), C, 200, "0xabc"),
        make.transfer(at(0, 9), A, 100, "0xabc"),
    ]
    log = build_log(statement(lines=lines, wallets=(A, B, C)))
    assert log.closing == log.opening


def test_a_booking_is_of_its_account() -> None:
    """One delivery reaches every account that held the instrument, each once."""
    make = Lines()
    opened = [make.fill(at(0, 9), wallet, 1, 100) for wallet in (A, B)]
    booked = [
        make.fill(at(0, 10), wallet, -1, 120, trade_id="d1")._replace(booked=True)
        for wallet in (A, B)
    ]
    build_log(statement([*opened, *booked], wallets=(A, B)))
    again = booked[1]._replace(sequence=99)
    fields = refused([*opened, *booked, again])
    assert fields["reason"] == (
        f"id: booking d1 stands at line {booked[1].source.line} with the same side of the trade"
    )


def test_a_transaction_in_two_coins_is_two_movements() -> None:
    make = Lines()
    usd = make.transfer(at(0, 9), A, 500, "0xabc")
    in_coin = [
        usd._replace(sequence=60 + i, coin=Coin(name, UNIT, 500 * UNIT))
        for i, name in enumerate(("BTC", "ETH"))
    ]
    quotes = [make.mark(at(0, 0), 500, name) for name in ("BTC", "ETH")]
    build_log(statement(lines=[usd, *in_coin], quotes=quotes))
    assert "0xabc" in refused(lines=[usd, *in_coin, in_coin[1]._replace(sequence=70)])["reason"]


def test_all_of_them_are_told_with_the_other_complaints() -> None:
    make = Lines()
    fills = [*sides(make), *(fill._replace(sequence=50 + i) for i, fill in enumerate(sides(make)))]
    fills.append(make.fill(at(9), A, 1, 100))  # outside the window
    with pytest.raises(Malformed) as caught:
        build_log(statement(fills, wallets=(A, B)))
    listed: list[dict[str, Any]] = caught.value.fields["errors"]  # type: ignore[assignment]
    assert [part["line"] for part in listed] == [fills[i].source.line for i in (4, 2, 3)]


def test_what_doubling_would_have_given() -> None:
    """The same two fills and deposit once more would have doubled profit, volume and flow."""
    make = Lines()
    fills = [make.fill(at(0, 9), A, 1, 100, trade_id="1"),
             make.fill(at(0, 10), A, -1, 90, trade_id="2")]  # fmt: skip
    deposit = make.transfer(at(0, 11), A, 5_000, "0xabc")
    log = build_log(statement(fills, [deposit]))
    assert log.closing - log.opening == 4_990 * USD // CENT
    with pytest.raises(Malformed) as caught:
        build_log(
            statement(
                [*fills, *(fill._replace(sequence=10 + i) for i, fill in enumerate(fills))],
                [deposit, deposit._replace(sequence=10)],
            )
        )
    assert len(caught.value.fields["errors"]) == 3  # type: ignore[arg-type]
