"""
The rules of claims, moves and ends, written again: what a random life on chain is compared with.

One series whose policies each have one window and the same two tiers; nothing here reads the
contracts. An answer is the name of the act, or of the error.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from support.effective import STRICTEST

from policies.effective import terms as effective
from policies.effective.conduct import Record
from policies.effective.glide import Clock
from policies.effective.terms import Default, Market, Tier

DAY = 86_400
MOVE_WAIT, MOVE_EVERY = 72 * 3_600, 7 * DAY
VALIDITY, MAX_AGE = 30 * DAY, 60 * DAY
TERMS = (Tier(1_000, 500, 450, 150, 10, 1_000), Tier(500, 300, 300, 50, 20, 5_000))
DEFAULT = Default(5_000, Clock(2_500, 2_500, 0), 10_000, 10_000, 2)


@dataclass
class Root:
    serial: int
    last: int
    valid_until: int
    ended: int = 0


@dataclass
class Grant:
    expiry: int
    terms: effective.Grant
    """Its clock, conduct and terms; its end is what `Model.end` says."""
    tier: int
    root: int
    verifier: int
    subject: int


@dataclass
class Holder:
    account: str | None = None
    as_of: int = 0
    moved_at: int = 0
    barred_until_day: int = 0
    retired: bool = False
    pending: tuple[str | None, int, int, int] = (None, 0, 0, 0)
    """Account, ready at, last day, the last day that was ever contested."""


@dataclass(frozen=True)
class Claim:
    """`signed`: the holder that each consent names, None where there is no such consent."""

    nullifier: int
    account: str
    tier: int
    verifier: int
    last: int
    root: int
    signed: tuple[str | None] | None = None
    holder_signed: tuple[str | None] | None = None


class No(Exception):
    """The error's name."""


@dataclass
class Model:
    now: int
    roots: dict[int, Root] = field(default_factory=dict)
    """Live ones by their last day."""
    all_roots: list[Root] = field(default_factory=list)
    holders: dict[int, Holder] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    held: set[tuple[str, int]] = field(default_factory=set)
    voided: dict[int, int] = field(default_factory=dict)
    """Engines whose reports are void, by index: the second from which they are."""
    market: Market = field(default_factory=lambda: Market(DEFAULT, strictest=STRICTEST))

    # -- what holds now ----------------------------------------------------------------------------
    def end(self, grant: Grant) -> int:
        ended = self.all_roots[grant.root - 1].ended if grant.root else 0
        return min(grant.expiry, ended) if ended else grant.expiry

    def runs(self, account: str | None, subject: int | None = None) -> bool:
        grant = self.grants.get(account or "")
        return grant is not None and subject in (None, grant.subject) and self.now < self.end(grant)

    # -- acts --------------------------------------------------------------------------------------
    def onboard(self, claim: Claim, sender: str) -> str:
        root = self.roots.get(claim.last)
        if root is None or root.serial != claim.root:
            raise No("RootUnknown")
        if root.ended:
            raise No("RootHasEnded")
        if self.now > root.valid_until:
            raise No("RootExpired")
        expiry = min(self.now + VALIDITY, (claim.last + 1) * DAY + MAX_AGE, root.valid_until + 1)
        if expiry < self.now + DAY:
            raise No("TooShort")
        holder = self.holders.setdefault(claim.nullifier, Holder())
        if sender != claim.account and claim.signed != (holder.account,):
            raise No("ConsentMissing" if claim.signed is None else "SignatureInvalid")
        act = self._judge(claim, holder, sender, root)
        if act == "announced":
            holder.pending = (claim.account, self.now + MOVE_WAIT, claim.last, holder.pending[3])
            return act
        if act == "moved":
            self._end_own(holder.account, claim.nullifier)
            holder.pending = (None, *holder.pending[1:])
            self._join(holder.account, claim.account)
        self.grants[claim.account] = Grant(
            expiry, self._retarget(claim.account, claim.tier),
            claim.tier, root.serial, claim.verifier, claim.nullifier,
        )  # fmt: skip
        if act in ("first", "moved"):
            self.held.add((claim.account, claim.nullifier))
            holder.moved_at = self.now
        holder.account, holder.as_of = claim.account, claim.last
        return act

    def _judge(self, claim: Claim, holder: Holder, sender: str, root: Root) -> str:
        if holder.retired:
            raise No("NullifierRetired")
        if self.now // DAY < holder.barred_until_day:
            raise No("NullifierBarred")
        if claim.last < holder.as_of:
            raise No("WindowTooOld")
        if holder.account is None:
            return "first"
        own = self.grants.get(holder.account)
        own = own if own is not None and own.subject == claim.nullifier else None
        runs = own is not None and self.now < self.end(own)
        newer, itself = claim.last > holder.as_of, sender == claim.account
        if holder.account == claim.account:
            if newer:
                return "renewed"
            ended = own and own.root and self.all_roots[own.root - 1].ended
            if own and ended and root.serial > own.root and own.tier == claim.tier:
                return "recovered"
            if not itself:
                raise No("WindowCounted")
            same = own and (own.tier, own.root, own.verifier) == (
                claim.tier, root.serial, claim.verifier,
            )  # fmt: skip
            if runs and same:
                raise No("NothingChanges")
            return "renewed"
        if not newer and not itself:
            raise No("WindowCounted")
        if self.now < holder.moved_at + MOVE_EVERY:
            raise No("MovedTooSoon")
        if not runs or sender == holder.account:
            return "moved"
        if claim.holder_signed is not None and (claim.account, claim.nullifier) not in self.held:
            if claim.holder_signed != (holder.account,):
                raise No("SignatureInvalid")
            return "moved"
        account, ready, last, contested = holder.pending
        if claim.last <= contested:
            raise No("MoveIsContested")
        if account == claim.account and claim.last == last:
            if self.now < ready:
                raise No("MoveNotReady")
            return "moved"
        if account is not None and claim.last <= last and not itself:
            raise No("OtherMoveAnnounced")
        return "announced"

    def lasting(self, account: str) -> effective.Grant | None:
        """The grant of an account with the second of its end."""
        grant = self.grants.get(account)
        if grant is None:
            return None
        return replace(grant.terms, end=self.end(grant), subject=grant.subject)

    def _retarget(self, account: str, tier: int) -> effective.Grant:
        """The grant with a tier and the record's conduct from now on."""
        grant, record = self.lasting(account), self.records.get(account, Record())
        write = (record.level, record.until, self.market, self.now)
        if grant is None:
            return effective.first_grant(TERMS[tier], 0, *write)
        return grant.retarget(TERMS[tier], *write)

    def report(self, account: str, level: int, engine: int) -> str:
        """Of an engine by its index."""
        if level:
            record = self.records.get(account, Record())
            self.records[account] = record.report(level, engine, self.now)
            self._carry_on(account)
        return "done"

    def carry(self, other: str, account: str) -> str:
        grant = self.grants.get(account)
        if grant is None or (other, grant.subject) not in self.held:
            raise No("OtherSubject")
        self._join(other, account)
        self._carry_on(account)
        return "done"

    def take_back(self, account: str) -> str:
        record = self.records.get(account, Record())
        if not self._void(record):
            raise No("NothingVoid")
        self.records[account] = record.without_engine()
        self._carry_on(account)
        return "done"

    def _join(self, other: str | None, account: str) -> None:
        theirs = self.records.get(other or "", Record())
        theirs = theirs.without_engine() if self._void(theirs) else theirs
        self.records[account] = self.records.get(account, Record()).join(theirs, self.now)

    def _void(self, record: Record) -> bool:
        return 0 < self.voided.get(record.engine, 0) <= self.now

    def _carry_on(self, account: str) -> None:
        grant = self.grants.get(account)
        if grant is not None and self.now < self.end(grant):
            grant.terms = self._retarget(account, grant.tier)

    def _end_own(self, account: str | None, nullifier: int) -> None:
        grant = self.grants.get(account or "")
        if grant is not None and grant.subject == nullifier:
            grant.expiry = min(self.end(grant), self.now)
            grant.root = 0

    def relinquish(self, account: str) -> str:
        if not self.runs(account):
            raise No("NoRunningGrant")
        self._end_own(account, self.grants[account].subject)
        return "done"

    def downgrade(self, account: str, tier: int) -> str:
        if not self.runs(account):
            raise No("NoRunningGrant")
        grant = self.grants[account]
        if tier == grant.tier:
            raise No("NothingChanges")
        if tier > grant.tier:
            raise No("TierBetter")
        grant.terms, grant.tier = self._retarget(account, tier), tier
        return "done"

    def contest(self, account: str, nullifier: int) -> str:
        holder = self.holders.setdefault(nullifier, Holder())
        if holder.account != account:
            raise No("NotHolder")
        if not self.runs(account, nullifier):
            raise No("NoRunningGrant")
        if holder.pending[0] is None:
            raise No("NoMove")
        holder.pending = (None, *holder.pending[1:3], holder.pending[2])
        return "done"

    def retire(self, account: str, nullifier: int) -> str:
        holder = self.holders.setdefault(nullifier, Holder())
        if holder.account != account:
            raise No("NotHolder")
        if holder.retired:
            raise No("NullifierRetired")
        holder.retired = True
        self._end_own(account, nullifier)
        return "done"

    def revoke(self, nullifier: int) -> str:
        holder = self.holders.setdefault(nullifier, Holder())
        holder.as_of = max(holder.as_of, self.now // DAY)
        self._end_own(holder.account, nullifier)
        return "done"

    def bar(self, nullifier: int) -> str:
        self.revoke(nullifier)
        self.holders[nullifier].barred_until_day = 65_535
        return "done"

    def unbar(self, nullifier: int, notice: int) -> str:
        holder = self.holders.setdefault(nullifier, Holder())
        if holder.barred_until_day != 65_535:
            raise No("NotBarred")
        holder.barred_until_day = -(-(self.now + notice) // DAY)
        return "done"
