"""The parties' agreement comes without the libraries of wallets and nodes: a verifier needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.project import ROOT

HEAVY = ("eth_account", "eth_abi", "eth_utils", "eth_typing", "web3", "pydantic", "requests")


def test_policies_load_numpy_and_keccak_only() -> None:
    names = [f"policies.{path.stem}" for path in Path(ROOT, "policies").glob("*.py")]
    assert "policies.rules" in names and "policies.signed_root" in names
    code = (
        f"import sys, {', '.join(names)}\n"
        f"print([name for name in {HEAVY} if name in sys.modules], 'numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code.replace(".__init__", "")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[] True"
