"""
`make peers`: gnark, arkworks and snarkjs beside ours, on this machine in one run; a table and
build/peers.json.

Every measurement is a process of its own and alone while it runs; ours and the peers' take turns,
size by size, so that what else the machine does weighs on all. A peer whose tools are missing or
that runs out of memory is skipped and named.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.peers import tools
from benchmarks.peers.report import SYSTEMS, plot, ratios, table
from benchmarks.run import versions
from circuits.versions import CURRENT
from tierproof.measure.proof import machine

OUTPUT, PLOT = Path("build/peers.json"), Path("docs/img/peers.svg")
SNARKJS_LIMIT = 16  # log2; larger buffers do not fit its workers' memory in good time


class Run:
    """The report while it grows."""

    def __init__(self, runs: int) -> None:
        self.runs = runs
        self.report: dict[str, Any] = {
            "machine": machine()
            | {"memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")},
            "versions": versions(),
            "date": time.strftime("%Y-%m-%d"),
            "load_before": os.getloadavg(),
            "skipped": {},
        }

    def attempt(self, what: str, work: Callable[[], Any]) -> Any:
        """Its result, or None with the reason kept."""
        print(f"... {what}", file=sys.stderr, flush=True)
        try:
            return work()
        except tools.PeerMissing as missing:
            self.report["skipped"][what] = str(missing)
            print(f"skipped: {what}: {missing}", file=sys.stderr, flush=True)
            return None

    def kernels(self, peer: str, log: int, measure: Callable[[int, int], dict[str, Any]]) -> None:
        """Kernels of one peer at 2^log."""
        figures = self.attempt(f"{peer} kernels 2^{log}", lambda: measure(log, self.runs))
        if figures is None:
            return
        entry = self.report.setdefault(peer, {})
        self.report["versions"] |= figures.pop("versions", {})
        for kernel, one in figures.items():
            if isinstance(one, dict):
                entry.setdefault("kernels", {}).setdefault(kernel, {})[str(1 << log)] = one[
                    "seconds"
                ]
                entry.setdefault("kernel_runs", {}).setdefault(kernel, {})[str(1 << log)] = one

    def prove(self, peer: str, records: int, measure: Callable[[], dict[str, Any]]) -> None:
        """Whole proofs of one peer."""
        figures = self.attempt(f"{peer} {records} records", measure)
        if figures is not None:
            self.report["versions"] |= figures.pop("versions", {})
            proofs = self.report.setdefault(peer, {}).setdefault("prove", {})
            proofs[str(figures.get("records", records))] = figures


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All of it."""
    run = Run(options.runs)
    gnark = run.attempt("build gnark", tools.Gnark)
    arkworks = run.attempt("build arkworks", tools.Arkworks)
    snarkjs = run.attempt("install snarkjs", tools.Snarkjs)
    if arkworks:
        run.report["versions"] |= arkworks.versions()
    for log in (16,) if options.quick else (14, 16, 18, 20):
        run.kernels("ours", log, tools.our_kernels)
        if gnark:
            run.kernels("gnark_crypto", log, gnark.kernels)
        if arkworks:
            run.kernels("arkworks", log, arkworks.kernels)
        if snarkjs and log <= SNARKJS_LIMIT:
            run.kernels("snarkjs", log, snarkjs.kernels)
    counts = [10, 12] + ([] if options.quick else [14]) + ([16] if options.large else [])
    classes = {CURRENT.smallest_class(1 << log) for log in counts} | {
        1 << log for log in counts if log >= 13
    }
    for n in sorted(classes):
        run.prove("ours", n, lambda n=n: tools.our_proof(n, options.runs) | {"class": n})  # type: ignore[misc]
    for log in counts:
        for peer in SYSTEMS if gnark else ():
            system = peer.removeprefix("gnark_")
            if system == "plonk" and log > (14 if options.large else 12):
                continue  # a quarter of an hour and more
            runs = 1 if system == "plonk" else min(options.runs, 3)
            run.prove(peer, 1 << log, lambda s=system, c=1 << log, r=runs: gnark.prove(s, c, r))  # type: ignore[misc]
    run.report["load_after"] = os.getloadavg()
    return run.report


def write(report: dict[str, Any], path: Path) -> None:
    """As JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n")


def main() -> int:
    """Measure, or read, and show."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="records up to 2^12, kernels of 2^16 only"
    )
    parser.add_argument(
        "--large", action="store_true", help="also 2^16 records (setup: 15 minutes); PLONK to 2^14"
    )
    parser.add_argument(
        "--runs",
        type=int,
        default=5,
        help="measured runs of each (proofs of gnark: 3 at most, PLONK 1)",
    )
    parser.add_argument("--plot", action="store_true", help=f"draw {PLOT}")
    parser.add_argument(
        "--report", type=Path, help="show the figures of an earlier run instead of measuring"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs: at least 1")
    if options.report:
        report = json.loads(options.report.read_text())
    else:
        report = measure(options)
        write(
            report, options.output
        )  # half an hour of figures, before anything else is done with them
    if not report.get("ours", {}).get("prove"):
        print("error: ours could not be measured", file=sys.stderr)
        return 1
    report["ratio"] = ratios(report)  # anew from the figures, also for an earlier run
    if not options.report:
        write(report, options.output)
    print(table(report))
    if options.plot:
        plot(report, PLOT)
        print(f"drawn: {PLOT}", file=sys.stderr)
    if not options.report:
        print(f"written: {options.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
