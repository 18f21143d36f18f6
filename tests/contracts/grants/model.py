"""
A registry in Python, which a random life on chain is compared with: claims, moves and ends by
`policies.holding`, terms by `policies.effective`, and here what joins the two.

One series whose policies each have one window and the same two tiers; nothing here reads the
contracts. An answer is the name of the act, or of the error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from support.effective import STRICTEST

from algebra.errors import Rejected
from policies import holding
from policies.effective import terms as effective
from policies.effective.conduct import Record
from policies.effective.glide import Clock
from policies.effective.terms import Default, Market, Tier
from policies.holding import Holder

VALIDITY_DAYS, MAX_AGE_DAYS = 30, 60
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


@contextmanager
def named() -> Iterator[None]:
    """A rule's refusal by the name that the registry has for it."""
    try:
        yield
    except Rejected as error:
        raise No(error.code.removeprefix("rejected.")) from None


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
        with named():
            expiry = holding.expiry(
                self.now,
                validity_days=VALIDITY_DAYS,
                last_day=claim.last,
                max_age_days=MAX_AGE_DAYS,
                until=root.valid_until,
            )
        holder = self.holders.setdefault(claim.nullifier, Holder())
        if sender != claim.account and claim.signed != (holder.account,):
            raise No("ConsentMissing" if claim.signed is None else "SignatureInvalid")
        backing = holding.Backing(claim.tier, root.serial, claim.verifier)
        by_holder = claim.holder_signed
        meant = holding.Claim(
            claim.account, backing, claim.last, sender,
            None if by_holder is None else by_holder == (holder.account,),
        )  # fmt: skip
        own, returns = self.own(claim.nullifier), (claim.account, claim.nullifier) in self.held
        with named():
            act = holding.judge(meant, holder, own, returns=returns, now=self.now)
        self.holders[claim.nullifier] = holding.taken(holder, meant, act, self.now)
        if act is holding.Act.ANNOUNCED:
            return act
        if act is holding.Act.MOVED:
            self._end_own(holder.account, claim.nullifier)
            self._join(holder.account, claim.account)
        self.grants[claim.account] = Grant(
            expiry, self._retarget(claim.account, claim.tier),
            claim.tier, root.serial, claim.verifier, claim.nullifier,
        )  # fmt: skip
        if act in (holding.Act.FIRST, holding.Act.MOVED):
            self.held.add((claim.account, claim.nullifier))
        return act

    def own(self, nullifier: int) -> holding.Running | None:
        """The grant of a nullifier's holder."""
        grant = self.grants.get(self.holders.get(nullifier, Holder()).account or "")
        if grant is None or grant.subject != nullifier:
            return None
        ended = bool(grant.root and self.all_roots[grant.root - 1].ended)
        backing = holding.Backing(grant.tier, grant.root, grant.verifier)
        return holding.Running(backing, self.now < self.end(grant), ended)

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
        holder = self.holders.get(nullifier, Holder())
        with named():
            self.holders[nullifier] = holding.contest(holder, account, self.own(nullifier))
        return "done"

    def retire(self, account: str, nullifier: int) -> str:
        with named():
            self.holders[nullifier] = holding.retire(self.holders.get(nullifier, Holder()), account)
        self._end_own(account, nullifier)
        return "done"

    def revoke(self, nullifier: int) -> str:
        return self._from_today(holding.revoke, nullifier)

    def bar(self, nullifier: int) -> str:
        return self._from_today(holding.bar, nullifier)

    def unbar(self, nullifier: int, notice: int) -> str:
        holder = self.holders.get(nullifier, Holder())
        with named():
            self.holders[nullifier] = holding.unbar(holder, self.now + notice)
        return "done"

    def _from_today(self, act: Callable[[Holder, int], Holder], nullifier: int) -> str:
        holder = act(self.holders.get(nullifier, Holder()), self.now)
        self.holders[nullifier] = holder
        self._end_own(holder.account, nullifier)
        return "done"
