"""
What a proof costs on this machine: a real one, of a made-up history that fills its class.

`python -m tierproof.measure.proof --class 8192 --profile fast` prints seconds and
peak memory as JSON; it is run as a process of its own, so that the peak is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import secrets
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
from circuits.versions import CURRENT
from history.v2.feed import NO_FEED, Feed
from history.v2.record import Records
from history.v2.thresholds import Thresholds
from policies.policy import Policy, Prior, Tier
from policies.terms import Terms
from prover.credential import Credential, credential_key, prove_credential
from prover.keys import ProvingKey, powers_needed
from prover.profile import Profile
from prover.setup import Setup, lagrange_bases, unsafe_dev_setup
from tierproof.backends import fast_algebra
from tierproof.measure.history import full_history

DAYS, FIRST_DAY = 180, 20_000


@dataclass(frozen=True)
class BenchAttestation:
    """What the prover reads of an attestation, without signatures."""

    leaf: Leaf
    records: Records
    index: int
    path: tuple[int, ...]
    root: int
    feed: int = NO_FEED
    market: Feed | None = None


def bench_policy() -> Policy:
    """All metrics of a real tier asked that a random history can meet."""
    thresholds = Thresholds(
        floor=1_000_000,
        activity=1_000_000,
        risk_free=0,
        near_line=2500,
        distance=1000,
        liquidations=0,
        drawdown=9000,
        volume=1,
        mean_equity=1,
        active_days=1,
        fills=1,
        mean_exposure=10_000,
        peak_exposure=4000,
        asked=frozenset({5, 6, 7, 10, 11, 12, 13, 15, 16}),
    )
    terms = Terms(1000, 500, 450, 150, 10, 5_000, 90)
    tiers = (Tier("any", thresholds, terms),)
    last_day, prior = FIRST_DAY + DAYS - 1, Prior(1, 1, 1000, 1000)
    return Policy("bench", FIRST_DAY, last_day, bytes(32), "bench", 28, 60, prior, tiers)


def bench_attestation(setup: Setup, n: int, secret: int) -> tuple[BenchAttestation, float]:
    """A full log of class n, attested for a secret, and the seconds of committing it."""
    algebra = fast_algebra()
    records, opening, closing = full_history(CURRENT.capacity(n), DAYS)
    basis = lagrange_bases(setup, n, 1, algebra)[0]
    commit_log(records, basis, algebra)
    started = time.perf_counter()
    commitment = commit_log(records, basis, algebra)
    commit_seconds = time.perf_counter() - started
    if commitment is None:
        raise ArithmeticError("the log commits to the point at infinity")
    venue = venue_id("bench")
    leaf = Leaf(
        hash_words(TAG_OWNER, [secret, venue]),
        venue,
        n.bit_length() - 1,
        setup.srs_id,
        secrets.randbelow(R),
        commitment,
        len(records),
        1,
        FIRST_DAY,
        FIRST_DAY + DAYS - 1,
        FIRST_DAY,
        opening,
        closing,
    )
    tree = Tree.build([leaf], algebra)
    return BenchAttestation(leaf, records, 0, tree.path(0), tree.root), commit_seconds


def peak_bytes() -> int | None:
    """
    Most memory that this process has held. Linux counts a parent's in `ru_maxrss`, so its own
    figure comes first. None where the system does not say.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    if peaks:
        return 1024 * peaks[0]
    try:
        import resource
    except ImportError:  # Windows
        return None
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


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


def machine() -> dict[str, Any]:
    """What ran this."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")),
        platform.processor(),
    )
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "avx512ifma": "avx512ifma" in flags,
        "python": platform.python_version(),
        "system": platform.system(),
        "date": time.strftime("%Y-%m-%d"),
    }


def measure(n: int, slots: int, runs: int) -> dict[str, Any]:
    """
    Best of `runs` proofs of class n with packs of `slots`, after one that warms tables and caches.

    Returns
    -------
    `seconds`, `processor_seconds`, `phases` of the best; `key_seconds`, `records`, `proof_bytes`,
    `commit_microseconds_per_record`.
    """
    return measured(n, slots, runs)[0]


def measured(n: int, slots: int, runs: int) -> tuple[dict[str, Any], ProvingKey, Credential]:
    """As `measure`, with the key and the last credential."""
    algebra = fast_algebra()
    started = time.perf_counter()
    setup = unsafe_dev_setup(powers_needed(n, slots), algebra)
    key = credential_key(setup, n, algebra, slots=slots)
    key_seconds = time.perf_counter() - started
    secret = 1 + secrets.randbelow(R - 1)
    attested, commit_seconds = bench_attestation(setup, n, secret)
    best: dict[str, Any] = {}
    for run in range(runs + 1):
        processor = time.process_time()
        credential, seconds, phases = timed_proof(key, attested, secret)
        processor = time.process_time() - processor
        if run and (not best or seconds < best["seconds"]):
            best = {"seconds": seconds, "processor_seconds": processor, "phases": phases}
    figures = {
        **best,
        "peak_bytes": peak_bytes(),
        "records": len(attested.records),
        "proof_bytes": len(credential.proof),
        "key_seconds": key_seconds,
        "commit_microseconds_per_record": 1e6 * commit_seconds / len(attested.records),
    }
    return figures, key, credential


def main() -> None:
    """Print the figures of one class and profile as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tierproof.measure.proof")
    parser.add_argument("--class", dest="size", type=int, required=True)
    parser.add_argument("--profile", choices=[each.value for each in Profile], default="fast")
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    print(json.dumps(measure(options.size, Profile(options.profile).slots, options.runs)))


if __name__ == "__main__":
    main()
