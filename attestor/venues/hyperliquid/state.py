"""
What `clearinghouseState` says that an account holds at the instant at which it is asked
(docs/explanation/attestation.md 2.7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from algebra.errors import Refused
from attestor.collect.folder import Answer
from attestor.collect.item import Item
from attestor.statement import CENT, Source


@dataclass(frozen=True, slots=True)
class State:
    """
    Attributes
    ----------
    time : microseconds, all of it included
    raw : money without any position, u': what the account would hold if positions were free
    positions : by coin, signed size (1e-18) and what it has cost (u') at the venue's entry price
    """

    source: Source
    time: int
    raw: int = 0
    positions: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def read_state(answer: Answer, account: str) -> State:
    """
    The state that an answer holds.

    Raises
    ------
    Malformed
        `malformed.statement`: another form, a position twice, an account value that its parts do
        not give.
    Refused
        `refused.account_kind`: a position that has margin of its own.
    """
    item = answer.item()
    summary = item.child("marginSummary")
    positions: dict[str, tuple[int, int]] = {}
    value = raw = summary.money("totalRawUsd")
    for index, each in enumerate(item.list("assetPositions")):
        position = Item(each, answer.source, f"assetPositions[{index}]").child("position")
        coin, size = position.text("coin"), position.number("szi")
        if position.child("leverage").text("type") != "cross":
            raise Refused(
                "refused.account_kind",
                f"{account}: its position in {coin} has margin of its own, and the interface does "
                "not tell what was set aside for it when",
                account=account,
            )
        if coin in positions:
            raise position.error("coin", f"{coin} stands twice")
        positions[coin] = (size, size * position.number("entryPx"))
        worth = position.money("positionValue")
        value += worth if size > 0 else -worth
    if abs(value - summary.money("accountValue")) > CENT:
        raise summary.error("accountValue", "not totalRawUsd and the positions' values together")
    return State(answer.source, item.time("time"), raw, positions)


def cash(raw: int, positions: Mapping[str, tuple[int, int]]) -> int:
    """Cash as the books have it, u', unrealised pnl not included: with what positions cost."""
    return raw + sum(cost for _, cost in positions.values())


def entry(size: int, cost: int) -> int:
    """The average entry price of a position, 1e-18, at least a unit."""
    return max(1, abs(cost) // abs(size))
