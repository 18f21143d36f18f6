"""Whether the service can do its work now, check by check."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from algebra.errors import TierproofError
from service.operations.logs import NAME

Check = Callable[[], object]
"""Raises a TierproofError whose code says what is missing."""
GOOD = "ok"

log = logging.getLogger(NAME)


@dataclass
class Readiness:
    """
    Attributes
    ----------
    checks : by the name under which they are shown; a part adds its own.
    """

    checks: dict[str, Check] = field(default_factory=dict)

    def look(self) -> Mapping[str, str]:
        """By name `ok`, or the code of what is missing; `fault` where a check itself fails."""
        return {name: _found(name, check) for name, check in self.checks.items()}


def _found(name: str, check: Check) -> str:
    try:
        check()
    except TierproofError as error:
        return error.code
    except SQLAlchemyError:
        return "unavailable.database"
    except Exception as error:
        log.error("health", extra={"check": name}, exc_info=error)
        return "fault"
    return GOOD
