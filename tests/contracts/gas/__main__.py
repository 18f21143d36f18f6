"""
`PYTHONPATH=.:tests:tests/attestor:tests/contracts:tests/prover python -m gas` measures anew what
`benchmarks/results/gas.json` says; minutes, with anvil from npm.
"""

from __future__ import annotations

import json

from gas.scenes import FORKS, MEASURED, batches, singles

from prover.profile import Profile


def main() -> None:
    """Write the file."""
    found = {
        fork: {profile: singles(fork, profile) | batches(fork, profile) for profile in Profile}
        for fork in FORKS
    }
    MEASURED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
