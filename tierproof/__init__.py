"""
Tierproof: zero-knowledge credentials for institutional margin.

The functions of `tierproof.api` are here by name, each loaded when it is first used: `import
tierproof` loads nothing, and a verifier no more than it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tierproof.api import *  # noqa: F403

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module 'tierproof' has no attribute {name!r}")
    # `from tierproof import api` would come back here, and so does an import of a module of ours
    api = import_module("tierproof.api")
    if name not in dir(api):
        raise AttributeError(f"module 'tierproof' has no attribute {name!r}")
    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *dir(import_module("tierproof.api"))])
