"""
That somebody has read who holds the roles of a registry, kept beside its deployment file.

Code and constructors' values are compared at each use (`deploy.check_deployment`); who may call
what is in the authority's events alone, and reading them all takes long. So `deploy check` leaves a
note, and outside development chains nothing relies on a registry without one.
"""

from __future__ import annotations

import json
from pathlib import Path

from algebra.errors import Refused, Unavailable
from algebra.files import parse_json, read_file, write_atomic
from contracts.client.deployment import Deployment
from contracts.client.model import DEVELOPMENT_CHAINS

_ABSENT = "unavailable.unchecked"


def keep(where: Deployment, deployment: Path, *, block: int) -> None:
    """Note beside the deployment file that the registry's roles were read at a block."""
    document = {**_of(where), "block": block}
    write_atomic(_note(deployment), (json.dumps(document, indent=2) + "\n").encode())


def require(where: Deployment, deployment: Path) -> None:
    """
    Returns if the registry of a deployment file was checked, or is on a development chain.

    Raises
    ------
    Unavailable
        `unavailable.unchecked`: there is no note.
    Refused
        `refused.unchecked`: the note is of another registry, or cannot be read.
    """
    if where.chain_id in DEVELOPMENT_CHAINS:
        return
    try:
        held = parse_json(read_file(_note(deployment), absent=_ABSENT))
    except Unavailable as error:
        if error.code != _ABSENT:
            raise
        raise Unavailable(
            _ABSENT, f"{deployment.name}: nobody has read here who holds the registry's roles"
        ) from None
    except ValueError:
        held = None
    if not isinstance(held, dict) or {name: held.get(name) for name in _of(where)} != _of(where):
        raise Refused(
            "refused.unchecked", f"{_note(deployment).name}: not of this deployment's registry"
        )


def _of(where: Deployment) -> dict[str, object]:
    return {
        "chain_id": where.chain_id, "registry": where.registry, "authority": where.authority,
    }  # fmt: skip


def _note(deployment: Path) -> Path:
    return deployment.with_name(f"{deployment.name}.checked")
