"""
The lines in which a venue states what a wallet holds at an instant: closing, holding, value
(docs/explanation/attestation.md 2.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from attestor.statement import Source, Stated, bad_line

KINDS = ("closing", "holding", "value")


@dataclass(slots=True)
class StatedLines:
    """What was stated, by account, in the order of the lines."""

    by_wallet: dict[str, list[Stated]] = field(default_factory=dict)

    def of(self, mine: Callable[[str], bool]) -> list[Stated]:
        """All that is stated of the accounts that are chosen."""
        return [said for each, lines in self.by_wallet.items() if mine(each) for said in lines]

    def money(self, kind: str, said: Stated, amount: int) -> None:
        """A `closing` or `value` line; one of a kind for a wallet and instant."""
        before = self.by_wallet.setdefault(said.wallet, [])
        full = said._replace(balance=amount) if kind == "closing" else said._replace(value=amount)
        for each in before:
            if each.time == said.time and (each.balance is None) == (full.balance is None):
                raise bad_line(said.source, f"{kind}: the wallet has one of this instant already")
        before.append(full)

    def holding(self, source: Source, time: int, wallet: str, instrument: str, size: int) -> None:
        """A position, signed size, of the wallet's closing line of this instant, before it."""
        said = self.by_wallet.get(wallet, [])
        for index, closing in enumerate(said):
            if closing.balance is None or closing.time != time:
                continue
            if instrument in dict(closing.positions):
                raise bad_line(source, "holding: the instrument stands twice")
            positions = (*closing.positions, (instrument, size))
            said[index] = closing._replace(positions=positions)
            return
        raise bad_line(source, "holding: no closing line of this wallet at this instant before it")
