"""
How much memory a class takes, and whether it is there: a job that cannot end is refused before it
starts.

The figures are linear in the rows. What a row takes is counted from the columns of the circuit;
what cannot be counted is a number of field elements a row, fitted to peaks that were measured: 161,
266, 871 and 8,729 MiB for proofs of classes 2^13, 2^14, 2^16 and 2^20 with packs of 4, 189 and 313
MiB for 2^13 and 2^14 with packs of 8; keys of 2^13, 2^16 and 2^17 took 61, 184 and 319 MiB. The
figures lie above all of them: for proofs of the larger classes by a tenth or less.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from algebra.errors import Refused
from circuits.language.circuit import FIXED, MAXIMUM_DEGREE
from circuits.language.program import GUARDS
from circuits.versions import CURRENT
from prover.keys import KEPT_ROWS

ELEMENT_BYTES, POINT_BYTES = 32, 64
PROCESS_BYTES = 100 << 20
"""Interpreter and libraries; 80 MiB measured."""
COLUMN_FORMS = 3
"""
A proof holds each column as values, as coefficients, and on a coset or interleaved in its pack.
"""
OPENING_FORMS = 15
"""
The opening and its parts: polynomials of n coefficients a slot, their digits in a sum, buckets.
"""
PROOF_ELEMENTS = 22
"""Field elements a row besides: the quotient, cells of the witness."""
PSEUDO_COLUMNS = 1 + len(GUARDS)
"""L_0 and the guards, kept on the cosets with the fixed columns."""
FREED_ELEMENTS, FREED_BYTES = 40, 256 << 20
"""
Freed arrays that the kernels keep for the next: elements a row, and bytes at most
(algebra/native/src/huge.rs).
"""
KEY_ELEMENTS = 16
"""The same while a key is made."""


def proving_bytes(n: int, slots: int) -> int:
    """Peak bytes of proving a credential of class n (rows) with `slots` columns to a commitment."""
    text = CURRENT.text(CURRENT.sizes[0])
    columns = len(text.columns)
    elements = COLUMN_FORMS * columns + OPENING_FORMS * slots + PROOF_ELEMENTS
    if n <= KEPT_ROWS:
        elements += (MAXIMUM_DEGREE - 1) * (len(text.names(FIXED)) + PSEUDO_COLUMNS)
    kept = min(FREED_BYTES, n * ELEMENT_BYTES * FREED_ELEMENTS)
    return PROCESS_BYTES + kept + n * (ELEMENT_BYTES * elements + POINT_BYTES * _points(slots))


def key_bytes(n: int, slots: int) -> int:
    """Peak bytes of making the keys of class n, or of loading its proving key."""
    fixed = len(CURRENT.text(CURRENT.sizes[0]).names(FIXED))
    return PROCESS_BYTES + n * (
        ELEMENT_BYTES * (2 * fixed + KEY_ELEMENTS) + POINT_BYTES * _points(slots)
    )


def _points(slots: int) -> int:
    """Points a row: the bases of a pack, and the powers of the setup."""
    return slots + max(slots, MAXIMUM_DEGREE - 1)


def require_memory(what: str, needed: int) -> None:
    """
    Go on only if there is enough memory, or nobody knows.

    Raises
    ------
    Refused
        `refused.memory` with `needed` and `available`, in bytes.
    """
    available = available_bytes()
    if available is not None and available < needed:
        raise Refused(
            "refused.memory",
            f"memory: {what} needs about {_mebibytes(needed)} MiB, {_mebibytes(available)} MiB "
            "is available",
            needed=needed,
            available=available,
        )


def _mebibytes(count: int) -> str:
    return f"{count / 2**20:,.0f}"


def available_bytes(root: Path = Path("/")) -> int | None:
    """
    Bytes that this process can still take without swapping: what the system has, or less if a
    control group or the limit of its address space (ulimit -v) says so.

    Parameters
    ----------
    root : where `proc` and `sys` are mounted.

    Returns
    -------
    None where the system does not tell (not Linux).
    """
    system = _fields(root / "proc/meminfo").get("MemAvailable")
    found = [1024 * system] if system is not None else []
    return min([*found, *_left_in_groups(root), *_left_of_addresses(root)], default=None)


def _left_of_addresses(root: Path) -> Iterator[int]:
    """What the limit of the address space leaves, where there is one."""
    for line in _text(root / "proc/self/limits").splitlines():
        limit = line.removeprefix("Max address space").split()[0] if line else ""
        used = _fields(root / "proc/self/status").get("VmSize")
        if line.startswith("Max address space") and limit.isdecimal() and used is not None:
            yield max(0, int(limit) - 1024 * used)


def _left_in_groups(root: Path) -> Iterator[int]:
    """
    What each control group above this process leaves it, version 1 and 2; pages of files can be
    dropped and do not count.
    """
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            mount, limit, usage, dropped = "sys/fs/cgroup", "memory.max", "memory.current", ""
        elif "memory" in controllers.split(","):
            mount, limit, usage, dropped = (
                "sys/fs/cgroup/memory",
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
                "total_",
            )
        else:
            continue
        group = Path(path.lstrip("/"))
        for part in (group, *group.parents):
            folder = root / mount / part
            most, used = _text(folder / limit).strip(), _text(folder / usage).strip()
            if most.isdecimal() and used.isdecimal():  # "max" is no limit
                fields = _fields(folder / "memory.stat")
                files = fields.get(f"{dropped}active_file", 0) + fields.get(
                    f"{dropped}inactive_file", 0
                )
                yield max(0, int(most) - max(0, int(used) - files))


def _fields(path: Path) -> dict[str, int]:
    """Lines `name: number` or `name number`, a unit after it left out."""
    words = [line.replace(":", " ").split() for line in _text(path).splitlines()]
    return {line[0]: int(line[1]) for line in words if len(line) > 1 and line[1].isdecimal()}


def _text(path: Path) -> str:
    """The file, or nothing where there is none."""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""
