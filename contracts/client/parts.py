"""The contracts that a registry consists of, with the code that makes each and its address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from algebra.extras import libraries
from contracts.build.artifact import REGISTRY, Artifact, load_artifact
from contracts.build.link import linked, require_linked
from contracts.client.deployment import Birth
from contracts.client.factory import Creation
from contracts.client.revert import error_type
from verifier.ceremonies import ceremony_ids

with libraries("chain"):
    from eth_abi.abi import encode

_SHARED = bytes(32)
"""Salt of what hangs on nobody: whoever deploys these bytes makes the same contract."""


@dataclass(frozen=True)
class Part:
    """
    A contract of a deployment.

    Attributes
    ----------
    role : what it is in the deployment
    artifact : with the addresses of its libraries
    creation : what the factory is sent
    address : where it stands, or will
    """

    role: str
    artifact: Artifact
    creation: Creation
    address: str

    @property
    def name(self) -> str:
        """Role and name, for people."""
        return f"{self.role} {self.artifact.name}"


def part(
    factory: str, role: str, artifact: Artifact, *arguments: object, salt: bytes = _SHARED
) -> Part:
    """
    A contract with its constructor's arguments; Refused `refused.link` for one whose libraries are
    not filled in.
    """
    require_linked(artifact)
    inputs: list[dict[str, Any]] = next(
        (each["inputs"] for each in artifact.abi if each["type"] == "constructor"), []
    )
    given = encode([error_type(each) for each in inputs], list(arguments))
    creation = Creation(bytes.fromhex(artifact.bytecode[2:]) + given, salt)
    return Part(role, artifact, creation, creation.at(factory))


@cache
def library_parts(factory: str) -> tuple[Part, ...]:
    """The libraries of the registry, by name."""
    names = sorted(load_artifact(REGISTRY).links)
    return tuple(part(factory, "library", load_artifact(name)) for name in names)


@cache
def authority_part(birth: Birth) -> Part:
    """Who may call what, with the deployer as its first admin."""
    return part(
        birth.factory, "authority", load_artifact("Authority"), birth.deployer, salt=birth.salt
    )


@cache
def registry_part(birth: Birth) -> Part:
    """The registry, linked, for its authority."""
    places = {each.artifact.name: each.address for each in library_parts(birth.factory)}
    return part(
        birth.factory,
        "registry",
        linked(load_artifact(REGISTRY), places),
        authority_part(birth).address,
        birth.notice,
        list(ceremony_ids()),
        *birth.market.born_with(),
    )


def all_parts(birth: Birth, verifiers: Sequence[Part]) -> tuple[Part, ...]:
    """Every contract of a deployment in the order in which they are made."""
    return (
        *library_parts(birth.factory),
        authority_part(birth),
        *verifiers,
        registry_part(birth),
    )
