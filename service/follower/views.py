"""The registry as it was after one block, read from the follower's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from policies.effective import terms as effective
from policies.effective.glide import ONE, Clock
from policies.effective.regime import Regime
from service.follower.ends import end_of, root_end
from service.follower.tables import (
    BlockRow,
    ConductRow,
    EngineRow,
    GenerationRow,
    GrantRow,
    HolderRow,
    MarketRow,
    MemberRow,
    PendingRow,
    PolicyRow,
    RevokedRow,
    RoleRow,
    RootRow,
    SeriesRow,
    SetRow,
    SwitchesRow,
    TierRow,
    VerifierRow,
    Versioned,
    WindowRow,
)

R = TypeVar("R", bound=Versioned)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class At:
    """The block after which something holds; `time` is its Unix second."""

    number: int
    hash: str
    time: int


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A value and the block that it is of."""

    value: T
    at: At


class View:
    """
    Parameters
    ----------
    session : in a transaction, so that all answers are of one state
    block : of the follower's tables
    """

    def __init__(self, session: Session, block: BlockRow) -> None:
        self._session = session
        self.at = At(block.number, block.hash, block.time)

    # -- rows --------------------------------------------------------------------------------------
    def find(self, kind: type[R], /, **key: Any) -> R | None:
        """The row of a key; None if there is none. It is a copy: changing it changes nothing."""
        return next(iter(self._copies(self._query(kind, key).limit(1))), None)

    def of(self, kind: type[R], /, **key: Any) -> R:
        """The row of a key, all zero if there is none."""
        return self.find(kind, **key) or kind(**key)

    def all(self, kind: type[R], /, *, after: tuple[Any, ...] = (), most: int | None = None,
            **some: Any) -> list[R]:  # fmt: skip
        """
        Rows with these values, by their keys.

        Parameters
        ----------
        after : key of the last row of the page before
        most : of one page
        """
        keys = list(kind.__table__.primary_key)[:-1]
        query = self._query(kind, some).order_by(*keys)
        if after:
            query = query.where(_beyond(keys, after))
        return self._copies(query.limit(most))

    # -- accounts ----------------------------------------------------------------------------------
    def holder(self, series: bytes, nullifier: int) -> Answer[HolderRow | None]:
        """Who holds a nullifier of a series; None if nothing was ever said of it."""
        return self._told(self.find(HolderRow, series=series, nullifier=nullifier))

    def pending(self, series: bytes, nullifier: int) -> Answer[PendingRow | None]:
        """The move of a nullifier that was announced last, and the contest."""
        return self._told(self.find(PendingRow, series=series, nullifier=nullifier))

    def grant(self, account: str) -> Answer[GrantRow | None]:
        """The last grant of an account, also if it has ended; None if it never had one."""
        return self._told(self.find(GrantRow, account=account.lower()))

    def grant_end(self, account: str) -> Answer[int]:
        """First second at which the account's grant does not run; 0 if it never had one."""
        return self._told(end_of(self, self.of(GrantRow, account=account.lower())))

    def conduct(self, account: str) -> Answer[ConductRow | None]:
        """What engines reported of an account."""
        return self._told(self.find(ConductRow, account=account.lower()))

    def terms(self, account: str, time: int) -> Answer[effective.Effective]:
        """What an account may do in a second, as `effectiveTerms` answers."""
        market = self._market()
        grant = self._grant(account.lower())
        return self._told(effective.terms_at(grant, market, time))

    # -- what claims rest on -----------------------------------------------------------------------
    def attestor_set(self, attestor_set: bytes) -> Answer[SetRow | None]:
        """A set."""
        return self._told(self.find(SetRow, attestor_set=attestor_set))

    def generation(self, attestor_set: bytes, number: int) -> Answer[GenerationRow | None]:
        """A generation of a set."""
        return self._told(self.find(GenerationRow, attestor_set=attestor_set, generation=number))

    def members(self, attestor_set: bytes, number: int) -> Answer[dict[str, int]]:
        """Kinds of the members of a generation by address: 1 a plain key, 2 a contract."""
        rows = self.all(MemberRow, attestor_set=attestor_set, generation=number)
        return self._told({row.member: row.kind for row in rows})

    def root(self, attestor_set: bytes, word: int) -> Answer[RootRow | None]:
        """The last root of a set under a word, submitted or not yet forgotten."""
        query = self._query(RootRow, {"attestor_set": attestor_set, "root": word})
        found = self._copies(query.order_by(RootRow.serial.desc()).limit(1))
        return self._told(next(iter(found), None))

    def root_end(self, serial: int) -> Answer[int]:
        """Second at which a root or its generation ended; 0 if neither did."""
        return self._told(root_end(self, serial))

    def is_revoked(self, attestor_set: bytes, word: int) -> Answer[bool]:
        """Whether a root was forbidden, submitted or not."""
        row = self.find(RevokedRow, attestor_set=attestor_set, root=word)
        return self._told(row is not None)

    def policy(self, policy_id: bytes) -> Answer[PolicyRow | None]:
        """The policy registered last under an id."""
        query = self._query(PolicyRow, {"policy_id": policy_id})
        found = self._copies(query.order_by(PolicyRow.serial.desc()).limit(1))
        return self._told(next(iter(found), None))

    def tiers(self, policy: int) -> Answer[list[TierRow]]:
        """The tiers of a policy, by its serial, in their order."""
        return self._told(self.all(TierRow, policy=policy))

    def series(self, series: bytes) -> Answer[SeriesRow | None]:
        """A series."""
        return self._told(self.find(SeriesRow, series=series))

    def windows(self, series: bytes) -> Answer[list[WindowRow]]:
        """The calendar of a series."""
        return self._told(self.all(WindowRow, series=series))

    def verifier(self, index: int) -> Answer[VerifierRow | None]:
        """A verifier."""
        return self._told(self.find(VerifierRow, verifier=index))

    # -- the whole ---------------------------------------------------------------------------------
    def switches(self) -> Answer[SwitchesRow | None]:
        """Pause and end; None before the registry opened."""
        return self._told(self.find(SwitchesRow, one=1))

    def market(self) -> Answer[MarketRow | None]:
        """The default, the regime and the feed; None before the registry opened."""
        return self._told(self.find(MarketRow, one=1))

    def engines(self) -> Answer[list[EngineRow]]:
        """Who reports conduct."""
        return self._told(self.all(EngineRow))

    def roles(self, time: int) -> Answer[dict[int, list[str]]]:
        """Members of every role of the authority, in a second."""
        found: dict[int, list[str]] = {}
        for row in self.all(RoleRow):
            if 0 < row.since <= time:
                found.setdefault(row.role, []).append(row.account)
        return self._told(found)

    # -- inside ------------------------------------------------------------------------------------
    def _told(self, value: T) -> Answer[T]:
        return Answer(value, self.at)

    def _query(self, kind: type[R], some: dict[str, Any]) -> Select[Any]:
        block = self.at.number
        return (
            select(kind)
            .filter_by(**some)
            .where(kind.from_block <= block, kind.before_block > block)
        )

    def _copies(self, query: Select[Any]) -> list[Any]:
        rows = list(self._session.scalars(query.execution_options(populate_existing=True)))
        return [type(row)(**row.values()) for row in rows]

    def _market(self) -> effective.Market:
        held = self.of(MarketRow, one=1)
        maintenance = Clock(held.maintenance_from, held.maintenance_to, held.maintenance_since)
        default = effective.Default(
            held.initial_margin_bp,
            maintenance,
            held.taker_fee_centi_bp,
            held.maker_fee_centi_bp,
            held.max_leverage,
        )
        factor = Clock(held.factor_from, held.factor_to, held.factor_since)
        return effective.Market(default, Regime(factor, held.stale_at), strictest_of(held.bands))

    def _grant(self, account: str) -> effective.Grant | None:
        held = self.of(GrantRow, account=account)
        if held.tier == 0:
            return None
        tier = self.of(TierRow, serial=held.tier)
        terms = effective.Tier(
            tier.initial_margin_bp,
            tier.maintenance_margin_bp,
            tier.taker_fee_centi_bp,
            tier.maker_fee_centi_bp,
            tier.max_leverage,
            tier.limit,
        )
        return effective.Grant(
            terms,
            end_of(self, held),
            held.start,
            held.since,
            held.level,
            held.conduct_until,
            held.subject,
        )


def strictest_of(bands: int) -> int:
    """Factor of the strictest band of a word of four times 64 bits, 1/10^4."""
    factors = [bands >> 64 * i + 48 & 0xFFFF for i in range(4)]
    return max([ONE, *factors])


def _beyond(keys: Sequence[Any], after: tuple[Any, ...]) -> Any:
    """Keys that come after one, column by column: what every database understands."""
    first, rest = keys[0], keys[1:]
    if not rest:
        return first > after[0]
    return (first > after[0]) | ((first == after[0]) & _beyond(rest, after[1:]))
