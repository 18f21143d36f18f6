"""What a client sends, before anybody looks at what it says: one JSON value, or 32 bytes in hex."""

from __future__ import annotations

import re
from typing import Any

from fastapi import Request

from algebra.errors import Malformed
from algebra.files import parse_json
from policies.credential_file import CredentialFile
from service.api.problem import known

JSON = "application/json"


def json_value(body: bytes) -> Any:
    """
    The JSON value of a body.

    Raises
    ------
    Malformed
        `malformed.json`: not JSON, a name twice, a number with a fraction, or nested too deep.
        Nothing that was sent is repeated in the message.
    """
    try:
        return parse_json(body)
    except ValueError:
        raise Malformed(
            "malformed.json", "body: not JSON, a name twice, or a number that is not whole"
        ) from None


def parse_credential(body: bytes) -> CredentialFile:
    """
    The credential file that a body is, read as `tierproof verify` reads it; Malformed
    (`malformed.json`, `malformed.credential`).
    """
    return CredentialFile.parse(json_value(body))


async def body_of(request: Request) -> bytes:
    """The bytes of a body that says it is JSON; 415 (`refused.media_type`) for another."""
    stated = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if stated != JSON:
        raise known("refused.media_type", f"content-type: {JSON} wanted")
    return await request.body()


def parse_hex32(text: str, part: str) -> int:
    """0x and 64 hexadecimal digits as a number; Malformed (`malformed.request`) otherwise."""
    if not re.fullmatch(r"0x[0-9a-fA-F]{64}", text, re.ASCII):
        raise Malformed("malformed.request", f"{part}: not 0x and 64 hexadecimal digits", part=part)
    return int(text, 16)
