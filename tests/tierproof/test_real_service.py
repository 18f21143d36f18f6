"""The service over the real verifier and a real proof, on a socket of this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from algebra.errors import Refused, Rejected
from policies.place import Place
from policies.policy import Policy
from service.operations.sections import ServerSettings
from service.operations.settings import Settings
from service.store.store import Store
from tests.tierproof.conftest import CHAIN_ID, REGISTRY, Desk
from tierproof.backends import fast_algebra
from tierproof.documents import CredentialFile, RootFile
from tierproof.serving import Registration, register, register_root, service_app


@pytest.fixture
def store(desk: Desk, tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/service.sqlite")
    registration = Registration(
        [Policy.load(desk.policy)],
        [Place(CHAIN_ID, REGISTRY)],
        [desk.key],
        [RootFile.load(desk.root)],
    )
    register(store, registration, algebra=fast_algebra(), allow_setup="development")
    yield store
    store.close()


@pytest.fixture
def url(store: Store) -> Iterator[str]:
    """A uvicorn on a free loopback port."""
    settings = Settings(server=ServerSettings(allow_setup="development"))
    app = service_app(settings, fast_algebra(), store)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def body(desk: Desk) -> dict[str, Any]:
    return CredentialFile.load(desk.credential).as_json()


def test_200_parallel_submissions_of_a_real_credential(url: str, body: dict[str, Any]) -> None:
    with httpx.Client(base_url=url, timeout=60, limits=httpx.Limits(max_connections=50)) as client:
        with ThreadPoolExecutor(50) as threads:
            sent = threads.map(lambda _: client.post("/v1/verifications", json=body), range(200))
            answers = list(sent)
        assert {answer.status_code for answer in answers} == {200}
        assert [answer.json()["replayed"] for answer in answers].count(False) == 1
        found = client.get(f"/v1/credentials/{body['nullifier']}").json()
        assert found["account"] == body["account"] and found["tier"] == body["tier"]
        assert client.get("/v1/health").json()["credentials"] == 1


def test_a_lean_credential_with_the_lean_key(store: Store, url: str, lean: Desk) -> None:
    lean_body = CredentialFile.load(lean.credential).as_json()
    with httpx.Client(base_url=url, timeout=60) as client:
        assert client.post("/v1/verifications", json=lean_body).json()["code"] == "unknown.key"
        register(
            store, Registration(keys=[lean.key]), algebra=fast_algebra(), allow_setup="development"
        )
        answer = client.post("/v1/verifications", json=lean_body)
        assert answer.status_code == 200 and answer.json()["outcome"] == "accepted", answer.text


def test_three_outcomes_over_the_wire(url: str, body: dict[str, Any]) -> None:
    proof = body["proof"]
    flipped = proof[:-257] + ("0" if proof[-257] != "0" else "1") + proof[-256:]
    with httpx.Client(base_url=url, timeout=60) as client:
        for change, status, outcome in (
            ({"proof": flipped}, 422, "rejected"),
            ({"account": "0x" + "ce" * 20}, 422, "rejected"),
            ({"tier": 0}, 422, "rejected"),
            ({"nullifier": "0x" + "00" * 31 + "07"}, 422, "rejected"),
            ({"proof": proof[:-2]}, 400, "malformed"),
            ({"proof": proof + "00"}, 400, "malformed"),
            ({"proof": "0x" + "ff" * (len(proof) // 2 - 1)}, 400, "malformed"),
        ):
            answer = client.post("/v1/verifications", json=body | change)
            assert answer.status_code == status and answer.json()["outcome"] == outcome, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
        assert client.post("/v1/verifications", json=body).status_code == 200


def test_operator_cannot_register_what_does_not_hold(
    desk: Desk, store: Store, tmp_path: Path
) -> None:
    document = json.loads(desk.root.read_text())
    document["root"] = "0x" + "00" * 31 + "07"
    path = tmp_path / "root.json"
    path.write_text(json.dumps(document))
    with pytest.raises(Rejected):
        register_root(store, RootFile.load(path))
    with pytest.raises(Refused) as caught:
        register(store, Registration(keys=[desk.key]), algebra=fast_algebra(), allow_setup=None)
    assert caught.value.code == "refused.key_setup"


def test_careful_service_refuses_the_development_key(store: Store, body: dict[str, Any]) -> None:
    from support.loopback import loopback_client

    client = loopback_client(service_app(Settings(), fast_algebra(), store))
    answer = client.post("/v1/verifications", json=body)
    assert answer.status_code == 403 and answer.json()["code"] == "refused.key_setup"
