"""
The verification service: `/v1` (docs/reference/interfaces.md 3).

Checks run cheap first: size, shape, ranges, known policy, deployment, tier, key, root, unused
nullifier, and only then the pairing. The scope, the window and the thresholds are computed here
from what the operator registered.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from algebra.errors import Malformed, Refused, TierproofError
from algebra.hexadecimal import hex20, hex32
from algebra.interface import R
from history.dates import day_text
from policies.place import Place
from policies.policy import Policy
from service.api.body import BodyCap
from service.api.problem import MEDIA_TYPE, Problem, fault, from_error, from_exception, known
from service.api.request import VerificationRequest, parse_hex32, parse_request
from service.config import ServiceConfig
from service.pool import VerificationPool, Verify
from service.store.store import Credential, Key, Store, nullifier_used
from verifier.statement import statement_words

log = logging.getLogger("tierproof.service")

LoadKey = Callable[[dict[str, Any]], Key]
"""From a key document to a checked key, for circuits this service knows; raises Malformed."""


class Service:
    """What the endpoints share: store, loaded keys, verification pool."""

    def __init__(
        self, config: ServiceConfig, store: Store, verify: Verify, load_key: LoadKey
    ) -> None:
        self.config, self.store, self._load_key = config, store, load_key
        self.pool = VerificationPool(
            verify,
            workers=config.workers,
            queue_limit=config.queue_limit,
            retry_after=config.retry_after,
        )
        self._keys: dict[str, Key] = {}
        self.load_keys()

    def load_keys(self) -> None:
        """
        Read keys registered since; each is checked whole (digest, points on the curve) before use.
        """
        for digest, document in self.store.keys():
            if digest in self._keys:
                continue
            key = self._load_key(document)
            if hex32(key.digest) != digest:
                raise Malformed(
                    "malformed.key", f"key {digest}: the stored document has another digest"
                )
            self._keys[digest] = key

    def key(self, digest: str) -> Key:
        """Refused (`unknown.key`, `refused.development_key`)."""
        if digest not in self._keys:
            self.load_keys()
        key = self._keys.get(digest)
        if key is None:
            raise Refused("unknown.key", "key_digest: not registered here")
        if key.insecure and not self.config.allow_development:
            raise Refused(
                "refused.development_key", "key_digest: a development setup, whose secret is known"
            )
        return key

    def check(
        self, request: VerificationRequest
    ) -> tuple[Key, Policy, Credential, tuple[int, ...]]:
        """
        All that needs no pairing: the key, the policy, the credential to record and its public
        words.
        """
        policy_id = bytes.fromhex(request.policy_id[2:])
        policy = self.store.policy(policy_id)
        place = self.store.deployment(policy_id, request.chain_id, request.registry.lower())
        if request.epoch is not None and request.epoch != place.epoch:
            raise Refused(
                "unknown.epoch",
                f"epoch: {request.epoch} is not the current one, {place.epoch}",
                current=place.epoch,
            )
        if request.tier >= len(policy.tiers):
            raise Refused(
                "unknown.tier", f"tier: the policy has {len(policy.tiers)}", tiers=len(policy.tiers)
            )
        root, nullifier, account = (
            int(text, 16) for text in (request.root, request.nullifier, request.account)
        )
        words = statement_words(
            policy, policy.tiers[request.tier], root=root, nullifier=nullifier, account=account,
            place=place,
        )  # fmt: skip
        key = self.key(request.key_digest.lower())
        self.store.require_root(policy, root)
        if (
            self.store.credential(nullifier) is not None
        ):  # spares a pairing; `accept` is what decides
            raise nullifier_used()
        credential = Credential(
            nullifier=nullifier,
            scope=words[2],
            policy_id=policy_id,
            tier=request.tier,
            account=account,
            attestor_set=policy.attestor_set,
            root=root,
            key_digest=key.digest,
            place=place,
        )
        return key, policy, credential, words

    async def verify(self, body: bytes) -> Credential:
        """Parse, check, verify, record."""
        request = parse_request(body)
        key, policy, credential, words = await run_in_threadpool(self.check, request)
        await self.pool.verify(key, words, bytes.fromhex(request.proof[2:]))
        return await run_in_threadpool(self.store.accept, policy, credential)


def create_app(
    config: ServiceConfig, verify: Verify, *, load_key: LoadKey, store: Store | None = None
) -> FastAPI:
    """
    Build the service.

    Parameters
    ----------
    config : checked here.
    verify : the verifier with its algebra bound; raises Malformed or Rejected.
    load_key : reads the key documents in the store.
    store : to share one; by default opened from `config.database_url`.

    Returns
    -------
    An ASGI application. It opens no socket and reaches nothing but its database.
    """
    config.check()
    service = Service(
        config, store if store is not None else Store(config.database_url), verify, load_key
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.pool.close()
        service.store.close()

    # No /docs page: it would load scripts from the network. The schema itself is served.
    app = FastAPI(title="Tierproof verification service", version="1", lifespan=lifespan,
                  docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")  # fmt: skip
    app.state.service = service
    app.add_middleware(BodyCap, limit=config.body_limit, seconds=config.body_seconds)
    _errors(app)
    _routes(app, service)
    return app


def _routes(app: FastAPI, service: Service) -> None:
    problem = {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}
    verdicts: dict[int | str, dict[str, Any]] = {
        400: {"description": "malformed", **problem},
        403: {"description": "development key", **problem},
        404: {"description": "unknown policy, deployment, epoch, tier, key or root", **problem},
        409: {"description": "nullifier used; root expired or revoked", **problem},
        413: {"description": "body too large", **problem},
        422: {"description": "rejected: the proof does not show the statement", **problem},
        503: {"description": "busy, try again", **problem},
    }
    schema = {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": VerificationRequest.model_json_schema()}},
        }
    }

    @app.post("/v1/verifications", responses=verdicts, openapi_extra=schema)
    async def verify_credential(request: Request) -> dict[str, Any]:
        """Verify a credential and record it. 200 means accepted, and only once per nullifier."""
        stated = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if stated != "application/json":
            raise known("refused.media_type", "content-type: application/json wanted")
        try:
            credential = await service.verify(await request.body())
        except TierproofError as error:
            log.info("verification: %s", error.code)
            raise
        log.info(
            "verification: accepted policy=%s tier=%d",
            hex32(credential.policy_id)[:18],
            credential.tier,
        )
        return {"outcome": "accepted", "credential": _credential_json(credential)}

    @app.get("/v1/credentials/{nullifier}")
    async def credential(nullifier: str) -> dict[str, Any]:
        """An accepted credential by its nullifier."""
        value = parse_hex32(nullifier, "nullifier")
        if not 1 <= value < R:
            raise Malformed("malformed.range", "nullifier: out of range", part="nullifier")
        found = await run_in_threadpool(service.store.credential, value)
        if found is None:
            raise known("unknown.credential", "nullifier: no credential was accepted for it")
        return _credential_json(found)

    @app.get("/v1/policies")
    def policies() -> dict[str, Any]:
        """Registered policies, their tiers and where their credentials count."""
        return {
            "policies": [
                _policy_json(policy, places) for policy, places in service.store.policies()
            ]
        }

    @app.get("/v1/keys")
    def keys() -> dict[str, Any]:
        """Registered verifying keys, smallest class first."""
        return {
            "keys": [
                {
                    "digest": digest,
                    "size": document.get("size"),
                    "insecure": document.get("insecure"),
                }
                for digest, document in service.store.keys()
            ]
        }

    @app.get("/v1/health")
    def health() -> dict[str, Any]:
        """Whether the database answers."""
        return {
            "status": "ok",
            "development": service.config.allow_development,
            **service.store.ping(),
        }


def _errors(app: FastAPI) -> None:
    async def ours(_: Request, error: Exception) -> JSONResponse:
        return (
            from_error(error).response()
            if isinstance(error, TierproofError)
            else fault().response()
        )

    async def problem(_: Request, error: Exception) -> JSONResponse:
        found = error if isinstance(error, Problem) else from_exception(error)
        return found.response()

    async def database(_: Request, error: Exception) -> JSONResponse:
        log.error("database: %s", type(error).__name__)
        return known("unavailable.database", "the database does not answer").response()

    async def framework(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, HTTPException):
            return fault().response()
        return Problem(
            error.status_code, f"http.{error.status_code}", str(error.detail), headers=error.headers
        ).response()

    app.add_exception_handler(TierproofError, ours)
    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(SQLAlchemyError, database)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(Exception, problem)  # 500 without a word about the inside


def _credential_json(credential: Credential) -> dict[str, Any]:
    return {
        "nullifier": hex32(credential.nullifier),
        "scope": hex32(credential.scope),
        "policy_id": hex32(credential.policy_id),
        "tier": credential.tier,
        "account": hex20(credential.account),
        "attestor_set": hex32(credential.attestor_set),
        "root": hex32(credential.root),
        "key_digest": hex32(credential.key_digest),
        **asdict(credential.place),
        "accepted_at": credential.accepted_at,
    }


def _policy_json(policy: Policy, deployments: list[Place]) -> dict[str, Any]:
    return {
        "policy_id": hex32(policy.policy_id),
        "name": policy.name,
        "first_day": day_text(policy.first_day),
        "last_day": day_text(policy.last_day),
        "attestor_set": hex32(policy.attestor_set),
        "tiers": [
            {
                "tier": index,
                "name": tier.name,
                "thresholds": [hex32(word) for word in tier.thresholds.words()],
            }
            for index, tier in enumerate(policy.tiers)
        ],
        "deployments": [asdict(place) for place in deployments],
    }
