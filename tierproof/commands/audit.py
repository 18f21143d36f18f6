"""Commands of the audit log: its key, its checkpoints, exports, verification, anchors."""

from __future__ import annotations

from argparse import Namespace
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Refused
from tierproof.commands import chains
from tierproof.commands.command import Audience, command
from tierproof.commands.options import DATABASE, FINALITY, OPEN_KEY_FILE, RPC, SENDER, Option
from tierproof.commands.reading import sender
from tierproof.commands.service_settings import database_url
from tierproof.console import Console

if TYPE_CHECKING:
    from service.audit.checkpoint import Witnesses
    from service.audit.note import NoteKey
    from service.audit.snapshot import Head, Snapshot

LOG_KEY = Option(
    "--log-key",
    "public key of the log: what `audit keygen` printed",
    "NAME+ID+KEY",
    setting="audit_log",
    required=True,
)
WITNESS = Option(
    "--witness",
    "public key of a witness of checkpoints",
    "NAME+ID+KEY",
    setting="audit_witness",
    many=True,
)
ANCHOR = Option("--anchor", "an `AuditAnchor` on chain", "ADDRESS", setting="audit_anchor")


@command(
    "audit keygen",
    "make the key that signs the checkpoints of a service's audit log",
    Audience.PROTOCOL,
    Option("--name", "of the log, as a host and path: example.com/log", required=True),
    Option("--out", "key file", "FILE", "file", default="audit.key"),
)
def keygen(options: Namespace, console: Console) -> dict[str, Any]:
    """The public key; the secret one is in the file alone."""
    from tierproof import audit_file

    signer = audit_file.create_key(Path(options.out), options.name)
    return {"key_file": options.out, "log_key": str(signer.public)}


@command(
    "audit checkpoint",
    "sign the audit log as it is now; the checkpoint extends the last one, or none is signed",
    Audience.PROTOCOL,
    DATABASE,
    Option(
        "--key-file",
        "key of the log; beside it, in FILE.last, stands what it signed last",
        "FILE",
        "file",
        setting="audit_key_file",
        required=True,
    ),
    OPEN_KEY_FILE,
    WITNESS,
    Option("--cosigned", "keep what witnesses answered for the last one", "FILE", "file"),
    Option("--out", "the signed note, for witnesses and whoever keeps one", "FILE", "file"),
)
def checkpoint(options: Namespace, console: Console) -> dict[str, Any]:
    """The checkpoint and its note; with `--cosigned` the last one, with what witnesses signed."""
    from algebra.files import write_atomic
    from service.audit.checkpoint import Checkpoint, Witnesses
    from tierproof import audit_file

    with _libraries():
        from service.audit import signing
    key_file = Path(options.key_file)
    signer = audit_file.read_key(key_file, allow_open=options.allow_open_key_file)
    keys = _witness_keys(options)
    memory = audit_file.remembered(key_file)
    last = audit_file.read_note(memory) if memory.exists() else None
    with _database(options, writes=True) as session:
        if options.cosigned is not None:
            note = signing.cosign(session, audit_file.read_note(Path(options.cosigned)), keys)
        else:
            note = signing.sign(session, signer, last)
            write_atomic(memory, str(note).encode())
    if options.out is not None:
        write_atomic(Path(options.out), str(note).encode())
    signed = Checkpoint.of(note)
    return {
        "log": signed.origin,
        "entries": signed.size,
        "root": "0x" + signed.root.hex(),
        "cosigned_by": sorted(Witnesses(keys).times(note)),
        "note": str(note),
    }


@command(
    "audit export",
    "write the audit log into a file that can be verified by itself",
    Audience.PROTOCOL,
    DATABASE,
    Option("--out", "export", "FILE", "file", default="audit-log.json"),
)
def export(options: Namespace, console: Console) -> dict[str, Any]:
    """How much is in it; rows that do not belong together are not exported."""
    from tierproof import audit_file

    log = _stored(options)
    audit_file.write(log, Path(options.out))
    counts = {"entries": len(log.entries), "checkpoints": len(log.checkpoints)}
    return {"export": options.out, **counts, "anchors": len(log.anchors)}


@command(
    "audit verify",
    "find any edit, gap or cut in an audit log, and say up to where others have seen it",
    Audience.PROTOCOL,
    Option("export", "a file of `audit export`; without it the database", "EXPORT", "file"),
    DATABASE,
    LOG_KEY,
    WITNESS,
    Option(
        "--witness-threshold",
        "witnesses that must have cosigned a checkpoint",
        "K",
        "number",
        setting="audit_witness_threshold",
        default=1,
    ),
    Option("--checkpoint", "of this log, kept elsewhere", "FILE", "file", many=True),
    ANCHOR,
    Option("--anchored-by", "account that anchors the log", "ADDRESS", setting="audit_anchored_by"),
    Option("--rpc", "Ethereum node, asked with --anchor alone", "URL", setting="rpc"),
    *FINALITY,
)
def verify(options: Namespace, console: Console) -> dict[str, Any]:
    """Entries, and up to which of them the log is signed, witnessed, anchored; warns where not."""
    from service.audit import verification
    from service.audit.note import NoteKey
    from tierproof import audit_file

    key, witnesses = NoteKey.parse(options.log_key, "--log-key"), _witnesses(options)
    known = [audit_file.read_note(Path(path)) for path in options.checkpoint]
    log = _log(options)
    console.progress("entries and checkpoints")
    report = verification.verify(log, key, witnesses, known)
    told: dict[str, Any] = {
        "outcome": "whole",
        "log": key.name,
        "entries": report.entries,
        "root": "0x" + report.root.hex(),
        "signed": report.signed,
        "witnessed": report.witnessed,
        "kept_elsewhere": report.known,
        "anchored": 0,
    }
    if options.anchor is not None:
        head_now, read_at = head(options, console)
        told["anchored"] = verification.verify_anchor(log, key, head_now)
        told["read_at"] = read_at
    seen = max(report.witnessed, report.known, told["anchored"])
    told["not_seen_by_others"] = report.entries - seen
    _warn(console, report.entries, report.signed, seen)
    return told


@command(
    "audit anchor",
    "send the salted hash of the last checkpoint to an `AuditAnchor`",
    Audience.PROTOCOL,
    DATABASE,
    LOG_KEY,
    ANCHOR,
    RPC,
    *SENDER,
    *FINALITY,
)
def anchor(options: Namespace, console: Console) -> dict[str, Any]:
    """
    What was anchored and where; without `--anchor` a contract is put on chain first. The salt is in
    the database before anything is sent, and a second run goes on with the first one's.
    """
    from service.audit.note import NoteKey

    with _libraries():
        from service.audit import anchoring
    key = NoteKey.parse(options.log_key, "--log-key")
    with _database(options) as session:
        last = anchoring.last(session, key)
    chain = chains.chain(options, console, Path("audit"))
    payer = sender(options, chain)
    contract = anchoring.contract(chain, options.anchor, payer)
    console.progress("anchor")
    with _database(options, writes=True) as session:
        planned = anchoring.planned(session, contract, payer, last)
    sent = anchoring.send(contract, payer, planned, last)
    return {
        "anchor": contract.address,
        "anchored_by": planned.sender,
        "entries": planned.size,
        "digest": "0x" + planned.digest(last).hex(),
        "sent": sent,
        **chains.standing(chain),
    }


def _log(options: Namespace) -> Snapshot:
    if options.export is not None:
        from tierproof import audit_file

        return audit_file.load(Path(options.export))
    return _stored(options)


def _stored(options: Namespace) -> Snapshot:
    """The log of `--database`, its rows compared with each other."""
    with _libraries():
        from service.audit.database import whole
    with _database(options) as session:
        return whole(session)


def _libraries() -> AbstractContextManager[None]:
    """What works on a database is imported in here."""
    from algebra.extras import libraries

    return libraries("service")


def _database(options: Namespace, *, writes: bool = False) -> AbstractContextManager[Any]:
    """A session of `--database`, as `service.audit.database.opened`."""
    with _libraries():
        from service.audit.database import opened
    return opened(database_url(options), writes=writes)


def _witness_keys(options: Namespace) -> tuple[NoteKey, ...]:
    from service.audit.note import NoteKey

    return tuple(NoteKey.parse(text, "--witness") for text in options.witness)


def _witnesses(options: Namespace) -> Witnesses:
    from service.audit.checkpoint import Witnesses

    return Witnesses(_witness_keys(options), options.witness_threshold)


def head(options: Namespace, console: Console) -> tuple[Head, dict[str, Any]]:
    """What the chain holds of the log; Refused (`usage.anchor`) where it is not said whose."""
    from contracts.client.anchor import AuditAnchor
    from policies.address import address
    from service.audit.snapshot import Head

    if options.rpc is None or options.anchored_by is None:
        raise Refused("usage.anchor", "--anchor: give --rpc and --anchored-by too")
    chain = chains.chain(options, console, Path("audit"))
    read_at = chains.settled(chain)
    contract = AuditAnchor(chain, options.anchor)
    log = address(options.anchored_by, "--anchored-by").lower()
    return Head(chain.chain_id, contract.address, log, *contract.head(log)), read_at


def _warn(console: Console, entries: int, signed: int, seen: int) -> None:
    if signed < entries:
        console.note(f"entries {signed} to {entries - 1} are not signed: sign a checkpoint")
    if seen < entries:
        console.note(
            f"entries {seen} to {entries - 1}: nobody else has seen them; who holds database and "
            "key could have written others"
        )
