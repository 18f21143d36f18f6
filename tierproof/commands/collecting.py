"""The command that collects a venue's answers."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from tierproof.commands.command import Audience, command
from tierproof.commands.options import Option
from tierproof.console import Console


@command(
    "collect",
    "ask a venue's account interface for all of a window, and prove that it is all",
    Audience.ATTESTOR,
    Option("venue", "whose collector: `tierproof venues` says who has one", "VENUE", required=True),
    Option("--wallet", "an address; its sub-accounts come with it", "ADDRESS", many=True),
    Option("--first-day", "of the window", "DATE", required=True),
    Option("--last-day", "of the window, included", "DATE", required=True),
    Option("--out", "answers, word for word", "FOLDER", "folder", default="statements"),
    Option("--after", "an earlier collection that this one goes on from", "FOLDER", "folder"),
    Option("--opening", "only what is held now: the beginning of a later collection", switch=True),
    Option("--url", "of the interface, where it is not the venue's own", "URL"),
    configured=False,
)
def collect(options: Namespace, console: Console) -> dict[str, Any]:
    """
    How much was kept in `--out`, and what became of every line, once the folder is proven to hold
    the whole history; a run that was cut off goes on where it stopped.
    """
    from algebra.errors import Refused
    from attestor.collect.http import Asker
    from attestor.collect.registry import collector_of
    from attestor.collect.writer import Collecting
    from attestor.venues.registry import adapter_of
    from history.dates import day_number
    from policies.address import address

    collector, folder = collector_of(options.venue), Path(options.out)
    wallets = [address(each, "--wallet").lower() for each in options.wallet or ()]
    if not wallets:
        raise Refused("usage.wallet", "collect: no --wallet is given; name one at least")
    first, last = day_number(options.first_day), day_number(options.last_day)
    after = None if options.after is None else Path(options.after)
    asker = Asker(options.url or collector.url)
    collector.run(
        Collecting(folder, collector.name, first, last, wallets, after),
        asker,
        opening=options.opening,
        progress=console.progress,
    )
    told: dict[str, Any] = {"collected": options.out, "wallets": len(wallets)}
    if options.opening:
        return told
    console.progress("is it all?")
    files = adapter_of(collector.name).open(folder, collector.name)
    lines = files.tally(wallets)
    return {
        **told,
        "answers": len(lines),
        "lines": sum(each.read for each in lines),
        "repeated": sum(each.repeated for each in lines),
        "idle": files.idle(wallets),
        "complete": True,
    }
