"""
`make bench`: time the kernels, prove each class with a full log, verify, onboard; a table, and
build/bench.json.

Each class runs in a process of its own, so that its peak memory is its own. The first proof warms
tables and caches and is not counted; the figure is the best of the rest, with the time of each
round.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from prover.credential import Credential
from prover.keys import ProvingKey
from prover.profile import Profile
from tierproof.backends import fast_algebra, independent_algebra
from tierproof.measure.proof import machine, measured
from verifier.batch import require_batch
from verifier.verify import verify

CLASSES = {Profile.FAST: (1 << 13, 1 << 14, 1 << 16), Profile.LEAN: (1 << 13, 1 << 14)}
KERNELS, KERNEL_LOGS = ("msm", "msm12", "ntt"), (14, 16, 18)
DAYS, FIRST_DAY = 180, 20_000
OUTPUT = Path("build/bench.json")


def one_class(n: int, runs: int, slots: int) -> dict[str, Any]:
    """Figures of one class with packs of `slots`."""
    figures, key, credential = measured(n, slots, runs)
    return {
        **figures,
        "verify_seconds": timed_verify(key, credential, 20, independent=False),
        "verify_batch_100_seconds": timed_batch(key, credential, 100),
        "verify_independent_seconds": timed_verify(key, credential, 1, independent=True),
    }


def timed_verify(key: ProvingKey, credential: Credential, runs: int, *, independent: bool) -> float:
    """Median seconds of a verification."""
    algebra, times = independent_algebra() if independent else fast_algebra(), []
    for _ in range(runs):
        started = time.perf_counter()
        verify(key.verifying, credential.statement, credential.proof, algebra=algebra)
        times.append(time.perf_counter() - started)
    return sorted(times)[len(times) // 2]


def timed_batch(key: ProvingKey, credential: Credential, count: int) -> float:
    """
    Best seconds of one batch; equal proofs cost what different ones cost, as only the key's points
    are merged.
    """
    items, times = [(key.verifying, credential.statement, credential.proof)] * count, []
    for _ in range(5):
        started = time.perf_counter()
        require_batch(items, algebra=fast_algebra())
        times.append(time.perf_counter() - started)
    return min(times)


def chain_gas(profile: Profile) -> dict[str, int]:
    """Gas of the whole path on the embedded EVM, from the demo's own summary."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "tierproof.cli",
            "demo",
            "--profile",
            profile,
            "--json",
            "--out",
            folder,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        summary = json.loads((Path(folder) / "summary.json").read_text())
    return dict(summary["gas"])


def one_profile(profile: Profile, runs: int, *, chain: bool) -> dict[str, Any]:
    """Figures of a profile's classes, printed as they come, and its gas if `chain`."""
    prove: dict[str, Any] = {}
    for n in CLASSES[profile]:
        command = [
            sys.executable,
            "-m",
            "benchmarks.run",
            "--class",
            str(n),
            "--slots",
            str(profile.slots),
        ]
        out = subprocess.run(
            [*command, "--runs", str(runs)], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        prove[str(n)] = figures = json.loads(out)
        print(
            f"{profile} {n:8}  {figures['records']:6} records  prove {figures['seconds']:6.2f} s  "
            f"{figures['peak_bytes'] / 2**20:6.0f} MiB  "
            f"verify {1e3 * figures['verify_seconds']:5.1f} ms, "
            f"in a batch {10 * figures['verify_batch_100_seconds']:5.2f} ms", flush=True,
        )  # fmt: skip
        for name, seconds in figures["phases"].items():
            print(f"              {seconds:6.2f} s  {name}")
    gas = chain_gas(profile) if chain else {}
    for name, amount in gas.items():
        print(f"{profile} gas {name:10} {amount:8,}", flush=True)
    return {"prove": prove, "gas": gas}


def kernels(logs: Sequence[int], runs: int) -> dict[str, dict[str, float]]:
    """Best seconds of each kernel by size, printed as they come."""
    found: dict[str, dict[str, float]] = {name: {} for name in KERNELS}
    for log in logs:
        command = [sys.executable, "-m", "benchmarks.kernels", str(log), str(runs)]
        figures = json.loads(
            subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        )
        for name, sizes in found.items():
            sizes[str(1 << log)] = figures[name]["seconds"]
        row = "  ".join(f"{name} {1e3 * figures[name]['seconds']:8.2f} ms" for name in KERNELS)
        print(f"kernels 2^{log}  {row}", flush=True)
    return found


def versions() -> dict[str, str]:
    """Of what the figures rest on; a tool or a repository that is not there is left out."""
    commit = ["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=40"]
    tools = {"rustc": ["rustc", "--version"], "commit": commit}
    found = {"python": platform.python_version(), "numpy": np.__version__}
    for name, command in tools.items():
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        found[name] = done.stdout.strip().removeprefix("rustc ")
    return found


def main() -> None:
    """Run all classes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--class", dest="one", type=int, help="one class, as JSON on stdout")
    parser.add_argument(
        "--slots",
        type=int,
        default=Profile.FAST.slots,
        help="with --class: columns to a commitment",
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-chain", action="store_true", help="leave the gas out")
    parser.add_argument("--large", action="store_true", help="kernels of 2^20 too")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one_class(options.one, options.runs, options.slots)))
        return
    kernel_seconds = kernels([*KERNEL_LOGS, *([20] if options.large else [])], max(options.runs, 1))
    found = {
        profile: one_profile(profile, options.runs, chain=not options.no_chain)
        for profile in Profile
    }
    fast = found.pop(Profile.FAST)
    smallest = fast["prove"][str(CLASSES[Profile.FAST][0])]
    verify_figures = ("verify_seconds", "verify_batch_100_seconds", "verify_independent_seconds")
    report = {
        "machine": machine(),
        "versions": versions(),
        "kernels": kernel_seconds,
        **fast,
        **{name: smallest[name] for name in verify_figures},
        "profiles": found,
    }
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(report, indent=1) + "\n")
    print(f"written: {OUTPUT}")


if __name__ == "__main__":
    main()
