"""Commands of a protocol and of relayers: deploy, onboard, terms, and the service."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Malformed, Refused
from tierproof.commands import chains
from tierproof.commands.command import Audience, command
from tierproof.commands.options import (
    ALLOW_SETUP,
    BOUNDS,
    CHAIN,
    DATABASE,
    DRY_RUN,
    FINALITY,
    MODEL,
    PLACE,
    RPC,
    SENDER,
    Option,
)
from tierproof.commands.reading import (
    attestors,
    bounds,
    bytes32,
    check_folder,
    place,
    policy_to_register,
    sender,
    sender_address,
)
from tierproof.commands.service_settings import settings_of
from tierproof.console import Console

if TYPE_CHECKING:
    from contracts.client.chain import Chain
    from contracts.client.order import Order
    from policies.policy import Policy

ROLES = ("admin", "governor", "guardian")
MOST_SECONDS = 3_650 * 86_400
"""Of a notice or a delay; more is milliseconds."""


@command(
    "deploy",
    "put a registry and its verifiers on chain, register a policy, and hand the roles over",
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
        many=True,
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
        "from what the admin announces to its effect; without it 48 hours, none for development",
        "SECONDS",
        "number",
        setting="admin_delay",
    ),
    Option(
        "--notice",
        "from what the governor loosens to its effect; without it as --admin-delay",
        "SECONDS",
        "number",
        setting="notice",
    ),
    Option(
        "--market",
        "default and bands; without it, on development chains alone, the strictest default",
        "FILE",
        "file",
        setting="market",
    ),
    Option("--salt", "32 bytes: another one is another registry", "HEX"),
    Option("--policy", "register it", "FILE", "file"),
    MODEL,
    Option("--root", "signed root that names the attestor set of the policy", "FILE", "file"),
    Option("--attestors", "attestor set of the policy", "FILE", "file", setting="attestors"),
    *BOUNDS,
    DRY_RUN,
    *FINALITY,
)
def deploy(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The deployment, written to a file; a policy is registered where one is given. On a chain that is
    not for development roles and market are named (`usage.roles`, `usage.market`). The whole plan
    is checked before anything is paid; an interrupted one is gone on with by the same command.
    """
    from contracts.client import deploy as deploying
    from tierproof.formats.deployment_view import deployed

    policy, out = None, Path(options.out)
    for name in ("admin_delay", "notice"):
        _check_duration(f"--{name.replace('_', '-')}", getattr(options, name))
    if options.policy is not None:
        policy = policy_to_register(Path(options.policy), options.model)
    check_folder(out)
    chain = chains.chain(options, console, out)
    payer = sender(options, chain)
    order = _order(options, chain, sender_address(payer), policy)
    console.progress("plan")
    if options.dry_run:
        plan = deploying.planned(chain, order, sender=payer, path=out)
        return chains.shown_plan(plan, whole=options.json)
    deployment = deploying.deploy(chain, order, sender=payer, path=out)
    document: dict[str, Any] = {**deployed(deployment), "deployment": options.out}
    if policy is not None:
        document["policy_id"] = "0x" + policy.policy_id.hex()
    return {**document, "sent": len(chain.sent), **chains.standing(chain)}


def _check_duration(option: str, seconds: int | None) -> None:
    """Malformed (`malformed.duration`) for what is no number of seconds up to ten years."""
    if seconds is not None and not 0 <= seconds <= MOST_SECONDS:
        raise Malformed(
            "malformed.duration",
            f"{option}: {seconds} is not 0 to {MOST_SECONDS} seconds (ten years)",
            part=option,
        )


def _order(options: Namespace, chain: Chain, payer: str, policy: Policy | None) -> Order:
    """What is to stand, with what holds on development chains where nothing is said."""
    from contracts.client.model import LEAST_NOTICE, Roles
    from contracts.client.order import Listing, Order
    from policies.market_rules import STRICT, MarketRules
    from tierproof.onchain import verifier_artifact

    real = not chain.is_development
    missing = [f"--{role}" for role in ROLES if not getattr(options, role)]
    if missing and real:
        raise Refused(
            "usage.roles",
            f"chain {chain.chain_id} is not for development: give {', '.join(missing)}",
        )
    if options.market is None and real:
        raise Refused(
            "usage.market", f"chain {chain.chain_id} is not for development: give --market"
        )
    usual = LEAST_NOTICE if real else 0
    delays = [usual if given is None else given for given in (options.admin_delay, options.notice)]
    listing = None
    if policy is not None:
        listing = Listing(policy, attestors(options), bounds(options))
    return Order(
        tuple(map(verifier_artifact, options.verifier)),
        Roles(**{role: getattr(options, role) or payer for role in ROLES}, admin_delay=delays[0]),
        listing=listing,
        market=STRICT if options.market is None else MarketRules.load(Path(options.market)),
        notice=delays[1],
        salt=bytes(32) if options.salt is None else bytes32(options.salt, "--salt"),
    )


@command(
    "registry place",
    "say where credentials of a policy count: chain, registry, series and scope",
    Audience.PROTOCOL,
    *PLACE,
    Option("policy", "policy document", "POLICY", "file", required=True),
)
def where(options: Namespace, console: Console) -> dict[str, Any]:
    """What a proof's scope is made of; no chain is asked."""
    from algebra.hexadecimal import hex32
    from policies.policy import Policy

    policy, at = Policy.load(Path(options.policy)), place(options)
    return {
        "chain_id": at.chain_id,
        "registry": at.registry,
        "policy_id": "0x" + policy.policy_id.hex(),
        "series": "0x" + policy.series.id.hex(),
        "scope": hex32(at.scope(policy.series.id)),
    }


@command(
    "terms",
    "what an account may do now, with a grant or without one",
    Audience.PROTOCOL,
    *CHAIN,
    Option("account", "who asks", "ADDRESS", setting="account", required=True),
)
def terms(options: Namespace, console: Console) -> dict[str, Any]:
    """Terms, status and end by the chain's word; without a grant those of the default."""
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
    Option("--host", "to listen on; without it the settings' `server.host`", "HOST"),
    Option("--port", "to listen on; without it the settings' `server.port`", "N", "number"),
    Option("--policy", "to register", "FILE", "file", setting="policy", many=True),
    Option("--key", "to register", "FILE", "file", setting="key", many=True),
    Option("--root", "to register", "FILE", "file", setting="root", many=True),
    ALLOW_SETUP,
    Option("--check", "print the settings in force, and serve nothing", switch=True),
)
def serve(options: Namespace, console: Console) -> dict[str, Any]:
    """
    Serve until told to stop; settings and what is registered are checked before the first request.
    """
    from contracts.client import checked
    from contracts.client.deployment import Deployment
    from policies.policy import Policy
    from tierproof.documents import RootFile

    settings = settings_of(options)
    from tierproof import serving
    from tierproof.backends import fast_algebra

    named = options.deployment is not None or options.registry is not None
    if options.deployment is not None:
        checked.require(Deployment.read(Path(options.deployment)), Path(options.deployment))
    registration = serving.Registration(
        policies=[Policy.load(Path(path)) for path in options.policy],
        places=[place(options)] if named else [],
        keys=[Path(path) for path in options.key],
        roots=[RootFile.load(Path(path)) for path in options.root],
    )
    if options.check:
        return {"outcome": "usable", "settings": settings.shown()}
    serving.serve(
        settings,
        registration,
        fast_algebra(),
        listening=lambda url: console.progress(f"listening on {url}"),
    )
    return {"stopped": True}
