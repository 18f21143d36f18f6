"""
Standard streams as they are found: closed, full, read by nobody, or of an encoding that lacks
letters.

Trouble with a stream is no verdict. What goes to stderr is a remark and may be lost; an answer that
cannot be written to stdout is an error of its own (`unavailable.output`). A reader who has gone
away has what it wanted: that is no trouble.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO


def prepare() -> bool:
    """
    Give the process three streams that can be written to.

    A descriptor that was closed is occupied, or the next file that is opened would get its number,
    and whatever a library says to descriptor 2 would land in that file.

    Returns
    -------
    Whether stdout was there.
    """
    found = sys.stdout is not None
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a letter that it lacks ends nothing
    return found


def write(text: str, stream: TextIO) -> Exception | None:
    """
    Print a text at once.

    Returns
    -------
    What went wrong; None also where nobody reads the stream.
    """
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        _silence(stream)
    except (OSError, ValueError) as error:  # ValueError: the stream was closed in this process
        _silence(stream)
        return error
    return None


def flush(stream: TextIO) -> Exception | None:
    """
    Write out what others have left in a stream; Python would do it at its end, and exit with 120.
    """
    try:
        stream.flush()
    except BrokenPipeError:
        _silence(stream)
    except (OSError, ValueError) as error:
        _silence(stream)
        return error
    return None


def _silence(stream: TextIO) -> None:
    """
    What is still in the stream's buffer must go somewhere when it closes.
    """
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
