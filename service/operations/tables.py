"""Tables of running the service."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer
from sqlalchemy.orm import Mapped, mapped_column

from service.store.base import Base


class RestoredRow(Base):
    """
    At most one row: the database was put back from a backup and nobody has shown yet that its audit
    log is as long as what was signed. While it stands nothing is accepted.
    """

    __tablename__ = "service_restored"
    only: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[int] = mapped_column(BigInteger)


ONLY = 1
"""Key of the row."""
