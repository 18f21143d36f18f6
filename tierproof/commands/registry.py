"""Commands of a registry's governor: what loosens, after the notice."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from tierproof.commands import chains
from tierproof.commands.command import Audience, command
from tierproof.commands.options import (
    ATTESTORS,
    BOUNDS,
    CHAIN,
    DRY_RUN,
    MODEL,
    NULLIFIER,
    POLICY,
    ROOT,
    SENDER,
    Option,
)
from tierproof.commands.reading import (
    attestors,
    bounds,
    check_folder,
    nullifier,
    policy_to_register,
    window,
)
from tierproof.commands.taking import take
from tierproof.console import Console

POLICY_FILE = Option("policy", "policy document", "POLICY", "file", required=True)


@command(
    "registry add-set",
    "register an attestor set, or start the generations that the registry lacks; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    ROOT,
    ATTESTORS,
    *BOUNDS,
    DRY_RUN,
)
def add_set(options: Namespace, console: Console) -> dict[str, Any]:
    """The set, the last generation of it that the registry knows, and what was sent."""
    from contracts.client import steps

    trusted = attestors(options)
    client, _ = chains.registry(options, console)
    wanted = steps.of_set(client, trusted, bounds(options))
    done = take(options, console, client, "governor", wanted)
    latest = client.latest_generation(trusted.id)
    return {
        "attestor_set": "0x" + trusted.id.hex(),
        "generation": latest,
        "enabled_from": client.generation_of(trusted.id, latest)["enabled_from"] or None,
        **done,
    }


@command(
    "registry add-verifier",
    "make a verifier contract and register it under the next index; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    Option("name", "compiled verifier, or its artifact file", "NAME", "verifier", required=True),
    DRY_RUN,
)
def add_verifier(options: Namespace, console: Console) -> dict[str, Any]:
    """Its index, from when it judges, and what was sent; the deployment file then names it."""
    from contracts.client.adding import Added

    deployment = Path(options.deployment)
    check_folder(deployment)
    client, where = chains.registry(options, console)
    from tierproof.onchain import verifier_artifact

    added = Added(client, where, verifier_artifact(options.name))
    done = take(options, console, client, "governor", added.steps())
    if options.dry_run:
        return done
    verifier, index = added.verifier(), added.index()
    if where.of_key(verifier.key_digest) is None:
        replace(where, verifiers=(*where.verifiers, verifier)).write(deployment)
    held = client.verifier_of(index)
    return {
        "verifier": index,
        "address": verifier.address,
        "key_digest": verifier.key_digest,
        "enabled_from": held["enabled_from"],
        **done,
    }


@command(
    "registry add-series",
    "register the series of a policy, whose calendar begins with its window; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    POLICY_FILE,
    DRY_RUN,
)
def add_series(options: Namespace, console: Console) -> dict[str, Any]:
    """The series and what was sent."""
    from contracts.client import steps
    from policies.policy import Policy

    policy = Policy.load(Path(options.policy))
    policy.check_registrable()
    client, _ = chains.registry(options, console)
    done = take(options, console, client, "governor", [steps.of_series(client, policy)])
    return {"series": "0x" + policy.series.id.hex(), **done}


@command(
    "registry announce-window",
    "publish a window of a policy's series before it begins; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    POLICY_FILE,
    Option("--first-day", "of the window; without it the policy's", "DATE"),
    Option("--last-day", "of the window, included", "DATE"),
    DRY_RUN,
)
def announce_window(options: Namespace, console: Console) -> dict[str, Any]:
    """The window and what was sent."""
    from contracts.client import steps
    from history.dates import day_text
    from policies.policy import Policy

    policy = Policy.load(Path(options.policy))
    first, last = window(options, policy)
    client, _ = chains.registry(options, console)
    step = steps.of_window(client, policy.series.id, (first, last))
    done = take(options, console, client, "governor", [step])
    days = {"first_day": day_text(first), "last_day": day_text(last)}
    return {"series": "0x" + policy.series.id.hex(), **days, **done}


@command(
    "registry add-policy",
    "register a policy, with the set, series and window that it lacks; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    POLICY_FILE,
    MODEL,
    ROOT,
    ATTESTORS,
    *BOUNDS,
    Option("--judge", "index of a verifier that may judge; without it all in force", "N",
           "number", many=True),
    DRY_RUN,
)  # fmt: skip
def add_policy(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The policy's id, from when it grants, and what was sent; one that stands there with other values
    is refused (`refused.policy`).
    """
    from contracts.client import steps
    from contracts.client.order import Listing
    from tierproof import onchain

    policy = policy_to_register(Path(options.policy), options.model)
    policy.check_registrable()
    client, _ = chains.registry(options, console)
    judges = onchain.judges(client, options.judge or None)
    if options.root is None and options.attestors is None:
        wanted = steps.of_policy_alone(client, policy, judges)
    else:
        listing = Listing(policy, attestors(options), bounds(options))
        listing.check()
        wanted = steps.of_listing(client, listing, lambda: judges)
    done = take(options, console, client, "governor", wanted)
    held = client.policy_of(policy.policy_id)
    return {
        "policy_id": "0x" + policy.policy_id.hex(),
        "series": "0x" + policy.series.id.hex(),
        "enabled_from": held["enabled_from"] or None,
        **done,
    }


@command(
    "registry add-engine",
    "let a contract report conduct, or a desk of level 1; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    Option("engine", "its address", "ADDRESS", required=True),
    Option("--most-level", "that it may report, 1 to 3", "N", "number", required=True),
    DRY_RUN,
)
def add_engine(options: Namespace, console: Console) -> dict[str, Any]:
    """What the registry keeps of it and what was sent."""
    from contracts.client import acts

    client, _ = chains.registry(options, console)
    step = acts.add_engine(client, options.engine, options.most_level)
    done = take(options, console, client, "governor", [step])
    return {"engine": options.engine, **client.engine_of(options.engine), **done}


@command(
    "registry void-reports",
    "take back what an engine reported that was switched off; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    Option("engine", "its address", "ADDRESS", required=True),
    DRY_RUN,
)
def void_reports(options: Namespace, console: Console) -> dict[str, Any]:
    """From when they are void and what was sent."""
    from contracts.client import acts

    client, _ = chains.registry(options, console)
    step = acts.void_reports(client, options.engine)
    done = take(options, console, client, "governor", [step])
    return {"engine": options.engine, **client.engine_of(options.engine), **done}


@command(
    "registry announce-market",
    "announce a default, bands and a feed; the governor may, anybody begins it after the notice",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    Option("market", "market file", "MARKET", "file", required=True),
    DRY_RUN,
)
def announce_market(options: Namespace, console: Console) -> dict[str, Any]:
    """From when it may begin, and what was sent."""
    from contracts.client import acts
    from policies.market_rules import MarketRules

    market = MarketRules.load(Path(options.market))
    client, _ = chains.registry(options, console)
    done = take(options, console, client, "governor", [acts.announce_market(client, market)])
    return {"begins_at": client.market_of()["next"]["begins_at"] or None, **done}


@command(
    "registry unbar",
    "free a barred nullifier from the first day after the notice; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    POLICY,
    NULLIFIER,
    DRY_RUN,
)
def unbar(options: Namespace, console: Console) -> dict[str, Any]:
    """The day from which it counts again and what was sent."""
    from contracts.client import acts

    policy, word = nullifier(options)
    client, _ = chains.registry(options, console)
    step = acts.free(client, policy.series.id, word)
    done = take(options, console, client, "governor", [step])
    return {**chains.holder(client, policy, word), **done}


@command(
    "registry unpause",
    "end a pause after the notice; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    DRY_RUN,
)
def unpause(options: Namespace, console: Console) -> dict[str, Any]:
    """Until when it is paused."""
    from contracts.client import steps

    client, _ = chains.registry(options, console)
    done = take(options, console, client, "governor", [steps.of_unpause(client)])
    return {"paused_until": client.switches()["paused_until"], **done}


@command(
    "registry close",
    "give no new grants and end all at a second 30 days ahead or later, for good; the governor may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    Option("--at", "Unix second at which all grants end", "SECONDS", "number", required=True),
    Option("--successor", "registry that grants instead", "ADDRESS", default="0x" + "00" * 20),
    DRY_RUN,
)
def close(options: Namespace, console: Console) -> dict[str, Any]:
    """When it closes and what was sent."""
    from contracts.client import acts

    client, _ = chains.registry(options, console)
    step = acts.close(client, options.successor, options.at)
    done = take(options, console, client, "governor", [step])
    return {"closed_at": client.switches()["closed_at"] or None, **done}
