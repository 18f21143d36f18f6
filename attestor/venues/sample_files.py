"""The adapter of the sample's files, which are in the project's own statement format."""

from __future__ import annotations

from attestor.venues.adapter import Adapter
from attestor.venues.statement_csv import INSTRUMENTS, STATEMENT, StatementFile

VENUE = "tierproof-sample"

ADAPTER = Adapter(
    name="sample",
    what="the made-up sample, in the project's statement format",
    files=(STATEMENT, INSTRUMENTS),
    read=lambda folder: StatementFile.load(folder, VENUE),
)
