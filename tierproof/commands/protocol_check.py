"""A command that says what a registry is, and fails where it is not what it should be."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tierproof.commands import chains
from tierproof.commands.command import Audience, command
from tierproof.commands.options import CHAIN, Option
from tierproof.console import Console

if TYPE_CHECKING:
    from contracts.client.deployment import Deployment
    from contracts.client.registry import RegistryClient

ROLES = ("admin", "governor", "guardian")


@command(
    "deploy check",
    "read what a registry on chain is: code, what it was made of, verifiers, roles",
    Audience.PROTOCOL,
    *CHAIN,
    *(Option(f"--{role}", "alone holds this role", "ADDRESS", setting=role) for role in ROLES),
    Option(
        "--admin-delay",
        "from what the admin announces to its effect",
        "SECONDS",
        "number",
        setting="admin_delay",
    ),
    Option("--policy", "must be registered as it stands", "FILE", "file"),
)
def check(options: Namespace, console: Console) -> dict[str, Any]:
    """
    What was read, in one block. It fails where code, values, setup or key differ
    (`refused.deployment`), a role is not as named or a function is another role's
    (`refused.roles`), a policy is not (`refused.policy`, `rejected.PolicyUnknown`), and where the
    node does not hand out the events that tell who holds roles (`unavailable.events`).

    Where it does not fail it leaves a note beside the deployment file, without which the other
    commands, but for the guardian's, refuse a registry outside development chains.
    """
    from contracts.client import checked
    from contracts.client.inspection import require_roles, roles_of
    from contracts.client.registered import check_policy
    from policies.policy import Policy
    from tierproof.formats.deployment_view import deployed

    client, where = chains.unchecked(options, console)
    read_at = chains.settled(client.chain)
    console.progress("roles")
    roles = roles_of(client)
    require_roles(roles, {name: getattr(options, name) for name in (*ROLES, "admin_delay")})
    document: dict[str, Any] = {
        **deployed(where),
        "code": "as committed",
        "verifiers": _verifiers(client, where),
        "switches": client.switches(),
        **roles,
    }
    if options.policy is not None:
        policy = Policy.load(Path(options.policy))
        check_policy(client, policy)
        document["policy_id"] = "0x" + policy.policy_id.hex()
    checked.keep(where, Path(options.deployment), block=read_at["block"])
    return {**document, "read_at": read_at}


def _verifiers(client: RegistryClient, where: Deployment) -> list[dict[str, Any]]:
    """Every verifier of the registry; by name those whose code was compared."""
    from verifier.ceremonies import setup_status

    known = {each.address: each for each in where.verifiers}
    return [
        {
            "index": index,
            "name": known[held["target"]].name if held["target"] in known else None,
            "setup": setup_status(int(known[held["target"]].srs_id, 16))
            if held["target"] in known
            else None,
            **{name: held[name] for name in ("target", "enabled_from", "disabled_at")},
            "key_digest": "0x" + held["key_digest"].hex(),
        }
        for index, held in enumerate(client.verifiers())
    ]
