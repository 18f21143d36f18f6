"""A fresh anvil from npm for a test, which is skipped where it is not installed."""

from __future__ import annotations

import subprocess

import pytest

from examples.chain import node


def start_anvil(*options: str, hardfork: str = "prague") -> tuple[subprocess.Popen[bytes], str]:
    """Its process, to be killed by the test, and its URL."""
    if node.binary() is None:
        pytest.skip("anvil is not installed (npm ci --prefix contracts)")
    return node.start_anvil(*options, hardfork=hardfork)
