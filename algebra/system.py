"""
What the operating system refuses, as errors of the project: one place maps all of it.

A file that is not there, a folder in place of a file, a full disk, no memory and no thread are
refusals with a code and something to do; never a fault, and never a verdict.
"""

from __future__ import annotations

import errno
from pathlib import Path

from algebra.errors import Refused, TierproofError, Unavailable

_CODES = {
    errno.ENOENT: ("unavailable.file", "there is no such file"),
    errno.EISDIR: ("unavailable.not_a_file", "it is a folder, a file is wanted"),
    errno.ENOTDIR: ("unavailable.not_a_folder", "a file stands where a folder is wanted"),
    errno.EEXIST: ("unavailable.not_a_folder", "a file stands where a folder is wanted"),
    errno.EACCES: ("unavailable.permission", "the system does not let this user"),
    errno.EPERM: ("unavailable.permission", "the system does not let this user"),
    errno.EROFS: ("unavailable.read_only", "the disk can be read only"),
    errno.ENOSPC: ("unavailable.space", "the disk is full"),
    errno.EDQUOT: ("unavailable.space", "this user's share of the disk is full"),
    errno.EFBIG: ("unavailable.write_limit", "the file is larger than the system allows"),
    errno.EMFILE: ("unavailable.open_files", "this process has too many open files"),
    errno.ENFILE: ("unavailable.open_files", "the system has too many open files"),
    errno.ENAMETOOLONG: ("unavailable.path", "the path is too long"),
    errno.ELOOP: ("unavailable.path", "the path leads in a circle"),
}
_NO_THREAD = ("can't start new thread", "could not start thread")
"""What Python and its libraries say where the system gives no thread; they have no class for it."""


def system_refusal(
    error: BaseException, what: str = "", *, absent: str = "unavailable.file"
) -> TierproofError | None:
    """
    The refusal in an exception of the system.

    Parameters
    ----------
    error : as caught
    what : what was read, written or made, such as `job.json`; by default the name in the error
    absent : code where it is not there

    Returns
    -------
    None where the exception is none of the system's, but a fault of a program.
    """
    if isinstance(error, MemoryError):
        return Refused("refused.memory", f"{what or 'memory'}: the system gives no more memory")
    if isinstance(error, RecursionError):
        return Refused("refused.nesting", f"{what or 'input'}: nested too deep")
    if isinstance(error, RuntimeError) and any(text in str(error).lower() for text in _NO_THREAD):
        return Refused("refused.threads", f"{what or 'threads'}: the system gives no more threads")
    if not isinstance(error, OSError) or isinstance(error, TimeoutError):
        return None
    return _of_errno(error, what or _name(error), absent)


def _of_errno(error: OSError, what: str, absent: str) -> TierproofError:
    if error.errno == errno.ENOMEM:
        return Refused("refused.memory", f"{what}: the system gives no more memory")
    if error.errno == errno.EAGAIN:
        return Refused("refused.threads", f"{what}: the system gives no more threads")
    code, said = _CODES.get(
        error.errno or 0, ("unavailable.system", error.strerror or type(error).__name__)
    )
    if error.errno == errno.ENOENT:
        code = absent
    return Unavailable(code, f"{what}: {said}", file=what)


def _name(error: OSError) -> str:
    """The last part of the path in an error: the rest says more of a machine than anybody needs."""
    path = error.filename2 or error.filename
    return Path(str(path)).name or str(path) if isinstance(path, str) else "system"


def refused_by_system(
    error: BaseException, what: str = "", *, absent: str = "unavailable.file"
) -> TierproofError:
    """`system_refusal` of an OSError or MemoryError, which always is one."""
    refusal = system_refusal(error, what, absent=absent)
    if refusal is None:
        raise error
    return refusal
