"""
One command, `tierproof` (docs/reference/interfaces.md 1). Exit status: 0 accepted or done, 1
rejected, 2 malformed, refused or usage.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from algebra.errors import TierproofError
from tierproof.commands import COMMANDS
from tierproof.commands.command import Usage
from tierproof.commands.parser import build_parser
from tierproof.console import Console

ACCEPTED, REJECTED, UNUSABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one command; returns the exit status, 0 only if the command did what it says, and never lets
    a traceback out.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    console = Console("--json" in given)
    try:
        options = build_parser().parse_args(given)
    except Usage as error:
        console.usage(str(error))
        return UNUSABLE
    except SystemExit as leaving:  # --help, --version
        return int(leaving.code or 0)
    if options.command is None:
        build_parser().print_help(sys.stderr)
        return UNUSABLE
    try:
        console.result(COMMANDS[options.command](options, console))
    except TierproofError as error:
        console.error(error)
        return error.exit_status
    except Usage as error:
        console.usage(str(error))
        return UNUSABLE
    except KeyboardInterrupt:
        console.usage("interrupted")
        return 130
    except (
        Exception
    ) as error:  # its text may quote a secret, and its exit status must not read as a verdict
        console.fault(error)
        return UNUSABLE
    return ACCEPTED


if __name__ == "__main__":
    sys.exit(main())
