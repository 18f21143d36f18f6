"""What answers are made of: models with a description and an example each."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from policies.place import Place

Hex32 = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]
Hex20 = Annotated[str, Field(pattern=r"^0x[0-9a-f]{40}$")]
Date = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class Described(BaseModel):
    """A part of an answer: no field but those that are described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def example(value: dict[str, Any]) -> ConfigDict:
    """The configuration of a model that is an answer: an example stands in its schema."""
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [value]})


def word(number: int) -> str:
    """32 bytes for examples."""
    return f"0x{number:064x}"


class Problem(BaseModel):
    """
    An error as RFC 9457 has it. Some have further members: the part that is wrong, a limit, and the
    like.
    """

    type: str = Field(description="urn:tierproof:problem: and the code")
    title: str = Field(description="what the code means, one sentence")
    status: int = Field(description="of the answer", ge=400, le=599)
    detail: str = Field(description="what is so here, for people")
    code: str = Field(description="stable; docs/reference/codes.md lists all")
    outcome: Literal["malformed", "rejected"] | None = Field(
        None, description="where the problem is one of the three verdicts"
    )

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:tierproof:problem:unknown.policy",
                    "title": "The policy is not registered here.",
                    "status": 404,
                    "detail": "policy: not registered here",
                    "code": "unknown.policy",
                }
            ]
        },
    )


class PlaceModel(Described):
    """Where a credential counts."""

    chain_id: int = Field(description="of the chain")
    registry: Hex20 = Field(description="address of the registry on it")

    @classmethod
    def of(cls, place: Place) -> PlaceModel:
        """A place as the service shows it."""
        return cls(chain_id=place.chain_id, registry=place.registry)
