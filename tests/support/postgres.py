"""A PostgreSQL server of this machine's own binaries, for as long as a test runs."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

USER = "postgres"
FAST = {
    "listen_addresses": "''",  # a socket in the folder alone
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "log_min_messages": "error",
}
"""Nothing here outlives the test, so nothing need reach the disk."""


DURABLE = {"listen_addresses": "''", "max_connections": "200", "log_min_messages": "error"}
"""As the server is by default: every commit reaches the disk."""


class Absent(Exception):
    """There is no server that could be started; says why."""


@dataclass
class Cluster:
    """A server that runs; `folder` holds its socket and its data."""

    folder: Path
    bin: Path
    names: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        return f"postgresql://{USER}@/{name}?host={self.folder}"

    def database(self) -> str:
        """URL of a new, empty database."""
        name = f"test{next(self.names)}_{os.getpid()}"
        self.run("createdb", "-h", str(self.folder), "-U", USER, name)
        return self.url(name)

    def run(self, program: str, *arguments: str) -> None:
        """One of the server's programs, as the user that it runs as."""
        as_user = ("runuser", "-u", USER, "--") if os.geteuid() == 0 else ()
        with open(self.folder / "log", "ab") as log:  # a pipe would be the server's too
            done = subprocess.run(
                [*as_user, self.bin / program, *arguments], stdout=log, stderr=log, check=False,
                cwd=self.folder,
            )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program}: {(self.folder / 'log').read_text()[-2000:]}")


def binaries() -> Path:
    """The folder of the newest server; Absent."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = sorted(debian, key=lambda path: float(path.parent.parent.name))
    if not found and (inside := shutil.which("initdb")):
        found = [Path(inside).resolve()]
    if not found:
        raise Absent("no PostgreSQL server is installed: make postgres")
    if os.geteuid() == 0 and not (_user() and shutil.which("runuser")):
        raise Absent(f"PostgreSQL does not run as root, and there is no user {USER} or no runuser")
    return found[-1].parent


def _user() -> bool:
    try:
        return bool(pwd.getpwnam(USER))
    except KeyError:
        return False


@contextmanager
def cluster(settings: Mapping[str, str] = FAST) -> Iterator[Cluster]:
    """Raises Absent where there can be none."""
    found = binaries()
    with TemporaryDirectory(prefix="tierproof-postgres-") as name:
        made, data = Cluster(Path(name), found), str(Path(name) / "data")
        (made.folder / "log").touch()
        if os.geteuid() == 0:
            shutil.chown(made.folder, USER)
        made.run("initdb", "-D", data, "-U", USER, "-A", "trust", "-N", "-E", "UTF8")
        options = " ".join(f"-c {key}={value}" for key, value in settings.items())
        options += f" -c unix_socket_directories={name}"
        made.run("pg_ctl", "-D", data, "-w", "-o", options, "start")
        try:
            yield made
        finally:
            made.run("pg_ctl", "-D", data, "-m", "immediate", "stop")
