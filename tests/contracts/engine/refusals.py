"""What a call is refused for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from engine.machine import Reverted


def refused(error: str, act: Callable[[], Any]) -> dict[str, Any]:
    """The arguments of the custom error that a call fails with."""
    with pytest.raises(Reverted) as caught:
        act()
    assert caught.value.error == error, caught.value
    return caught.value.arguments
