"""The service as an operator starts it: a process on a free port of loopback, over a database."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table, create_engine, delete, inspect, make_url

from benchmarks.load.stock import PLACE, Stock
from service.store.base import Base
from service.store.store import Store

START_SECONDS = 120


@dataclass
class Served:
    """A service that listens, and the database behind it."""

    process: subprocess.Popen[str]
    port: int
    database_url: str
    ready_seconds: float

    def memory(self) -> int:
        """Bytes that the process holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
        return 1024 * int(found[1]) if found else 0

    def processor_seconds(self) -> float:
        """Of the process so far, all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def stop(self) -> int:
        """Ask it to end, as an operator does; the exit status."""
        self.process.terminate()
        return self.process.wait(60)

    def kill(self) -> None:
        """End it amid whatever it does."""
        self.process.kill()
        self.process.wait(60)


@contextmanager
def served(stock: Stock, database_url: str, *options: str) -> Iterator[Served]:
    """A service over a database that may hold something already; ended with the block."""
    started = time.monotonic()
    command = [
        *(sys.executable, "-m", "tierproof.cli", "serve"),
        *("--policy", str(stock.policy), "--key", str(stock.key), "--root", str(stock.root)),
        *("--chain-id", str(PLACE.chain_id), "--registry", PLACE.registry),
        *("--database", database_url, "--port", "0", "--allow-setup", "development"),
        *options,
    ]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, encoding="utf-8"
    )
    try:
        port = _port(process)
        yield Served(process, port, database_url, time.monotonic() - started)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(60)


def _port(process: subprocess.Popen[str]) -> int:
    """The port that it says it listens on; its further lines are read and thrown away."""
    lines: Iterable[str] = process.stderr or ()
    said = []
    watchdog = threading.Timer(START_SECONDS, process.kill)
    watchdog.start()
    try:
        for line in lines:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/", line):
                threading.Thread(target=lambda: [None for _ in lines], daemon=True).start()
                return int(found[1])
    finally:
        watchdog.cancel()
    raise RuntimeError("the service did not start: " + "".join(said[-5:]))


class Forgetting:
    """
    Takes accepted credentials out of the database again, behind the service's back, so that a small
    stock of proofs is accepted many times. It is the harness's: the service has no such thing.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(_driver(database_url))
        if self._engine.dialect.name == "sqlite":
            self._engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        known = set(inspect(self._engine).get_table_names())
        self._tables: list[Table] = [
            table
            for table in reversed(Base.metadata.sorted_tables)
            if "nullifier" in table.columns and table.name in known
        ]

    def __call__(self, nullifiers: list[str]) -> None:
        """Forget these, as the service writes them: 0x and 64 digits."""
        with self._engine.begin() as connection:
            for table in self._tables:
                connection.execute(delete(table).where(table.c.nullifier.in_(nullifiers)))

    def close(self) -> None:
        """Give the connection back."""
        self._engine.dispose()


def _driver(database_url: str) -> str:
    """With the driver that is in the lock file, where the URL names none."""
    url = make_url(database_url)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def prepare(database_url: str) -> None:
    """Tables, before the first service looks for them."""
    Store(database_url).close()
