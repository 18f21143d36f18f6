"""Commands for a signed root on chain: anybody publishes it, the guardian revokes it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from tierproof.commands import chains
from tierproof.commands.command import Audience, command
from tierproof.commands.options import CHAIN, SENDER, Option
from tierproof.commands.reading import sender
from tierproof.console import Console

ROOT = Option("root", "signed root", "ROOT", "file", setting="root", required=True)


@command(
    "root publish",
    "submit a signed root to the registry; whoever pays may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    ROOT,
)
def publish(options: Namespace, console: Console) -> dict[str, Any]:
    """
    Whether it was sent or the registry had it already; the quorum is checked before anything is
    paid.
    """
    from attestor.quorum import verify_quorum
    from tierproof import onchain
    from tierproof.documents import RootFile
    from tierproof.signing.revoking import require_registry

    root = RootFile.load(Path(options.root))
    verify_quorum(root.root, root.domain, root.signatures, root.attestor_set)
    client, _ = chains.registry(options, console)
    require_registry(client, root)
    sent = onchain.submit_root(client, root, sender=sender(options, client.chain))
    return {"root": f"0x{root.root.root:064x}", "sent": sent, **_record(client, root)}


@command(
    "root revoke",
    "forbid a root, published or not, and end the grants that rest on it; the guardian alone may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    ROOT,
)
def revoke(options: Namespace, console: Console) -> dict[str, Any]:
    """The registry's record of the root afterwards."""
    from tierproof.documents import RootFile
    from tierproof.signing.revoking import require_registry

    root = RootFile.load(Path(options.root))
    client, _ = chains.registry(options, console)
    require_registry(client, root)
    guardian = sender(options, client.chain)
    client.send(client.calls.revoke_root(root.root.attestor_set, root.root.root), sender=guardian)
    return {"root": f"0x{root.root.root:064x}", **_record(client, root)}


def _record(client: Any, root: Any) -> dict[str, Any]:
    of = (root.root.attestor_set, root.root.root)
    record = {"serial": client.root_of(*of)["serial"], "revoked": client.is_revoked(*of)}
    return {**record, **chains.standing(client.chain)}
