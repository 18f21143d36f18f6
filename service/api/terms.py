"""`/v1/terms`: what an account may do on chain, by the registry's word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from algebra.errors import Refused, Rejected
from policies.address import address
from service.api.access import requires
from service.api.answers import answers
from service.api.models import Described, Hex20, example

router = APIRouter()

ReadTerms = Callable[[str], dict[str, Any]]
"""
From a lower-case address to the fields of `TermsModel`; raises Unavailable where the chain does not
answer.
"""


class TermsModel(Described):
    """Terms of an account now, with a grant or without one."""

    account: Hex20 = Field(description="who was asked about")
    status: Literal["none", "running", "ending", "ended"] = Field(
        description="of its grant; without a running one the terms are the default"
    )
    initial_margin_bp: int = Field(description="1/10^4 of notional")
    maintenance_margin_bp: int = Field(description="1/10^4 of notional")
    taker_fee: int = Field(description="1/10^6 of notional, negative for a rebate")
    maker_fee: int = Field(description="1/10^6 of notional, negative for a rebate")
    max_leverage: int = Field(description="whole times")
    limit: int = Field(description="most open notional of a subject, 1,000 USD")
    changes_at: int = Field(
        description="first second at which a number may be another without a transaction",
    )
    end: int | None = Field(
        description="first second at which the last grant does not run; none without one"
    )

    model_config = example(
        {
            "account": "0x" + "ac" * 20,
            "status": "running",
            "initial_margin_bp": 1000,
            "maintenance_margin_bp": 500,
            "taker_fee": 450,
            "maker_fee": 150,
            "max_leverage": 10,
            "limit": 5000,
            "changes_at": 1795000000,
            "end": 1795000000,
        }
    )


@router.get(
    "/terms/{account}",
    response_model=TermsModel,
    responses=answers(
        "malformed.address", "unknown.registry", "refused.terms", "unavailable.node",
        "unavailable.contract",
    ),
    dependencies=[requires("read")],
)  # fmt: skip
async def terms(account: str, request: Request) -> TermsModel:
    """What an account may do now, as the registry that this service reads says."""
    asked = address(account, "account").lower()
    read: ReadTerms | None = request.app.state.read_terms
    if read is None:
        raise Refused("unknown.registry", "terms: this service reads no registry")
    try:
        found = await run_in_threadpool(read, asked)
    except Rejected as error:
        raise Refused("refused.terms", f"account: the registry says {error.code}") from None
    return TermsModel(**{**found, "account": asked})
