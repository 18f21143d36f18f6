"""
The figures that travel with the package: `python -m benchmarks.publish` makes
`tierproof/figures.json` from the kept run `benchmarks/results/bench.json`, and the gas of a first
grant from `benchmarks/results/gas.json`; `--check` compares.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS, FIGURES = ROOT / "benchmarks" / "results", ROOT / "tierproof" / "figures.json"
FORK, ACT = "osaka", "first grant"


def figures() -> dict[str, Any]:
    """Seconds, memory and gas by profile, and the machine, of the kept run."""
    run = json.loads((RESULTS / "bench.json").read_bytes())
    gas = json.loads((RESULTS / "gas.json").read_bytes())[FORK]

    def of(part: dict[str, Any], profile: str) -> dict[str, Any]:
        prove = {
            n: {"seconds": round(each["seconds"], 3), "peak_bytes": each["peak_bytes"]}
            for n, each in part["prove"].items()
        }
        return {"prove": prove, "gas": {**part["gas"], "onboard": gas[profile][ACT]}}

    return {
        "machine": run["machine"],
        "profiles": {"fast": of(run, "fast"), "lean": of(run["profiles"]["lean"], "lean")},
    }


def main() -> int:
    """Exit status 0 written or equal, 1 stale."""
    text = json.dumps(figures(), indent=1) + "\n"
    if "--check" not in sys.argv:
        FIGURES.write_text(text, encoding="utf-8")
        return 0
    return int(FIGURES.read_text(encoding="utf-8") != text)


if __name__ == "__main__":
    sys.exit(main())
