"""
What the service asks of a followed registry: what tightens counts from the head, what loosens from
the last final block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from algebra.errors import Unavailable
from contracts.client.model import DEVELOPMENT_CHAINS
from policies.effective.terms import Effective, Status
from service.follower.settings import FollowerSettings
from service.follower.tables import (
    BlockRow,
    EventRow,
    FollowedRow,
    HolderRow,
    PolicyRow,
    RootRow,
    SwitchesRow,
    VerifierRow,
)
from service.follower.views import Answer, At, View

STOPPED = frozenset({"refused.follower_forked"})
"""Troubles after which nothing is accepted until a person has acted."""


@dataclass(frozen=True, slots=True)
class Lag:
    """
    How far behind the follower is.

    Attributes
    ----------
    blocks : behind the newest head that the node ever told of
    seconds : since the followed head's own second
    silent : since the node's last answer that was of use
    """

    blocks: int
    seconds: int
    silent: int


@dataclass(frozen=True, slots=True)
class Both:
    """Of a truth, the blocks that it rests on: what tightens is of the first."""

    value: bool
    head: At
    final: At


class FollowedState:
    """
    A registry as the follower knows it, in one transaction.

    Parameters
    ----------
    session : whose transaction all answers are of
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    # -- how far it is -----------------------------------------------------------------------------
    @cached_property
    def followed(self) -> FollowedRow:
        """
        What is followed, and how far; Unavailable (`unavailable.follower`) if nothing is yet.
        """
        row = self._session.get(FollowedRow, 1, populate_existing=True)
        if row is None:
            raise Unavailable("unavailable.follower", "follower: it has read no block yet")
        return row

    @cached_property
    def head(self) -> View:
        """After the newest block."""
        return self._view(self.followed.head)

    @cached_property
    def final(self) -> View:
        """After the newest block that no reorganisation takes back."""
        return self._view(self.followed.final)

    def lag(self, now: float) -> Lag:
        """In a second of the service's clock."""
        row = self.followed
        return Lag(
            max(0, row.told_number - row.head),
            max(0, int(now) - self.head.at.time),
            max(0, int(now) - row.asked_at),
        )

    def require_fresh(self, settings: FollowerSettings, now: float) -> None:
        """
        Whether what is known may decide on anything.

        Raises
        ------
        Unavailable
            `unavailable.follower`: nothing is followed yet, or the registry has not opened in a
            final block; `unavailable.follower_stopped`: a fork below the last final block, until a
            person acts; `unavailable.follower_behind`: by more than the settings allow.
        """
        row = self.followed
        if row.trouble in STOPPED:
            raise Unavailable("unavailable.follower_stopped", f"follower: {row.said}")
        if self.final.switches().value is None:
            raise Unavailable("unavailable.follower", "follower: no final block has the registry")
        lag = self.lag(now)
        if lag.blocks > settings.most_blocks_behind:
            raise _behind(f"{lag.blocks} blocks behind the head", row)
        if lag.silent > settings.most_silent_seconds:
            raise _behind(f"no answer of use from the node for {lag.silent} s", row)
        oldest = settings.most_head_seconds
        if oldest is not None and row.chain_id not in DEVELOPMENT_CHAINS and lag.seconds > oldest:
            raise _behind(f"the newest block is {lag.seconds} s old", row)

    # -- what holds --------------------------------------------------------------------------------
    def root_in_force(self, attestor_set: bytes, word: int, time: int) -> Both:
        """
        Whether a root may be relied on: submitted finally, and neither it nor its generation ended
        at the head.
        """
        final: RootRow | None = self.final.root(attestor_set, word).value
        return self._both(
            final is not None
            and time <= final.valid_until
            and self.final.root_end(final.serial).value == 0
            and self.head.root_end(final.serial).value == 0
            and not self.head.is_revoked(attestor_set, word).value
        )

    def policy_in_force(self, policy_id: bytes, time: int) -> Both:
        """Whether a policy grants: registered finally, begun, and not disabled at the head."""
        final: PolicyRow | None = self.final.policy(policy_id).value
        return self._both(
            final is not None
            and final.enabled_from <= time
            and final.disabled_at == 0
            and self.head.of(PolicyRow, serial=final.serial).disabled_at == 0
        )

    def verifier_in_force(self, index: int, time: int) -> Both:
        """Whether a verifier judges; as `policy_in_force`."""
        final: VerifierRow | None = self.final.verifier(index).value
        return self._both(
            final is not None
            and final.enabled_from <= time
            and final.disabled_at == 0
            and self.head.of(VerifierRow, verifier=index).disabled_at == 0
        )

    def is_open(self, time: int) -> Both:
        """Whether roots and grants are taken: not paused, not closed, by either block."""
        return self._both(
            all(
                view.of(SwitchesRow, one=1).closed_at == 0
                and time >= view.of(SwitchesRow, one=1).paused_until
                for view in (self.head, self.final)
            )
        )

    def is_free(self, series: bytes, nullifier: int, day: int) -> Both:
        """Whether anything counts for a nullifier on a day: not retired, not barred until later."""
        key = {"series": series, "nullifier": nullifier}
        held = [view.of(HolderRow, **key) for view in (self.head, self.final)]
        return self._both(not any(row.retired or day < row.free_from_day for row in held))

    def as_of(self, series: bytes, nullifier: int) -> int:
        """Last day before which no window counts for a nullifier; it never falls."""
        key = {"series": series, "nullifier": nullifier}
        return max(view.of(HolderRow, **key).as_of for view in (self.head, self.final))

    def terms(self, account: str, time: int) -> Answer[Effective]:
        """
        What an account may do in a second, number by number the stricter of both blocks: a new
        grant counts once it is final, an end at once.
        """
        head, final = (view.terms(account, time).value for view in (self.head, self.final))
        changes = [each for each in (head.changes_at, final.changes_at) if each]
        strict = replace(
            head,
            initial=max(head.initial, final.initial),
            maintenance=max(head.maintenance, final.maintenance),
            taker_fee=max(head.taker_fee, final.taker_fee),
            maker_fee=max(head.maker_fee, final.maker_fee),
            max_leverage=min(head.max_leverage, final.max_leverage),
            limit=min(head.limit, final.limit),
            status=_status(head.status, final.status),
            changes_at=min(changes, default=0),
        )
        return Answer(strict, self.head.at)

    # -- what was said -----------------------------------------------------------------------------
    def events(self, after: int, most: int, *, final: bool = True) -> Iterator[EventRow]:
        """
        What was said after a place, in order.

        Parameters
        ----------
        after : place of the last event that was read, 0 at first
        final : only what no reorganisation takes back. Otherwise an event may be taken back and
            said again, at a later place; its transaction tells that it is the same one.
        """
        query = select(EventRow).where(EventRow.place > after).order_by(EventRow.place).limit(most)
        if final:
            query = query.where(EventRow.block <= self.followed.final)
        yield from self._session.scalars(query)

    # -- inside ------------------------------------------------------------------------------------
    def _view(self, number: int) -> View:
        block = self._session.get(BlockRow, number, populate_existing=True)
        if block is None:
            raise Unavailable("unavailable.follower", f"follower: block {number} is not kept")
        return View(self._session, block)

    def _both(self, value: bool) -> Both:
        return Both(value, self.head.at, self.final.at)


_ORDER: tuple[Status, ...] = (Status.RUNNING, Status.ENDING, Status.ENDED, Status.NONE)


def _status(head: Status, final: Status) -> Status:
    """The one that is further from running."""
    key: Callable[[Status], int] = _ORDER.index
    return max(head, final, key=key)


def _behind(how: str, row: FollowedRow) -> Unavailable:
    why = f": {row.said}" if row.said else ""
    return Unavailable("unavailable.follower_behind", f"follower: {how}{why}")
