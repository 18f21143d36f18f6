"""Which algebras a test runs on."""

from __future__ import annotations

import pytest

REFERENCE_PROVES = pytest.mark.xfail(
    strict=True,
    raises=TypeError,
    reason="ReferenceAlgebra.concatenate puts galois scalars inside a galois array, which later operations refuse",
)
"""Remove with the mend of `concatenate`: `array([int(value) for ...])`."""
