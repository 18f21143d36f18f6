"""What a registry is, read from the chain: code, what its constructor put into it, roles."""

from __future__ import annotations

from typing import Any

from algebra.errors import Refused, TierproofError
from algebra.keccak import keccak
from contracts.build.artifact import REGISTRY, load_artifact
from contracts.client.chain import Chain
from contracts.client.model import Roles
from contracts.client.registry import RegistryClient
from contracts.client.roles import admin_of, holds
from policies.abi import encode

_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_WORD = 32


def check_immutables(client: RegistryClient) -> None:
    """
    Whether every value that the constructor put into the code of a registry is the one that it puts
    there: the same registry is made on a chain of this process, and what hangs on chain and address
    is carried over.

    Raises
    ------
    Refused
        `refused.deployment`: a value is another, or the code is.
    """
    artifact, scratch = load_artifact(REGISTRY), Chain.embedded()
    holder = scratch.accounts()[0]
    place, _ = scratch.deploy(artifact, *Roles(holder, holder, holder).arguments(), sender=holder)
    made, found = scratch.code(place), client.chain.code(client.address)
    carried = {
        there: here
        for there, here in zip(
            _of_place(scratch.chain_id, place),
            _of_place(client.chain.chain_id, client.address),
            strict=True,
        )
    }
    wanted = bytearray(made)
    for start, length in artifact.immutables:
        word = bytes(made[start : start + length])
        wanted[start : start + length] = carried.get(word, word)
    if bytes(wanted) != found:
        places = [s for s, n in artifact.immutables if wanted[s : s + n] != found[s : s + n]]
        raise Refused(
            "refused.deployment",
            f"the registry at {client.address} was not made as this version makes it: its code "
            f"differs at byte {places[0] if places else 'of no immutable'}",
            address=client.address,
        )


def roles_of(client: RegistryClient) -> dict[str, Any]:
    """
    Who holds which role: `admin`, `admin_delay`, `next_admin`, and lists of `governors` and
    `guardians` from the registry's events, each asked of its state again; None where the node
    hands no events of the whole chain out.
    """
    granted = _granted(client)
    lists = {
        f"{role}s": None
        if granted is None
        else sorted({who for name, who in granted if name == role and holds(client, role, who)})
        for role in ("governor", "guardian")
    }
    return {**admin_of(client), **lists}


def _granted(client: RegistryClient) -> list[tuple[str, str]] | None:
    """Every grant of the two roles that there ever was."""
    names = {
        bytes(client.chain.read(client.contract.functions[f"{role.upper()}_ROLE"]())): role
        for role in ("governor", "guardian")
    }
    event = client.contract.events.RoleGranted()
    try:
        logs = client.chain.events(event)
    except TierproofError:
        return None
    return [
        (names[bytes(log["args"]["role"])], str(log["args"]["account"]))
        for log in logs
        if bytes(log["args"]["role"]) in names
    ]


def _of_place(chain_id: int, registry: str) -> tuple[bytes, bytes, bytes]:
    """The words of a registry's code that hang on where it stands."""
    holder = int(registry, 16)
    hashes = (keccak(text.encode()) for text in (_DOMAIN, "Tierproof", "1"))
    separator = keccak(encode(*(int.from_bytes(each) for each in hashes), chain_id, holder))
    return (
        chain_id.to_bytes(_WORD, "big"),
        holder.to_bytes(_WORD, "big"),
        separator,
    )
