"""
Files of private keys and passphrases: read only where nobody else can read them, as ssh does.
"""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

from algebra.containers import container
from algebra.errors import Malformed, Refused, Unavailable
from algebra.system import refused_by_system

MAX_BYTES = 1 << 16
"""More than any key or passphrase; a device file has no end."""


def read_private(path: Path, *, allow_open: bool = False) -> str:
    """
    The text of a file that holds a secret. No error holds any of it.

    Parameters
    ----------
    allow_open : take a file that the system's other users can read too

    Raises
    ------
    Refused
        `refused.open_key_file`: the file is ours, and its mode lets group or others in.
    Malformed
        `malformed.key_file`: not UTF-8 text.
    Unavailable
        `unavailable.file`, or what the system says (`algebra.system`).
    """
    try:
        with path.open("rb") as file:
            if not allow_open:
                _require_private(path, os.fstat(file.fileno()))
            content = file.read(MAX_BYTES)
    except OSError as error:
        raise refused_by_system(error, path.name) from error
    except ValueError:  # a zero byte in the name
        raise Unavailable("unavailable.file", f"{path.name!a}: cannot be read") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        found = container(content[:64]) or "not text in UTF-8"
        raise Malformed("malformed.key_file", f"{path.name}: it is {found}") from None


def _require_private(path: Path, status: os.stat_result) -> None:
    """Pipes, devices, others' files and systems without modes are let through, as ssh does."""
    if os.name != "posix" or not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
        return
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        raise Refused(
            "refused.open_key_file",
            f"{path.name}: mode {mode:03o} lets others read it; run: chmod 600 "
            f"{shlex.quote(str(path))} (or give --allow-open-key-file)",
            mode=f"{mode:03o}",
        )
