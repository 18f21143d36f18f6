"""Tables of the relayer. Plain SQL types; no key, and nothing that a key opens, is in them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.base import Base

HEX32, HEX20, WORD78 = String(66), String(42), String(78)


class SenderRow(Base):
    """
    A key's account on a chain: who of the processes sends with it now, until when, and why it is
    held up, if it is. `stopped` ends only by hand. `next_nonce` is the one that this service takes
    next; null before the first.
    """

    __tablename__ = "relayer_senders"
    chain_id: Mapped[str] = mapped_column(WORD78, primary_key=True)
    address: Mapped[str] = mapped_column(HEX20, primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    until: Mapped[int] = mapped_column(BigInteger)
    stopped: Mapped[bool] = mapped_column(Boolean, default=False)
    code: Mapped[str | None] = mapped_column(String(80))
    next_nonce: Mapped[int | None] = mapped_column(BigInteger)


class TransactionRow(Base):
    """
    A nonce that was taken, with the claims that it carries: the ids of their requests, in order,
    and what is sent to the registry.
    `block` is where it stands, and null in none.
    """

    __tablename__ = "relayer_transactions"
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    chain_id: Mapped[str] = mapped_column(WORD78)
    sender: Mapped[str] = mapped_column(HEX20)
    nonce: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16), index=True)
    requests: Mapped[str] = mapped_column(Text)
    data: Mapped[str] = mapped_column(Text)
    gas: Mapped[int] = mapped_column(BigInteger)
    block: Mapped[int | None] = mapped_column(BigInteger)
    block_hash: Mapped[str | None] = mapped_column(HEX32)
    hash: Mapped[str | None] = mapped_column(HEX32)
    __table_args__ = (UniqueConstraint("chain_id", "sender", "nonce"),)


class SignedRow(Base):
    """Signed bytes of a nonce, written before they are sent; any of them may come into a block."""

    __tablename__ = "relayer_signed"
    transaction: Mapped[int] = mapped_column(
        ForeignKey("relayer_transactions.number"), primary_key=True
    )
    attempt: Mapped[int] = mapped_column(Integer, primary_key=True)
    hash: Mapped[str] = mapped_column(HEX32)
    raw: Mapped[str] = mapped_column(Text)
    most_fee: Mapped[str] = mapped_column(WORD78)
    tip: Mapped[str | None] = mapped_column(WORD78)
    signed_at: Mapped[int] = mapped_column(BigInteger)


class OnboardingRow(Base):
    """
    A claim that somebody asked for, with its consents. `code` says why it waits or failed; act,
    expiry and ready_at are what a block made of it.
    """

    __tablename__ = "onboardings"
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    chain_id: Mapped[str] = mapped_column(WORD78)
    registry_address: Mapped[str] = mapped_column(HEX20)
    policy_id: Mapped[str] = mapped_column(HEX32)
    tier: Mapped[int] = mapped_column(Integer)
    nullifier: Mapped[str] = mapped_column(HEX32)
    account: Mapped[str] = mapped_column(HEX20)
    last_day: Mapped[int] = mapped_column(Integer)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    content: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), index=True)
    code: Mapped[str | None] = mapped_column(String(80))
    asked_at: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[int] = mapped_column(BigInteger)
    not_before: Mapped[int] = mapped_column(BigInteger, default=0)
    gas: Mapped[int] = mapped_column(BigInteger, default=0)
    gas_day: Mapped[int] = mapped_column(Integer, default=0)
    hash: Mapped[str | None] = mapped_column(HEX32)
    act: Mapped[str | None] = mapped_column(String(16))
    expiry: Mapped[int | None] = mapped_column(BigInteger)
    ready_at: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (
        UniqueConstraint(
            "chain_id", "registry_address", "policy_id", "tier", "nullifier", "account", "last_day"
        ),
    )


class GasRow(Base):
    """Gas of a day that was signed for an API key (`key`) or an account; `gas` is a bound of it."""

    __tablename__ = "relayer_gas"
    day: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    who: Mapped[str] = mapped_column(String(64), primary_key=True)
    gas: Mapped[int] = mapped_column(BigInteger)
