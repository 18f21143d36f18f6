"""What is wrong with the lines of a statement, all of it said at once, before any book is kept."""

from __future__ import annotations

from functools import partial
from itertools import chain

from attestor.complaints import Complaints
from attestor.expiry import expiry_errors
from attestor.sameness import repeated_ids
from attestor.stated import stated_errors
from attestor.statement import Statement, check_statement


def check_lines(statement: Statement) -> None:
    """
    The refusals of A7 that need no bookkeeping.

    Raises
    ------
    Malformed
        As `attestor.statement.check_statement`; `malformed.statement` with file, line and reason
        for ids that stand twice (`attestor.sameness`), lines past the expiry of their instrument
        (`attestor.expiry`), and for what is stated of no wallet or
        instant of the statement (`attestor.stated`). Several as one (`attestor.complaints`).
    """
    wrong = Complaints()
    wrong.take(partial(check_statement, statement), None)
    for error in chain(
        repeated_ids(statement.fills, statement.lines),
        expiry_errors(statement),
        stated_errors(statement),
    ):
        wrong.add(error)
    wrong.settle()
