"""`/v1/roots`: what histories are attested under, and which of it counts now."""

from __future__ import annotations

import json
from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.orm import Session

from history.dates import day_text
from service.api.access import requires
from service.api.answers import answers
from service.api.models import Date, Described, Hex20, Hex32, example, word
from service.api.pages import Asked, Next, page_of
from service.api.service import Shared
from service.store.tables import EndedGenerationRow, RootRow

router = APIRouter()

_KEY = (RootRow.attestor_set, RootRow.root, RootRow.chain_id, RootRow.registry_address)
State = Literal["in force", "expired", "generation ended", "revoked"]
_ROOT = {
    "attestor_set": word(55),
    "root": word(66),
    "chain_id": 1,
    "registry": "0x" + "cd" * 20,
    "generation": 1,
    "first_day": "2025-10-01",
    "last_day": "2026-09-30",
    "valid_until": 1795000000,
    "feed": word(99),
    "files": [{"name": "margin/hyperliquid.json", "digest": word(98)}],
    "state": "in force",
}


class FileModel(Described):
    """A public file that attestors used."""

    name: str = Field(description="margin/NAME, feed/NAME or marks/NAME")
    digest: Hex32 = Field(description="keccak256 of its bytes")


class RootModel(Described):
    """A registered root."""

    attestor_set: Hex32 = Field(description="who signed it")
    root: Hex32 = Field(description="of the tree of histories")
    chain_id: int = Field(description="of the place that it was signed for")
    registry: Hex20 = Field(description="of the place that it was signed for")
    generation: int = Field(description="of the set, which signed it")
    first_day: Date = Field(description="first day of its window")
    last_day: Date = Field(description="last day of its window")
    valid_until: int = Field(description="last second at which it counts, since 1970")
    feed: Hex32 = Field(description="digest of the window's market feed")
    files: list[FileModel] = Field(description="files that the histories were made by")
    state: State = Field(description="whether a new credential may rest on it now, or why not")

    model_config = example(_ROOT)


class Roots(Described):
    """A page of roots, by attestor set, root and the place that they were signed for."""

    roots: list[RootModel] = Field(description="as many as were asked for, or fewer")
    next: Next

    model_config = example({"roots": [_ROOT], "next": None})


@router.get(
    "/roots",
    response_model=Roots,
    responses=answers("malformed.cursor", "malformed.request"),
    dependencies=[requires("read")],
)
def roots(service: Shared, asked: Asked) -> Roots:
    """Registered roots, each with its generation and what it is now."""
    with service.reading() as session:
        rows, following = page_of(session, RootRow, _KEY, asked)
        listed = [_model(row, _state(session, row, service.store.database.now)) for row in rows]
        return Roots(roots=listed, next=following)


def _state(session: Session, row: RootRow, now: int) -> State:
    if row.revoked:
        return "revoked"
    if session.get(EndedGenerationRow, (row.attestor_set, row.generation)) is not None:
        return "generation ended"
    return "expired" if int(row.valid_until) < now else "in force"


def _model(row: RootRow, state: State) -> RootModel:
    names = ("attestor_set", "root", "generation", "feed")
    return RootModel(
        **{name: getattr(row, name) for name in names},
        chain_id=int(row.chain_id),
        registry=row.registry_address,
        first_day=day_text(row.first_day),
        last_day=day_text(row.last_day),
        valid_until=int(row.valid_until),
        files=[FileModel(**each) for each in json.loads(row.files)],
        state=state,
    )
