"""
`make load`: the service under load, on SQLite and, where a server can be started, on PostgreSQL.

Everything is on loopback and bounded in time. Each part is written to build/load.json when it is
done; a run that is started again does what is missing, `--again` all of it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.load.parts import FULL, PARTS, SHORT, Bench, Scale
from benchmarks.load.stock import MOST, Stock
from tests.support.postgres import DURABLE, Absent, cluster
from tierproof.measure.proof import machine

OUTPUT, STOCK = Path("build/load.json"), Path("build/load/stock")


@contextmanager
def sqlite() -> Iterator[Callable[[], str]]:
    """New files in a folder that is deleted again."""
    with TemporaryDirectory(prefix="tierproof-load-") as folder:
        names = count()
        yield lambda: f"sqlite:///{folder}/{next(names)}.sqlite"


@contextmanager
def postgresql() -> Iterator[Callable[[], str]]:
    """New databases of a server of this machine's own binaries; Absent where there are none."""
    with cluster(DURABLE) as server:
        yield server.database


def run(
    database: str,
    made: Callable[[], str],
    report: dict[str, Any],
    *,
    stock: Stock,
    scale: Scale,
    parts: list[str],
    again: bool,
    keep: Callable[[], None],
) -> None:
    """The parts of one database that are missing in the report, or all."""
    figures: dict[str, Any] = report.setdefault(database, {})
    bodies = stock.bodies()
    done = figures.setdefault("done", {})
    for name in parts:
        if name in done and not again:
            say(f"{database}, {name}: done before")
            continue
        say(f"{database}, {name} ...")
        started = time.monotonic()
        found = PARTS[name](Bench(stock, bodies, made, scale, figures, say))
        figures.update(found)
        done[name] = round(time.monotonic() - started, 1)
        keep()
        say(f"{database}, {name}: {json.dumps(found)}")


DATABASES = {"sqlite": sqlite, "postgresql": postgresql}


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Measure, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--stock", type=int, default=128, help="proofs to have before it starts")
    parser.add_argument("--short", action="store_true", help="seconds for each part: no figures")
    parser.add_argument("--again", action="store_true", help="measure what was measured before too")
    parser.add_argument("--database", choices=list(DATABASES), help="this one alone")
    parser.add_argument("--part", choices=list(PARTS), action="append", help="these alone; repeat")
    parser.add_argument("--folder", type=Path, default=STOCK, help="of the stock")
    parser.add_argument("--out", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    stock = Stock(options.folder)
    stock.grow(min(options.stock, MOST), say)
    report: dict[str, Any] = {}
    if options.out.exists():
        report = json.loads(options.out.read_bytes())
    report |= {"machine": machine(), "stock": len(stock.credentials), "load": os.getloadavg()[0]}

    def keep() -> None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")

    for name, start in DATABASES.items():
        if options.database not in (None, name):
            continue
        try:
            with start() as made:
                run(
                    name, made, report, stock=stock, scale=SHORT if options.short else FULL,
                    parts=options.part or list(PARTS), again=options.again, keep=keep,
                )  # fmt: skip
        except Absent as absent:
            report["skipped"] = {name: str(absent)}
            keep()
            say(f"skipped: {name}: {absent}")
    say(f"written: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
