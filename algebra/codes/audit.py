"""Codes of the audit log: entries, notes, checkpoints, and what does not belong together."""

from __future__ import annotations

from algebra.codes.row import Row

_CHANGED = "keep this copy as evidence and compare it with an export or checkpoint from elsewhere"

ROWS = (
    Row(
        "malformed.ed25519_key",
        "The bytes are no key of Ed25519, or one under which anything verifies.",
        "give the key as the command audit keygen, or the witness, printed it",
    ),
    Row(
        "malformed.note_key",
        "The text is no key of signed notes, or a name that none can have.",
        "give it as the command audit keygen, or the witness, printed it: NAME+ID+KEY",
    ),
    Row(
        "malformed.note",
        "The text is no signed note, or its note is no checkpoint.",
        "take the checkpoint as the log or the witness wrote it",
    ),
    Row(
        "malformed.audit_entry",
        "An entry of the audit log has another kind, field or form than there are.",
        "record public words alone, in the fields of the entry's kind",
    ),
    Row(
        "malformed.audit_log",
        "The file is no export of an audit log, or has a part that is out of range.",
        "export the log again with the command audit export",
    ),
    Row(
        "rejected.ed25519",
        "A signature of Ed25519 does not hold.",
        "take the signed text as it was written, and the key of who signed it",
    ),
    Row(
        "rejected.note",
        "A note is not signed by the key that it must be signed by, or is of another log or text.",
        "compare the key and the log's name with what its owner published",
    ),
    Row(
        "rejected.audit_entry",
        "An entry of the audit log was changed: it is none, or not what stands beside it.",
        _CHANGED,
    ),
    Row("rejected.audit_gap", "An entry of the audit log is missing.", _CHANGED),
    Row("rejected.audit_cut", "Entries at the end of the audit log are missing.", _CHANGED),
    Row("rejected.audit_node", "The tree in the database is not that of its entries.", _CHANGED),
    Row(
        "rejected.audit_checkpoint",
        "A checkpoint in the audit log was changed or stands in another's place.",
        _CHANGED,
    ),
    Row("rejected.audit_fork", "A checkpoint is of other entries than the log has now.", _CHANGED),
    Row(
        "rejected.audit_inclusion",
        "The proof does not show that the entry is in the log.",
        "ask for the proof of this entry in the log of this size again",
    ),
    Row(
        "rejected.audit_anchor",
        "What the chain holds of the log is not what the log holds of the chain.",
        _CHANGED,
    ),
    Row(
        "rejected.SizeNotGrown",
        "As many entries of this log, or more, were anchored by this account before.",
        "anchor a later checkpoint; another log needs an account of its own",
    ),
    Row(
        "refused.audit_fork",
        "The log does not extend the checkpoint that was signed last; another would be a fork.",
        "after a restore bring the missing entries back, or begin a log of another name and key",
    ),
    Row(
        "refused.audit_empty",
        "The audit log has nothing that could be signed or sent.",
        "wait for its first entry, and sign a checkpoint first",
    ),
    Row(
        "refused.audit_anchor",
        "The contract at the address is no `AuditAnchor` of ours.",
        "give --anchor the address of one, or leave it out to put one on chain",
    ),
    Row(
        "refused.audit_file",
        "A file stands where a key or an export would be written; none is replaced.",
        "give --out a name that is free",
    ),
    Row(
        "usage.anchor",
        "It is not said which chain, or whose log there, is asked.",
        "give --rpc and --anchored-by beside --anchor",
    ),
    Row(
        "unavailable.audit_busy",
        "Other writers took the next place of the audit log each time.",
        "try again",
        http=503,
    ),
)
