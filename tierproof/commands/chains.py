"""From options to a chain: how deep what is reported must stand, and what happened on it."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Refused
from history.dates import day_text
from tierproof.console import Console

if TYPE_CHECKING:
    from contracts.client.chain import Chain
    from contracts.client.deployment import Deployment
    from contracts.client.finality import Finality
    from contracts.client.plan import Plan
    from contracts.client.registry import RegistryClient
    from contracts.client.steps import Step
    from policies.policy import Policy

MOST_CONFIRMATIONS, MOST_SECONDS = 10_000, 86_400


def chain(options: Namespace, console: Console, deployment: Path) -> Chain:
    """
    The chain of `--rpc`. Its transactions are told on stderr, and kept in a folder beside the
    deployment file until they stand as deep as asked for.
    """
    from contracts.client.chain import Chain
    from contracts.client.outbox import Outbox

    return Chain.connect(
        options.rpc,
        finality=_finality(options),
        outbox=Outbox(deployment.with_name(f"{deployment.name}.pending")),
        tell=console.progress,
    )


def registry(options: Namespace, console: Console) -> tuple[RegistryClient, Deployment]:
    """As `unchecked`, and `deploy check` has read its roles (`contracts.client.checked`)."""
    from contracts.client import checked

    client, where = unchecked(options, console)
    checked.require(where, Path(options.deployment))
    return client, where


def unchecked(options: Namespace, console: Console) -> tuple[RegistryClient, Deployment]:
    """The registry of `--deployment`, its code compared with the committed artifacts."""
    from tierproof import onchain

    deployment = Path(options.deployment)
    reached = chain(options, console, deployment)
    return onchain.at(reached, deployment, options.verifier)


def holder(client: RegistryClient, policy: Policy, word: int) -> dict[str, Any]:
    """Who holds a nullifier of a policy's series, in words."""
    held = client.holder_of(policy.series.id, word)
    pending = held["pending"]
    moving = int(pending["account"], 16) != 0
    return {
        "nullifier": f"0x{word:064x}",
        "account": held["account"] if int(held["account"], 16) else None,
        "running": client.runs(policy.series.id, word),
        "as_of": day_text(held["as_of"]),
        "free_from": day_text(held["free_from_day"]) if held["free_from_day"] else None,
        "retired": held["retired"],
        "move_to": pending["account"] if moving else None,
        "move_ready_at": pending["ready_at"] if moving else None,
    }


def settled(reached: Chain) -> dict[str, Any]:
    """
    Read from now on in one block that stands as deep as asked for, and what is to be said of it.
    """
    block = reached.settle()
    final = reached.finalized_block()
    return {
        "block": block,
        "confirmations": max(1, reached.head() - block + 1),
        "finalized": None if final is None else block <= final,
    }


def standing(reached: Chain) -> dict[str, Any]:
    """The last transaction that was sent and where it stands; empty if none was."""
    if not reached.sent:
        return {}
    last = asdict(reached.sent[-1])
    return {name: last[name] for name in ("transaction", "block", "confirmations", "finalized")}


def shown_plan(plan: Plan, *, whole: bool) -> dict[str, Any]:
    """
    The steps of a plan that nothing stands against; `whole`: with the code of contracts, which is
    told by its length and digest otherwise.
    """
    costed = plan.check()
    gas, price = sum(each.gas for each in costed), plan.chain.gas_price()
    return {
        "chain_id": plan.chain.chain_id,
        "sender": plan.payer,
        "gas": gas,
        "cost_wei": gas * price,
        "balance_wei": plan.chain.balance(plan.payer),
        "steps": [
            {**shown_step(plan.chain, each.step, plan.payer, whole=whole), "gas": each.gas}
            for each in costed
        ],
    }


def shown_step(reached: Chain, step: Step, sender: str, *, whole: bool) -> dict[str, Any]:
    """
    A step as it is printed: who sends what where, what shows it, and whether it is done. `sender`
    is an address or a role in words; the call does not hang on it.
    """
    from algebra.keccak import keccak

    draft = reached.draft(step.call, "0x" + "00" * 20)
    data, makes = bytes(draft["data"]), step.makes is not None  # type: ignore[arg-type]
    said = f"{len(data)} bytes, keccak 0x{keccak(data).hex()}"
    return {
        "step": step.name,
        "from": sender,
        "to": "a new contract" if "to" not in draft else str(draft["to"]),
        "data": said if makes and not whole else "0x" + data.hex(),
        "shown_by": step.shown_by,
        "done": step.done(),
    }


def _finality(options: Namespace) -> Finality:
    from contracts.client.finality import Finality

    for name, value, most in (
        ("--confirmations", options.confirmations, MOST_CONFIRMATIONS),
        ("--wait", options.wait, MOST_SECONDS),
    ):
        if value is not None and not 1 <= value <= most:
            raise Refused("usage.finality", f"{name}: {value} is not in 1..{most}")
    return Finality(options.confirmations, options.finalized, options.wait)
