"""
The state of a registry of grants, rebuilt from its events alone.

What an indexer does: it reads no slot and calls nobody, and it knows of the rules only how records
of conduct join. Each handler is named after its event and takes its arguments; an event without a
handler is an error. Fields are in the order of the contract's structs, so that they can be compared
with what its readers return.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from policies.effective.conduct import Record

ZERO = "0x" + "00" * 20
MOVED = 3
REPLACED = 1
PAUSE_FREE = 21 * 86_400


Rows = dict[Any, list[Any]]


def _rows(*zero: Any) -> Rows:
    return defaultdict(lambda: list(zero))


class Indexer:
    """The registry's state after the events so far; where nothing was ever said, all is zero."""

    def __init__(self, chain_id: int, place: bytes) -> None:
        self.chain_id, self.place = chain_id, place
        self.time = 0
        self.opened: tuple[int, Any] = (0, ())
        self.sets: Rows = {}
        self.generations: Rows = {}
        self.members: dict[tuple[bytes, int], dict[str, int]] = {}
        self.serials: dict[tuple[bytes, int], int] = {}
        self.signers: list[list[Any]] = []
        """State of each generation, by its serial."""
        self.roots: list[list[Any]] = []
        self.root_of: dict[tuple[bytes, int], int] = {}
        self.verifiers: list[list[Any]] = []
        self.series: dict[bytes, tuple[Any, ...]] = {}
        self.calendar: set[tuple[bytes, int, int]] = set()
        self.policies: list[list[Any]] = []
        self.policy_of: dict[bytes, int] = {}
        self.tiers: list[list[Any]] = []
        self.switches, self.successor = [0, 0, 0], ZERO
        self.market = [0] * 7 + [10_000, 10_000, 0, (1 << 32) - 1, 0]
        self.feed: list[Any] = [ZERO, 0, 0, 0, 0]
        self.bands, self.begins_at = 0, 0
        self.next: tuple[Any, ...] = ()
        """Terms, bands, feed and sequencer that were announced."""
        self.engines: Rows = {}
        self.engine_at = [ZERO]
        self.records: dict[str, Record] = defaultdict(Record)
        self.grants = _rows(*[0] * 9)
        self.held: set[tuple[str, int]] = set()
        self.holders = _rows(ZERO, 0, 0, 0, False, 0)
        self.pending = _rows(ZERO, 0, 0, 0)

    def take(self, events: Iterable[tuple[int, str, dict[str, Any]]]) -> Indexer:
        """Second, name and arguments of each event, in order."""
        for self.time, name, arguments in events:
            getattr(self, name)(**arguments)
        return self

    # -- what is read ------------------------------------------------------------------------------
    def subject(self, series: bytes, nullifier: int) -> int:
        """56 bits of a hash of scope and nullifier."""
        place = encode(["uint256", "address", "bytes32"], [self.chain_id, self.place, series])
        scope = int.from_bytes(keccak(place)) >> 8
        return int.from_bytes(keccak(encode(["uint256"] * 2, [scope, nullifier]))) % (1 << 56)

    def root_end(self, serial: int) -> int:
        """Second at which a root or its generation ended; 0 if neither did."""
        if serial == 0:
            return 0
        root = self.roots[serial - 1]
        signers = self.signers[root[5] - 1]
        return min((end for end in (root[4], signers[3]) if end), default=0)

    def end(self, account: str) -> int:
        """First second at which the grant of an account does not run."""
        expiry, *_, tier, root, verifier, _ = self.grants[account]
        if tier == 0:
            return 0
        ends = (self.root_end(root), self.tiers[tier - 1][2], self.verifiers[verifier][2])
        return int(min([expiry, *(end for end in (*ends, self.switches[2]) if end)]))

    # -- sets and roots ----------------------------------------------------------------------------
    def AttestorSetRegistered(
        self, attestorSet: bytes, leastInitialMarginBp: int, cap: int
    ) -> None:
        self.sets[attestorSet] = [0, leastInitialMarginBp, cap]

    def GenerationStarted(
        self, attestorSet: bytes, generation: int, members: Any, contracts: int, threshold: int,
        enabledFrom: int,
    ) -> None:  # fmt: skip
        state = [threshold, len(members), enabledFrom, 0]
        key = (attestorSet, generation)
        self.sets[attestorSet][0] = generation
        self.generations[key] = state
        self.members[key] = {m: 1 + (contracts >> i & 1) for i, m in enumerate(members)}
        self.signers.append(state)
        self.serials[key] = len(self.signers)

    def GenerationEnded(self, attestorSet: bytes, generation: int, withdrawn: bool) -> None:
        self.generations[attestorSet, generation][3] = self.time
        if withdrawn and generation > 1:
            self.sets[attestorSet][0] = generation - 1
        self.market[-1] += 1

    def RootSubmitted(
        self, attestorSet: bytes, root: int, generation: int, firstDay: int, lastDay: int,
        validUntil: int, feed: int, rules: bytes, serial: int,
    ) -> None:  # fmt: skip
        signers = self.serials[attestorSet, generation]
        cap = self.sets[attestorSet][2]
        self.roots.append([root, firstDay, lastDay, validUntil, 0, signers, 0, cap, feed, rules])
        assert serial == len(self.roots)
        self.root_of[attestorSet, root] = serial

    def RootExtended(
        self, attestorSet: bytes, root: int, validUntil: int, generation: int, serial: int
    ) -> None:
        self.roots[serial - 1][3] = validUntil

    def RootRevoked(self, attestorSet: bytes, root: int) -> None:
        serial = self.root_of.get((attestorSet, root))
        if serial:
            self.roots[serial - 1][4] = self.time
        self.market[-1] += 1

    # -- verifiers, series, policies ---------------------------------------------------------------
    def VerifierRegistered(
        self, verifier: int, target: str, keyDigest: bytes, srsId: int, ceremony: bool,
        enabledFrom: int,
    ) -> None:  # fmt: skip
        assert verifier == len(self.verifiers)
        self.verifiers.append([target, enabledFrom, 0, keyDigest])

    def VerifierSwitchedOff(self, verifier: int) -> None:
        self.verifiers[verifier][2] = self.time
        self.market[-1] += 1

    def SeriesRegistered(
        self, series: bytes, attestorSet: bytes, leastDays: int, maxAgeDays: int
    ) -> None:
        self.series[series] = (attestorSet, leastDays, maxAgeDays)

    def WindowAnnounced(self, series: bytes, firstDay: int, lastDay: int, atStart: bool) -> None:
        self.calendar.add((series, firstDay, lastDay))

    def PolicyRegistered(
        self, policyId: bytes, series: bytes, serial: int, firstDay: int, lastDay: int,
        verifiers: Any, enabledFrom: int,
    ) -> None:  # fmt: skip
        bits = sum(1 << v for v in set(verifiers))
        first, age = len(self.tiers) + 1, self.series[series][2]
        self.policies.append([series, firstDay, lastDay, enabledFrom, 0, first, 0, bits, age])
        assert serial == len(self.policies)
        self.policy_of[policyId] = serial

    def TierRegistered(
        self, policyId: bytes, tier: int, serial: int, thresholds: Any, terms: Any
    ) -> None:
        policy = self.policy_of[policyId]
        self.policies[policy - 1][6] = tier + 1
        words = keccak(encode(["uint256"] * 5, thresholds))
        self.tiers.append([terms, policy, 0, words])
        assert serial == len(self.tiers)

    def PolicySwitchedOff(self, policyId: bytes) -> None:
        policy = self.policies[self.policy_of[policyId] - 1]
        policy[4] = self.time
        for tier in range(policy[5], policy[5] + policy[6]):
            self.tiers[tier - 1][2] = self.time
        self.market[-1] += 1

    # -- grants and holders ------------------------------------------------------------------------
    def ClaimFailed(self, index: int, account: str, nullifier: int, reason: bytes) -> None:
        """It changed nothing."""

    def Granted(
        self, account: str, series: bytes, nullifier: int, act: int, tier: int, root: int,
        verifier: int, expiry: int, rampFrom: int, rampSince: int, **told: Any,
    ) -> None:  # fmt: skip
        key, subject = (series, nullifier), self.subject(series, nullifier)
        holder = self.holders[key]
        assert told["from"] == holder[0] and told["tierBefore"] == self.grants[account][5]
        if holder[5] != root:
            self.roots[root - 1][6] += 1
        first, moved = holder[0] == ZERO, act == MOVED
        if moved:
            self._end(holder[0], subject)
            self.pending[key][0] = ZERO
        record = self.records[account]
        level = record.level_at(self.time)
        until = record.until if level else 0
        self.grants[account] = [
            expiry, rampSince, rampFrom, until, level, tier, root, verifier, subject
        ]  # fmt: skip
        if first or moved:
            self.held.add((account, subject))
            holder[2] = self.time
        last_day = self.policies[self.tiers[tier - 1][1] - 1][2]
        holder[0], holder[1], holder[5] = account, last_day, root

    def Downgraded(
        self, account: str, tierBefore: int, tier: int, rampFrom: int, rampSince: int
    ) -> None:
        record, grant = self.records[account], self.grants[account]
        level = record.level_at(self.time)
        grant[1:6] = [rampSince, rampFrom, record.until if level else 0, level, tier]

    def GrantEnded(self, account: str, subject: int, why: int) -> None:
        if why != REPLACED:
            self._end(account, subject)

    def MoveAnnounced(
        self, series: bytes, nullifier: int, account: str, readyAt: int, lastDay: int
    ) -> None:
        self.pending[series, nullifier][:3] = [account, readyAt, lastDay]

    def MoveContested(self, series: bytes, nullifier: int, lastDay: int) -> None:
        pending = self.pending[series, nullifier]
        pending[0], pending[3] = ZERO, lastDay

    def Retired(self, series: bytes, nullifier: int) -> None:
        holder = self.holders[series, nullifier]
        holder[4] = True
        self._end(holder[0], self.subject(series, nullifier))

    def Revoked(self, series: bytes, nullifier: int, asOf: int) -> None:
        holder = self.holders[series, nullifier]
        holder[1] = asOf
        self._end(holder[0], self.subject(series, nullifier))

    def Barred(self, series: bytes, nullifier: int, freeFromDay: int) -> None:
        self.holders[series, nullifier][3] = freeFromDay

    def _end(self, account: str, subject: int) -> None:
        grant = self.grants[account]
        if grant[8] == subject:
            grant[0] = min(self.end(account), self.time)
            grant[6] = 0

    # -- conduct -----------------------------------------------------------------------------------
    def EngineRegistered(self, engine: str, index: int, mostLevel: int, enabledFrom: int) -> None:
        self.engines[engine] = [index, mostLevel, enabledFrom, 0, 0]
        self.engine_at.append(engine)

    def EngineSwitchedOff(self, engine: str) -> None:
        state = self.engines[engine]
        if state[3] == 0:
            state[3] = self.time
        else:
            state[4] = 0

    def ReportsVoided(self, engine: str, **told: int) -> None:
        self.engines[engine][4] = told["from"]

    def ConductReported(self, account: str, engine: int, level: int, **told: Any) -> None:
        self.records[account] = self.records[account].report(level, engine, self.time)

    def ConductCarried(self, account: str, **told: str) -> None:
        other = self.records[told["from"]]
        if other.engine and 0 < self.engines[self.engine_at[other.engine]][4] <= self.time:
            other = other.without_engine()
        self.records[account] = self.records[account].join(other, self.time)

    def ReportsTakenBack(self, account: str, engine: int) -> None:
        assert self.records[account].engine == engine
        self.records[account] = self.records[account].without_engine()

    def ConductHolds(
        self, account: str, level: int, until: int, rampFrom: int, rampSince: int
    ) -> None:
        self.grants[account][1:5] = [rampSince, rampFrom, until, level]

    # -- market and switches -----------------------------------------------------------------------
    def Opened(self, notice: int, ceremonies: Any) -> None:
        self.opened = (notice, tuple(ceremonies))

    def MarketAnnounced(self, rules: Any, decimals: int, beginsAt: int) -> None:
        terms, bands, source, heartbeat, sequencer = rules
        self.next = (terms, bands, (source, decimals, heartbeat, 0, 0), sequencer)
        self.begins_at = beginsAt

    def MarketWithdrawn(self) -> None:
        self.begins_at = 0

    def MarketBegan(self, maintenanceFrom: int, maintenanceSince: int) -> None:
        terms, self.bands, (source, decimals, heartbeat, _, _), _ = self.next
        initial, maintenance, taker, maker, leverage = terms[:5]
        self.market[:7] = [
            initial, maintenanceFrom, maintenance, maintenanceSince, taker, maker, leverage
        ]  # fmt: skip
        self.feed[:3] = [source, decimals, heartbeat]
        self.begins_at = 0

    def Poked(
        self, usable: bool, band: int, seenAt: int, factorFrom: int, factor: int, factorSince: int,
        staleAt: int,
    ) -> None:  # fmt: skip
        self.market[7:11] = [factorFrom, factor, factorSince, staleAt]
        self.feed[3:] = [band, seenAt]

    def Paused(self, by: str, until: int) -> None:
        self.switches[:2] = [until, until + PAUSE_FREE]

    def Unpaused(self, by: str, until: int) -> None:
        self.switches[0] = until

    def Closed(self, successor: str, end: int) -> None:
        self.successor, self.switches[2] = successor, end
        self.market[-1] += 1

    def AuthorityUpdated(self, authority: str) -> None:
        """Fixed: once, in the constructor."""
