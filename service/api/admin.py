"""`/v1/admin`: what an operator registers and takes back. Scope `admin` alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from algebra.hexadecimal import hex32
from attestor.root_file import RootFile
from policies.files import Reader
from policies.place import Place
from policies.policy import Policy
from service.api.access import requires
from service.api.answers import answers, takes
from service.api.models import Described, example, word
from service.api.request import body_of, json_value
from service.api.service import Service, Shared
from service.registration import register_root

router = APIRouter(prefix="/admin", dependencies=[requires("admin")])

_FORM = ("malformed.json", "malformed.request", "refused.media_type")
_OF_POLICIES = (
    *(f"malformed.policy.{part}" for part in ("asked", "date", "format", "json", "key", "type")),
    *(
        f"refused.policy.{part}"
        for part in (
            *("attestors", "documents", "floor", "index", "market", "metric", "model"),
            *("near_line", "near_word", "prior", "range", "series", "terms", "tier"),
            *("together", "window"),
        )
    ),
)
_OF_ROOTS = (
    "malformed.root", "malformed.attestor_set", "malformed.address", "malformed.signature",
    "malformed.rule_files", "rejected.quorum", "rejected.signature", "refused.root_files",
    "refused.root_expired", "refused.root_revoked", "refused.root_exists",
    "refused.generation_ended", "refused.generation",
)  # fmt: skip


class Done(Described):
    """What was done; doing it again changes nothing."""

    done: Literal["registered", "revoked", "ended"] = Field(description="from now on")
    id: str = Field(description="of the policy, root or attestor set")

    model_config = example({"done": "registered", "id": word(44)})


@router.post(
    "/policies",
    response_model=Done,
    responses=answers(
        *_FORM, *_OF_POLICIES, "malformed.address", "malformed.place", "malformed.rule_files"
    ),
    openapi_extra=takes("registration", "A policy document, and where its credentials count."),
)
async def add_policy(request: Request, service: Shared) -> Done:
    """Register a policy, or more places of a known one."""
    return await _do(request, service, _add_policy)


def _add_policy(service: Service, value: Any) -> Done:
    body = Reader(value, "body", "malformed.request")
    body.keys("policy", "deployments")
    places = []
    for part in body.children("deployments"):
        part.keys("chain_id", "registry")
        places.append(Place(part.integer("chain_id", 1, (1 << 63) - 1), part.text("registry")))
    policy = Policy.from_json(body.value("policy"))
    service.store.register_policy(policy, places)
    return Done(done="registered", id=hex32(policy.policy_id))


@router.post(
    "/roots",
    response_model=Done,
    responses=answers(*_FORM, *_OF_ROOTS),
    openapi_extra=takes("root", "A signed root, as `tierproof attest` writes it."),
)
async def add_root(request: Request, service: Shared) -> Done:
    """Register a root, with the signatures of its quorum."""
    return await _do(request, service, _add_root)


def _add_root(service: Service, value: Any) -> Done:
    root = RootFile.parse(Reader(value, "root", "malformed.root"))
    register_root(service.store, root)
    return Done(done="registered", id=hex32(root.root.root))


@router.post(
    "/revocations",
    response_model=Done,
    responses=answers(*_FORM, "unknown.root"),
    openapi_extra=takes("revocation", "A root of an attestor set."),
)
async def revoke_root(request: Request, service: Shared) -> Done:
    """No new credential rests on a root from now on."""
    return await _do(request, service, _revoke_root)


def _revoke_root(service: Service, value: Any) -> Done:
    body = Reader(value, "body", "malformed.request")
    body.keys("attestor_set", "root")
    root = body.word("root")
    service.store.revoke_root(body.hex_bytes("attestor_set", 32), root)
    return Done(done="revoked", id=hex32(root))


@router.post(
    "/generations/ends",
    response_model=Done,
    responses=answers(*_FORM),
    openapi_extra=takes("generation", "A generation of an attestor set."),
)
async def end_generation(request: Request, service: Shared) -> Done:
    """No new credential rests on a root that this generation signed, from now on."""
    return await _do(request, service, _end_generation)


def _end_generation(service: Service, value: Any) -> Done:
    body = Reader(value, "body", "malformed.request")
    body.keys("attestor_set", "generation")
    attestor_set = body.hex_bytes("attestor_set", 32)
    service.store.end_generation(attestor_set, body.integer("generation", 1, (1 << 32) - 1))
    return Done(done="ended", id=hex32(attestor_set))


async def _do(request: Request, service: Service, act: Callable[[Service, Any], Done]) -> Done:
    value = json_value(await body_of(request))
    return await run_in_threadpool(act, service, value)
