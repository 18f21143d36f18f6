"""
The verification service: `/v1` (docs/reference/interfaces.md 3), a router a resource.

What a request must be is checked before what it says: size, shape and ranges here, all else in
`service.api.service`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import MappingProxyType

from fastapi import FastAPI

from service.access.browsers import allow_origins
from service.access.cleaning import Cleaner, running
from service.access.door import Access, Door
from service.access.idempotency import Idempotency, answer_replays
from service.api import (
    admin,
    credentials,
    docs,
    health,
    keys,
    onboardings,
    policies,
    roots,
    terms,
    verifications,
    webhooks,
)
from service.api.access import check_scopes
from service.api.body import BodyCap
from service.api.errors import answer_errors
from service.api.headers import Headers
from service.api.openapi import Schemas, describe
from service.api.service import LoadKey, Service
from service.operations import metrics
from service.operations.requests import RequestLog
from service.operations.settings import Settings
from service.operations.telemetry import Telemetry
from service.relayer.relaying import Relaying
from service.store.store import Store
from service.verification.verdicts import Verify, VerifyBatch
from service.webhooks import standing
from service.webhooks.running import Webhooks

RESOURCES = (
    verifications, credentials, onboardings, policies, keys, roots, terms, webhooks, admin,
    health, docs,
)  # fmt: skip
"""Modules that hold a `router`, in the order of the reference."""


LARGER = ("/v1/verifications/batch", "/v1/admin/policies", "/v1/admin/roots")
"""Routes whose bodies are larger than one credential."""


def create_app(
    settings: Settings,
    verify: Verify,
    *,
    load_key: LoadKey,
    store: Store | None = None,
    read_terms: terms.ReadTerms | None = None,
    documents: Schemas = MappingProxyType({}),
    relayer: Relaying | None = None,
    verify_batch: VerifyBatch | None = None,
) -> FastAPI:
    """
    Build the service.

    Parameters
    ----------
    verify : the verifier with its algebra bound; raises Malformed or Rejected.
    load_key : reads the key documents in the store.
    store : to share one; by default opened from `settings.database`.
    read_terms : asks a registry for an account's terms, where the service reads one.
    documents : schemas of the formats that come as bodies, for the OpenAPI document.
    relayer : brings onboarding requests to a registry; runs as long as the application.
    verify_batch : the verifier of many proofs; without it they are verified one by one.

    Returns
    -------
    An ASGI application. It opens no socket and reaches nothing but its database, and the
    addresses of its webhooks.
    """
    store = store if store is not None else Store(settings.database.full_url())
    service = Service(settings, store, verify, load_key, verify_batch)
    hooks = Webhooks(store.database, settings.webhooks, standing.endings)

    limits = settings.access
    door = Access(limits, service.store.database)
    idempotency = Idempotency(limits, service.store.database)
    cleaner = Cleaner(idempotency)
    workers = () if relayer is None or relayer.worker is None else (relayer.worker,)
    telemetry = Telemetry(settings.telemetry)
    metrics.development(settings.server.allow_setup is not None)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running(cleaner, *hooks.tasks, *workers):
            yield
        service.pool.close()
        service.store.close()
        telemetry.close()

    # Not the framework's pages: they would load scripts from the network.
    app = FastAPI(title="Tierproof verification service", version="1", lifespan=lifespan,
                  docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json",
                  redirect_slashes=False)  # fmt: skip
    app.state.service, app.state.guard, app.state.idempotency = service, door.guard, idempotency
    app.state.read_terms = read_terms
    app.state.webhooks = hooks
    app.state.relayer = relayer
    server = settings.server
    large = dict.fromkeys(LARGER, server.batch_body_limit)
    app.add_middleware(BodyCap, limit=server.body_limit, seconds=server.body_seconds, larger=large)
    app.add_middleware(Door, access=door)
    allow_origins(app, limits.cors_origins)
    app.add_middleware(Headers)
    app.add_middleware(RequestLog, trace=telemetry.request)  # the outermost
    answer_errors(app)
    answer_replays(app)
    for resource in RESOURCES:
        check_scopes(resource.router)
        app.include_router(resource.router, prefix="/v1")
    describe(app, documents)
    return app
