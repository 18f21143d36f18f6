"""The command that follows a registry into a database, for the service and the desk."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import TierproofError
from tierproof.commands.command import Audience, command
from tierproof.commands.options import DATABASE, RPC, Option
from tierproof.console import Console

if TYPE_CHECKING:
    from service.follower.follower import Step
    from service.follower.settings import FollowerSettings


@command(
    "follow",
    "follow a registry into a database: its state at the head and at the last final block",
    Audience.PROTOCOL,
    Option(
        "--deployment", "whose registry", "FILE", "file", setting="deployment", required=True
    ),
    RPC,
    DATABASE,
    Option(
        "--final-after",
        "a block is final with so many after it; without it, when the node says so",
        "N",
        "number",
        setting="final_after",
    ),
    Option(
        "--start-block",
        "first block that is read; without it, the one that made the registry's authority",
        "N",
        "number",
        setting="start_block",
    ),
    Option("--once", "stop at the node's newest block", switch=True),
    Option("--anew", "forget what was followed, also after a fork, and read it again", switch=True),
)  # fmt: skip
def follow(options: Namespace, console: Console) -> dict[str, Any]:
    """
    How far it is followed; without `--once` only once it is interrupted. With `--once` every
    trouble ends the command, else it is told and the node asked again.
    """
    import asyncio

    from algebra.extras import libraries
    from contracts.client.deployment import Deployment

    with libraries("service"):
        from service.follower.connecting import connected, opened
        from service.follower.rows import forget_all
    deployment = Deployment.read(Path(options.deployment))
    settings = _settings(options)
    database = opened(options.database)
    told = _Told(console)
    follower = connected(deployment, options.rpc, database, settings, told)
    if options.anew:
        with database.writing() as session:
            forget_all(session)
    try:
        if options.once:
            follower.catch_up()
        else:
            asyncio.run(follower.run())
        return {"registry": deployment.registry, **_reached(database)}
    finally:
        database.close()


class _Told:
    """Says what is new, on stderr."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, what: Step | TierproofError) -> None:
        if isinstance(what, TierproofError):
            self._console.note(f"{what.message} [{what.code}]")
        elif what.events or what.rewound or what.more:
            back = f", {what.rewound} blocks taken back" if what.rewound else ""
            self._console.progress(
                f"block {what.head} of {what.told}, final {what.final}: {what.events} events{back}"
            )


def _settings(options: Namespace) -> FollowerSettings:
    """Refused (`refused.config`) for numbers out of range."""
    from pydantic import ValidationError

    from algebra.errors import Refused
    from service.follower.settings import FollowerSettings

    try:
        return FollowerSettings(confirmations=options.final_after, start_block=options.start_block)
    except ValidationError as error:
        name = (
            "--final-after" if error.errors()[0]["loc"] == ("confirmations",) else "--start-block"
        )
        raise Refused("refused.config", f"{name}: {error.errors()[0]['msg'].lower()}") from None


def _reached(database: Any) -> dict[str, Any]:
    from service.follower.state import FollowedState

    with database.reading() as session:
        state = FollowedState(session)
        lag = state.lag(database.now)
        return {
            "chain_id": state.followed.chain_id,
            "head": state.head.at.number,
            "head_hash": state.head.at.hash,
            "final": state.final.at.number,
            "events": state.followed.events,
            "blocks_behind": lag.blocks,
            "seconds_behind": lag.seconds,
            "taken_back": state.followed.rewinds,
            "trouble": state.followed.trouble or None,
        }
