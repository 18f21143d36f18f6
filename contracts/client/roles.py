"""Who holds which role of a registry, by the chain's word."""

from __future__ import annotations

from typing import Any

from contracts.client.model import Roles
from contracts.client.registry import RegistryClient
from policies.address import address


def admin_of(client: RegistryClient) -> dict[str, Any]:
    """The admin, the seconds that a new one waits, and a hand-over that has begun."""
    read, functions = client.chain.read, client.contract.functions
    pending, since = read(functions.pendingDefaultAdmin())
    return {
        "admin": str(read(functions.defaultAdmin())),
        "admin_delay": int(read(functions.defaultAdminDelay())),
        "next_admin": str(pending) if since else None,
    }


def holds(client: RegistryClient, role: str, account: str) -> bool:
    """Whether an account holds `governor` or `guardian`."""
    functions = client.contract.functions
    name = functions[f"{role.upper()}_ROLE"]()
    return bool(
        client.chain.read(functions.hasRole(client.chain.read(name), address(account, role)))
    )


def roles_that_differ(client: RegistryClient, roles: Roles) -> list[str]:
    """Which of the roles are not held as they are named."""
    admin = admin_of(client)
    differing = []
    if admin["admin"] != address(roles.admin, "admin"):
        differing.append("admin")
    if admin["admin_delay"] != roles.admin_delay:
        differing.append("admin_delay")
    if admin["next_admin"] is not None:
        differing.append("next_admin")
    return differing + [
        role for role in ("governor", "guardian") if not holds(client, role, getattr(roles, role))
    ]
