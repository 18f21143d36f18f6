"""A3 and A6: the pnl rule and the margin state."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from attestor.ledger import Book, apply_fill
from attestor.statement import CENT, UNIT

sizes = st.integers(-(10**14), 10**14).filter(bool)
prices = st.integers(1, 10**13)


def test_average_cost_by_hand() -> None:
    size, cost = 0, 0
    for traded, price, realised, closing in (
        (2, 100, 0, False),
        (2, 110, 0, False),  # average 105
        (-1, 120, 15, True),
        (-4, 95, -30, True),  # closes three at -10 each, opens one short
        (1, 90, 5, True),
    ):
        applied = apply_fill(size, cost, traded * UNIT, price * UNIT)
        assert (applied.realised, applied.closing) == (realised * UNIT * UNIT, closing)
        size, cost = applied.size, applied.cost
    assert (size, cost) == (0, 0)


@given(st.lists(st.tuples(sizes, prices), min_size=1, max_size=30), prices)
def test_equity_is_cash_flows_plus_value_exactly(fills: list[tuple[int, int]], last: int) -> None:
    size = cost = realised = cash = 0
    for traded, price in fills:
        applied = apply_fill(size, cost, traded, price)
        size, cost, realised = applied.size, applied.cost, realised + applied.realised
        cash -= traded * price
    assert realised + size * last - cost == cash + size * last
    assert size == sum(traded for traded, _ in fills)
    if size == 0:
        assert cost == 0


def test_the_part_that_leaves_is_rounded_towards_zero() -> None:
    assert apply_fill(3, 10, -1, 1).cost == 10 - 3
    assert apply_fill(-3, -10, 1, 1).cost == -10 + 3
    assert (
        apply_fill(3, -10, -1, 1).cost == -10 + 3
    )  # a cost against the size: a residue can do that


@given(st.lists(st.integers(-(10**16), 10**16), min_size=1, max_size=40))
def test_booked_cents_never_drop_a_residue(amounts: list[int]) -> None:
    book = Book("0x")
    book.open_with(7 * CENT + CENT // 3)
    booked = 0
    for index, amount in enumerate(amounts):
        if index % 3 == 0:
            booked += book.flow(amount)
        elif index % 3 == 1:
            booked += book.fill("X", UNIT, UNIT, amount)[0]
        else:
            book.accrue(amount)
            booked += book.book_carry()
    assert book.opening + booked == book.closing
    assert book.balance == 7 * CENT + CENT // 3 + sum(
        a if i % 3 != 1 else -a for i, a in enumerate(amounts)
    )
    assert 0 <= book.balance - book.closing * CENT < 3 * CENT
