"""
The registry of grants, check by check: each taken out in turn, and the tests that reach it run
until one fails.
"""

from __future__ import annotations

from pathlib import Path

from attacks.campaigns import Progress, Result, journal
from attacks.kit_prover import taken_out
from attacks.kit_prover.grants import SECOND_LINE, sites

NAME = "grants"


def campaign_of(progress: Progress, path: Path) -> dict[str, str]:
    """The test that fails without each check; empty where none does."""
    listed = sites()
    with journal(path) as (known, keep):

        def report(identity: str, test: str) -> None:
            known[identity] = test
            keep(identity, test)
            progress(f"{identity}: {test or 'NOTHING STOPS IT'}")

        broken = taken_out.run(listed, set(known), report)
    if broken:
        raise RuntimeError(f"tests fail with all checks in place: {', '.join(broken)}")
    return {site.id: known[site.id] for site in listed}


def run(progress: Progress, state: Path) -> Result:
    """As every campaign's `run`."""
    stopped = campaign_of(progress, state / "checks.jsonl")
    missed = [name for name, test in stopped.items() if not test]
    return {
        "tried": len(stopped),
        "caught": len(stopped) - len(missed),
        "free": len(set(missed) & set(SECOND_LINE)),
        "details": {
            "stopped by": stopped,
            "second line": SECOND_LINE,
            "missed": sorted(set(missed) - set(SECOND_LINE)),
        },
    }
