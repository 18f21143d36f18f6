"""Commands of whoever runs the service: backup, restore, and what follows a restore."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from algebra.extras import libraries
from tierproof.commands import audit
from tierproof.commands.command import Audience, command
from tierproof.commands.options import DATABASE, FINALITY, Option
from tierproof.commands.service_settings import database_url
from tierproof.console import Console


@command(
    "service backup",
    "copy the service's database into a file, while it is used",
    Audience.PROTOCOL,
    DATABASE,
    Option("--out", "backup; whoever reads it knows whom the service knows", "FILE", "file",
           required=True),
)  # fmt: skip
def backup(options: Namespace, console: Console) -> dict[str, Any]:
    """How much is in it; the audit log was compared row by row before it got its name."""
    with libraries("service"):
        from service.operations.backup import backup
    kept = backup(database_url(options), Path(options.out))
    if kept.signed < kept.entries:
        console.note(
            f"entries {kept.signed} to {kept.entries - 1} are not signed: sign a checkpoint, "
            "and keep it elsewhere"
        )
    return {"backup": options.out, "entries": kept.entries, "signed": kept.signed}


@command(
    "service restore",
    "put a backup back, into an empty place alone; then nothing is accepted until `service resume`",
    Audience.PROTOCOL,
    Option("backup", "a file of `service backup`", "BACKUP", "file", required=True),
    DATABASE,
)
def restore(options: Namespace, console: Console) -> dict[str, Any]:
    """What the backup held; the service answers 503 `unavailable.restored` from then on."""
    with libraries("service"):
        from service.operations.backup import restore
    kept = restore(database_url(options), Path(options.backup))
    console.note("nothing is accepted yet: run tierproof service resume")
    return {"outcome": "restored", "entries": kept.entries, "signed": kept.signed}


@command(
    "service resume",
    "after a restore: accept again, once the audit log extends what was signed or anchored last",
    Audience.PROTOCOL,
    DATABASE,
    audit.LOG_KEY,
    Option("--checkpoint", "of this log, kept elsewhere: the last one", "FILE", "file", many=True),
    Option("--key-file", "key of the log; FILE.last beside it is the last checkpoint it signed",
           "FILE", "file", setting="audit_key_file"),
    audit.ANCHOR,
    Option("--anchored-by", "account that anchors the log", "ADDRESS", setting="audit_anchored_by"),
    Option("--rpc", "Ethereum node, asked with --anchor alone", "URL", setting="rpc"),
    *FINALITY,
)  # fmt: skip
def resume(options: Namespace, console: Console) -> dict[str, Any]:
    """Up to where the log was compared; where it lacks entries nothing changes."""
    from service.audit.note import NoteKey
    from tierproof import audit_file

    with libraries("service"):
        from service.audit.database import opened
        from service.operations.restored import release
    key = NoteKey.parse(options.log_key, "--log-key")
    paths = [Path(path) for path in options.checkpoint]
    if options.key_file is not None:
        paths.append(audit_file.remembered(Path(options.key_file)))
    kept = [audit_file.read_note(path) for path in paths]
    head = None if options.anchor is None else audit.head(options, console)[0]
    with opened(database_url(options), writes=True) as session:
        report = release(session, key, kept, head)
    return {
        "outcome": "released",
        "entries": report.entries,
        "kept_elsewhere": report.known,
        "anchored": 0 if head is None else head.size,
    }
