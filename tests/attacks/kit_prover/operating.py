"""
For every check that `mutants.OPERATIONS` finds of a database that was put back, a database that it
alone stops.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attacks.kit_prover.judging import CRASH, Forgery, stops
from attacks.kit_prover.mutants import Attempt, Verifier
from sqlalchemy.orm import Session

from service.audit.log import AuditLog
from service.audit.snapshot import Head
from service.operations.tables import RestoredRow
from service.store.base import Base
from tests.service.audit import log_world

KEY = log_world.SIGNER.public
PLACE = (31337, "0x" + "ab" * 20, "0x" + "cd" * 20)


def of(call: Callable[[Verifier, Session], Any], *, restored: bool = True) -> Attempt:
    """Something that is asked of a log of three entries, in a database that was put back."""

    def attempt(m: Verifier) -> None:
        with TemporaryDirectory() as folder:
            engine = log_world.database(Path(folder) / "s.sqlite")
            try:
                Base.metadata.create_all(engine)
                log_world.fill(engine, 3)
                with Session(engine) as session, session.begin():
                    if restored:
                        m.restored.mark(session, 1)
                        assert session.query(RestoredRow).count() == 1
                    call(m, session)
            finally:
                engine.dispose()

    return attempt


def releases(size: int | None, *, restored: bool = True) -> Attempt:
    """Compared with a chain that holds so many entries; with nothing at all for None."""
    head = None if size is None else Head(*PLACE, size, bytes(32))
    return of(lambda m, session: m.restored.release(session, KEY, [], head), restored=restored)


def compared(m: Verifier, session: Session) -> None:
    """The log is as it is: what stands in the way is another matter."""
    assert AuditLog(session).size() == 3
    m.restored.require_released(session)


_release = "service.operations.restored.release: "

CHECKS: dict[str, Forgery] = {
    "service.operations.restored.require_released: "
    "session.get(RestoredRow, ONLY) is not None": stops(of(compared)),
    f"{_release}row is None": stops(releases(5, restored=False), expect="rejected.audit_cut"),
    f"{_release}head is None": stops(releases(None), expect=CRASH),
    f"{_release}head.size == 0": stops(releases(0)),
    f"{_release}verify_anchor(log, key, head)": stops(releases(5)),
}
