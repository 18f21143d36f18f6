"""The command that tells which venues' files can be read."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from tierproof.commands.command import Audience, command
from tierproof.commands.options import Option
from tierproof.console import Console


@command(
    "venues",
    "the adapters: what each needs, what is known by it and what is not",
    Audience.ATTESTOR,
    Option("name", "one of them, in full", "NAME"),
    configured=False,
)
def venues(options: Namespace, console: Console) -> dict[str, Any]:
    """Of every adapter what it reads; of one that is named all that its entry says."""
    from attestor.venues.registry import entries, entry_of
    from tierproof.formats.venue_view import view

    if options.name is not None:
        return view(entry_of(options.name))
    if options.json:
        return {"adapters": [view(entry) for entry in entries()]}
    return {
        entry.name: {
            "what": entry.what,
            "needs": ", ".join(each.name for each in entry.inputs if not each.optional),
            "completeness": ("" if entry.facts.completeness.given else "not known: ")
            + entry.facts.completeness.how,
        }
        for entry in entries()
    }
