"""Grants, holders of nullifiers, moves and conduct, from their events."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from policies.effective.conduct import Record
from policies.place import Place
from service.follower.catalogue import Catalogue
from service.follower.ends import end_of
from service.follower.fitting import require_known, require_same
from service.follower.tables import (
    NOBODY,
    ConductRow,
    EngineRow,
    GrantRow,
    HeldRow,
    HolderRow,
    PendingRow,
    PolicyRow,
    RootRow,
    TierRow,
)


class Act(IntEnum):
    """How a claim counted, as `Types.sol` numbers it."""

    FIRST = 0
    RENEWED = 1
    RECOVERED = 2
    MOVED = 3


REPLACED = 1
"""Why a grant ended, as `Types.sol` numbers it: another subject's took its place."""


def record_of(row: ConductRow) -> Record:
    """What a row says of an account's conduct."""
    return Record(row.level, row.until, row.engine, row.rest_level, row.rest_until)


class Accounts(Catalogue):
    """Handlers named after the events, with their arguments."""

    def ClaimFailed(self, index: int, account: str, nullifier: int, reason: bytes) -> None:
        """It changed nothing."""

    # -- grants ------------------------------------------------------------------------------------
    def Granted(
        self, account: str, series: bytes, nullifier: int, act: int, tier: int, root: int,
        verifier: int, expiry: int, rampFrom: int, rampSince: int, **told: Any,
    ) -> None:  # fmt: skip
        """An account holds a tier."""
        account, key = account.lower(), {"series": series, "nullifier": nullifier}
        holder, before = self.rows.of(HolderRow, **key), self.rows.of(GrantRow, account=account)
        require_same(told["from"].lower(), holder.account, "the nullifier's holder")
        require_same(told["tierBefore"], before.tier, "the account's tier")
        of = require_known(self.rows.find(TierRow, serial=tier), f"tier {tier}")
        counted = require_known(self.rows.find(RootRow, serial=root), f"root {root}")
        policy = require_known(self.rows.find(PolicyRow, serial=of.policy), f"policy {of.policy}")
        if holder.root != root:
            self.rows.put(RootRow, {"serial": root}, grants=counted.grants + 1)
        subject = self.subject(series, nullifier)
        moved = act == Act.MOVED
        if moved:
            self._end(holder.account, subject)
            self.rows.put(PendingRow, key, account=NOBODY)
        self.rows.put(
            GrantRow,
            {"account": account},
            expiry=expiry,
            since=rampSince,
            start=rampFrom,
            **self._carried(account),
            tier=tier,
            root=root,
            verifier=verifier,
            subject=subject,
            series=series,
            nullifier=nullifier,
        )
        changed: dict[str, int] = {}
        if moved or holder.account == NOBODY:
            self.rows.put(HeldRow, {"account": account, "subject": subject})
            changed = {"moved_at": self.time}
        self.rows.put(HolderRow, key, account=account, as_of=policy.last_day, root=root, **changed)

    def Downgraded(
        self, account: str, tierBefore: int, tier: int, rampFrom: int, rampSince: int
    ) -> None:
        """An account took a tier of its policy that is nowhere better."""
        account = account.lower()
        require_same(tierBefore, self.rows.of(GrantRow, account=account).tier, "the account's tier")
        self.rows.put(
            GrantRow,
            {"account": account},
            since=rampSince,
            start=rampFrom,
            **self._carried(account),
            tier=tier,
        )

    def GrantEnded(self, account: str, subject: int, why: int) -> None:
        """A grant ended by an act."""
        if why != REPLACED:
            self._end(account.lower(), subject)

    # -- holders -----------------------------------------------------------------------------------
    def MoveAnnounced(
        self, series: bytes, nullifier: int, account: str, readyAt: int, lastDay: int
    ) -> None:
        """A nullifier is to move to another account, unless its holder contests."""
        key = {"series": series, "nullifier": nullifier}
        self.rows.put(PendingRow, key, account=account.lower(), ready_at=readyAt, last_day=lastDay)

    def MoveContested(self, series: bytes, nullifier: int, lastDay: int) -> None:
        """The holder contested: no unsigned move counts on a window that ends as early."""
        key = {"series": series, "nullifier": nullifier}
        self.rows.put(PendingRow, key, account=NOBODY, contested_day=lastDay)

    def Retired(self, series: bytes, nullifier: int) -> None:
        """Its holder gave a nullifier up for good."""
        self._lost(series, nullifier, retired=True)

    def Revoked(self, series: bytes, nullifier: int, asOf: int) -> None:
        """Only a history that runs past today counts for this nullifier."""
        self._lost(series, nullifier, as_of=asOf)

    def Barred(self, series: bytes, nullifier: int, freeFromDay: int) -> None:
        """Nothing counts for this nullifier before `freeFromDay`."""
        key = {"series": series, "nullifier": nullifier}
        self.rows.put(HolderRow, key, free_from_day=freeFromDay)

    # -- conduct -----------------------------------------------------------------------------------
    def ConductReported(self, account: str, engine: int, level: int, **told: Any) -> None:
        """An engine told what it did to an account."""
        self._record(account, self.conduct(account).report(level, engine, self.time))

    def ConductCarried(self, account: str, **told: str) -> None:
        """What was reported of one account counts for another too."""
        other = self.conduct(told["from"])
        if other.engine:
            by = self.rows.find(EngineRow, number=other.engine)
            if 0 < require_known(by, f"engine {other.engine}").voided_from <= self.time:
                other = other.without_engine()
        self._record(account, self.conduct(account).join(other, self.time))

    def ReportsTakenBack(self, account: str, engine: int) -> None:
        """An account's record is without the word of the engine that raised its level."""
        require_same(engine, self.conduct(account).engine, "who raised the account's level")
        self._record(account, self.conduct(account).without_engine())

    def ConductHolds(
        self, account: str, level: int, until: int, rampFrom: int, rampSince: int
    ) -> None:
        """A running grant has the conduct of its account's record from now on."""
        self.rows.put(
            GrantRow,
            {"account": account.lower()},
            since=rampSince,
            start=rampFrom,
            conduct_until=until,
            level=level,
        )

    # -- inside ------------------------------------------------------------------------------------
    def subject(self, series: bytes, nullifier: int) -> int:
        """Who stands behind a grant, 56 bits."""
        return Place(self.chain_id, self.registry).subject(series, nullifier)

    def conduct(self, account: str) -> Record:
        """What was reported of an account."""
        return record_of(self.rows.of(ConductRow, account=account.lower()))

    def _record(self, account: str, record: Record) -> None:
        self.rows.put(
            ConductRow,
            {"account": account.lower()},
            level=record.level,
            until=record.until,
            engine=record.engine,
            rest_level=record.rest_level,
            rest_until=record.rest_until,
        )

    def _carried(self, account: str) -> dict[str, int]:
        """Conduct that a grant has from its account's record."""
        record = self.conduct(account)
        level = record.level_at(self.time)
        return {"level": level, "conduct_until": record.until if level else 0}

    def _lost(self, series: bytes, nullifier: int, **values: Any) -> None:
        key = {"series": series, "nullifier": nullifier}
        holder = self.rows.put(HolderRow, key, **values)
        self._end(holder.account, self.subject(series, nullifier))

    def _end(self, account: str, subject: int) -> None:
        grant = self.rows.find(GrantRow, account=account)
        if grant is not None and grant.subject == subject:
            end = min(end_of(self.rows, grant), self.time)
            self.rows.put(GrantRow, {"account": account}, expiry=end, root=0)
