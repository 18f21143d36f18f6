"""
`make bench`: prove each class with a full log, verify, onboard; a table, and build/bench.json.

Each class runs in a process of its own, so that its peak memory is its own. The first proof warms tables and caches and is
not counted; the figure is the best of the rest, with the time of each round.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from algebra.interface import R
from algebra.poseidon2 import TAG_OWNER, hash_words
from attestor.binding import venue_id
from attestor.commitment import commit_log
from attestor.leaf import Leaf
from attestor.tree import Tree
from benchmarks.history import full_history
from circuits.layout import capacity
from circuits.policy import Policy, Prior, Terms, Tier
from circuits.record import Records
from circuits.thresholds import Thresholds
from prover.credential import SLOTS, Credential, credential_key, prove_credential
from prover.keys import ProvingKey, powers_needed
from prover.setup import lagrange_bases, unsafe_dev_setup
from tierproof.backends import fast_algebra, independent_algebra
from verifier.batch import require_batch
from verifier.verify import verify

CLASSES = (1 << 13, 1 << 14, 1 << 16)
DAYS, FIRST_DAY = 180, 20_000
OUTPUT = Path("build/bench.json")


@dataclass(frozen=True)
class BenchAttestation:
    """What the prover reads of an attestation, without signatures."""

    leaf: Leaf
    records: Records
    index: int
    path: tuple[int, ...]
    root: int


def bench_policy() -> Policy:
    """All metrics of a real tier asked that a random history can meet."""
    thresholds = Thresholds(
        floor=1_000_000, activity=1_000_000, risk_free=0, near_line=2500, buffer=1000, liquidations=0, drawdown=9000,
        volume=1, mean_equity=1, active_days=1, fills=1, mean_exposure=10_000, peak_exposure=4000,
        asked=frozenset({5, 6, 7, 10, 11, 12, 13, 15, 16}),
    )  # fmt: skip
    terms = Terms(1000, 500, 450, 150, 10, 7_776_000)
    tiers = (Tier("any", thresholds, terms),)
    return Policy("bench", FIRST_DAY, FIRST_DAY + DAYS - 1, bytes(32), Prior(1, 1, 1000, 1000), tiers)


def one_class(n: int, runs: int) -> dict[str, Any]:
    """Figures of one class."""
    algebra = fast_algebra()
    started = time.perf_counter()
    setup = unsafe_dev_setup(powers_needed(n, SLOTS), algebra)
    key = credential_key(setup, n, algebra)
    key_seconds = time.perf_counter() - started
    records, opening, closing = full_history(capacity(n), DAYS)
    basis = lagrange_bases(setup, n, 1, algebra)[0]
    commit_log(records, basis, algebra)
    started = time.perf_counter()
    commitment = commit_log(records, basis, algebra)
    commit_seconds = time.perf_counter() - started
    if commitment is None:
        raise ArithmeticError("the log commits to the point at infinity")
    secret, venue = 1 + secrets.randbelow(R - 1), venue_id("bench")
    leaf = Leaf(
        hash_words(TAG_OWNER, [secret, venue]), venue, n.bit_length() - 1, setup.srs_id, secrets.randbelow(R), commitment,
        len(records), 1, FIRST_DAY, FIRST_DAY + DAYS - 1, FIRST_DAY, opening, closing,
    )  # fmt: skip
    tree = Tree.build([leaf], algebra)
    attested = BenchAttestation(leaf, records, 0, tree.path(0), tree.root)
    best: dict[str, Any] = {}
    for run in range(runs + 1):
        credential, seconds, phases = timed_proof(key, attested, secret)
        if run and (not best or seconds < best["seconds"]):
            best = {"seconds": seconds, "phases": phases}
    fast = timed_verify(key, credential, 20, independent=False)
    return {
        **best,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "records": len(records),
        "proof_bytes": len(credential.proof),
        "key_seconds": key_seconds,
        "commit_microseconds_per_record": 1e6 * commit_seconds / len(records),
        "verify_seconds": fast,
        "verify_batch_100_seconds": timed_batch(key, credential, 100),
        "verify_independent_seconds": timed_verify(key, credential, 1, independent=True),
    }


def timed_proof(
    key: ProvingKey, attested: BenchAttestation, secret: int
) -> tuple[Credential, float, dict[str, float]]:
    """One proof, its seconds in all and by round."""
    marks: list[tuple[str, float]] = []
    started = time.perf_counter()
    credential = prove_credential(
        key, attested, secret, bench_policy(), "any", account=1, scope=1, algebra=fast_algebra(),
        progress=lambda name: marks.append((name, time.perf_counter())),
    )  # fmt: skip
    total = time.perf_counter() - started
    phases = {"0 checks and oracle": marks[0][1] - started}
    phases |= {name: after - at for (name, at), (_, after) in pairwise(marks)}
    return credential, total, phases


def timed_verify(key: ProvingKey, credential: Credential, runs: int, *, independent: bool) -> float:
    """Median seconds of a verification."""
    algebra, times = independent_algebra() if independent else fast_algebra(), []
    for _ in range(runs):
        started = time.perf_counter()
        verify(key.verifying, credential.statement, credential.proof, algebra=algebra)
        times.append(time.perf_counter() - started)
    return sorted(times)[len(times) // 2]


def timed_batch(key: ProvingKey, credential: Credential, count: int) -> float:
    """Best seconds of one batch; equal proofs cost what different ones cost, as only the key's points are merged."""
    items, times = [(key.verifying, credential.statement, credential.proof)] * count, []
    for _ in range(5):
        started = time.perf_counter()
        require_batch(items, algebra=fast_algebra())
        times.append(time.perf_counter() - started)
    return min(times)


def chain_gas() -> dict[str, int]:
    """Gas of the whole path on the embedded EVM, from the demo's own summary."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tierproof.cli", "demo", "--json", "--out", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        summary = json.loads((Path(folder) / "summary.json").read_text())
    return dict(summary["gas"])


def machine() -> dict[str, Any]:
    """What ran this."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "avx512ifma": "avx512ifma" in flags,
        "python": platform.python_version(),
        "system": platform.system(),
        "date": time.strftime("%Y-%m-%d"),
    }


def main() -> None:
    """Run all classes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--class", dest="one", type=int, help="one class, as JSON on stdout")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-chain", action="store_true", help="leave the gas out")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one_class(options.one, options.runs)))
        return
    prove: dict[str, Any] = {}
    for n in CLASSES:
        command = [sys.executable, "-m", "benchmarks.run", "--class", str(n), "--runs", str(options.runs)]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        prove[str(n)] = figures = json.loads(out)
        print(
            f"class {n:6}  {figures['records']:6} records  prove {figures['seconds']:6.2f} s  "
            f"{figures['peak_bytes'] / 2**20:6.0f} MiB  "
            f"verify {1e3 * figures['verify_seconds']:5.1f} ms, "
            f"in a batch {10 * figures['verify_batch_100_seconds']:5.2f} ms", flush=True,
        )  # fmt: skip
        for name, seconds in figures["phases"].items():
            print(f"              {seconds:6.2f} s  {name}")
    report = {
        "machine": machine(),
        "prove": prove,
        "verify_seconds": prove[str(CLASSES[0])]["verify_seconds"],
        "verify_batch_100_seconds": prove[str(CLASSES[0])]["verify_batch_100_seconds"],
        "verify_independent_seconds": prove[str(CLASSES[0])]["verify_independent_seconds"],
        "gas": {} if options.no_chain else chain_gas(),
    }
    for name, gas in report["gas"].items():
        print(f"gas {name:10} {gas:8,}")
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(report, indent=1) + "\n")
    print(f"written: {OUTPUT}")


if __name__ == "__main__":
    main()
