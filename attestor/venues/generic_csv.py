"""
The adapter of the project's own statement format, for any venue: whoever sees an account writes its
lines (`attestor.venues.statement_csv`), and the job says whose they are.
"""

from __future__ import annotations

from attestor.venues.adapter import Adapter, Facts, Input, given
from attestor.venues.marks_csv import MARKS
from attestor.venues.statement_csv import INSTRUMENTS, MARGIN, STATEMENT, StatementFile

ADAPTER = Adapter(
    name="csv",
    venue=None,
    what="any venue, in the project's statement format",
    inputs=(
        Input(STATEMENT, "one line an event, written by whoever sees the account"),
        Input(INSTRUMENTS, "every instrument that a line names"),
        Input(MARKS, "the venue's marks, where they are no lines of the statement", optional=True),
        Input(MARGIN, "the venue's margin document", optional=True),
    ),
    facts=Facts(
        completeness=given("ids, start positions and closing lines, as far as lines have them"),
        equity=given("opening, transfer, carry and reward lines"),
        fees=given("of each fill"),
        funding=given("carry lines"),
        marks=given("mark lines or marks.csv; else the last hour's public fills stand in"),
        deltas=given("of each mark of an option"),
        liquidations=given("liquidation and takeover lines"),
        openings=given("opening and position lines; a wallet without one begins empty"),
        closing=given("closing, holding and value lines, where there are any"),
    ),
    margin=None,
    read=StatementFile.load,
)
