"""The service over a small world (tests/service/test_service.py), with somebody who may do all."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from support.loopback import loopback_client

from service.api.app import create_app
from service.operations.settings import Settings
from service.store.store import Store
from tests.service.test_service import FakeVerifier, load_fake
from tests.service.test_service import client as client
from tests.service.test_service import clock as clock
from tests.service.test_service import later as later
from tests.service.test_service import policy as policy
from tests.service.test_service import request_body as request_body
from tests.service.test_service import signed as signed
from tests.service.test_service import store as store
from tests.service.test_service import verifier as verifier
from tierproof.formats import schemas

DOCUMENTS = {
    "credential": schemas.credential(),
    "root": schemas.root(),
    "policy": schemas.policy(),
}


def app_of(store: Store, verifier: FakeVerifier, **wired: Any) -> Any:
    wired = {"documents": DOCUMENTS, **wired}
    return create_app(Settings(), verifier, load_key=load_fake, store=store, **wired)


@pytest.fixture
def operator(store: Store, verifier: FakeVerifier) -> TestClient:
    """A caller with every scope: there are no keys yet."""
    return loopback_client(app_of(store, verifier), raise_server_exceptions=False)
