"""A command that says what a registry is, and fails where it is not what it should be."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from algebra.errors import Refused
from tierproof.commands import chains
from tierproof.commands.command import Audience, command
from tierproof.commands.options import CHAIN, Option
from tierproof.console import Console

ROLES = ("admin", "governor", "guardian")


@command(
    "deploy check",
    "read what a registry on chain is: code, constructor's values, setup, roles",
    Audience.PROTOCOL,
    *CHAIN,
    *(Option(f"--{role}", "must hold this role", "ADDRESS", setting=role) for role in ROLES),
    Option(
        "--admin-delay",
        "a new admin must wait so long",
        "SECONDS",
        "number",
        setting="admin_delay",
    ),
    Option("--policy", "must be registered as it stands", "FILE", "file"),
)
def check(options: Namespace, console: Console) -> dict[str, Any]:
    """
    What was read, in one block. It fails where code, values, setup or key differ
    (`refused.deployment`), a role is not as named (`refused.roles`), or a policy is not
    (`refused.policy`, `rejected.PolicyUnknown`).
    """
    from contracts.client.inspection import check_immutables, roles_of
    from contracts.client.registered import check_policy
    from policies.policy import Policy
    from verifier.ceremonies import setup_status

    client, where = chains.registry(options, console)
    read_at = chains.settled(client.chain)
    console.progress("code")
    check_immutables(client)
    console.progress("roles")
    roles = roles_of(client)
    _require_roles(options, client, roles)
    document: dict[str, Any] = {
        "chain_id": where.chain_id,
        "registry": where.registry,
        "verifier": where.verifier,
        "verifier_name": where.verifier_name,
        "key_digest": where.key_digest,
        "setup": setup_status(int(where.srs_id, 16)),
        "code": "as committed",
        "ceremonies": len(client.ceremonies()),
        "paused_until": client.paused_until(),
        **{name: held for name, held in roles.items() if (name, held) != ("next_admin", None)},
    }
    if options.policy is not None:
        policy = Policy.load(Path(options.policy))
        check_policy(client, policy, where.verifier)
        document["policy_id"] = "0x" + policy.policy_id.hex()
    return {**document, "read_at": read_at}


def _require_roles(options: Namespace, client: Any, found: dict[str, Any]) -> None:
    """Those that are named are held as named, and no hand-over of the admin's has begun."""
    from contracts.client.roles import holds
    from policies.address import address

    wrong = [
        f"{role}: {getattr(options, role)} does not hold it"
        for role in ROLES[1:]
        if getattr(options, role) and not holds(client, role, getattr(options, role))
    ]
    if options.admin and address(options.admin, "admin") != found["admin"]:
        wrong.append(f"admin: it is {found['admin']}")
    if options.admin_delay is not None and options.admin_delay != found["admin_delay"]:
        wrong.append(f"admin delay: it is {found['admin_delay']} s")
    if options.admin and found["next_admin"] is not None:
        wrong.append(f"admin: it is being handed over to {found['next_admin']}")
    for role in ROLES[1:]:
        listed, named = found[f"{role}s"], getattr(options, role)
        others = [] if listed is None or not named else set(listed) - {address(named, role)}
        wrong += [f"{role}: {other} holds it too" for other in sorted(others)]
    if wrong:
        raise Refused("refused.roles", f"roles of the registry: {'; '.join(wrong)}")
