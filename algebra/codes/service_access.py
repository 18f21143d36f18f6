"""Codes of access to the service: keys, scopes, loopback, limits, idempotency keys."""

from __future__ import annotations

from algebra.codes.row import Row

_KEYS = "make another one with the command keys create"

ROWS = (
    Row(
        "malformed.api_key",
        "The API key to be made has a name, scope, end or quota that none can have.",
        "correct the part that the message names",
    ),
    Row(
        "malformed.authorization",
        "The header Authorization comes twice, or holds no API key behind Bearer.",
        "send one header, Authorization: Bearer and the API key",
    ),
    Row(
        "malformed.target",
        "The target of the request is not a path.",
        "ask for a path of this service, not for the URL of any",
    ),
    Row(
        "malformed.idempotency_key",
        "The header Idempotency-Key comes twice, or is not one string of 1 to 255 characters.",
        'send one header, with the key in quotes: Idempotency-Key: "..."',
    ),
    Row(
        "malformed.framing",
        "The length of the body is told in two ways.",
        "send Content-Length or Transfer-Encoding, not both",
    ),
    Row(
        "refused.unauthenticated",
        "There is no API key, or one that the service does not know, or whose time has passed.",
        _KEYS,
        http=401,
    ),
    Row(
        "refused.scope",
        "The API key is not for this.",
        _KEYS,
        http=403,
    ),
    Row(
        "refused.loopback",
        "While there are no API keys the service answers this machine alone, by its own name.",
        "call it as http://127.0.0.1, directly; for others make keys with the command keys create",
        http=403,
    ),
    Row(
        "refused.keyless_host",
        "The service would listen beyond this machine, and has no API keys.",
        "make one with the command keys create, or listen on 127.0.0.1",
    ),
    Row(
        "refused.rate",
        "Too many requests in the last minute.",
        "try again after the seconds of Retry-After",
        http=429,
    ),
    Row(
        "refused.quota",
        "The API key has used up its requests of this day.",
        "try again after the seconds of Retry-After, or ask the operator for a larger quota",
        http=429,
    ),
    Row(
        "refused.idempotency_underway",
        "A request with this idempotency key is under way.",
        "wait for its answer, or send the same request again after the seconds of Retry-After",
        http=409,
    ),
    Row(
        "refused.idempotency_reused",
        "The idempotency key was sent before, with another body.",
        "take a new key for a new request",
        http=422,
    ),
    Row(
        "refused.api_key_file",
        "A file stands where the API key would be written; none is replaced.",
        "give --out a name that is free",
    ),
    Row(
        "unknown.api_key",
        "The database holds no API key of this name.",
        "take the name as the command keys list shows it",
    ),
)
