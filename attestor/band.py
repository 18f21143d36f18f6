"""
What an execution wins at once against the mark (docs/explanation/metrics.md A4).

A confederate who buys too dear and sells too cheap makes a gift: it is money that comes in, and no
profit. Within a band round the mark nobody can tell it from luck; what is beyond is a flow. A loss
counts in full, so nothing is gained by a gift the other way either.
"""

from __future__ import annotations

from attestor.ledger import Applied
from attestor.prices import PriceBoard
from attestor.statement import CENT, Fill, Statement
from policies.margin.rules import SHARE, Band

NO_DOCUMENT = Band(linear=100, option=100)
"""Where the venue has no margin document; 1/10^4."""


class Bands:
    """The band of a statement's margin document, as the prices move on."""

    def __init__(self, statement: Statement, board: PriceBoard) -> None:
        self._document, self._board = statement.margin, board
        self._underlying = {name: each.underlying for name, each in statement.instruments.items()}

    def surplus(self, fill: Fill, applied: Applied, *, own: bool) -> int:
        """
        What a fill wins at once less what the band allows, u' / 10^4, signed; sums over the
        executions of one record.

        Parameters
        ----------
        applied : what the books made of it. Before anybody has told a price the position stands at
            its cost, so all that closing it realises is won at once
        own : of an own group. Before anybody has told a price it has no band, for it would grow
            with a price of the owner's own

        Raises
        ------
        Refused
            `refused.price`, `refused.margin.version`.
        """
        told = self._board.told(fill.instrument)
        paid = fill.cash_at(fill.price)
        won = max(
            (paid - fill.cash_at(mark) for mark in self._marks(fill)), default=applied.realised
        )
        allowed = self._allowed(fill) if told or not own else 0
        return SHARE * fill.dollars(won) - allowed

    def _marks(self, fill: Fill) -> list[int]:
        """
        The prices that a fill may win against, 1e-18: the venue's with it, or else what is told,
        and what public fills say that are younger; none before anybody has told one.
        """
        name = fill.instrument
        if fill.mark is not None:
            return [fill.mark]
        if not self._board.told(name):
            return []
        younger = self._board.younger(name)
        return [self._board.price(name), *([] if younger is None else [younger])]

    def _allowed(self, fill: Fill) -> int:
        """The band's width, u' / 10^4."""
        document, underlying = self._document, self._underlying[fill.instrument]
        band = NO_DOCUMENT if document is None else document.at(fill.time).band
        if underlying is None:
            return fill.notional * band.linear
        return abs(fill.size) * self._board.price(underlying) * band.option


def beyond(surplus: int) -> int:
    """Whole cents of a surplus, rounded up; 0 within the band."""
    return max(0, -(-surplus // (SHARE * CENT)))
