"""What the application needs of a relayer: where it brings claims, its requests, its worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.place import Place
from service.relayer.requests import Onboardings

if TYPE_CHECKING:
    from service.relayer.worker import Relayer  # it needs the extra `chain`


@dataclass(frozen=True)
class Relaying:
    """
    Attributes
    ----------
    place : chain and registry that claims are brought to
    onboardings : requests, shared with the worker by the database
    worker : sends them; None: another process does
    """

    place: Place
    onboardings: Onboardings
    worker: Relayer | None = None
