"""
Tables of the follower. What a chain says of a thing stands in versions: a row holds from the block
`from_block` on and before the block `before_block`, so that the state after any block that is kept
can be read, and a reorganisation is undone by forgetting what came after its first block.

Fields are named and ordered as the registry's structs are (`contracts/src/grants/Types.sol`,
`Slots.sol`); where nothing was ever said there is no row, and all fields count as zero.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.follower.columns import Address, Bytes32, Hexadecimal, Number, Word, Words
from service.store.base import Base

OPEN = (1 << 62) - 1
"""`before_block` of what holds at the head."""
NOWHERE = -1
"""Head of who has read nothing."""
NOBODY = "0x" + "00" * 20

_ZERO: dict[type, Any] = {
    Word: 0,
    Number: 0,
    Boolean: False,
    Bytes32: bytes(32),
    Words: (),
    String: NOBODY,
}


def _key(kind: Any) -> Any:
    return mapped_column(kind, primary_key=True, autoincrement=False)


# -- the chain itself ------------------------------------------------------------------------------
class FollowedRow(Base):
    """
    What is followed and how far: one row, number 1. `told_*` is the newest head that the node ever
    told of, `asked_at` the second, by the service's clock, of its last answer that was of use;
    `trouble` the code of what keeps the follower from going on, empty if nothing does.
    """

    __tablename__ = "follower"
    number: Mapped[int] = _key(Number)
    chain_id: Mapped[int] = mapped_column(Word)
    contract: Mapped[str] = mapped_column(Address)
    authority: Mapped[str] = mapped_column(Address)
    head: Mapped[int] = mapped_column(Number)
    final: Mapped[int] = mapped_column(Number)
    told_number: Mapped[int] = mapped_column(Number)
    told_time: Mapped[int] = mapped_column(Number)
    asked_at: Mapped[int] = mapped_column(Number)
    events: Mapped[int] = mapped_column(Number)
    rewinds: Mapped[int] = mapped_column(Number)
    trouble: Mapped[str] = mapped_column(String(80))
    said: Mapped[str] = mapped_column(Text)


class BlockRow(Base):
    """A block from the last final one to the head."""

    __tablename__ = "follower_blocks"
    number: Mapped[int] = _key(Number)
    hash: Mapped[str] = mapped_column(String(66))
    parent: Mapped[str] = mapped_column(String(66))
    time: Mapped[int] = mapped_column(Number)


class EventRow(Base):
    """
    What registry or authority said, as the chain has it. `place` rises along the chain and is never
    given twice: who has read up to a place goes on after it, whatever was reorganised meanwhile.
    """

    __tablename__ = "follower_events"
    place: Mapped[int] = _key(Number)
    block: Mapped[int] = mapped_column(Number, index=True)
    log_index: Mapped[int] = mapped_column(Number)
    time: Mapped[int] = mapped_column(Number)
    address: Mapped[str] = mapped_column(Address)
    name: Mapped[str] = mapped_column(String(64), index=True)
    transaction: Mapped[str] = mapped_column(String(66))
    topics: Mapped[bytes] = mapped_column(Hexadecimal)
    data: Mapped[bytes] = mapped_column(Hexadecimal)


# -- what it says ----------------------------------------------------------------------------------
class Versioned(Base):
    """A row that holds from one block on and before another; fields that are not given are zero."""

    __abstract__ = True
    from_block: Mapped[int] = mapped_column(
        Number, primary_key=True, autoincrement=False, sort_order=100
    )
    before_block: Mapped[int] = mapped_column(Number, sort_order=101, index=True)

    def __init__(self, **values: Any) -> None:
        zero = {
            column.key: _ZERO[type(column.type)]
            for column in self.__table__.columns
            if column.key not in ("from_block", "before_block")
        }
        super().__init__(**{**zero, **values})

    @classmethod
    def fields(cls) -> tuple[str, ...]:
        """Names of what it says, its key first."""
        return tuple(column.key for column in cls.__table__.columns)[:-2]

    def values(self) -> dict[str, Any]:
        """What it says."""
        return {name: getattr(self, name) for name in self.fields()}


class SetRow(Versioned):
    """A set of attestors; `latest` is the number of its last generation."""

    __tablename__ = "follower_sets"
    attestor_set: Mapped[bytes] = _key(Bytes32)
    latest: Mapped[int] = mapped_column(Number)
    least_initial_margin_bp: Mapped[int] = mapped_column(Number)
    cap: Mapped[int] = mapped_column(Number)


class GenerationRow(Versioned):
    """A generation of a set; `serial` counts those of all sets."""

    __tablename__ = "follower_generations"
    attestor_set: Mapped[bytes] = _key(Bytes32)
    generation: Mapped[int] = _key(Number)
    threshold: Mapped[int] = mapped_column(Number)
    members: Mapped[int] = mapped_column(Number)
    enabled_from: Mapped[int] = mapped_column(Number)
    ended_at: Mapped[int] = mapped_column(Number)
    serial: Mapped[int] = mapped_column(Number, index=True)


class MemberRow(Versioned):
    """A member of a generation: `kind` 1 a plain key, 2 a contract."""

    __tablename__ = "follower_members"
    attestor_set: Mapped[bytes] = _key(Bytes32)
    generation: Mapped[int] = _key(Number)
    member: Mapped[str] = _key(Address)
    kind: Mapped[int] = mapped_column(Number)


class RootRow(Versioned):
    """A root that was submitted; `signers` is the serial of its generation."""

    __tablename__ = "follower_roots"
    serial: Mapped[int] = _key(Number)
    root: Mapped[int] = mapped_column(Word, index=True)
    first_day: Mapped[int] = mapped_column(Number)
    last_day: Mapped[int] = mapped_column(Number)
    valid_until: Mapped[int] = mapped_column(Number)
    ended_at: Mapped[int] = mapped_column(Number)
    signers: Mapped[int] = mapped_column(Number)
    grants: Mapped[int] = mapped_column(Number)
    cap: Mapped[int] = mapped_column(Number)
    feed: Mapped[int] = mapped_column(Word)
    rules: Mapped[bytes] = mapped_column(Bytes32)
    attestor_set: Mapped[bytes] = mapped_column(Bytes32)
    generation: Mapped[int] = mapped_column(Number)


class RevokedRow(Versioned):
    """A root that is forbidden, submitted or not; `at` is the second."""

    __tablename__ = "follower_revoked"
    attestor_set: Mapped[bytes] = _key(Bytes32)
    root: Mapped[int] = _key(Word)
    at: Mapped[int] = mapped_column(Number)


class VerifierRow(Versioned):
    """A verifier, by index."""

    __tablename__ = "follower_verifiers"
    verifier: Mapped[int] = _key(Number)
    target: Mapped[str] = mapped_column(Address)
    enabled_from: Mapped[int] = mapped_column(Number)
    disabled_at: Mapped[int] = mapped_column(Number)
    key_digest: Mapped[bytes] = mapped_column(Bytes32)
    srs_id: Mapped[int] = mapped_column(Word)
    ceremony: Mapped[bool] = mapped_column(Boolean)


class SeriesRow(Versioned):
    """A series."""

    __tablename__ = "follower_series"
    series: Mapped[bytes] = _key(Bytes32)
    attestor_set: Mapped[bytes] = mapped_column(Bytes32)
    least_days: Mapped[int] = mapped_column(Number)
    max_age_days: Mapped[int] = mapped_column(Number)


class WindowRow(Versioned):
    """A window of the calendar of a series; one ends on a day."""

    __tablename__ = "follower_windows"
    series: Mapped[bytes] = _key(Bytes32)
    last_day: Mapped[int] = _key(Number)
    first_day: Mapped[int] = mapped_column(Number)
    at_start: Mapped[bool] = mapped_column(Boolean)


class PolicyRow(Versioned):
    """A policy; bit i of `verifiers` is set where it takes verifier i."""

    __tablename__ = "follower_policies"
    serial: Mapped[int] = _key(Number)
    series: Mapped[bytes] = mapped_column(Bytes32)
    first_day: Mapped[int] = mapped_column(Number)
    last_day: Mapped[int] = mapped_column(Number)
    enabled_from: Mapped[int] = mapped_column(Number)
    disabled_at: Mapped[int] = mapped_column(Number)
    first_tier: Mapped[int] = mapped_column(Number)
    tiers: Mapped[int] = mapped_column(Number)
    verifiers: Mapped[int] = mapped_column(Word)
    max_age_days: Mapped[int] = mapped_column(Number)
    policy_id: Mapped[bytes] = mapped_column(Bytes32, index=True)


class TierRow(Versioned):
    """A tier; `policy` is the serial of its policy."""

    __tablename__ = "follower_tiers"
    serial: Mapped[int] = _key(Number)
    initial_margin_bp: Mapped[int] = mapped_column(Number)
    maintenance_margin_bp: Mapped[int] = mapped_column(Number)
    taker_fee_centi_bp: Mapped[int] = mapped_column(Number)
    maker_fee_centi_bp: Mapped[int] = mapped_column(Number)
    max_leverage: Mapped[int] = mapped_column(Number)
    limit: Mapped[int] = mapped_column(Number)
    validity_days: Mapped[int] = mapped_column(Number)
    policy: Mapped[int] = mapped_column(Number, index=True)
    ended_at: Mapped[int] = mapped_column(Number)
    thresholds: Mapped[tuple[int, ...]] = mapped_column(Words)


class GrantRow(Versioned):
    """The last grant of an account, and whose it is; `start` is the contract's `from`."""

    __tablename__ = "follower_grants"
    account: Mapped[str] = _key(Address)
    expiry: Mapped[int] = mapped_column(Number)
    since: Mapped[int] = mapped_column(Number)
    start: Mapped[int] = mapped_column(Number)
    conduct_until: Mapped[int] = mapped_column(Number)
    level: Mapped[int] = mapped_column(Number)
    tier: Mapped[int] = mapped_column(Number)
    root: Mapped[int] = mapped_column(Number)
    verifier: Mapped[int] = mapped_column(Number)
    subject: Mapped[int] = mapped_column(Number)
    series: Mapped[bytes] = mapped_column(Bytes32)
    nullifier: Mapped[int] = mapped_column(Word)


class HeldRow(Versioned):
    """An account that held a subject's grant."""

    __tablename__ = "follower_held"
    account: Mapped[str] = _key(Address)
    subject: Mapped[int] = _key(Number)


class HolderRow(Versioned):
    """Who holds a nullifier of a series."""

    __tablename__ = "follower_holders"
    series: Mapped[bytes] = _key(Bytes32)
    nullifier: Mapped[int] = _key(Word)
    account: Mapped[str] = mapped_column(Address, index=True)
    as_of: Mapped[int] = mapped_column(Number)
    moved_at: Mapped[int] = mapped_column(Number)
    free_from_day: Mapped[int] = mapped_column(Number)
    retired: Mapped[bool] = mapped_column(Boolean)
    root: Mapped[int] = mapped_column(Number)


class PendingRow(Versioned):
    """The move of a nullifier that was announced last; nobody where none waits."""

    __tablename__ = "follower_pending"
    series: Mapped[bytes] = _key(Bytes32)
    nullifier: Mapped[int] = _key(Word)
    account: Mapped[str] = mapped_column(Address)
    ready_at: Mapped[int] = mapped_column(Number)
    last_day: Mapped[int] = mapped_column(Number)
    contested_day: Mapped[int] = mapped_column(Number)


class ConductRow(Versioned):
    """What engines reported of an account (`policies.effective.conduct.Record`)."""

    __tablename__ = "follower_conduct"
    account: Mapped[str] = _key(Address)
    level: Mapped[int] = mapped_column(Number)
    until: Mapped[int] = mapped_column(Number)
    engine: Mapped[int] = mapped_column(Number)
    rest_level: Mapped[int] = mapped_column(Number)
    rest_until: Mapped[int] = mapped_column(Number)


class EngineRow(Versioned):
    """Who reports conduct."""

    __tablename__ = "follower_engines"
    engine: Mapped[str] = _key(Address)
    number: Mapped[int] = mapped_column(Number, index=True)
    most_level: Mapped[int] = mapped_column(Number)
    enabled_from: Mapped[int] = mapped_column(Number)
    disabled_at: Mapped[int] = mapped_column(Number)
    voided_from: Mapped[int] = mapped_column(Number)


class MarketRow(Versioned):
    """The default's terms, the regime, the feed and the bands: one row, number 1."""

    __tablename__ = "follower_market"
    one: Mapped[int] = _key(Number)
    initial_margin_bp: Mapped[int] = mapped_column(Number)
    maintenance_from: Mapped[int] = mapped_column(Number)
    maintenance_to: Mapped[int] = mapped_column(Number)
    maintenance_since: Mapped[int] = mapped_column(Number)
    taker_fee_centi_bp: Mapped[int] = mapped_column(Number)
    maker_fee_centi_bp: Mapped[int] = mapped_column(Number)
    max_leverage: Mapped[int] = mapped_column(Number)
    factor_from: Mapped[int] = mapped_column(Number)
    factor_to: Mapped[int] = mapped_column(Number)
    factor_since: Mapped[int] = mapped_column(Number)
    stale_at: Mapped[int] = mapped_column(Number)
    alarms: Mapped[int] = mapped_column(Number)
    source: Mapped[str] = mapped_column(Address)
    decimals: Mapped[int] = mapped_column(Number)
    heartbeat: Mapped[int] = mapped_column(Number)
    band: Mapped[int] = mapped_column(Number)
    seen_at: Mapped[int] = mapped_column(Number)
    bands: Mapped[int] = mapped_column(Word)
    sequencer: Mapped[str] = mapped_column(Address)


class AnnouncedRow(Versioned):
    """The market that was announced last: one row, number 1; `begins_at` 0 where none waits."""

    __tablename__ = "follower_announced"
    one: Mapped[int] = _key(Number)
    initial_margin_bp: Mapped[int] = mapped_column(Number)
    maintenance_margin_bp: Mapped[int] = mapped_column(Number)
    taker_fee_centi_bp: Mapped[int] = mapped_column(Number)
    maker_fee_centi_bp: Mapped[int] = mapped_column(Number)
    max_leverage: Mapped[int] = mapped_column(Number)
    limit: Mapped[int] = mapped_column(Number)
    validity_days: Mapped[int] = mapped_column(Number)
    bands: Mapped[int] = mapped_column(Word)
    source: Mapped[str] = mapped_column(Address)
    decimals: Mapped[int] = mapped_column(Number)
    heartbeat: Mapped[int] = mapped_column(Number)
    sequencer: Mapped[str] = mapped_column(Address)
    begins_at: Mapped[int] = mapped_column(Number)


class SwitchesRow(Versioned):
    """Pause, end and the constructor's words: one row, number 1."""

    __tablename__ = "follower_switches"
    one: Mapped[int] = _key(Number)
    paused_until: Mapped[int] = mapped_column(Number)
    pause_free_from: Mapped[int] = mapped_column(Number)
    closed_at: Mapped[int] = mapped_column(Number)
    successor: Mapped[str] = mapped_column(Address)
    notice: Mapped[int] = mapped_column(Number)
    ceremonies: Mapped[tuple[int, ...]] = mapped_column(Words)


class RoleRow(Versioned):
    """
    Who may call what by the authority, from the second `since` on, 0 for who may not; `delay` is
    the one given last.
    """

    __tablename__ = "follower_roles"
    role: Mapped[int] = _key(Word)
    account: Mapped[str] = _key(Address)
    since: Mapped[int] = mapped_column(Number)
    delay: Mapped[int] = mapped_column(Number)


VERSIONED: tuple[type[Versioned], ...] = tuple(Versioned.__subclasses__())
"""Everything that is said in versions."""
OWN: tuple[type[Base], ...] = (FollowedRow, BlockRow, EventRow, *VERSIONED)
TABLES = [Base.metadata.tables[row.__tablename__] for row in OWN]
"""The follower's tables."""
