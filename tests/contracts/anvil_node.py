"""A fresh anvil from npm for a test, which is skipped where it is not installed."""

from __future__ import annotations

import subprocess

import pytest

from algebra.errors import Unavailable
from examples.chain import node


def start_anvil(*options: str, hardfork: str = "prague") -> tuple[subprocess.Popen[bytes], str]:
    """Its process, to be killed by the test, and its URL."""
    try:
        return node.start_anvil(*options, hardfork=hardfork)
    except Unavailable as error:
        if "not installed" in error.message:
            pytest.skip(error.message)
        raise
