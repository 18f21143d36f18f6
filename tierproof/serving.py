"""
The verification service over the real verifier (docs/reference/interfaces.md 3): what an operator
registers, and the process that listens.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algebra.errors import TierproofError
from algebra.extras import libraries
from algebra.interface import Algebra
from circuits.versions import known_circuit
from policies.place import Place
from policies.policy import Policy
from tierproof.documents import RootFile, load_key
from tierproof.formats import chain_schema, schemas
from verifier.batch import verify_batch
from verifier.key import VerifyingKey
from verifier.verify import verify as verify_proof

with libraries("service"):
    from service.access.host import require_keys
    from service.api.app import create_app
    from service.listen import listen, run
    from service.operations import logs
    from service.operations.metrics_server import serving
    from service.operations.sections import MetricsSettings
    from service.operations.settings import Settings
    from service.registration import register_root
    from service.store.store import Store


@dataclass(frozen=True, slots=True)
class Registration:
    """
    What an operator tells the service at its start; all of it is checked, none comes by request.
    """

    policies: Sequence[Policy] = ()
    places: Sequence[Place] = ()
    keys: Sequence[Path] = ()
    roots: Sequence[RootFile] = ()


def register(
    store: Store, registration: Registration, *, algebra: Algebra, allow_setup: str | None
) -> None:
    """
    Put policies (at every place), keys and roots into the service's store.

    Raises
    ------
    Refused, Rejected, Malformed
        Whatever does not hold; what was registered before stays.
    """
    for policy in registration.policies:
        store.register_policy(policy, registration.places)
    for path in registration.keys:
        store.register_key(load_key(path, algebra), allow_setup=allow_setup)
    for root in registration.roots:
        register_root(store, root)


def serve(
    settings: Settings,
    registration: Registration,
    algebra: Algebra,
    *,
    listening: Callable[[str], None] = lambda _: None,
) -> None:
    """
    Run the verification service until it is stopped.

    Parameters
    ----------
    listening : told the URL once it is true

    Raises
    ------
    TierproofError
        From registration, before a socket is opened; as `service.listen.listen` and
        `service.access.host.require_keys`.
    """
    server, allow_setup = settings.server, settings.server.allow_setup
    logs.configure(settings.logs)
    store = Store(settings.database.full_url())
    try:
        register(store, registration, algebra=algebra, allow_setup=allow_setup)
        app = service_app(settings, algebra, store)
        taken = listen(server.host, server.port)
        require_keys(taken, store.database)
        watched = _metrics(settings.metrics)
    except TierproofError:
        store.close()
        raise
    host = f"[{server.host}]" if ":" in server.host else server.host
    listening(f"http://{host}:{taken.getsockname()[1]}/v1")
    with watched, _terminated_as_interrupted():
        run(app, taken, settings.connections)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """
    uvicorn stops for SIGTERM and raises it again: taken as Ctrl-C, the command says that it has
    stopped, and its status is 0.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _metrics(settings: MetricsSettings) -> AbstractContextManager[None]:
    """What serves the figures, on a socket that is taken now; nothing without a port."""
    if settings.port is None:
        return nullcontext()
    taken = listen(settings.host, settings.port)
    logging.getLogger(logs.NAME).info("metrics", extra={"port": taken.getsockname()[1]})
    return serving(taken)


def service_app(settings: Settings, algebra: Algebra, store: Store, **wired: Any) -> Any:
    """The ASGI application over the real verifier; `wired` as `create_app` takes it."""

    def load(document: dict[str, Any]) -> VerifyingKey:
        return VerifyingKey.from_json(document, known_circuit, algebra)

    def check(key: Any, statement: Sequence[int], proof: bytes) -> None:
        verify_proof(key, statement, proof, algebra=algebra)

    def check_many(items: Sequence[Any]) -> Sequence[object]:
        return verify_batch(items, algebra=algebra)

    documents = {"credential": schemas.credential(), "root": schemas.root(),
                 "policy": schemas.policy(), "consent": chain_schema.grant_consent()}  # fmt: skip
    return create_app(
        settings, check, load_key=load, store=store, documents=documents, verify_batch=check_many,
        **wired,
    )  # fmt: skip
