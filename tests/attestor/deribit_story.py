"""
The history that the tests of Deribit's adapter read: two accounts over nine days, five of them the
window. It opens with positions, and has a perpetual that is turned, options that are delivered in
cash and through their future, a linear perpetual, funding, a liquidation, money between accounts.
"""

from __future__ import annotations

from deribit_world import (
    BEGIN,
    LAST,
    MAIN,
    SUB,
    WALLET,
    Folder,
    Member,
    btc,
    collected,
    ms,
)

CALL, PUT, LINEAR_CALL = "BTC-31JUL26-58000-C", "BTC-2AUG26-61000-P", "BTC_USDC-1AUG26-58000-C"
PERPETUAL, LINEAR = "BTC-PERPETUAL", "SOL_USDC-PERPETUAL"
MARKS = {
    PERPETUAL: None,
    LINEAR: None,
    "ETH-PERPETUAL": None,
    "BTC_USDC-PERPETUAL": None,
    CALL: "2026-07-31",
    PUT: "2026-08-02",
    LINEAR_CALL: "2026-08-01",
}
DAYS = ("2026-07-30", "2026-07-31", "2026-08-01", "2026-08-02", "2026-08-03")


def before_window(main: Member, sub: Member) -> None:
    main.deposit(ms(BEGIN, 1), "BTC", "5")
    main.deposit(ms(BEGIN, 1, 5), "USDC", "20000")
    main.transfer(ms(BEGIN, 2), sub, "BTC", "1.5")
    main.trade(ms(BEGIN, 3), PERPETUAL, 30_000, "59900.5", fee="0.00025")
    main.trade(ms(BEGIN, 4), CALL, 2, "0.0405", fee="0.0006")
    main.settle(ms("2026-07-29", 8), PERPETUAL, "59000.07", "0.00001243")
    main.trade(ms("2026-07-29", 12), PERPETUAL, -10_000, 59_100, fee="-0.00000021", maker=True)


def window(main: Member, sub: Member) -> None:
    first, second, third, fourth, fifth = DAYS
    main.settle(ms(first, 8), PERPETUAL, "59500.31", "-0.00000514")
    sub.trade(ms(first, 9), PERPETUAL, -600_000, 59_500, fee="0.005", order="big")
    main.trade(ms(first, 9, 30), PERPETUAL, -50_000, 59_510, fee="0.0004", order="turn")
    main.trade(ms(first, 10), LINEAR, 100, "150.3", fee="7.5")
    main.trade(ms(first, 11), PUT, -1, "0.0201", fee="0.0003")
    main.trade(ms(first, 11, 5), LINEAR_CALL, "0.1", 2600, fee="0.15", fee_balance=True)
    main.deposit(ms(first, 14), "ETH", "2.25")
    main.settle(ms(second, 8), PERPETUAL, "59700.31", "0.00000514")
    main.settle(ms(second, 8), LINEAR, "150.7", "0.0123")
    main.deliver(ms(second, 8, 0, 1), CALL, btc(ms(second, 8)), fee="0.0003")
    sub.settle(ms(second, 8), PERPETUAL, "59700.31", "0.0000314")
    forced = btc(ms(second, 20))
    sub.trade(ms(second, 20), PERPETUAL, 600_000, forced, fee="0.01", liquidation="T")
    main.settle(ms(third, 8), PERPETUAL, "59100.31", "0.0000114")
    main.settle(ms(third, 8), LINEAR, "150.2", "-0.0123")
    main.deliver_through(ms(third, 8, 0, 1), LINEAR_CALL, btc(ms(third, 8)))
    sub.settle(ms(third, 8), PERPETUAL, "59100.31", "0.0000114")
    main.settle(ms(fourth, 8), PERPETUAL, "59200.31", "0.0000114")
    main.settle(ms(fourth, 8), LINEAR, "150.2", "0.0023")
    main.deliver_through(ms(fourth, 8, 0, 1), PUT, btc(ms(fourth, 8)))
    main.settle(ms(fifth, 8), PERPETUAL, "59300.31", "0.0000114")
    main.settle(ms(fifth, 8), LINEAR, "150.2", "0.0023")
    sub.withdraw(ms(fifth, 9), "BTC", "0.25")
    sub.transfer(ms(fifth, 10), main, "BTC", "0.125")


def story() -> dict[str, Member]:
    """The accounts at the window's end."""
    main, sub = Member(MAIN), Member(SUB)
    before_window(main, sub)
    window(main, sub)
    return {WALLET: main, str(SUB): sub}


def afterwards(members: dict[str, Member]) -> None:
    """What the answers show beyond the window."""
    members[WALLET].trade(ms(LAST, 33), PERPETUAL, 1_000, 59_500, fee="0.0004")


def folder(size: int = 250) -> Folder:
    """The answers about it, in pages of so many lines."""
    members = story()
    afterwards(members)
    return collected(members, dict(MARKS), size)
