"""Tables of access. Plain SQL types; no row holds a secret, a body or an idempotency key itself."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.base import Base

KEY_ID, DIGEST = String(16), String(64)
"""Public name of an API key; SHA-256 in lower-case hexadecimal."""


class ApiKeyRow(Base):
    """
    An API key, by its public name and the hash of its text. A row is never deleted: where one
    stands, the service asks for keys, be they revoked or expired.
    """

    __tablename__ = "api_keys"
    key_id: Mapped[str] = mapped_column(KEY_ID, primary_key=True)
    digest: Mapped[str] = mapped_column(DIGEST)
    name: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[str] = mapped_column(String(80))
    daily: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int | None] = mapped_column(BigInteger)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger)
    last_day: Mapped[int | None] = mapped_column(Integer)


class DailyUseRow(Base):
    """What an API key has taken of its quota on a day since 1970, in UTC."""

    __tablename__ = "api_key_uses"
    key_id: Mapped[str] = mapped_column(KEY_ID, primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    uses: Mapped[int] = mapped_column(BigInteger)


class IdempotencyRow(Base):
    """
    A request that named an idempotency key: who has it under way and until when that counts, or
    its answer. `request` is a hash over caller, method, path and key.
    """

    __tablename__ = "idempotency_keys"
    request: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    body: Mapped[str] = mapped_column(DIGEST)
    holder: Mapped[str] = mapped_column(String(32))
    held_until: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(BigInteger, index=True)
