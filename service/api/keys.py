"""`/v1/keys`: by which keys the service verifies."""

from __future__ import annotations

import json

from fastapi import APIRouter
from pydantic import Field

from service.api.access import requires
from service.api.answers import answers
from service.api.models import Described, Hex32, example, word
from service.api.pages import Asked, Next, page_of
from service.api.service import Shared
from service.store.tables import KeyRow
from verifier.ceremonies import setup_status

router = APIRouter()

_KEY = {"digest": word(77), "size": 8192, "setup": "ceremony hez_final"}


class KeyModel(Described):
    """A verifying key."""

    digest: Hex32 = Field(description="keccak256 of the key")
    size: int = Field(description="class n, rows of the circuit")
    setup: str = Field(description="which setup it is of: a known ceremony, or what else")

    model_config = example(_KEY)


class Keys(Described):
    """A page of verifying keys, smallest class first."""

    keys: list[KeyModel] = Field(description="as many as were asked for, or fewer")
    next: Next

    model_config = example({"keys": [_KEY], "next": None})


@router.get(
    "/keys",
    response_model=Keys,
    responses=answers("malformed.cursor", "malformed.request"),
    dependencies=[requires("read")],
)
def keys(service: Shared, asked: Asked) -> Keys:
    """Registered verifying keys, smallest class first."""
    with service.reading() as session:
        rows, following = page_of(session, KeyRow, (KeyRow.size, KeyRow.digest), asked)
        return Keys(keys=[_model(row) for row in rows], next=following)


def _model(row: KeyRow) -> KeyModel:
    srs_id = int(json.loads(row.document)["srs_id"], 16)
    return KeyModel(digest=row.digest, size=row.size, setup=setup_status(srs_id))
