"""Codes of running the service: readiness, backup, restore."""

from __future__ import annotations

from algebra.codes.row import Row

ROWS = (
    Row(
        "unavailable.not_ready",
        "The service answers and cannot take credentials now.",
        "the answer's checks name what is missing by its code",
        http=503,
    ),
    Row(
        "unavailable.keys",
        "The service knows no verifying key whose setup is allowed.",
        "register a key with the option --key of the command serve",
        http=503,
    ),
    Row(
        "unavailable.restored",
        "The database was put back from a backup, which may have forgotten who was accepted.",
        "run tierproof service resume, once the audit log extends what was signed or anchored",
        http=503,
    ),
    Row(
        "unavailable.tool",
        "A program of the database is needed and is not there.",
        "install PostgreSQL's client programs, of the server's version or a later one",
    ),
    Row(
        "refused.backup",
        "The database, or the backup, is not whole, or the tool of the database failed.",
        "look at the database with its own tools; nothing was written in its place",
    ),
    Row(
        "refused.restore_place",
        "Something stands where a backup would be written or put back; nothing is replaced.",
        "give a name that is free, or a database that is empty",
    ),
    Row(
        "usage.resume",
        "It is not said what the audit log is compared with.",
        "give --checkpoint, --key-file with its FILE.last, or --anchor",
    ),
    Row(
        "refused.not_restored",
        "The database was not put back from a backup, or was released since.",
        "nothing has to be done: the service takes credentials",
    ),
)
