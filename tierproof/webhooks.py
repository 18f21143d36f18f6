"""
What a receiver of webhooks does with each (docs/guides/webhooks.md): check who signed it and when,
then read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from algebra.errors import Malformed
from algebra.files import parse_json
from service.webhooks.signature import TOLERANCE_SECONDS, Secret, authenticate

MOST_BYTES = 1 << 16
"""Of a body; no event is a tenth as long."""


@dataclass(frozen=True, slots=True)
class Received:
    """
    A webhook whose signature holds.

    Attributes
    ----------
    id : of the event; the same at each try, so that one that comes twice counts once
    kind : `credential.accepted`, `grant.expiring`, `grant.ended`, `move.announced`, `webhook.test`
    time : when it happened, as the body writes it: ISO 8601, UTC
    data : the ids that the kind has
    """

    id: str
    kind: str
    time: str
    data: Mapping[str, Any]


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str],
    *,
    now: float | None = None,
    tolerance: int = TOLERANCE_SECONDS,
) -> Received:
    """
    Check and read a webhook. Compares in constant time.

    Parameters
    ----------
    headers, body : as they came; the body's bytes, before anything reads them
    secrets : `whsec_...` of this address: one, or two while it is changed
    now, tolerance : seconds since 1970, and how far the sending may be from it

    Raises
    ------
    Malformed
        `malformed.webhook_secret`; `malformed.webhook`: a header is missing, twice or ill-formed,
        or what was signed is no event.
    Rejected
        `rejected.webhook_time`: sent more than `tolerance` seconds ago or ahead;
        `rejected.webhook_signature`: signed by none of the secrets.
    """
    known = [Secret.parse(text) for text in secrets]
    identity, _ = authenticate(headers, body, known, now=now, tolerance=tolerance)
    return _read(identity, body)


def _read(identity: str, body: bytes) -> Received:
    try:
        value = parse_json(body) if len(body) <= MOST_BYTES else None
    except ValueError:
        value = None
    if not isinstance(value, dict) or set(value) != {"id", "type", "timestamp", "data"}:
        raise Malformed("malformed.webhook", "webhook: its body is no event")
    texts = (value["id"], value["type"], value["timestamp"])
    if not all(isinstance(text, str) for text in texts) or not isinstance(value["data"], dict):
        raise Malformed("malformed.webhook", "webhook: its body has a part of another form")
    if value["id"] != identity:
        raise Malformed("malformed.webhook", "webhook: its body is another event's")
    return Received(*texts, value["data"])
