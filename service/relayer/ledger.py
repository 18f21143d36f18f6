"""
Transactions of a sender in the database: a nonce is taken by the transaction that stores the signed
bytes, and what a block made of them is written with the states of their requests.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from algebra.errors import Rejected, Unavailable
from contracts.client.finality import Included
from contracts.client.onboarding import Onboarding, Outcome
from contracts.client.relaying import Fees, SignedTransaction
from service.relayer import budget
from service.relayer.asked import Asked
from service.relayer.lease import Lease
from service.relayer.requests import (
    FAILED,
    FINAL,
    INCLUDED,
    SUBMITTED,
    SUPERSEDED,
    VERIFIED,
    Transactions,
    move,
    rows_of,
)
from service.relayer.tables import OnboardingRow, SignedRow, TransactionRow

OPEN, MINED, DONE, OUTSIDE = "open", "mined", "done", "outside"
"""Of a transaction: in no block; in one; final; its nonce went to another of the same key."""
SUPERSEDING = frozenset({"rejected.WindowTooOld", "rejected.WindowCounted"})
"""The registry has the same claim, or a later one of the same nullifier."""


@dataclass(frozen=True)
class Version:
    """Signed bytes of a nonce, with what they pay; Unix second of the signing."""

    signed: SignedTransaction
    fees: Fees
    signed_at: int


@dataclass(frozen=True)
class Sent:
    """
    A nonce that was taken.

    Attributes
    ----------
    number : of its row
    state : OPEN or MINED
    block_hash : that holds it, where one does
    batch : the claims, in order, without the index of their verifier
    data : what is sent to the registry
    versions : every one that was signed, the first first
    """

    number: int
    nonce: int
    state: str
    gas: int
    block_hash: str | None
    batch: tuple[Onboarding, ...]
    data: str
    versions: tuple[Version, ...]


class Ledger:
    """
    The transactions of one sender on one chain. What is written of them is written by who has the
    key: `unavailable.relayer_lease` otherwise, and nothing was.
    """

    def __init__(self, database: Transactions, chain_id: int, sender: str, lease: Lease) -> None:
        self._database, self._lease = database, lease
        self._chain_id, self._sender = str(chain_id), sender

    def unfinished(self) -> list[Sent]:
        """What is not final, by nonce."""
        row = TransactionRow
        asked = select(row).where(
            row.chain_id == self._chain_id,
            row.sender == self._sender,
            row.state.in_((OPEN, MINED)),
        )
        with self._database.reading() as session:
            return [_sent(session, each) for each in session.scalars(asked.order_by(row.nonce))]

    def take(
        self,
        ids: Sequence[str],
        gas: Sequence[int],
        data: str,
        nonce: int,
        version: Version,
    ) -> None:
        """
        Store signed bytes with the nonce that they take, and their requests as submitted.

        Raises
        ------
        Unavailable
            `unavailable.relayer_lease`: the key, or one of the requests, is another's by now;
            nothing was written, so nothing may be sent.
        """
        with self._database.writing() as session:
            sender, now = self._lease.held(session), self._database.now
            rows = rows_of(session, ids)
            if any(row.state != VERIFIED for row in rows) or sender.next_nonce not in (None, nonce):
                raise Unavailable("unavailable.relayer_lease", "relayer: another one was quicker")
            sender.next_nonce, sender.code = nonce + 1, None
            taken = TransactionRow(
                chain_id=self._chain_id, sender=self._sender, nonce=nonce, state=OPEN,
                requests=json.dumps(list(ids)), data=data, gas=sum(gas),
            )  # fmt: skip
            session.add(taken)
            session.flush()
            session.add(_signed(taken.number, 0, version))
            for row, needed in zip(rows, gas, strict=True):
                budget.charge(session, row, needed, now)
                row.hash = version.signed.transaction
                move(row, SUBMITTED, now)

    def replace(self, sent: Sent, version: Version) -> None:
        """Store other bytes of the same nonce; raises as `take`."""
        with self._database.writing() as session:
            self._lease.held(session)
            session.add(_signed(sent.number, len(sent.versions), version))
            for row in _rows(session, sent.number):
                row.hash = version.signed.transaction

    def mined(
        self, sent: Sent, included: Included, outcomes: Sequence[Outcome], *, final: bool
    ) -> None:
        """What a block made of it; states of requests that say more than `included` if final."""
        with self._database.writing() as session:
            self._lease.held(session)
            taken = session.get_one(TransactionRow, sent.number)
            taken.state = DONE if final else MINED
            taken.block, taken.block_hash = included.block, included.block_hash
            taken.hash = included.transaction
            share = -(-included.gas_used // len(outcomes))
            for row, outcome in zip(_rows(session, sent.number), outcomes, strict=True):
                budget.settle(session, row, share)
                row.hash = included.transaction
                _settle(row, outcome, self._database.now, final=final)

    def lost(self, sent: Sent) -> None:
        """The block that held it is gone: it waits for another one."""
        with self._database.writing() as session:
            self._lease.held(session)
            taken = session.get_one(TransactionRow, sent.number)
            taken.state, taken.block, taken.block_hash, taken.hash = OPEN, None, None, None
            for row in _rows(session, sent.number):
                row.act = row.expiry = row.ready_at = None
                move(row, SUBMITTED, self._database.now)

    def outside(self, sent: Sent) -> None:
        """Another transaction of the key took the nonce: its requests are as if never sent."""
        with self._database.writing() as session:
            self._lease.held(session)
            session.get_one(TransactionRow, sent.number).state = OUTSIDE
            for row in _rows(session, sent.number):
                row.hash = None
                move(row, VERIFIED, self._database.now, "refused.relayer_nonce")


def _settle(row: OnboardingRow, outcome: Outcome, now: int, *, final: bool) -> None:
    if isinstance(outcome, Rejected):
        row.act = row.expiry = row.ready_at = None
        ended = SUPERSEDED if outcome.code in SUPERSEDING else FAILED
        move(row, ended if final else INCLUDED, now, outcome.code)
        return
    row.act, row.expiry, row.ready_at = outcome.act, outcome.expiry, outcome.ready_at
    if final and outcome.ready_at is not None:  # a move that was announced counts when sent again
        row.not_before = outcome.ready_at
        move(row, VERIFIED, now, "rejected.MoveNotReady")
        return
    move(row, FINAL if final else INCLUDED, now)


def _rows(session: Session, number: int) -> list[OnboardingRow]:
    return rows_of(session, json.loads(session.get_one(TransactionRow, number).requests))


def _sent(session: Session, row: TransactionRow) -> Sent:
    signed = session.scalars(
        select(SignedRow).where(SignedRow.transaction == row.number).order_by(SignedRow.attempt)
    )
    return Sent(
        number=row.number,
        nonce=row.nonce,
        state=row.state,
        gas=row.gas,
        block_hash=row.block_hash,
        batch=tuple(
            Asked.of_row(each).onboarding(0) for each in rows_of(session, json.loads(row.requests))
        ),
        data=row.data,
        versions=tuple(
            Version(
                SignedTransaction(each.raw, each.hash),
                Fees(int(each.most_fee), None if each.tip is None else int(each.tip)),
                each.signed_at,
            )
            for each in signed
        ),
    )


def _signed(number: int, attempt: int, version: Version) -> SignedRow:
    tip = version.fees.tip
    return SignedRow(
        transaction=number, attempt=attempt, hash=version.signed.transaction,
        raw=version.signed.raw, most_fee=str(version.fees.most),
        tip=None if tip is None else str(tip), signed_at=version.signed_at,
    )  # fmt: skip
