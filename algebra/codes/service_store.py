"""Codes of the service's database."""

from __future__ import annotations

from algebra.codes.row import Row

ROWS = (
    Row(
        "refused.database_file",
        "Where the database should be is a file of another kind.",
        "give --database the path of a new file, or of one that the service made",
    ),
)
