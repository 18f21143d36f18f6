"""
Tierproof: zero-knowledge credentials for institutional margin.

The functions of `tierproof.api` are here by name and loaded when first used, so that
`import tierproof` is quick and a verifier does not load a plotting library.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    api = import_module("tierproof.api")  # `from tierproof import api` would come back here
    if name not in api.__all__:
        raise AttributeError(f"module 'tierproof' has no attribute {name!r}")
    return getattr(api, name)


def __dir__() -> list[str]:
    api = import_module("tierproof.api")
    return sorted([*globals(), *api.__all__])
