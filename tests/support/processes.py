"""Work in a forked child, with a watchdog."""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def in_fork(job: Callable[[], Result], seconds: int = 120) -> Result:
    """What `job` gives in a child of this very process; the system ends a child that hangs."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(seconds)
            with os.fdopen(writer, "wb") as out:
                pickle.dump(job(), out)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        found = stream.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0, f"the child ended with {status} ({-signal.SIGALRM}: it hung)"
    result: Result = pickle.loads(found)
    return result
