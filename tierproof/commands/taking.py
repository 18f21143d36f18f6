"""Steps that a command asks for: done one by one, or printed for whoever may send them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tierproof.commands import chains
from tierproof.commands.reading import sender
from tierproof.console import Console

if TYPE_CHECKING:
    from contracts.client.registry import RegistryClient
    from contracts.client.steps import Step


def take(
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
