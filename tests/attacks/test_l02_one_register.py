"""
L2: one register v, slope or sum of the link changed, nothing else. Stopped by the transition into
the row, or out of it.
"""

from __future__ import annotations

import pytest
from support.credential import honest, world
from support.forge import link_row

from algebra.native_backend import native
from circuits.credential.v2.link import BLOCK, TAIL
from tierproof.testing import Tampered, assert_rejected, get, put


def changed(register: str, row: int) -> Tampered:
    return Tampered(
        honest().witness, second=lambda r, _: put(r, register, row, get(r, register, row) + 1)
    )


ROWS = [*((kind, 17) for kind in BLOCK), *((kind, 0) for kind in TAIL)]
BEFORE = (
    dict(zip(BLOCK[1:], BLOCK, strict=False))
    | {"lam": "x", "q3": "xe"}
    | dict(zip(TAIL[1:], TAIL, strict=False))
)
"""Kind of the row above."""
UNREAD = {
    ("v", kind) for kind in ("lam", "q1", "c1a", "c1b", "q2", "c2a", "c2b", "t2", "done2")
} | {("slope", "done2")}
"""What no rule of the row reads: it is set anew, or was the last."""


@pytest.mark.parametrize("register", ["v", "slope", "sum"])
@pytest.mark.parametrize(("kind", "addition"), ROWS)
def test_one_register(kind: str, addition: int, register: str) -> None:
    found = honest().labels(changed(register, link_row(kind, addition)), only=("link.",))
    if (
        kind == "lam" and register == "slope"
    ):  # free on the way in: the row's own cells set it, rule by rule
        expected = "link.lam.slope"
    elif (register, kind) in UNREAD:
        assert found == set()
        return
    else:
        expected = f"link.{BEFORE[kind]}.{register}"
    assert expected in found


def test_the_first_row() -> None:
    """It is held to the public C'; its slope is read nowhere."""
    expected = {"v": {"link.start.x", "link.start.sum"}, "sum": {"link.start.y", "link.start.sum"}}
    for register, names in {**expected, "slope": set()}.items():
        assert honest().labels(changed(register, link_row("start")), only=("link.",)) == names


def test_no_proof() -> None:
    assert_rejected(world().key, changed("sum", link_row("q2", 17)), honest().statement, native())
