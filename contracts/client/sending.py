"""One transaction on its way: signed, kept, told, sent, and seen in a block that counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from algebra.errors import Unavailable
from algebra.extras import libraries
from contracts.client.answers import NodeRefused
from contracts.client.finality import Finality, Included
from contracts.client.outbox import Outbox, Pending, act_of

with libraries("chain"):
    from eth_account.signers.local import LocalAccount
    from requests.exceptions import RequestException
    from web3 import Web3
    from web3.exceptions import BlockNotFound, TransactionNotFound
    from web3.types import TxParams

Record = Callable[[Any], None]

TRIES = 5
"""Nonces that are tried where others send from the same account at the same time."""
FIRST_POLL, LAST_POLL = 0.05, 2.0
"""Seconds between two questions: little on a development node, no burden to a real one."""
SILENCE = 5
"""Questions in a row that a node may leave unanswered."""
UNSEEN_SECONDS = 2.0
"""
How long a node may not know a transaction before it counts as dropped: nodes behind one URL learn
of it one after another.
"""


class Courier:
    """
    Parameters
    ----------
    finality : how deep a transaction must stand before it is reported
    outbox : where transactions are kept until then
    tell : gets a line for what happens on the way; the hash comes before anything is sent
    """

    def __init__(
        self,
        web3: Web3,
        chain_id: int,
        finality: Finality,
        outbox: Outbox,
        tell: Callable[[str], None],
    ) -> None:
        self.web3, self.chain_id = web3, chain_id
        self.finality, self.outbox, self.tell = finality, outbox, tell
        self._lock = threading.Lock()

    def under_way(self, origin: str, target: str | None, data: bytes) -> Pending | None:
        """The transaction of an earlier run that does the same."""
        return self.outbox.find(self.chain_id, origin, act_of(target, data))

    def resume(self, pending: Pending, record: Record) -> tuple[Any, Included]:
        """Go on with a transaction of an earlier run; as `carry`."""
        self.tell(f"transaction {pending.transaction} of an earlier run: waiting for it")
        return self._see_through(pending, record)

    def carry(
        self, draft: TxParams, key: LocalAccount | None, record: Record
    ) -> tuple[Any, Included]:
        """
        Send a transaction and wait for it.

        Parameters
        ----------
        draft : `from`, `gas` and `data`, and `to` unless it makes a contract
        key : signs; None where the node does
        record : gets the receipt before the transaction is forgotten

        Returns
        -------
        The receipt, whatever its status, and where it stands.

        Raises
        ------
        NodeRefused
            The node does not take it; then it is not on its way.
        Unavailable
            `unavailable.receipt`: not there in time, a second call goes on with it;
            `unavailable.replaced`: another transaction took its nonce.
        """
        with self._lock:
            pending = self._start(draft, key)
        return self._see_through(pending, record)

    # ---- sending ----

    def _start(self, draft: TxParams, key: LocalAccount | None) -> Pending:
        target, data = draft.get("to"), bytes(draft["data"])  # type: ignore[arg-type]
        act = act_of(None if target is None else str(target), data)
        origin = str(draft["from"])
        ready: Any = {**draft, **self.fees(), "chainId": self.chain_id, "value": 0}
        nonce = self.count(origin, "pending")
        for attempt in range(TRIES):
            ready["nonce"] = nonce
            try:
                return self._first(ready, key, act)
            except NodeRefused as error:
                if not error.nonce_taken or attempt == TRIES - 1:
                    raise
                self.tell(f"nonce {nonce} is taken by another transaction of {origin}")
                nonce = max(nonce + 1, self.count(origin, "pending"))
        raise AssertionError("unreachable")

    def _first(self, ready: Any, key: LocalAccount | None, act: str) -> Pending:
        origin, nonce = str(ready["from"]), int(ready["nonce"])
        if key is None:
            sent = bytes(self.web3.eth.send_transaction(ready))
            pending = Pending(self.chain_id, origin, nonce, act, "0x" + sent.hex(), "")
            self.outbox.keep(pending)
            self.tell(f"transaction {pending.transaction}, nonce {nonce}")
            return pending
        signed = key.sign_transaction({name: ready[name] for name in ready if name != "from"})
        raw, digest = bytes(signed.raw_transaction), bytes(signed.hash)
        pending = Pending(self.chain_id, origin, nonce, act, "0x" + digest.hex(), "0x" + raw.hex())
        self.outbox.keep(pending)
        self.tell(f"transaction {pending.transaction}, nonce {nonce}")
        try:
            self._post(pending)
        except NodeRefused:
            self.outbox.drop(pending)
            raise
        except (RequestException, OSError):
            pass  # it may have arrived: what waits for it finds out
        return pending

    def _post(self, pending: Pending) -> None:
        try:
            self.web3.eth.send_raw_transaction(bytes.fromhex(pending.raw[2:]))
        except NodeRefused as error:
            if not error.known_already:
                raise

    def fees(self) -> Any:
        """What it pays: by base fee and tip, or at one price on a chain without them."""
        eth = self.web3.eth
        base = eth.get_block("latest").get("baseFeePerGas")
        if base is None:
            return {"gasPrice": eth.gas_price}
        try:
            tip = int(eth.max_priority_fee)
        except NodeRefused:  # not every node makes a proposal
            tip = max(0, int(eth.gas_price) - int(base))
        return {"maxPriorityFeePerGas": tip, "maxFeePerGas": 2 * int(base) + tip}

    def count(self, origin: str, tag: Any) -> int:
        """Transactions of an account, those in blocks (`latest`) or all (`pending`)."""
        return int(self.web3.eth.get_transaction_count(Web3.to_checksum_address(origin), tag))

    # ---- waiting ----

    def _see_through(self, pending: Pending, record: Record) -> tuple[Any, Included]:
        try:
            found = self._wait(pending)
        except NodeRefused as error:
            raise _not_yet(pending, f"the node says {error.said[:200]!r} of it") from None
        record(found[0])
        self.outbox.drop(pending)
        return found

    def _wait(self, pending: Pending) -> tuple[Any, Included]:
        deadline = time.monotonic() + self.finality.patience
        pause, silent, held, seen = FIRST_POLL, 0, b"", time.monotonic()
        while True:
            try:
                receipt = self._receipt(pending)
                silent = 0
                if receipt is None:
                    held = self._tell_move(pending, held, b"", None)
                    if self._known(pending):
                        seen = time.monotonic()
                    elif time.monotonic() - seen > UNSEEN_SECONDS:
                        self._again(pending)
                        seen = time.monotonic()
                else:
                    seen = time.monotonic()
                    now = bytes(receipt["blockHash"])
                    held = self._tell_move(pending, held, now, receipt["blockNumber"])
                    included = self.included(receipt)
                    if included.meets(self.finality):
                        return receipt, included
            except (RequestException, OSError):
                silent += 1
                if silent >= SILENCE:
                    raise _not_yet(pending, "the node has stopped answering") from None
            if time.monotonic() > deadline:
                what = "no block holds it" if not held else "its block is not settled"
                raise _not_yet(pending, f"{what} after {self.finality.patience:g} s")
            time.sleep(pause)
            pause = min(LAST_POLL, pause * 1.5)

    def included(self, receipt: Any) -> Included:
        """Where a receipt stands now."""
        head = int(self.web3.eth.block_number)
        return Included.of(receipt, head, self.finalized_block())

    def finalized_block(self) -> int | None:
        """Number of the newest block that the node calls finalized; None if it does not know."""
        try:
            return int(self.web3.eth.get_block("finalized")["number"])
        except (NodeRefused, BlockNotFound):
            return None

    def _receipt(self, pending: Pending) -> Any:
        try:
            receipt = self.web3.eth.get_transaction_receipt(pending.transaction)  # type: ignore[arg-type]
        except TransactionNotFound:
            return None
        except NodeRefused as error:
            if "index" in error.said.lower():  # the node is not through with its new blocks
                return None
            raise
        return receipt if receipt.get("blockHash") else None

    def _known(self, pending: Pending) -> bool:
        try:
            self.web3.eth.get_transaction(pending.transaction)  # type: ignore[arg-type]
        except TransactionNotFound:
            return False
        return True

    def _tell_move(self, pending: Pending, before: bytes, now: bytes, number: object) -> bytes:
        """Say where the transaction stands if that has changed."""
        if before != now:
            lost = f"reorganised: block 0x{before.hex()} is gone; " if before else ""
            where = f"in block {number} (0x{now.hex()})" if now else "in no block"
            if before or now:
                self.tell(f"{lost}transaction {pending.transaction} is {where}")
        return now

    def _again(self, pending: Pending) -> None:
        """The node has no such transaction: send it again, unless its nonce is used up."""
        if self.count(pending.sender, "latest") > pending.nonce:
            self.outbox.drop(pending)
            raise Unavailable(
                "unavailable.replaced",
                f"transaction {pending.transaction} never came into a block: another one of "
                f"{pending.sender} took nonce {pending.nonce}",
                transaction=pending.transaction,
            )
        if not pending.raw:
            self.outbox.drop(pending)
            raise Unavailable(
                "unavailable.replaced",
                f"the node has dropped transaction {pending.transaction} of its own account",
                transaction=pending.transaction,
            )
        self.tell(f"the node has dropped transaction {pending.transaction}: sending it again")
        try:
            self._post(pending)
        except NodeRefused as error:
            if not error.nonce_taken:
                raise


def _not_yet(pending: Pending, why: str) -> Unavailable:
    return Unavailable(
        "unavailable.receipt",
        f"transaction {pending.transaction}, nonce {pending.nonce}, is sent: {why}",
        transaction=pending.transaction,
        nonce=pending.nonce,
    )
