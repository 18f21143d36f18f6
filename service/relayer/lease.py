"""One sender a key: a row of the database says which process, and until when."""

from __future__ import annotations

from sqlalchemy.orm import Session

from algebra.errors import Unavailable
from service.relayer.requests import Transactions
from service.relayer.tables import SenderRow


class Lease:
    """
    Parameters
    ----------
    database : that the processes share
    chain_id, address : whose nonces are taken
    holder : names this process; drawn at its start
    seconds : how long one that died keeps the others waiting
    """

    def __init__(
        self, database: Transactions, chain_id: int, address: str, holder: str, seconds: int
    ) -> None:
        self._database, self._holder, self._seconds = database, holder, seconds
        self._key = (str(chain_id), address)

    def take(self) -> bool:
        """Take it, or hold it for longer; False where another process has it."""
        now = self._database.now
        with self._database.writing() as session:
            row = session.get(SenderRow, self._key)
            if row is None:
                chain_id, address = self._key
                row = SenderRow(chain_id=chain_id, address=address, holder="", until=0,
                                stopped=False)  # fmt: skip
                session.add(row)
            if row.holder != self._holder and row.until > now:
                return False
            row.holder, row.until = self._holder, now + self._seconds
            return True

    def held(self, session: Session) -> SenderRow:
        """
        The row, in a transaction that takes a nonce; Unavailable (`unavailable.relayer_lease`)
        where the key is another process's by now.
        """
        row = session.get(SenderRow, self._key, populate_existing=True)
        if row is None or row.holder != self._holder or row.until <= self._database.now:
            raise Unavailable("unavailable.relayer_lease", "relayer: another process has the key")
        return row

    def give_back(self) -> None:
        """The next process need not wait."""
        with self._database.writing() as session:
            row = session.get(SenderRow, self._key)
            if row is not None and row.holder == self._holder:
                row.until = 0

    def say(self, code: str | None, *, stopped: bool = False) -> None:
        """Why the sender is held up; None: it is not. `stopped` stays until `resume`."""
        with self._database.writing() as session:
            row = session.get(SenderRow, self._key)
            if row is not None and (row.code != code or stopped):
                row.code, row.stopped = code, stopped or row.stopped

    def state(self) -> tuple[bool, str | None, int | None]:
        """Whether it was stopped, why it is held up, and the nonce that comes next."""
        with self._database.reading() as session:
            row = session.get(SenderRow, self._key)
            return (False, None, None) if row is None else (row.stopped, row.code, row.next_nonce)

    def resume(self) -> None:
        """
        By hand, once it is known what the key was used for: go on from the nonce that the chain
        has then.
        """
        with self._database.writing() as session:
            row = session.get(SenderRow, self._key)
            if row is not None:
                row.stopped, row.code, row.next_nonce = False, None, None
