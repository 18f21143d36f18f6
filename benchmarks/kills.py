"""
SIGKILL at random moments: writers of the service's store are killed while they record verdicts, on
SQLite and on PostgreSQL. After each kill no acknowledged verdict is lost, none counts twice, and
the audit log is whole.

    python -m benchmarks.kills [--kills N] [--out FILE]

A writer says `NULLIFIER verdict` on a pipe once the store has returned; a line is an
acknowledgement.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from algebra.errors import TierproofError
from algebra.hexadecimal import hex32
from service.audit.database import whole
from service.audit.entries import Entry
from service.store.tables import CredentialRow
from tests.service.store import store_world as world
from tests.support.postgres import Absent, cluster

WRITERS = 4
LONGEST = 0.4
"""Seconds from one kill to the next, the first of them after the first verdict."""
SHARED = 8
"""One claim in so many is for a nullifier that every writer wants: all but one are refused."""
OWN = 10**6
"""Nullifiers of one writer; those that all want are below."""
_FORK = multiprocessing.get_context("fork")
_RANDOM = random.SystemRandom()


@dataclass
class Tally:
    """
    What was found.

    Attributes
    ----------
    kills : writers that were killed while they ran
    acknowledged : verdicts that a writer was told of, by kind of entry
    lost : acknowledged, and not in the database or the log; rows without an entry, or the reverse
    doubled : entries of acceptance beyond one a nullifier
    refused : codes of whatever else a writer was told, which is nothing
    """

    kills: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """For `build/kills.json`."""
        counts = {"acknowledged": dict(self.acknowledged), "refused": dict(self.refused)}
        return {**vars(self), **counts}


def writer(url: str, writer_id: int, pipe: int) -> None:
    """Verdicts without end, each told on the pipe in one write once it is recorded."""
    number = 0
    with closing(world.opened(url)) as store:
        while True:
            number += 1
            nullifier = number // SHARED if number % SHARED == 0 else OWN * (1 + writer_id) + number
            claim = world.credential(nullifier, account=1 + writer_id)
            kind = "rejected" if number % SHARED in (2, 5, 7) else "accepted"
            try:
                if kind == "accepted":
                    store.accept(world.POLICY, claim)
                else:
                    store.reject(claim, "rejected.pairing")
            except TierproofError as error:
                if error.code == "refused.nullifier_used":
                    continue
                kind = error.code
            os.write(pipe, f"{claim.nullifier} {kind}\n".encode())


def turn(url: str, first: int, kills: int) -> tuple[int, list[tuple[int, str]]]:
    """So many writers at once, each killed at a moment of its own; kills and acknowledgements."""
    reader, pipe = os.pipe()
    children = [
        _FORK.Process(target=writer, args=(url, first + index, pipe), daemon=True)
        for index in range(kills)
    ]
    for child in children:
        child.start()
    os.close(pipe)
    with os.fdopen(reader, "rb") as lines:
        begun = [lines.readline()]
        for child in children:
            time.sleep(_RANDOM.uniform(0, LONGEST))
            os.kill(child.pid or 0, signal.SIGKILL)
        for child in children:
            child.join()
        told = [line.decode().split() for line in [*begun, *lines] if line]
    killed = sum(child.exitcode == -signal.SIGKILL for child in children)
    return killed, [(int(nullifier), said) for nullifier, said in told]


def examine(url: str, told: Sequence[tuple[int, str]], kills: int) -> Tally:
    """Compare all that was told with what a store finds that opens the database now."""
    with closing(world.opened(url)) as store, store.database.reading() as session:
        logged = [Entry.parse(data) for data in whole(session).entries]
        rows = set(session.scalars(select(CredentialRow.nullifier)))
    entries = Counter((entry.kind, entry.fields.get("nullifier")) for entry in logged)
    accepted = {name: count for (kind, name), count in entries.items() if kind == "accepted"}
    tally = Tally(kills, doubled=sum(count - 1 for count in accepted.values()))
    tally.lost = len(set(accepted) ^ rows)
    for nullifier, kind in told:
        if kind in ("accepted", "rejected"):
            tally.acknowledged[kind] += 1
            tally.lost += not entries[kind, hex32(nullifier)]
        else:
            tally.refused[kind] += 1
    return tally


def campaign(url: str, kills: int) -> Tally:
    """Kill until so many were killed, and look after each turn; stops where something is lost."""
    with closing(world.opened(url)) as store:
        world.fill(store)
    told: list[tuple[int, str]] = []
    tally, first = Tally(), 0
    while tally.kills < kills and not (tally.lost or tally.doubled):
        killed, more = turn(url, first, min(WRITERS, kills - tally.kills))
        told += more
        first += WRITERS
        tally = examine(url, told, tally.kills + killed)
    return tally


def main() -> int:
    """Both databases; what was found goes into the file as JSON."""
    parser = argparse.ArgumentParser(description="kill writers of the store, and look")
    parser.add_argument("--kills", type=int, default=1000, help="on each database")
    parser.add_argument("--out", type=Path, default=Path("build/kills.json"))
    options = parser.parse_args()
    found = {}
    with TemporaryDirectory() as folder:
        found["sqlite"] = campaign(f"sqlite:///{folder}/service.sqlite", options.kills)
    try:
        with cluster() as server:
            found["postgresql"] = campaign(server.database(), options.kills)
    except Absent as error:
        print(error, file=sys.stderr)
    options.out.parent.mkdir(exist_ok=True)
    told = {name: tally.as_json() for name, tally in found.items()}
    options.out.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told))
    return int(any(tally.lost or tally.doubled or tally.refused for tally in found.values()))


if __name__ == "__main__":
    sys.exit(main())
