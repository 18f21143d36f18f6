"""
One command, `tierproof` (docs/reference/interfaces.md 1). Exit status: 0 accepted or done, 1
rejected, 2 all else, 130 interrupted.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout

from algebra.errors import TierproofError
from algebra.system import system_refusal
from tierproof import streams
from tierproof.commands import COMMANDS
from tierproof.commands.command import Usage
from tierproof.commands.parser import build_parser
from tierproof.console import Console, no_output

ACCEPTED, UNUSABLE = 0, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one command; returns the exit status: 0 only if the command did what it says and said it, 1
    only for a verdict, and never lets a traceback out.
    """
    given = named(sys.argv[1:] if arguments is None else arguments)
    has_output = streams.prepare()
    console = Console(any(is_json(word) for word in given))
    if not has_output:
        return console.error(no_output())
    try:
        status = _run(given, console)
    except KeyboardInterrupt:
        status = console.interrupted()
    except BaseException as error:
        status = _failed(error, console)
    return console.finish(status)


def named(words: Sequence[str]) -> list[str]:
    """The words with those that name a command, one or two, as one."""
    name = " ".join(words[:2])
    return [name, *words[2:]] if name in COMMANDS else list(words)


def is_json(word: str) -> bool:
    """Whether argparse takes a word for `--json`: it takes its beginnings as well."""
    return len(word) > 2 and "--json".startswith(word)


def _run(given: Sequence[str], console: Console) -> int:
    parser, said = build_parser(given), io.StringIO()
    try:
        with redirect_stdout(said):  # argparse does not mind whether its help was written
            options = parser.parse_args(given)
    except SystemExit:  # --help, --version
        console.text(said.getvalue())
        return ACCEPTED
    if options.command is None:
        parser.print_help(sys.stderr)
        return UNUSABLE
    console.result(COMMANDS[options.command](options, console))
    return ACCEPTED


def _failed(error: BaseException, console: Console) -> int:
    """
    An error of ours, of the command line or of the system. Whatever else came: its text may quote a
    secret, and its exit status must not read as a verdict.
    """
    if isinstance(error, Usage):
        return console.usage(str(error), error.command)
    known = error if isinstance(error, TierproofError) else system_refusal(error)
    return console.fault(error) if known is None else console.error(known)


if __name__ == "__main__":
    sys.exit(main())
