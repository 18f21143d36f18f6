"""Codes of the service's database."""

from __future__ import annotations

from algebra.codes.row import Row

ROWS = (
    Row(
        "refused.database_file",
        "Where the database should be is a file of another kind.",
        "give --database the path of a new file, or of one that the service made",
    ),
    Row(
        "refused.database_ahead",
        "A later version of the service made the database.",
        "use that version, or another database; restore a backup that was made before it",
    ),
    Row(
        "refused.database_behind",
        "An earlier version of the service made the database, or none did.",
        "start the service of this version on it once: it migrates the database",
    ),
    Row(
        "refused.database_foreign",
        "The database has tables of the service's names that no version of it made.",
        "give --database one of the service's own",
    ),
)
