"""Completion of the command line by shells, written by shtab from the parser itself."""

from __future__ import annotations

from importlib import import_module

from algebra.errors import Unavailable


def script(shell: str) -> str:
    """
    The script for `bash` or `zsh`.

    Raises
    ------
    Unavailable
        `unavailable.shtab`: the package is not installed.
    """
    try:
        shtab = import_module("shtab")
    except ImportError as error:
        raise Unavailable(
            "unavailable.shtab", "completion: shtab is not installed; run: pip install shtab"
        ) from error
    from tierproof.commands.parser import shell_parser

    return str(shtab.complete(shell_parser(), shell))
