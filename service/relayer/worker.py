"""
The sender: one round looks at what is under way, sends again or replaces what no block has, and
brings what waits when nothing does. Everything that it knows stands in the database: it may be
killed at any point, and another process goes on.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from algebra.errors import Refused, Rejected, TierproofError
from contracts.client.finality import Finality
from contracts.client.onboarding import Onboarding, judge_of
from contracts.client.relaying import Fees, Relay
from service.relayer import budget
from service.relayer.asked import Asked
from service.relayer.lease import Lease
from service.relayer.ledger import MINED, SUPERSEDING, Ledger, Sent, Version
from service.relayer.requests import FAILED, SUPERSEDED, VERIFIED, Transactions, move
from service.relayer.settings import DAY, RelayerSettings
from service.relayer.tables import OnboardingRow

log = logging.getLogger("tierproof.service")

PASSING = frozenset(
    f"rejected.{name}"
    for name in (
        "RegistryPaused",
        "PolicyPending",
        "PolicyUnknown",
        "VerifierPending",
        "RootUnknown",
        "MovedTooSoon",
        "MoveNotReady",
        "GenerationPending",
    )
)
"""Reasons that time may take away: the claim is tried again."""
NONCE, FEE, FUNDS = "refused.relayer_nonce", "unavailable.relayer_fee", "refused.funds"
BATCH_GAS = 400_000
"""Of a batch besides its claims: the sum of their equations, and its one pairing."""
DOUBTS = 3
"""Rounds in a row in which a nonce is spent and no receipt there, before it is believed: nodes
behind one URL learn of a block one after another."""


@dataclass(frozen=True)
class Ready:
    """A request that passed its trial."""

    id: str
    owner: str
    onboarding: Onboarding
    gas: int


class Relayer:
    """
    Parameters
    ----------
    database : where requests and transactions are
    relay : the registry and the key
    settings : what it may pay, and how long it waits
    """

    def __init__(self, database: Transactions, relay: Relay, settings: RelayerSettings) -> None:
        self._database, self._relay, self._settings = database, relay, settings
        chain_id = relay.chain.chain_id
        self.lease = Lease(
            database, chain_id, relay.sender, secrets.token_hex(16), settings.lease_seconds
        )
        self.ledger = Ledger(database, chain_id, relay.sender, self.lease)
        self._finality = Finality(settings.confirmations, settings.finalized)
        self._doubts: dict[int, int] = {}

    async def run(self) -> None:
        """
        Rounds until cancelled; one that has begun ends first. What a node or a database does not
        answer is said in the log by its code, and tried again.
        """
        try:
            while True:
                await self._round()
                await asyncio.sleep(self._settings.poll_seconds)
        finally:
            try:
                self.lease.give_back()
            except TierproofError as error:
                log.warning("relayer: %s", error.code)

    async def _round(self) -> None:
        step = asyncio.ensure_future(asyncio.to_thread(self._logged))
        try:
            await asyncio.shield(step)
        except asyncio.CancelledError:
            await step
            raise

    def _logged(self) -> None:
        try:
            self.step()
        except TierproofError as error:
            log.warning("relayer: %s", error.code)
        except Exception as error:  # its text may hold anything; the next round tries again
            log.error("relayer: %s", type(error).__name__)

    def step(self) -> bool:
        """
        One round; whether this process holds the key.

        Raises
        ------
        Unavailable
            `unavailable.node`, `unavailable.relayer_lease`, `unavailable.database`: what was
            written stands, the next round goes on.
        Refused
            `refused.chain_id`: the node is on another chain.
        """
        if not self.lease.take():
            return False
        self._relay.check_chain()
        unmined = [sent for sent in self.ledger.unfinished() if not self._look(sent)]
        if self._doubts or self.lease.state()[0]:
            return True
        if unmined:
            self._push(unmined[0])
        else:
            self._bring()
        return True

    # ---- what is under way ----

    def _look(self, sent: Sent) -> bool:
        """Write down where it stands; whether a block holds it, or its nonce is gone."""
        found = self._receipt(sent)
        if found is None:
            if sent.state == MINED:
                self.ledger.lost(sent)
            return self._taken_outside(sent)
        self._doubts.pop(sent.number, None)
        included = self._relay.included(found)
        final = included.meets(self._finality)
        if final or included.block_hash != sent.block_hash:
            outcomes = self._relay.outcomes(found, sent.batch)
            self.ledger.mined(sent, included, outcomes, final=final)
        return True

    def _receipt(self, sent: Sent) -> Any:
        receipts = (self._relay.receipt(each.signed.transaction) for each in sent.versions)
        return next((each for each in receipts if each is not None), None)

    def _taken_outside(self, sent: Sent) -> bool:
        if self._relay.spent() <= sent.nonce:
            self._doubts.pop(sent.number, None)
            return False
        seen = self._doubts[sent.number] = self._doubts.get(sent.number, 0) + 1
        if seen >= DOUBTS:
            del self._doubts[sent.number]
            self.ledger.outside(sent)
            self.lease.say(NONCE, stopped=True)
        return True

    def _push(self, sent: Sent) -> None:
        """Send the same bytes again, or after a while others that pay more."""
        last, now = sent.versions[-1], self._database.now
        said = self._relay.send(last.signed.raw)
        code = None if said is None else self._why(said, sent.gas * last.fees.most)
        if now - last.signed_at >= self._settings.replace_seconds:
            wanted = self._relay.fees().at_least(last.fees.raised(self._settings.bump_percent))
            if wanted.most > self._settings.most_fee:
                code = FEE
            else:
                version = self._version(sent.data, sent.nonce, sent.gas, wanted)
                self.ledger.replace(sent, version)
                self._relay.send(version.signed.raw)
        self.lease.say(code)

    def _why(self, said: str, cost: int) -> str | None:
        """Why a node does not take bytes; None where it will be asked again anyway."""
        return FUNDS if self._relay.balance() < cost else "unavailable.node"

    def _version(self, data: str, nonce: int, gas: int, fees: Fees) -> Version:
        return Version(self._relay.signed(data, nonce, gas, fees), fees, self._database.now)

    # ---- what waits ----

    def _bring(self) -> None:
        nonce, (_, _, expected) = self._relay.spent(), self.lease.state()
        if expected is not None and nonce > expected:
            self.lease.say(NONCE, stopped=True)
            return
        if expected is not None and nonce < expected:
            return  # the node has not seen all of ours yet
        if self._relay.spent("pending") > nonce:
            self.lease.say(NONCE)  # somebody else's with this key: it may go as it came
            return
        fees = self._relay.fees()
        if fees.most > self._settings.most_fee:
            self.lease.say(FEE)
            return
        batch = self._together(list(self._ready()))
        if not batch:
            self.lease.say(None)
            return
        gas = [each.gas for each in batch]
        if self._relay.balance() < sum(gas) * fees.most:
            self.lease.say(FUNDS)
            return
        data = self._relay.data([each.onboarding for each in batch])
        version = self._version(data, nonce, sum(gas), fees)
        self.ledger.take([each.id for each in batch], gas, data, nonce, version)
        self._relay.send(version.signed.raw)

    def _ready(self) -> Iterator[Ready]:
        """Requests that pass their trial, as many as a transaction takes; one a nullifier."""
        room, seen, held = self._relay.block_gas() * 3 // 4, set[tuple[str, str]](), Counter[str]()
        for id, asked in self._waiting():
            names = {("nullifier", hex(asked.nullifier)), ("account", asked.account)}
            if names & seen:
                continue
            ready = self._tried(id, asked, held)
            if ready is None:
                continue
            if held.total() + ready.gas > room and seen:
                return
            held[ready.owner] += ready.gas
            seen |= names
            yield ready
            if len(seen) >= 2 * self._settings.most_claims:
                return

    def _waiting(self) -> list[tuple[str, Asked]]:
        row, client = OnboardingRow, self._relay.client
        asked = select(row).where(
            row.chain_id == str(client.chain.chain_id),
            row.registry_address == client.address.lower(),
            row.state == VERIFIED,
            row.not_before <= self._database.now,
        )
        most = 4 * self._settings.most_claims
        with self._database.reading() as session:
            rows = session.scalars(asked.order_by(row.number).limit(most))
            return [(each.id, Asked.of_row(each)) for each in rows]

    def _tried(self, id: str, asked: Asked, held: Counter[str]) -> Ready | None:
        """
        The request with its gas, if it would count now and is within its budgets; `held` is the gas
        of those beside it, by API key.
        """
        try:
            verifier = judge_of(self._relay.client, asked.policy_id, asked.key_digest)
            onboarding = asked.onboarding(verifier)
            gas = self._relay.trial(onboarding)
        except (Rejected, Refused) as error:
            self._not_now(id, error)
            return None
        with self._database.writing() as session:
            row = session.scalars(select(OnboardingRow).where(OnboardingRow.id == id)).one()
            now = self._database.now
            if budget.fits(session, row, gas, held[row.owner], now, self._settings):
                return Ready(id, row.owner, onboarding, gas)
            row.not_before = (now // DAY + 1) * DAY
            move(row, VERIFIED, now, "refused.relayer_budget")
        return None

    def _not_now(self, id: str, error: TierproofError) -> None:
        """A claim that would not count: later, never, or not any more."""
        with self._database.writing() as session:
            row = session.scalars(select(OnboardingRow).where(OnboardingRow.id == id)).one()
            now = self._database.now
            since = max(row.asked_at, row.ready_at or 0)
            if error.code in PASSING and now < since + self._settings.keep_seconds:
                row.not_before = now + self._settings.retry_seconds
                move(row, VERIFIED, now, error.code)
            else:
                state = SUPERSEDED if error.code in SUPERSEDING else FAILED
                move(row, state, now, error.code)

    def _together(self, ready: list[Ready]) -> list[Ready]:
        """Those that count in one transaction with the gas of each alone, else the first."""
        while len(ready) > 1:
            share = -(-BATCH_GAS // len(ready))
            batch = [replace(each, gas=each.gas + share) for each in ready]
            gas = sum(each.gas for each in batch)
            try:
                counted = self._relay.counted([each.onboarding for each in batch], gas)
            except Rejected:
                break
            if all(counted):
                return batch
            left = [each for each, counts in zip(ready, counted, strict=True) if counts]
            ready = left or ready[:1]
        return ready[:1]
