"""Codes of a signing round: drafts, signatures, journals, members' keys."""

from __future__ import annotations

from algebra.codes.row import Row

ROWS = (
    Row(
        "malformed.draft",
        "The file is no draft of this version, or has a part that is out of range.",
        "take the draft as it was written",
    ),
    Row(
        "malformed.cosignature",
        "The file is no member's signature of this version.",
        "take the signature as its member's command wrote it",
    ),
    Row(
        "malformed.journal",
        "The journal is cut, changed or put in another order.",
        "take the newest copy of the journal; sign nothing until it is whole",
    ),
    Row(
        "malformed.keystore",
        "The file is no keystore of version 3 with scrypt, or one at a price that nobody pays.",
        "make one with the command attestor init, or with a client that uses scrypt",
    ),
    Row(
        "refused.draft.changed",
        "The draft was changed after it was written or signed.",
        "take the draft as it came; a mended one is another round, after the root is revoked",
    ),
    Row(
        "refused.draft.window",
        "The draft is of another window than the job.",
        "name the draft of this window, or the job of that one",
    ),
    Row(
        "refused.draft.left_out",
        "The draft leaves out an owner of whom no other consents are known.",
        "compare the members' drafts, and draft again with all of them",
    ),
    Row(
        "refused.draft.differs",
        "This member's own inputs give another draft; nothing was signed.",
        "find out who of the two saw less where the message says, and draft again",
    ),
    Row(
        "refused.draft.logs",
        "A file beside the draft is not the log of its owner.",
        "give the folder of the draft as it was written",
    ),
    Row(
        "refused.compare",
        "One of the two is a draft, the other a signed root.",
        "compare two drafts, or two folders with a signed root",
    ),
    Row(
        "refused.cosignature",
        "A signature is of another draft, or not by the member that it names.",
        "ask that member to sign this draft",
    ),
    Row(
        "refused.journal.root",
        "Another root was signed for this attestor set, window and registry.",
        "have the guardian revoke that root and enter it in the journal, then sign",
    ),
    Row(
        "refused.journal.revoked",
        "The root was revoked.",
        "draft again: a root that was revoked is not signed a second time",
    ),
    Row(
        "refused.journal.unknown",
        "The journal holds no signature of the root.",
        "name the draft whose root this member signed",
    ),
    Row(
        "refused.journal_exists",
        "There is a journal already.",
        "go on with the journal that is there: it is never replaced",
    ),
    Row(
        "refused.not_revoked",
        "The registry has not revoked the root.",
        "have the guardian revoke it first",
    ),
    Row(
        "refused.evidence",
        "What shows a revocation is empty, too long or no plain text.",
        "say in one line who revoked the root, where and when",
    ),
    Row(
        "refused.root.registry",
        "The root was signed for another registry or chain.",
        "give --deployment and --rpc of the registry that the message names",
    ),
    Row(
        "refused.attest.chain",
        "Keys of one machine attest on development chains alone.",
        "draft and cosign on each member's machine, then combine the signatures",
    ),
    Row(
        "refused.signer",
        "The key is not that of a member, of the journal, or of the address that was named.",
        "give the key, the journal and the address of one member of the attestor set",
    ),
    Row(
        "refused.keystore",
        "The passphrase is wrong, or the keystore is damaged; nobody can tell which.",
        "check the path and the passphrase, then try the copy of the keystore that you keep",
    ),
    Row(
        "refused.keystore_exists",
        "There is a file where the keystore would be.",
        "give --keystore another path; a key is never replaced",
    ),
    Row(
        "usage.signer",
        "No key is named, or a program without the address of its key.",
        "give --key-file FILE, or --signer COMMAND and --address ADDRESS",
    ),
    Row(
        "usage.revocation",
        "Nothing shows that the root is revoked.",
        "give --rpc and --deployment, or --stated with what shows it",
    ),
    Row(
        "unavailable.journal",
        "This member has no journal there, and signs nothing without one.",
        "make it with the command attestor init, or give --journal the one that there is",
    ),
    Row(
        "unavailable.signer",
        "The program that holds the key cannot be run, failed, or took more than five minutes.",
        "run it by hand with a request on its standard input",
    ),
)
