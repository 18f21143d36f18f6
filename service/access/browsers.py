"""Pages of which origins may call the service from a browser (CORS); none unless they are named."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

ASKED = ("Authorization", "Content-Type", "Idempotency-Key")
TOLD = ("Idempotency-Replayed", "RateLimit", "RateLimit-Policy", "Retry-After")


def allow_origins(app: FastAPI, origins: Sequence[str]) -> None:
    """
    Let pages of these origins call, each written out, with a key in a header and never with a
    cookie or another credential of the browser. Add it after all other layers, so that it is the
    outermost and an error is told to a page too.
    """
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=list(ASKED),
            expose_headers=list(TOLD),
            allow_credentials=False,
        )
