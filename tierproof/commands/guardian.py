"""Commands of a registry's guardian, which hold at once; and what anybody may send."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from tierproof.commands import chains
from tierproof.commands.command import Audience, command
from tierproof.commands.options import CHAIN, DRY_RUN, NULLIFIER, POLICY, SENDER, OneOf, Option
from tierproof.commands.reading import nullifier, sender
from tierproof.commands.taking import take
from tierproof.console import Console

if TYPE_CHECKING:
    from contracts.client.registry import RegistryClient


@command(
    "registry pause",
    "stop roots and grants for seven days, and not again for 21; the guardian may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    DRY_RUN,
)
def pause(options: Namespace, console: Console) -> dict[str, Any]:
    """Until when it is paused; one that runs is not prolonged."""
    from contracts.client import steps

    client, _ = chains.unchecked(options, console)
    done = take(options, console, client, "guardian", [steps.of_pause(client)])
    return {"paused_until": client.switches()["paused_until"], **done}


@command(
    "registry revoke-grant",
    "end a nullifier's grant; only a history that runs past today counts then; the guardian may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    POLICY,
    NULLIFIER,
    DRY_RUN,
)
def revoke_grant(options: Namespace, console: Console) -> dict[str, Any]:
    """Who holds the nullifier, and what was sent."""
    from contracts.client import acts

    policy, word = nullifier(options)
    client, _ = chains.unchecked(options, console)
    step = acts.revoke_grant(client, policy.series.id, word)
    done = take(options, console, client, "guardian", [step])
    return {**chains.holder(client, policy, word), **done}


@command(
    "registry bar",
    "as revoke-grant, and nothing counts until the governor frees it; the guardian may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    POLICY,
    NULLIFIER,
    DRY_RUN,
)
def bar(options: Namespace, console: Console) -> dict[str, Any]:
    """Who holds the nullifier, and what was sent."""
    from contracts.client import acts

    policy, word = nullifier(options)
    client, _ = chains.unchecked(options, console)
    done = take(options, console, client, "guardian", [acts.bar(client, policy.series.id, word)])
    return {**chains.holder(client, policy, word), **done}


@command(
    "registry disable",
    "end a policy, a verifier or an engine, with the grants that rest on it; the guardian may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    OneOf(
        (
            Option("--policy", "policy document", "FILE", "file"),
            Option("--index", "of the verifier", "N", "number"),
            Option("--engine", "its address; what it reported stays", "ADDRESS"),
        )
    ),
    DRY_RUN,
)
def disable(options: Namespace, console: Console) -> dict[str, Any]:
    """What was ended, for good, and what was sent; the same document may be registered anew."""
    from pathlib import Path

    from contracts.client import acts
    from policies.policy import Policy

    client, _ = chains.unchecked(options, console)
    told: dict[str, Any]
    if options.policy is not None:
        policy_id = Policy.load(Path(options.policy)).policy_id
        step, told = acts.disable_policy(client, policy_id), {"policy_id": "0x" + policy_id.hex()}
    elif options.index is not None:
        step = acts.disable_verifier(client, options.index)
        told = {"verifier": options.index}
    else:
        step, told = acts.disable_engine(client, options.engine), {"engine": options.engine}
    return {**told, **take(options, console, client, "guardian", [step])}


@command(
    "registry withdraw-market",
    "stop an announced default, bands and feed before they begin; the guardian may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    DRY_RUN,
)
def withdraw_market(options: Namespace, console: Console) -> dict[str, Any]:
    """What was sent; nothing where no market waits."""
    from contracts.client import acts

    client, _ = chains.unchecked(options, console)
    return take(options, console, client, "guardian", [acts.withdraw_market(client)])


@command(
    "registry poke",
    "read the market's feed into the registry; whoever pays may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
)
def poke(options: Namespace, console: Console) -> dict[str, Any]:
    """The band and the factor that hold now, and until when the reading counts."""
    client, _ = chains.unchecked(options, console)
    client.send(client.calls.poke(), sender=sender(options, client.chain))
    return {**client.regime(), **chains.standing(client.chain)}


@command(
    "registry begin-market",
    "let an announced default, bands and feed hold, after their notice; whoever pays may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    DRY_RUN,
)
def begin_market(options: Namespace, console: Console) -> dict[str, Any]:
    """What was sent, and the regime."""
    from contracts.client import acts

    client, _ = chains.unchecked(options, console)
    done = take(options, console, client, "sender", [acts.begin_market(client)])
    return {**client.regime(), **done}


@command(
    "registry carry-conduct",
    "take what was reported of an account into that of the one it moved to; whoever pays may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    Option("source", "account that was left", "FROM", required=True),
    Option("account", "account that holds the grant", "ACCOUNT", required=True),
)
def carry_conduct(options: Namespace, console: Console) -> dict[str, Any]:
    """What is on record of the account afterwards."""
    client, _ = chains.unchecked(options, console)
    call = client.calls.carry_conduct(options.source, options.account)
    client.send(call, sender=sender(options, client.chain))
    return _record(client, options.account)


@command(
    "registry take-back-reports",
    "take back the level of an account that a void report raised; whoever pays may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    Option("account", "account that was reported", "ACCOUNT", required=True),
)
def take_back_reports(options: Namespace, console: Console) -> dict[str, Any]:
    """What is on record of the account afterwards."""
    client, _ = chains.unchecked(options, console)
    call = client.calls.take_back_reports(options.account)
    client.send(call, sender=sender(options, client.chain))
    return _record(client, options.account)


def _record(client: RegistryClient, account: str) -> dict[str, Any]:
    """What engines reported of an account, as of which block."""
    return {"account": account, **client.conduct_of(account), **chains.standing(client.chain)}
