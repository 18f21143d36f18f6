"""
Who holds a nullifier, and which claim counts for it: the rules of `contracts/src/grants/Claims.sol`
and `Holders.sol`, for whoever keeps holders without a chain.

A nullifier stands for one institution in one series. It is free, held by one account, moved to
another, retired or barred; its watermark, the last day of the newest window that counted, never
falls. Seconds and days are since 1970. Nothing here is stored: each act gives the holder anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from algebra.errors import Rejected
from policies.rules import SECONDS_OF_DAY

MOVE_WAIT = 72 * 3_600
"""An unsigned move counts so long after it was announced."""
MOVE_EVERY = 7 * SECONDS_OF_DAY
"""A nullifier moves at most so often."""
LEAST_SECONDS = SECONDS_OF_DAY
"""A grant that would be shorter is refused."""
BARRED = (1 << 16) - 1
"""The day before which nothing counts for a barred nullifier: never."""


class Act(StrEnum):
    """How a claim counts."""

    FIRST = "first"
    RENEWED = "renewed"
    RECOVERED = "recovered"
    MOVED = "moved"
    ANNOUNCED = "announced"


@dataclass(frozen=True, slots=True)
class Move:
    """
    A move that was announced; without an account there is none.

    Attributes
    ----------
    ready_at : second from which it counts
    last_day : of the window that it rests on
    contested_day : last day of the newest window of a move that was contested, ever
    """

    account: str | None = None
    ready_at: int = 0
    last_day: int = 0
    contested_day: int = 0


@dataclass(frozen=True, slots=True)
class Holder:
    """
    Attributes
    ----------
    account : who holds the nullifier; None: it is free
    as_of : the watermark, a last day
    moved_at : second of first use or of the last move
    free_from_day : nothing counts before it
    """

    account: str | None = None
    as_of: int = 0
    moved_at: int = 0
    free_from_day: int = 0
    retired: bool = False
    move: Move = field(default_factory=Move)


@dataclass(frozen=True, slots=True)
class Backing:
    """
    What a grant rests on.

    Attributes
    ----------
    root : serial, rising with each root that is signed; 0 once nothing is to be recovered
    """

    tier: int
    root: int
    verifier: int


@dataclass(frozen=True, slots=True)
class Running:
    """
    The grant of the holder's account, if it is this nullifier's.

    Attributes
    ----------
    runs : now
    root_ended : its root, or the generation that signed it
    """

    backing: Backing
    runs: bool
    root_ended: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """
    A proof that holds, for an account that consents.

    Attributes
    ----------
    sent_by : an account; None: somebody else
    holder_signed : whether the holder's signature is his; None: there is none
    """

    account: str
    backing: Backing
    last_day: int
    sent_by: str | None = None
    holder_signed: bool | None = None


def expiry(now: int, *, validity_days: int, last_day: int, max_age_days: int, until: int) -> int:
    """
    The first second without the terms; `until` is the last at which the root counts.

    Raises
    ------
    Rejected
        `rejected.TooShort`
    """
    over = (last_day + 1) * SECONDS_OF_DAY
    end = min(now + validity_days * SECONDS_OF_DAY, over + max_age_days * SECONDS_OF_DAY, until + 1)
    if end < now + LEAST_SECONDS:
        raise Rejected("rejected.TooShort", f"claim: it would end at {end}, in less than a day")
    return end


def judge(claim: Claim, holder: Holder, own: Running | None, *, returns: bool, now: int) -> Act:
    """
    Whether and how a claim counts.

    Parameters
    ----------
    own : the grant of the holder's account, where it is this nullifier's
    returns : the claim's account holds or held this nullifier before

    Raises
    ------
    Rejected
        `rejected.` and the error of the registry: `NullifierRetired`, `NullifierBarred`,
        `WindowTooOld`, `WindowCounted`, `NothingChanges`, `MovedTooSoon`, `SignatureInvalid`,
        `MoveIsContested`, `MoveNotReady`, `OtherMoveAnnounced`.
    """
    if holder.retired:
        raise _no("rejected.NullifierRetired", "it was given up for good")
    if now // SECONDS_OF_DAY < holder.free_from_day:
        raise _no(
            "rejected.NullifierBarred", f"nothing counts for it before day {holder.free_from_day}"
        )
    if claim.last_day < holder.as_of:
        raise _no("rejected.WindowTooOld", f"its window ends before day {holder.as_of}")
    if holder.account is None:
        return Act.FIRST
    if holder.account == claim.account:
        return _again(claim, holder, own)
    return _moved(claim, holder, own, returns=returns, now=now)


def _again(claim: Claim, holder: Holder, own: Running | None) -> Act:
    """By the account that holds it."""
    if claim.last_day > holder.as_of:
        return Act.RENEWED
    # Recovery, by anybody: what the grant rests on was ended, and signed anew since. Of its own
    # tier, or an old consent to another one would count again.
    if own is not None and own.root_ended:
        held, given = own.backing, claim.backing
        if held.root and given.root > held.root and given.tier == held.tier:
            return Act.RECOVERED
    if claim.sent_by != claim.account:
        raise _no("rejected.WindowCounted", "its window counted already")
    if own is not None and own.runs and own.backing == claim.backing:
        raise _no("rejected.NothingChanges", "the grant runs, on the same root, tier and verifier")
    return Act.RENEWED


def _moved(claim: Claim, holder: Holder, own: Running | None, *, returns: bool, now: int) -> Act:
    """By another account."""
    if claim.last_day == holder.as_of and claim.sent_by != claim.account:
        raise _no("rejected.WindowCounted", "its window counted already")
    if now < (ready := holder.moved_at + MOVE_EVERY):
        raise _no("rejected.MovedTooSoon", f"it moves again from second {ready} on")
    if own is None or not own.runs or claim.sent_by == holder.account:
        return Act.MOVED
    # To an account that held it before a signature is no word of today: it may be an old one.
    if claim.holder_signed is not None and not returns:
        if not claim.holder_signed:
            raise _no("rejected.SignatureInvalid", "the holder's signature is not his")
        return Act.MOVED
    move = holder.move
    if claim.last_day <= move.contested_day:
        raise _no("rejected.MoveIsContested", "the holder stopped a move on a window as late")
    if move.account == claim.account and claim.last_day == move.last_day:
        if now < move.ready_at:
            raise _no("rejected.MoveNotReady", f"the move counts from second {move.ready_at} on")
        return Act.MOVED
    # Or whoever has an older claim would start the clock again and again.
    waits = move.account is not None and claim.last_day <= move.last_day
    if waits and claim.sent_by != claim.account:
        raise _no("rejected.OtherMoveAnnounced", "a move to another account was announced")
    return Act.ANNOUNCED


# -- what acts make of a holder --------------------------------------------------------------------
def taken(holder: Holder, claim: Claim, act: Act, now: int) -> Holder:
    """After a claim that counts."""
    if act is Act.ANNOUNCED:
        move = replace(
            holder.move, account=claim.account, ready_at=now + MOVE_WAIT, last_day=claim.last_day
        )
        return replace(holder, move=move)
    starts = act in (Act.FIRST, Act.MOVED)
    return replace(
        holder,
        account=claim.account,
        as_of=claim.last_day,
        moved_at=now if starts else holder.moved_at,
        move=replace(holder.move, account=None) if act is Act.MOVED else holder.move,
    )


def contest(holder: Holder, account: str, own: Running | None) -> Holder:
    """
    The holder, whose grant runs, stops a move; no unsigned one counts on a window as late.
    `rejected.NotHolder`, `NoRunningGrant`, `NoMove`.
    """
    _require_holder(holder, account)
    if own is None or not own.runs:
        raise _no("rejected.NoRunningGrant", "the holder's grant does not run")
    if holder.move.account is None:
        raise _no("rejected.NoMove", "no move was announced")
    move = replace(holder.move, account=None, contested_day=holder.move.last_day)
    return replace(holder, move=move)


def retire(holder: Holder, account: str) -> Holder:
    """The holder gives the nullifier up for good; `rejected.NotHolder`, `NullifierRetired`."""
    _require_holder(holder, account)
    if holder.retired:
        raise _no("rejected.NullifierRetired", "it was given up before")
    return replace(holder, retired=True)


def revoke(holder: Holder, now: int) -> Holder:
    """Only a history that runs past today counts from now on."""
    return replace(holder, as_of=max(holder.as_of, now // SECONDS_OF_DAY))


def bar(holder: Holder, now: int) -> Holder:
    """As `revoke`, and nothing counts until it is freed."""
    return replace(revoke(holder, now), free_from_day=BARRED)


def unbar(holder: Holder, from_second: int) -> Holder:
    """Free from the first day that begins at a second or later; `rejected.NotBarred`."""
    if holder.free_from_day != BARRED:
        raise _no("rejected.NotBarred", "nothing bars it")
    return replace(holder, free_from_day=-(-from_second // SECONDS_OF_DAY))


def _require_holder(holder: Holder, account: str) -> None:
    if holder.account != account:
        raise _no("rejected.NotHolder", "another account holds it, or none")


def _no(code: str, reason: str) -> Rejected:
    return Rejected(code, f"nullifier: {reason}")
