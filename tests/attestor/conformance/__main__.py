"""
`python -m tests.attestor.conformance FOLDER`: replay what there is of every venue into attested
logs, print what became of it, and write build/venues.json.

FOLDER holds real data (docs/explanation/attestation.md 2); of a venue of which it has none, only
the made-up files of its maker are read. Exit 0 if everything is taken or refused as its maker says,
1 if not.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from algebra.errors import TierproofError
from algebra.files import write_atomic
from attestor.log import Log, build_log
from attestor.venues.adapter import Adapter
from attestor.venues.registry import ADAPTERS, PROFILES
from history.v2.oracle import assess
from history.v2.record import DISTANCE_OFFSET
from policies.policy import example
from tests.attestor.conformance.maker import Absent, Maker, Recording, maker_of

REPORT = Path("build/venues.json")
TAKEN = "taken"
"""A change that says nothing new, or that the venue's files cannot show."""
POLICY, TIER = "standard", "member"
"""Whose thresholds the metrics are told against."""
Say = Callable[[str], None]


def told(log: Log) -> str:
    """Records, distance, a few sums and the metrics of a log in words."""
    window = (log.first_day, log.last_day)
    asked = example(POLICY).over(*window).tier(TIER).thresholds
    found = assess(log.records, log.opening, log.closing, log.wallets, *window, asked)
    least, total = found.least_distance, found.sums
    distance = "beyond the scale" if least <= -DISTANCE_OFFSET else f"{least / 10**4:.2%}"
    failing = ", ".join(each.name for each in found.failing)
    return (
        f"{len(log.records):,} records over {log.days} days, {log.opening / 100:,.2f} to "
        f"{log.closing / 100:,.2f} USD, least distance {distance}, volume "
        f"{total.volume / 100:,.2f} USD, {total.fills:,} fills, {total.trips:,} trips, of the "
        f"{len(found.verdicts)} metrics of {POLICY}/{TIER} fail: {failing or 'none'}"
    )


def recorded(adapter: Adapter, maker: Maker, each: Recording) -> tuple[int, Log]:
    """Lines and log of a recording; raises as `attest` does."""
    files = adapter.open(each.folder, maker.venue)
    lines = sum(part.used + part.prices for part in files.tally(each.wallets))
    return lines, build_log(files.statement(each.wallets, each.first_day, each.last_day))


def honest(maker: Maker, folder: Path) -> Recording:
    """The maker's own files, as a recording."""
    folder.mkdir()
    maker.write(folder)
    return Recording("made up", folder, maker.wallets, maker.first_day, maker.last_day)


def refusals(adapter: Adapter, maker: Maker, scratch: Path) -> Iterator[tuple[str, str]]:
    """Each change of the honest files with the code that it met, or `TAKEN`."""
    for name, outcome in maker.outcomes.items():
        if isinstance(outcome, Absent):
            continue
        each = honest(maker, scratch / name)
        outcome.change(each.folder)
        try:
            files = adapter.open(each.folder, maker.venue)
            files.require_asked(maker.wallets, maker.others)
            build_log(files.statement(maker.wallets, maker.first_day, maker.last_day))
        except TierproofError as error:
            yield name, error.code
        else:
            yield name, TAKEN


def replay(adapter: Adapter, data: Path, scratch: Path, say: Say) -> tuple[dict[str, Any], bool]:
    """What `build/venues.json` says of a venue, and whether all went as its maker says."""
    maker, lines, records, well = maker_of(adapter), 0, 0, True
    unfit: dict[str, str] = {}
    scratch.mkdir()
    say(f"{adapter.name}: {adapter.facts.completeness.how}")
    (scratch / "recorded").mkdir()
    found = [honest(maker, scratch / "honest"), *maker.recordings(data, scratch / "recorded")]
    for each in found:
        code: str | None = None
        try:
            read, log = recorded(adapter, maker, each)
        except TierproofError as error:
            code = error.code
            why = " ".join(str(error).split())
            say(f"  {each.name}: refused, {why[:160]} [{code}]")
            unfit[each.name] = error.code
        else:
            lines, records = lines + read, records + len(log.records)
            say(f"  {each.name}: {read:,} lines, {told(log)}")
        well &= code == each.code
    met = dict(refusals(adapter, maker, scratch))
    wanted = {name: getattr(maker.outcomes[name], "code", TAKEN) for name in met}
    well &= met == wanted
    say(f"  changes: {', '.join(f'{name} {code}' for name, code in met.items())}")
    refused = {name: code for name, code in met.items() if code != TAKEN} | unfit
    report = {
        "lines": lines,
        "records": records,
        "complete": adapter.facts.completeness.given,
        "refused": refused,
    }
    return report, well


def profiled(data: Path, say: Say) -> Iterator[tuple[str, dict[str, Any]]]:
    """The venues of profiles: lines, and no record."""
    for entry in PROFILES:
        if not (data / entry.name).is_dir():
            continue
        files = entry.read(data / entry.name)
        lines, found = sum(each.read for each in files.lines), files.by_wallet.values()
        kinds = sorted({each.kind for each in found})
        said = ", ".join(f"{sum(each.kind == kind for each in found)} {kind}" for kind in kinds)
        say(f"{entry.name}: {lines:,} lines, profiles of {len(found):,} wallets ({said}); no log")
        refused = {"attest": "refused.profile"}
        yield entry.name, {"lines": lines, "records": 0, "complete": False, "refused": refused}


def main(data: Path, say: Say = print) -> int:
    """Exit status."""
    report: dict[str, Any] = {}
    well = True
    with tempfile.TemporaryDirectory() as scratch:
        for adapter in ADAPTERS:
            report[adapter.name], good = replay(adapter, data, Path(scratch) / adapter.name, say)
            if not good:
                say(f"{adapter.name}: NOT as its maker says")
            well &= good
    report |= dict(profiled(data, say))
    REPORT.parent.mkdir(exist_ok=True)
    write_atomic(REPORT, (json.dumps(report, indent=1) + "\n").encode())
    return 0 if well else 1


if __name__ == "__main__":
    given = argparse.ArgumentParser(description="Replay every venue into attested logs.")
    given.add_argument("data", type=Path, help="folder of real data")
    sys.exit(main(given.parse_args().data))
