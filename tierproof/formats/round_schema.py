"""JSON Schemas of a signing round: drafts, signatures, journals, keystores."""

from __future__ import annotations

from tierproof.formats.schemas import (
    CLASS,
    Schema,
    address,
    document,
    hexadecimal,
    listed,
    record,
    root,
)


def draft() -> Schema:
    """What `tierproof.signing.draft.Draft` reads and writes."""
    consents = hexadecimal(32, "digest of his consents; zeros: a member holds none")
    named = {
        "owner_tag": hexadecimal(32, "of the owner"),
        "consent_key": address("his consent key"),
    }
    owner = {**named, "consents": consents, "leaf": hexadecimal(32, "digest of his leaf")}
    left_out = {**named, "consents": listed(consents, "those that differ, ascending", 2)}
    return document(
        "draft",
        1,
        "What a quorum is about to sign. Private to its members.",
        {
            "root": root(),
            "size": CLASS,
            "srs_id": hexadecimal(25, "of the setup"),
            "owners": listed(record(owner, "an owner"), "in the order of the leaves", 1),
            "left_out": listed(
                record(left_out, "an owner"), "of whom members hold different consents, ascending"
            ),
        },
    )


def cosignature() -> Schema:
    """What `tierproof.signing.cosignature.Cosignature` reads and writes."""
    return document(
        "cosignature",
        1,
        "One member's signature of a draft's root.",
        {
            "draft": hexadecimal(32, "keccak256 of the draft's file"),
            "signer": address("who signed"),
            "signature": hexadecimal(65, "of the root, EIP-712"),
        },
    )


def journal() -> Schema:
    """What `tierproof.signing.journal` reads and writes; the schema is of the text."""
    head = '"format": "tierproof/journal", "version": 1, "signer": "0x[0-9a-f]{40}"'
    return {
        "type": "string",
        "pattern": f"^\\{{{head}\\}}",
        "description": "The text of the file, a JSON object on each line: first whose journal it "
        "is, then an entry a line, each with the keccak256 of the line before it. Private.",
    }


def keystore() -> Schema:
    """What `tierproof.signing.keystore` reads: Web3 Secret Storage, which others define."""
    return {
        "type": "object",
        "description": "A private key under a passphrase: Web3 Secret Storage, scrypt. Secret.",
        "properties": {
            "version": {"const": 3},
            "address": {"type": "string", "pattern": "^(0x)?[0-9a-fA-F]{40}$"},
            "crypto": {
                "type": "object",
                "description": "cipher and derivation",
                "properties": {
                    "cipher": {"const": "aes-128-ctr"},
                    "kdf": {"const": "scrypt"},
                    "kdfparams": {"type": "object"},
                },
                "required": ["cipher", "kdf", "kdfparams"],
            },
        },
        "required": ["version", "address", "crypto"],
    }
