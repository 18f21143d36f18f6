"""
`python -m tests.invariants`: random lives of the registry of grants, by forge, and the same under
each mutant; writes `build/invariants.json`.

Exit 0 if every invariant held, everything that a life may reach was reached, and every mutant was
caught; 1 if not. With `--mutant NAME` some mutants alone, and nothing is written.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tomllib
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
OPTIONS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
sys.path[:0] = [str(ROOT / path) for path in OPTIONS["tool"]["pytest"]["ini_options"]["pythonpath"]]

from invariants import forge  # noqa: E402  (the paths above)
from invariants.mutants import Mutant, mutants  # noqa: E402
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


def caught(named: Collection[str] = ()) -> Iterator[tuple[Mutant, forge.Outcome]]:
    """Each mutant, or those named, against its invariant; whose reason is empty was not caught."""
    listed, code = mutants(), forge.BUILD / "mutants"
    forge.write_code(compiled([mutant.change for mutant in listed]), code)
    chosen = [i for i, mutant in enumerate(listed) if not named or mutant.change.id in named]

    def outcome(number: int) -> forge.Outcome:
        invariant = listed[number].invariant
        return forge.run(code, invariant, LIVES, DEPTH, number)[invariant]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, found in zip(chosen, pool.map(outcome, chosen), strict=True):
            life = found.calls // DEPTH + 1
            answer = f"{found.reason} (life {life})" if found.reason else "NOT CAUGHT"
            print(f"  {listed[number].change.id}: {answer}", flush=True)
            yield listed[number], found


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.invariants", description="Random lives of the registry of grants."
    )
    parser.add_argument("--calls", type=int, default=CALLS, help="steps in all")
    parser.add_argument("--no-mutants", action="store_true", help="the true contract alone")
    parser.add_argument(
        "--mutant", action="append", default=[], metavar="NAME",
        choices=[mutant.change.id for mutant in mutants()],
        help="this mutant alone, by its name in tests/invariants/mutants.py, on its invariant;"
        " may be given again; nothing is written",
    )  # fmt: skip
    options = parser.parse_args()
    if options.mutant:
        return 0 if all([found.reason for _, found in caught(options.mutant)]) else 1
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
    missed = 0
    for mutant, outcome in () if options.no_mutants else caught():
        missed += not outcome.reason
        answers = results[mutant.invariant].setdefault("mutants", {})
        answers[mutant.change.id] = outcome.reason or "NOT CAUGHT"
    REPORT.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"written: {REPORT.relative_to(ROOT)}")
    return 1 if missed or absent or any(result["reason"] for result in results.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
