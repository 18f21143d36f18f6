"""Tables of the webhooks: addresses, events, and what was sent where. Plain SQL types."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.base import Base

ENDPOINT_ID, EVENT_ID, NAME = String(35), String(36), String(40)
PLACE = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database gives out; SQLite does so for this type alone."""


class EndpointRow(Base):
    """
    An address that is told. Its secrets are sealed (`service.webhooks.sealing`): the one in use,
    and the one before until `old_until`. `kinds` has spaces between, and is empty for all.
    """

    __tablename__ = "webhook_endpoints"
    id: Mapped[str] = mapped_column(ENDPOINT_ID, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    kinds: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(NAME)
    secret: Mapped[str] = mapped_column(Text)
    old_secret: Mapped[str | None] = mapped_column(Text)
    old_until: Mapped[int | None] = mapped_column(BigInteger)
    failing_since: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[int] = mapped_column(BigInteger)


class EventRow(Base):
    """An event that at least one address is told; its id is a digest of what it tells."""

    __tablename__ = "webhook_events"
    id: Mapped[str] = mapped_column(EVENT_ID, primary_key=True)
    kind: Mapped[str] = mapped_column(NAME)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(BigInteger, index=True)


class DeliveryRow(Base):
    """
    An event on its way to an address. While one is waiting it is due at `due_at`; a worker that
    takes it puts that off by its lease and writes its own `claim`, so that whoever dies with it
    loses nothing.
    """

    __tablename__ = "webhook_deliveries"
    place: Mapped[int] = mapped_column(PLACE, primary_key=True, autoincrement=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("webhook_events.id"))
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoints.id"))
    state: Mapped[str] = mapped_column(NAME)
    due_at: Mapped[int] = mapped_column(BigInteger)
    claim: Mapped[str | None] = mapped_column(String(32))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    answer: Mapped[str | None] = mapped_column(NAME)
    changed_at: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        UniqueConstraint("event_id", "endpoint_id"),
        Index("ix_webhook_deliveries_due", "state", "due_at"),
        Index("ix_webhook_deliveries_endpoint", "endpoint_id", "place"),
    )


TABLES = [Base.metadata.tables[row.__tablename__] for row in (EndpointRow, EventRow, DeliveryRow)]
"""The tables of the webhooks."""
