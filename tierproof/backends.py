"""The only place that picks an algebra (docs/decisions/0001)."""

from __future__ import annotations

from algebra.errors import Unavailable
from algebra.extras import libraries
from algebra.interface import Algebra


def fast_algebra() -> Algebra:
    """The native algebra; Unavailable (`unavailable.native`) where the extension is not built."""
    try:
        from algebra.native_backend import native
    except ImportError as error:
        raise Unavailable(
            "unavailable.native", "the native module is not built; run: make setup"
        ) from error
    return native()


def independent_algebra() -> Algebra:
    """
    The reference algebra: galois and py_ecc, no line of code shared with the native one.

    Raises
    ------
    Unavailable
        `unavailable.extra`: they come with the extra `reference`.
    """
    with libraries("reference"):
        from algebra.reference import reference

        return reference()
