"""What all tables of the service share, so that one migration makes and changes them."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Metadata of all tables; each part of the service has its own in its `tables.py`."""
