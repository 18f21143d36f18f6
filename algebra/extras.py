"""
Libraries that only some users need, and the extra of the package that brings each.

The base install is a verifier. Whoever asks for more without its libraries is told which extra to
install; that is no fault of a program.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from algebra.errors import Unavailable

EXTRAS = {
    "reference": ("galois", "py_ecc"),
    "prove": ("argon2", "cryptography"),
    "attest": ("eth_account",),
    "chain": ("web3", "eth_account", "eth_abi", "eth_utils", "requests"),
    "evm": ("eth_tester", "eth"),
    "service": (
        "fastapi",
        "pydantic",
        "sqlalchemy",
        "httpcore",
        "starlette",
        "uvicorn",
        "alembic",
        "limits",
        "prometheus_client",
        "psycopg",
        "pydantic_settings",
        "structlog",
    ),
    "client": ("httpx",),
    "telemetry": ("opentelemetry",),
    "picture": ("matplotlib",),
}
"""Extra to the import names of the libraries that it is for (pyproject.toml)."""


@contextmanager
def libraries(extra: str) -> Iterator[None]:
    """
    What needs the libraries of an extra imports them in here.

    Python's recursion limit is put back afterwards: py-evm and py_ecc raise it to 100,000 for the
    whole process when they are imported, which is not ours to do to who imports us.

    Raises
    ------
    Unavailable
        `unavailable.extra` with `extra`: it is not installed.
    """
    limit = sys.getrecursionlimit()
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").split(".")[0]
        if not any(library in names for names in EXTRAS.values()):
            raise
        raise Unavailable(
            "unavailable.extra",
            f"{library} is not installed; it comes with: pip install 'tierproof[{extra}]'",
            extra=extra,
        ) from None
    finally:
        sys.setrecursionlimit(limit)
