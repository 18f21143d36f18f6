"""What a client may send: shapes first, numbers after, nothing else."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from algebra.errors import Malformed
from algebra.files import parse_json
from policies.rules import MAX_TIERS

Hex32 = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$", max_length=66)]
Hex20 = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$", max_length=42)]
MAX_INTEGER_DIGITS = 20


class VerificationRequest(BaseModel):
    """
    One credential to verify.

    Scope, window and thresholds are absent on purpose: the service computes them from the policy it
    knows.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    policy_id: Hex32 = Field(description="keccak-256 of the policy document")
    key_digest: Hex32 = Field(
        description="digest of the verifying key, which fixes class and setup"
    )
    tier: int = Field(ge=0, le=MAX_TIERS - 1, description="index of the tier in the policy, from 0")
    root: Hex32 = Field(description="attestation root")
    nullifier: Hex32
    account: Hex20 = Field(description="onboarding account in the statement")
    chain_id: int = Field(ge=1, lt=1 << 63)
    registry: Hex20
    proof: str = Field(pattern=r"^0x([0-9a-fA-F]{2})+$", max_length=1 << 16)


def parse_request(body: bytes) -> VerificationRequest:
    """
    Read a request body.

    Raises
    ------
    Malformed
        `malformed.json` (not JSON, a repeated key, a number that is no short integer) or
        `malformed.request`, with `part` the field. Values are never repeated in the message.
    """
    try:
        value = parse_json(body, parse_int=_short, parse_float=_short)
    except ValueError:
        raise Malformed(
            "malformed.json", "body: not JSON, a repeated key, or a number out of range"
        ) from None
    try:
        return VerificationRequest.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        named = [
            str(step) for step in first["loc"] if str(step) in VerificationRequest.model_fields
        ]
        part = named[0] if named else "body"
        raise Malformed("malformed.request", f"{part}: {first['msg']}", part=part) from None


def parse_hex32(text: str, part: str) -> int:
    """0x and 64 hexadecimal digits as a number; Malformed (`malformed.request`) otherwise."""
    if not re.fullmatch(r"0x[0-9a-fA-F]{64}", text, re.ASCII):
        raise Malformed("malformed.request", f"{part}: not 0x and 64 hexadecimal digits", part=part)
    return int(text, 16)


def _short(text: str) -> int:
    if len(text) > MAX_INTEGER_DIGITS:
        raise ValueError("long number")
    return int(text)  # fails for a float, NaN or infinity, as it should
