"""Codes of access to the service: keys, scopes, loopback, limits, idempotency keys."""

from __future__ import annotations

from algebra.codes.row import Row

ROWS = (
    Row(
        "malformed.framing",
        "The length of the body is told in two ways.",
        "send Content-Length or Transfer-Encoding, not both",
    ),
)
