"""What all tables of the service share, so that one migration makes and changes them."""

from __future__ import annotations

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
"""Of constraints and indices: a later migration has to name what it changes, in every database."""


class Base(DeclarativeBase):
    """Metadata of all tables; each part of the service has its own in its `tables.py`."""

    metadata = MetaData(naming_convention=NAMES)
