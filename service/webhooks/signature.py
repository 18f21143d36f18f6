"""
Signatures of webhooks, made and checked (Standard Webhooks 1.0, symmetric scheme):

    v1,base64(HMAC-SHA256(secret, id || "." || timestamp || "." || body))

The standard library is all that this needs: a receiver loads nothing of the service.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from algebra.errors import Malformed, Rejected

PREFIX, VERSION = "whsec_", "v1,"
LEAST_BYTES, FRESH_BYTES, MOST_BYTES = 24, 32, 64
"""Of a secret: what the standard takes at least, what is drawn here, what it takes at most."""
TOLERANCE_SECONDS = 300
"""How far the clock of a sender and that of a receiver may be apart."""
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_FORMS = {
    ID: re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII),
    TIMESTAMP: re.compile(r"0|[1-9][0-9]{0,11}", re.ASCII),
    SIGNATURE: re.compile(r"[!-~]{1,200}( [!-~]{1,200}){0,15}", re.ASCII),
}


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """
    What sender and receiver of one address share; its bytes are in no text that a log could take.

    Attributes
    ----------
    key : 24 to 64 bytes
    """

    key: bytes

    def __post_init__(self) -> None:
        if not LEAST_BYTES <= len(self.key) <= MOST_BYTES:
            raise Malformed("malformed.webhook_secret", "secret: not 24 to 64 bytes")

    def __repr__(self) -> str:
        return "Secret(...)"

    @classmethod
    def fresh(cls) -> Secret:
        """A new one, from the system's randomness."""
        return cls(os.urandom(FRESH_BYTES))

    @classmethod
    def parse(cls, text: str) -> Secret:
        """From `whsec_` and Base64 in its one spelling; Malformed (`malformed.webhook_secret`)."""
        try:
            key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise Malformed("malformed.webhook_secret", "secret: not Base64") from None
        secret = cls(key)
        if secret.text() != text:
            raise Malformed("malformed.webhook_secret", f"secret: not {PREFIX} and Base64")
        return secret

    def text(self) -> str:
        """As it is shown to the receiver, once."""
        return PREFIX + base64.b64encode(self.key).decode("ascii")

    def sign(self, identity: str, timestamp: int, body: bytes) -> str:
        """The signature of one sending, with its version before it."""
        signed = f"{identity}.{timestamp}.".encode("ascii") + body
        digest = hmac.new(self.key, signed, hashlib.sha256).digest()
        return VERSION + base64.b64encode(digest).decode("ascii")


def headers_of(
    identity: str, timestamp: int, body: bytes, secrets: Sequence[Secret]
) -> dict[str, str]:
    """The three headers of a sending, with a signature by each secret that is in use."""
    return {
        ID: identity,
        TIMESTAMP: str(timestamp),
        SIGNATURE: " ".join(secret.sign(identity, timestamp, body) for secret in secrets),
    }


def authenticate(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[Secret],
    *,
    now: float | None = None,
    tolerance: int = TOLERANCE_SECONDS,
) -> tuple[str, int]:
    """
    The id and the time of a webhook that one of the secrets signed.

    Parameters
    ----------
    headers : as they came; names in any case
    body : as it came, before anything reads it
    secrets : the one in use, or two while one is changed
    now : seconds since 1970; the clock of this machine where it is left out

    Raises
    ------
    Malformed
        `malformed.webhook`: a header is missing, stands twice, or has another form.
    Rejected
        `rejected.webhook_time`: signed for another time; `rejected.webhook_signature`: by none of
        the secrets.
    """
    identity, stated, given = (_header(headers, name) for name in (ID, TIMESTAMP, SIGNATURE))
    timestamp, clock = int(stated), time.time() if now is None else now
    if abs(timestamp - clock) > tolerance:
        raise Rejected("rejected.webhook_time", f"webhook: sent at {timestamp}, which is not now")
    wanted = [secret.sign(identity, timestamp, body).encode() for secret in secrets]
    found = given.encode().split(b" ")
    # every pair is compared, so that the time says nothing of which one is nearly right
    equal = [hmac.compare_digest(one, other) for one in wanted for other in found]
    if not any(equal):
        raise Rejected("rejected.webhook_signature", "webhook: signed by none of the secrets")
    return identity, timestamp


def _header(headers: Mapping[str, str], name: str) -> str:
    values = [value for key, value in headers.items() if key.lower() == name]
    if len(values) != 1 or _FORMS[name].fullmatch(values[0]) is None:
        raise Malformed("malformed.webhook", f"webhook: {name}: missing, twice or ill-formed")
    return values[0]
