"""
What Derive says that a sub-account holds at an instant: its positions and collateral, and the
history of its value (docs/guides/attestor.md).

What has accrued and is not paid (`pending_funding`, `pending_interest`) is in the venue's value and
in no history yet, so it is taken out before the value is compared with the books.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from algebra.errors import Refused
from attestor.collect.folder import Answer
from attestor.collect.item import Item
from attestor.statement import UNIT, Source
from attestor.venues.derive import fields
from attestor.venues.derive.answers import MAX_ROWS, params_of, result_of, rows_of
from attestor.venues.derive.names import USDC, Instruments, is_coin
from attestor.venues.derive.prices import Told, beside, instant_of, price_of


class Snapshot(NamedTuple):
    """
    A sub-account at an instant (microseconds): signed sizes of its positions and coins (1e-18),
    their marks, its value without what is pending and how much that is (u').
    """

    source: Source
    time: int
    held: Mapping[str, int]
    prices: Mapping[str, int]
    value: int
    pending: int


class Worth(NamedTuple):
    """The value of a sub-account at an instant, u', with what is pending."""

    source: Source
    time: int
    value: int


def read_snapshot(
    answer: Answer, number: int, account: str, instruments: Instruments
) -> tuple[Snapshot, list[Told]]:
    """
    A sub-account as it was when the answer came, and the prices in it.

    Raises
    ------
    Malformed
        `malformed.statement`: of another sub-account, under liquidation, a collateral that is no
        currency.
    Refused
        `refused.portfolio_margin`.
    """
    item = result_of(answer)
    fields.ACCOUNT.check(item)
    if item.whole("subaccount_id") != number:
        raise item.error("subaccount_id", f"another than was asked for, {number}")
    if item.boolean("is_under_liquidation"):
        raise item.error("is_under_liquidation", "the auction is not over; collect it again later")
    _require_standard(item)
    held: dict[str, int] = {}
    told: list[Told] = []
    pending = []
    for index, value in enumerate(item.list("positions")):
        one = Item(value, answer.source, f"positions[{index}]")
        fields.POSITION.check(one)
        instrument = instruments.named(one, "instrument_name")
        _hold(held, one, instrument.name)
        told += beside(one, account, instrument, answer.taken)
        pending.append(one.money("pending_funding"))
    for index, value in enumerate(item.list("collaterals")):
        one = Item(value, answer.source, f"collaterals[{index}]")
        told += _collateral(one, held, account, answer.taken, instruments)
        pending.append(one.money("pending_interest"))
    worth = item.money("subaccount_value") - sum(pending)
    prices = {each.name: each.price for each in told}
    found = Snapshot(
        answer.source, answer.taken, held, prices, worth, sum(abs(each) for each in pending)
    )
    return found, told


def _collateral(
    one: Item, held: dict[str, int], account: str, time: int, instruments: Instruments
) -> list[Told]:
    fields.COLLATERAL.check(one)
    if one.text("asset_type") != "erc20":
        raise one.error("asset_type", f"not erc20: {one.text('asset_type')[:20]!a}")
    name, price = one.text("asset_name"), price_of(one, "mark_price")
    if name == USDC:
        one.number("amount")
        if price != UNIT:
            raise one.error("mark_price", "one USDC is a dollar here, and not to the venue")
        return []
    if not is_coin(name):
        raise one.error("asset_name", f"no currency: {name[:40]!a}")
    _hold(held, one, instruments.coin(name).name)
    return [Told(one.source, time, name, price, account)]


def _hold(held: dict[str, int], one: Item, name: str) -> None:
    if name in held:
        raise one.error("amount", f"{name} stands twice")
    amount = one.number("amount")
    if amount:
        held[name] = amount


def _require_standard(item: Item) -> None:
    """A statement cannot say that an account is margined as a portfolio (roadmap)."""
    kind = item.text("margin_type")
    if kind != "SM":
        raise Refused(
            "refused.portfolio_margin",
            f"{item.source.file}:{item.source.line}: margin_type: {kind[:20]!a}: the sub-account "
            "has portfolio margin, which a statement cannot carry; SM alone is attested",
            file=item.source.file,
            line=item.source.line,
        )


def read_values(answer: Answer, number: int) -> list[Worth]:
    """
    A history of values; as `read_snapshot`.

    An answer of a thousand rows is refused: the venue then leaves out the oldest.
    """
    result = result_of(answer)
    result.only(("subaccount_id", "subaccount_value_history"))
    if result.whole("subaccount_id") != number or params_of(answer)["subaccount_id"] != number:
        raise result.error("subaccount_id", f"another than was asked for, {number}")
    rows = rows_of(answer, "subaccount_value_history")
    if len(rows) >= MAX_ROWS:
        raise result.error(
            "subaccount_value_history", f"{len(rows)} rows: it may have been cut; ask for less"
        )
    out = []
    for row in rows:
        fields.VALUE.check(row)
        _require_standard(row)
        out.append(Worth(row.source, instant_of(row, "timestamp"), row.money("subaccount_value")))
    return out
