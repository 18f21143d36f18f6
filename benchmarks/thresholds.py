"""
`python -m benchmarks.thresholds FOLDER`: what part of real owners passes each tier of
`sample-hyperliquid` (docs/explanation/metrics.md F).

FOLDER holds the venue's public history of 2023 (`attestor.venues.hyperliquid_2023`). The owners by
whom the numbers are chosen are wallets whose address has an even Keccak digest, less those
that a test names; all others are left to the tests. An owner counts who has a whole ledger and 16
fills or more.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from algebra.errors import TierproofError
from algebra.keccak import keccak
from attestor.log import Log, build_log
from attestor.venues.hyperliquid_2023 import History
from history.v2 import record
from history.v2.oracle import Assessment, assess
from history.v2.thresholds import Thresholds
from policies.policy import Policy, example

LEAST_FILLS = 16
TESTS = Path(__file__).resolve().parents[1] / "tests"


def choosing(wallets: set[str]) -> list[str]:
    """The wallets by which thresholds are chosen."""
    named = "\n".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py"))
    even = (each for each in sorted(wallets) if keccak(each.encode())[-1] % 2 == 0)
    return [each for each in even if each not in named]


def logs(history: History, policy: Policy, wallets: list[str]) -> Iterator[Log]:
    """Of each wallet as an owner of its own, where its ledger is whole."""
    for wallet in wallets:
        try:
            log = build_log(history.statement([wallet], policy.first_day, policy.last_day))
        except TierproofError:
            continue
        if log.records.has(record.FILL).sum() >= LEAST_FILLS:
            yield log


def judged(log: Log, thresholds: Thresholds) -> Assessment | None:
    """None where no proof is made of such a history (metrics.md B3)."""
    try:
        return assess(
            log.records, log.opening, log.closing, log.wallets, log.first_day, log.last_day,
            thresholds,
        )  # fmt: skip
    except TierproofError:
        return None


def main() -> None:
    """Print, for each tier, who passes, and what of the others fails whom."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    history, policy = History.load(parser.parse_args().folder), example("sample-hyperliquid")
    chosen = choosing(set(history.fills))
    found = list(logs(history, policy, chosen))
    print(f"{len(found)} owners with a whole ledger and {LEAST_FILLS} fills, of {len(chosen)}")
    for tier in policy.tiers:
        verdicts = [judged(log, tier.thresholds) for log in found]
        passing = sum(each is not None and each.holds for each in verdicts)
        failing = Counter(verdict.metric for each in verdicts if each for verdict in each.failing)
        listed = ", ".join(f"M{number} {count}" for number, count in sorted(failing.items()))
        print(f"{tier.name}: {passing} of {len(found)} pass; failing: {listed}")


if __name__ == "__main__":
    main()
