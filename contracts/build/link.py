"""
Libraries that a contract calls, each put on chain once: their addresses go into its code.

`compile.js` leaves 20 zero bytes wherever an address of a library belongs and says where in the
artifact's `links`. A contract whose links are open would call the zero address, so `Chain.deploy`
refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from algebra.errors import Refused
from contracts.build.artifact import Artifact
from policies.address import address


def linked(artifact: Artifact, libraries: Mapping[str, str]) -> Artifact:
    """
    The artifact with the addresses of all its libraries filled in, in both codes.

    Parameters
    ----------
    libraries : by name, the address of each library that `artifact.links` names, and of no other

    Raises
    ------
    Malformed
        `malformed.address`: not an address.
    Refused
        `refused.link`: a library is missing, or one is not called by this contract.
    """
    wrong = sorted(artifact.links.keys() ^ libraries.keys())
    if wrong:
        raise Refused(
            "refused.link",
            f"{artifact.name} calls {sorted(artifact.links)}, given are {sorted(libraries)}",
            libraries=wrong,
        )
    creation = bytearray.fromhex(artifact.bytecode[2:])
    deployed = bytearray.fromhex(artifact.deployed_bytecode[2:])
    for name, places in artifact.links.items():
        target = bytes.fromhex(address(libraries[name], name)[2:])
        for code, starts in ((creation, places.bytecode), (deployed, places.deployed_bytecode)):
            for start in starts:
                code[start : start + 20] = target
    return replace(
        artifact,
        bytecode="0x" + creation.hex(),
        deployed_bytecode="0x" + deployed.hex(),
        links={},
    )


def require_linked(artifact: Artifact) -> None:
    """Refused `refused.link` for a contract whose libraries are not filled in."""
    if artifact.links:
        raise Refused(
            "refused.link",
            f"{artifact.name} calls {sorted(artifact.links)}, whose addresses are not filled in",
            libraries=sorted(artifact.links),
        )
