"""PostgreSQL's own programs for backups. A password goes by the environment, never by a word."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL

from algebra.errors import Refused, Unavailable


def dump(url: URL, out: Path) -> None:
    """
    The whole database into a file of pg_dump's own form.

    Raises
    ------
    Unavailable
        `unavailable.tool`: pg_dump is not installed.
    Refused
        `refused.backup`: it failed.
    """
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={out}")


def restore(url: URL, file: Path) -> None:
    """A file of `dump` into an empty database, all of it or nothing; raises as `dump`."""
    _run(
        "pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner",
        "--no-privileges", str(file),
    )  # fmt: skip


def _run(program: str, url: URL, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise Unavailable("unavailable.tool", f"{program}: it is not installed")
    plain = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, url.query
    )
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    done = subprocess.run(
        [found, "--no-password", f"--dbname={plain.render_as_string()}", *arguments],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Refused("refused.backup", f"{program}: it ended with status {done.returncode}")
