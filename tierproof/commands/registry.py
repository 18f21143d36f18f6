"""Commands of a registry's governor and guardian: sets, policies, pauses."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tierproof.commands import chains
from tierproof.commands.command import Audience, command
from tierproof.commands.options import CHAIN, DRY_RUN, EPOCH_SECONDS, MODEL, SENDER, Option
from tierproof.commands.reading import attestors, policy_to_register, sender
from tierproof.console import Console

if TYPE_CHECKING:
    from contracts.client.registry import RegistryClient
    from contracts.client.steps import Step

ROOT = Option("--root", "signed root that names the attestor set", "FILE", "file")
ATTESTORS = Option("--attestors", "attestor set", "FILE", "file", setting="attestors")


@command(
    "registry add-set",
    "register an attestor set, or start the generations that the registry lacks; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    ROOT,
    ATTESTORS,
    DRY_RUN,
)
def add_set(options: Namespace, console: Console) -> dict[str, Any]:
    """The set, the generation that signs its roots now, and what was sent."""
    from contracts.client import steps

    trusted = attestors(options)
    client, _ = chains.registry(options, console)
    done = _take(options, console, client, "governor", steps.of_set(client, trusted))
    running = client.running_generation(trusted.id)
    return {"attestor_set": "0x" + trusted.id.hex(), "generation": running, **done}


@command(
    "registry add-policy",
    "register a policy for the deployment's verifier, once and for ever; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    Option("policy", "policy document", "POLICY", "file", required=True),
    MODEL,
    EPOCH_SECONDS,
    DRY_RUN,
)
def add_policy(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The policy's id and what was sent; one that stands there with other values is refused
    (`refused.policy`).
    """
    from attestor.by_hand import check_duration
    from contracts.client import steps
    from contracts.client.model import PolicyRegistration

    check_duration(options.min_epoch_seconds, "--min-epoch-seconds")
    policy = policy_to_register(Path(options.policy), options.model)
    client, where = chains.registry(options, console)
    registration = PolicyRegistration(policy, where.verifier, options.min_epoch_seconds)
    done = _take(options, console, client, "governor", [steps.of_policy(client, registration)])
    return {"policy_id": "0x" + policy.policy_id.hex(), **done}


@command(
    "registry pause",
    "stop roots and grants for seven days from now; the guardian may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    DRY_RUN,
)
def pause(options: Namespace, console: Console) -> dict[str, Any]:
    """Until when it is paused; a pause that runs begins anew."""
    from contracts.client import steps

    client, _ = chains.registry(options, console)
    done = _take(options, console, client, "guardian", [steps.of_pause(client)])
    return {"paused_until": client.paused_until(), **done}


@command(
    "registry unpause",
    "end a pause; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    DRY_RUN,
)
def unpause(options: Namespace, console: Console) -> dict[str, Any]:
    """Until when it is paused: a second that has passed."""
    from contracts.client import steps

    client, _ = chains.registry(options, console)
    done = _take(options, console, client, "governor", [steps.of_unpause(client)])
    return {"paused_until": client.paused_until(), **done}


def _take(
    options: Namespace,
    console: Console,
    client: RegistryClient,
    role: str,
    wanted: Iterable[Step],
) -> dict[str, Any]:
    """Do the steps that are not done, or print them for whoever holds the role."""
    from contracts.client import steps

    chain = client.chain
    if options.dry_run:
        shown = [chains.shown_step(chain, step, f"the {role}", whole=True) for step in wanted]
        return {"steps": shown}
    sent = steps.take(chain, wanted, sender(options, chain), console.progress)
    return {"sent": sent, **chains.standing(chain)}
