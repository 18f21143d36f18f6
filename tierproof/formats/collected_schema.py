"""JSON Schema of the list of a collected folder."""

from __future__ import annotations

from attestor.collect.folder import ANSWERS, LATEST, MAX_ANSWERS, VERSION
from tierproof.formats.schemas import (
    Schema,
    address,
    date,
    document,
    listed,
    record,
    text,
    whole,
)


def collected() -> Schema:
    """What `attestor.collect.folder` reads and writes."""
    file = {
        "type": "string",
        "pattern": f"^{ANSWERS}/[0-9]{{6}}\\.json$",
        "description": "the venue's body, word for word; numbered from 000001 in the list's order",
    }
    digest = {
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
        "description": "sha256 of the body, without 0x",
    }
    answer = {
        "file": file,
        "request": {"type": "object", "description": "what was asked, without keys"},
        "taken": whole(0, LATEST, "when the answer came, microseconds since 1970 UTC"),
        "sha256": digest,
    }
    account = {
        "wallet": address("of the account"),
        "sub_accounts": listed(
            text("as the venue names it"), "number n of them, from 1, is the account `wallet/n`"
        ),
    }
    return document(
        "collected",
        VERSION,
        "What was collected of a venue for a window. Private.",
        {
            "venue": text("names the adapter"),
            "first_day": date("first day of the window"),
            "last_day": date("last day of the window"),
            "accounts": listed(record(account, "a wallet"), "each once"),
            "answers": listed(
                record(answer, "one body"), "in the order in which they came", 0, MAX_ANSWERS
            ),
        },
    )
