"""Codes of the service's own API: what is asked of it, and what speaks against a verdict later."""

from __future__ import annotations

from algebra.codes.row import Row

ROWS = (
    Row(
        "malformed.cursor",
        "The cursor is not one that this list gave.",
        "begin the list again without a cursor",
    ),
    Row(
        "malformed.url",
        "The URL is none that a service is asked at.",
        "give https://HOST/v1, or http://127.0.0.1:PORT/v1 on this machine",
    ),
    Row(
        "malformed.bearer",
        "The text is no key of a service.",
        "give the key as the service's operator printed it, on one line",
    ),
    Row(
        "refused.superseded",
        "A later credential took the place of this one.",
        "ask for the credential of its nullifier: /v1/credentials",
        http=409,
    ),
    Row(
        "refused.terms",
        "The registry does not tell the terms of this account.",
        "compare the address, and ask the registry itself with the command terms",
        http=409,
    ),
    Row(
        "unavailable.service",
        "The service does not answer, or what answers is no such service.",
        "compare the URL with the operator's, and try again",
    ),
    Row(
        "unknown.registry",
        "The service reads no registry.",
        "ask the registry itself with the command terms, or have the operator name a node",
    ),
)
