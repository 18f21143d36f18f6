"""Who may call what of a registry, from its authority's events (OpenZeppelin AccessManager)."""

from __future__ import annotations

from typing import Any, ClassVar

from service.follower.rows import Rows
from service.follower.tables import RoleRow


class Roles:
    """Handlers named after the events, with their arguments."""

    HANDLED: ClassVar = frozenset({"RoleGranted", "RoleRevoked"})
    """The others give nobody a role."""
    time = 0

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def RoleGranted(
        self, roleId: int, account: str, delay: int, since: int, newMember: bool
    ) -> None:
        """An account has a role, or another delay in it."""
        key = {"role": roleId, "account": account.lower()}
        # for who was a member already, `since` is when the new delay begins
        begins = {"since": since} if newMember else {}
        self.rows.put(RoleRow, key, delay=delay, **begins)

    def RoleRevoked(self, roleId: int, account: str) -> None:
        """An account has a role no more."""
        self.rows.put(RoleRow, {"role": roleId, "account": account.lower()}, **_NO_ROLE)


_NO_ROLE: dict[str, Any] = {"since": 0, "delay": 0}
