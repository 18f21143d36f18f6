"""
`python -m tests.invariants`: random lives of the registry of grants, by forge, and the same under
each mutant; writes `build/invariants.json`.

Exit 0 if every invariant held, everything that a life may reach was reached, and every mutant was
caught; 1 if not.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
OPTIONS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
sys.path[:0] = [str(ROOT / path) for path in OPTIONS["tool"]["pytest"]["ini_options"]["pythonpath"]]

from invariants import forge  # noqa: E402  (the paths above)
from invariants.mutants import mutants  # noqa: E402
from support.switched import compiled  # noqa: E402

from contracts.build.artifact import Artifact, load_artifact  # noqa: E402

REPORT = ROOT / "build" / "invariants.json"
CALLS = 100_000
DEPTH = 500
"""Steps of a life; enough for its windows to follow each other and for a close to take effect."""
LIVES = 24
"""Lives of each mutant, at most; the first that breaks the invariant ends them."""


def committed() -> dict[str, Artifact]:
    """What is deployed."""
    names = (*forge.LIBRARIES, "TierGrants", "Authority")
    return {name: load_artifact(name) for name in names}


def sound(calls: int) -> dict[str, dict[str, Any]]:
    """All invariants on the committed bytes, `calls` in all."""
    names = forge.invariants()
    code = forge.BUILD / "code"
    forge.write_code(committed(), code)
    forge.SEEN.unlink(missing_ok=True)
    runs = -(-calls // (len(names) * DEPTH))
    outcomes = forge.run(code, "|".join(names), runs, DEPTH)
    return {name: asdict(outcomes[name]) for name in names}


def caught(results: dict[str, dict[str, Any]]) -> int:
    """Each mutant against its invariant; how many were not caught."""
    listed, code = mutants(), forge.BUILD / "mutants"
    forge.write_code(compiled([mutant.change for mutant in listed]), code)

    def reason(number: int) -> str:
        outcomes = forge.run(code, listed[number].invariant, LIVES, DEPTH, number)
        return outcomes[listed[number].invariant].reason

    missed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutant, said in zip(listed, pool.map(reason, range(len(listed))), strict=True):
            missed += not said
            answer = said or "NOT CAUGHT"
            results[mutant.invariant].setdefault("mutants", {})[mutant.change.id] = answer
            print(f"  {mutant.change.id}: {answer}", flush=True)
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.invariants", description="Random lives of the registry of grants."
    )
    parser.add_argument("--calls", type=int, default=CALLS, help="steps in all")
    parser.add_argument("--no-mutants", action="store_true", help="the true contract alone")
    options = parser.parse_args()
    results = sound(options.calls)
    print(f"{'invariant':48}{'calls':>9}{'reverts':>9}{'seconds':>9}")
    for name, result in results.items():
        numbers = f"{result['calls']:9,}{result['reverts']:9,}{result['seconds']:9,.0f}"
        print(f"{name.removeprefix('invariant_'):48}{numbers}  {result['reason']}".rstrip())
    found = forge.seen()
    print("reached: " + ", ".join(f"{thing} {count:,}" for thing, count in found.most_common()))
    absent = sorted(forge.things() - set(found)) if options.calls >= CALLS else []
    for thing in absent:
        print(f"never reached: {thing}")
    missed = 0 if options.no_mutants else caught(results)
    REPORT.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"written: {REPORT.relative_to(ROOT)}")
    return 1 if missed or absent or any(result["reason"] for result in results.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
