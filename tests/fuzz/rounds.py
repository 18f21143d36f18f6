"""
Files of a signing round: readers, what comes after each, and inputs that they accept, from the
program's own writers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from attestor_world import Attestors

from algebra.hexadecimal import hex32
from algebra.keccak import keccak
from algebra.private_file import read_private
from attestor.attestation import Attestation
from attestor.signatures import recover, sign
from tierproof.formats.views import show
from tierproof.signing import agreeing
from tierproof.signing.comparing import differences
from tierproof.signing.cosignature import Cosignature
from tierproof.signing.draft import NO_CONSENT, Draft, LeftOut
from tierproof.signing.journal import REVOKED, SIGNED, Entry, Journal
from tierproof.signing.keystore import create_keystore, is_keystore, keystore_address, open_keystore

CHEAP = 1 << 4
"""n of scrypt; with r = 8 the work of a key is 128."""


def shown(path: Path) -> None:
    """As `tierproof show`, which must find words for all that a reader takes."""
    json.dumps(show(path))


# -- drafts ----------------------------------------------------------------------------------------
def drafts(made: Sequence[Attestation]) -> list[Draft]:
    """Of all owners, and of one where members hold different consents of the other."""
    unsigned = [replace(each, signatures=()) for each in made]
    consents = {(each.leaf.owner_tag, each.consent_key): bytes([7]) * 32 for each in made}
    left = LeftOut(5, "0x" + "ab" * 20, (NO_CONSENT, bytes([9]) * 32))
    return [Draft.of(unsigned, consents), Draft.of(unsigned[:1], consents, [left])]


def load_draft(path: Path, own: Draft) -> None:
    """A draft of another member, then what is done with it before anybody signs."""
    draft = Draft.load(path)
    assert (draft == own) == (not differences(draft, own))
    held = {each.key: each.consents for each in own.owners}
    agreeing.disagreements(held, [draft])
    root = draft.root
    Entry.of(SIGNED, 0, root.root, root.domain, hex32(draft.digest))
    shown(path)
    agreeing.require_left_out(draft, held)


def repair_draft(data: bytes) -> bytes:
    """The one spelling of a draft, which a changed value keeps."""
    try:
        return json.dumps(json.loads(data), indent=1).encode() + b"\n"
    except (ValueError, RecursionError):
        return data


# -- signatures ------------------------------------------------------------------------------------
def cosignature(of: Draft, attestors: Attestors) -> Cosignature:
    """By the first attestor."""
    key = attestors.keys[0]
    return Cosignature(
        of.digest, key.address.lower(), sign(key, of.root.root.message(of.root.domain))
    )


def load_cosignature(path: Path, of: Draft) -> None:
    """As `combine` takes it up to the count of members."""
    given = Cosignature.load(path)
    shown(path)
    recover(of.root.root.message(of.root.domain), given.signature, "signature")


# -- journals --------------------------------------------------------------------------------------
def journal_seeds(path: Path, of: Draft, attestors: Attestors) -> list[bytes]:
    """
    Another root for the draft's window, signed and revoked, and one for a later window; and the
    lines as a JSON array.
    """
    root, domain = of.root.root, of.root.domain
    revoked = replace(root, valid_until=root.valid_until - 1)
    later = replace(root, first_day=root.last_day + 1, last_day=root.last_day + 2)
    made = Journal.create(path, attestors.keys[0].address.lower())
    for did, each in ((SIGNED, revoked), (REVOKED, revoked), (SIGNED, later)):
        made = made.append(Entry.of(did, 1_800_000_000, each, domain, hex32(of.digest)))
    written = path.read_bytes()
    return [written, json.dumps([json.loads(line) for line in written.splitlines()]).encode()]


def load_journal(path: Path, of: Draft) -> None:
    """A journal, then whether it lets a root be signed, and the line that follows."""
    journal = Journal.load(path)
    entry = Entry.of(SIGNED, 1, of.root.root, of.root.domain, hex32(of.digest))
    shown(path)
    if journal.require_free(entry):
        grown = journal.append(entry)
        assert Journal.load(path) == grown
        assert not grown.require_free(entry), "one root, signed as new twice"


def repair_journal(data: bytes) -> bytes:
    """Lines, or an array of them, each with the digest of the line before it."""
    lines: list[bytes] = []
    for number, value in enumerate(_values(data)):
        if number and isinstance(value, dict):
            value = {**value, "after": hex32(keccak(lines[-1]))}
        lines.append(json.dumps(value).encode() + b"\n")
    return b"".join(lines) or data


def _values(data: bytes) -> list[Any]:
    try:
        found = json.loads(data)
        return found if isinstance(found, list) else [found]
    except (ValueError, RecursionError):
        pass
    try:
        return [json.loads(line) for line in data.splitlines()]
    except (ValueError, RecursionError):
        return []


# -- keystores -------------------------------------------------------------------------------------
def keystore_seeds(path: Path, passphrase: str) -> list[bytes]:
    """Under the cheapest derivation that fuzzing can pay a thousand times."""
    create_keystore(path, passphrase, cost=CHEAP)
    return [path.read_bytes()]


def load_keystore(path: Path, passphrase: str) -> None:
    """Its key, as a command opens it, but for derivations that are dear."""
    text = read_private(path, allow_open=True)
    if is_keystore(text):
        keystore_address(path)
    open_keystore(text, path, passphrase, most_work=1 << 10)
