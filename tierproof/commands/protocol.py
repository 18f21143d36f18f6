"""Commands of a protocol and of relayers: deploy, onboard, terms, and the service."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Refused
from tierproof.commands import chains
from tierproof.commands.command import Audience, command
from tierproof.commands.options import (
    ALLOW_SETUP,
    CHAIN,
    CREDENTIAL,
    DATABASE,
    DRY_RUN,
    EPOCH_SECONDS,
    FINALITY,
    MODEL,
    PLACE,
    POLICY,
    RPC,
    SENDER,
    Option,
)
from tierproof.commands.reading import attestors, check_folder, place, policy_to_register, sender
from tierproof.console import Console

if TYPE_CHECKING:
    from contracts.client.chain import Chain
    from tierproof.onchain import Roles

ROLES = ("admin", "governor", "guardian")


@command(
    "deploy",
    "put verifier and registry on chain, and register a policy",
    Audience.PROTOCOL,
    RPC,
    *SENDER,
    Option(
        "--verifier",
        "compiled verifier, such as TierproofVerifier8192Lean, or its artifact file",
        "NAME",
        "verifier",
        setting="verifier",
        required=True,
    ),
    Option("--out", "deployment file", "FILE", "file", setting="deployment", required=True),
    *(
        Option(
            f"--{role}",
            "its address; without it, on development chains alone, the sender",
            "ADDRESS",
            setting=role,
        )
        for role in ROLES
    ),
    Option(
        "--admin-delay",
        "before a new admin; without it, on development chains alone, none",
        "SECONDS",
        "number",
        setting="admin_delay",
        default=0,
    ),
    Option("--policy", "register it; the sender must be the governor", "FILE", "file"),
    MODEL,
    Option("--root", "signed root that names the attestor set of the policy", "FILE", "file"),
    Option("--attestors", "attestor set of the policy", "FILE", "file", setting="attestors"),
    EPOCH_SECONDS,
    DRY_RUN,
    *FINALITY,
)
def deploy(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The deployment, written to a file; a policy is registered where one is given. On a chain that is
    not for development all roles are named (`usage.roles`). The whole plan is checked before
    anything is paid; an interrupted one is gone on with by the same command.
    """
    from attestor.by_hand import check_duration
    from contracts.client import deploy as deploying
    from tierproof import onchain

    check_duration(options.admin_delay, "--admin-delay")
    check_duration(options.min_epoch_seconds, "--min-epoch-seconds")
    policy, out = None, Path(options.out)
    if options.policy is not None:
        policy = policy_to_register(Path(options.policy), options.model)
    check_folder(out)
    chain = chains.chain(options, console, out)
    payer = sender(options, chain)
    roles = _roles(options, chain, payer if isinstance(payer, str) else payer.address)
    trusted = None if policy is None else attestors(options)
    order = onchain.order(options.verifier, roles, policy, trusted, options.min_epoch_seconds)
    console.progress("plan")
    if options.dry_run:
        plan = deploying.planned(chain, order, sender=payer, path=out)
        return chains.shown_plan(plan, whole=options.json)
    deployment = deploying.deploy(chain, order, sender=payer, path=out)
    document: dict[str, Any] = {**asdict(deployment), "deployment": options.out}
    if policy is not None:
        document["policy_id"] = "0x" + policy.policy_id.hex()
    return {**document, "sent": len(chain.sent), **chains.standing(chain)}


def _roles(options: Namespace, chain: Chain, payer: str) -> Roles:
    """As given; the sender for all and no delay is for development alone."""
    from policies.address import address
    from tierproof.onchain import Roles

    names = (*ROLES, "admin_delay")
    missing = [f"--{name.replace('_', '-')}" for name in names if not getattr(options, name)]
    if missing and not chain.is_development:
        raise Refused(
            "usage.roles",
            f"chain {chain.chain_id} is not for development: give {', '.join(missing)}",
        )
    admin, governor, guardian = (getattr(options, role) or payer for role in ROLES)
    if options.policy is not None and address(governor, "governor") != address(payer, "sender"):
        raise Refused(
            "usage.governor",
            "--policy: only the governor registers one, and the sender is not the governor",
        )
    return Roles(admin, governor, guardian, options.admin_delay)


@command(
    "onboard",
    "have a credential granted on chain, as relayer",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    CREDENTIAL,
    POLICY,
    Option(
        "--root",
        "submit this signed root first if the registry does not know it",
        "FILE",
        "file",
        setting="root",
    ),
)
def onboard(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The grant and the terms that came of it; the policy on chain is compared before anything is
    sent.
    """
    from policies.policy import Policy
    from tierproof import onchain
    from tierproof.documents import CredentialFile, RootFile

    client, where = chains.registry(options, console)
    relayer = sender(options, client.chain)
    policy = Policy.load(Path(options.policy))
    credential = CredentialFile.load(Path(options.credential))
    onchain.check_policy(client, policy, where.verifier)
    if options.root is not None:
        console.progress("root")
        onchain.submit_root(client, RootFile.load(Path(options.root)), sender=relayer)
    console.progress("credential")
    granted = onchain.onboard(client, credential, policy, relayer=relayer)
    return {
        "outcome": "accepted",
        "account": granted.account,
        "tier": policy.tiers[granted.tier].name,
        "epoch": granted.epoch,
        "expiry": granted.expiry,
        "gas_used": granted.gas_used,
        **chains.standing(client.chain),
        "terms": onchain.terms(client, granted.account),
    }


@command(
    "terms",
    "the terms that an account holds now",
    Audience.PROTOCOL,
    *CHAIN,
    Option("account", "who holds them", "ADDRESS", setting="account", required=True),
)
def terms(options: Namespace, console: Console) -> dict[str, Any]:
    """Terms and expiry by the chain's word; the registry's reason is raised where none are held."""
    from policies.address import address
    from tierproof import onchain

    client, _ = chains.registry(options, console)
    read_at = chains.settled(client.chain)
    return {**onchain.terms(client, address(options.account, "account")), "read_at": read_at}


@command(
    "serve",
    "run the verification service",
    Audience.PROTOCOL,
    *PLACE,
    DATABASE,
    Option("--host", "to listen on", "HOST", setting="host", default="127.0.0.1"),
    Option("--port", "to listen on", "N", "number", setting="port", default=8787),
    Option("--policy", "to register", "FILE", "file", setting="policy", many=True),
    Option("--key", "to register", "FILE", "file", setting="key", many=True),
    Option("--root", "to register", "FILE", "file", setting="root", many=True),
    ALLOW_SETUP,
)
def serve(options: Namespace, console: Console) -> dict[str, Any]:
    """Serve until told to stop; what is registered is checked before the first request."""
    from policies.policy import Policy
    from service.config import ServiceConfig
    from tierproof import serving
    from tierproof.backends import fast_algebra
    from tierproof.documents import RootFile

    config = ServiceConfig(
        database_url=options.database, host=options.host, port=options.port,
        allow_setup=options.allow_setup,
    )  # fmt: skip
    named = options.deployment is not None or options.registry is not None
    registration = serving.Registration(
        policies=[Policy.load(Path(path)) for path in options.policy],
        places=[place(options)] if named else [],
        keys=[Path(path) for path in options.key],
        roots=[RootFile.load(Path(path)) for path in options.root],
    )
    serving.serve(
        config,
        registration,
        fast_algebra(),
        listening=lambda url: console.progress(f"listening on {url}"),
    )
    return {"stopped": True}
