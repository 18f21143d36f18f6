"""Who holds the roles of a registry, and what else of it no code shows."""

from __future__ import annotations

from typing import Any

from algebra.errors import Refused
from contracts.client.authority import ADMIN, ROLES, Authority
from contracts.client.registry import RegistryClient
from policies.address import address


def roles_of(client: RegistryClient) -> dict[str, Any]:
    """
    Who holds which role: lists of `admins`, `governors` and `guardians`, each with the seconds that
    it waits; and what they `scheduled`.

    Raises
    ------
    Unavailable
        `unavailable.events`: the node does not hand out all events.
    Refused
        `refused.roles`: the authority lets functions be called by other roles than a deployment
        does, or has another setting than it leaves.
    """
    authority = Authority(client.chain, client.authority())
    if odd := authority.odd_settings(client.address):
        raise Refused("refused.roles", f"the registry's authority: {'; '.join(odd)}")
    members = authority.members()
    lists = {
        f"{name}s": {who: authority.delay(role, who) for who in members.get(role, ())}
        for name, role in ROLES.items()
    }
    return {**lists, "scheduled": authority.scheduled()}


def require_roles(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """
    Those that are named hold their roles, and nobody else does.

    Parameters
    ----------
    found : as `roles_of` gives it
    wanted : an address each of `admin`, `governor`, `guardian`, None for whoever; and `admin_delay`

    Raises
    ------
    Refused
        `refused.roles`
    """
    wrong = []
    for role, number in ROLES.items():
        if not wanted.get(role):
            continue
        held = found[f"{role}s"]
        named = address(wanted[role], role)
        if named not in held:
            wrong.append(f"{role}: {named} does not hold it")
        wrong += [f"{role}: {other} holds it too" for other in sorted(set(held) - {named})]
        if number != ADMIN and held.get(named):
            wrong.append(f"{role}: {named} waits {held[named]} s")
    delay = wanted.get("admin_delay")
    if delay is not None:
        wrong += [
            f"admin delay: of {who} it is {held} s"
            for who, held in found["admins"].items()
            if held != delay
        ]
    if wrong:
        raise Refused("refused.roles", f"roles of the registry: {'; '.join(wrong)}")
