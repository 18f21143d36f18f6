"""
The verification service: outcomes, order of checks, one acceptance per nullifier, nothing leaked.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from support.loopback import HERE, loopback_client

from algebra.errors import Malformed, Refused, Rejected
from algebra.hexadecimal import fixed_hex, hex20, hex32
from algebra.interface import R
from policies.credential_file import CredentialFile
from policies.place import Place
from policies.policy import Policy, example
from policies.rule_files import NO_FILES, RuleFiles
from policies.signed_root import Root, RootDomain
from service.api.app import create_app
from service.api.problem import MEDIA_TYPE
from service.api.request import parse_credential
from service.operations.sections import ServerSettings
from service.operations.settings import Settings
from service.store.credentials import Credential
from service.store.keys import Key
from service.store.store import Store
from service.verification.settings import VerificationSettings
from verifier.ceremonies import allowed_id, ceremony_ids

CHAIN_ID, REGISTRY = 31337, hex20(0xC0FFEE)
PLACE = Place(CHAIN_ID, REGISTRY)
ROOT, NULLIFIER, ACCOUNT = 11, 22, 0xAB5
NOW = 1_700_000_000
PROOF = "0x" + "5eadbeef" * 64
FEED = 77
SIGNATURES = [b"signed"]


@dataclass(frozen=True)
class FakeKey:
    """Stands for a verifying key; the real one has the same three properties."""

    digest: bytes = b"\x01" * 32
    size: int = 8192
    srs_id: int = ceremony_ids()[0]

    def to_json(self) -> dict[str, Any]:
        return {"digest": self.digest.hex(), "size": self.size, "srs_id": f"{self.srs_id:050x}"}


def load_fake(document: dict[str, Any]) -> FakeKey:
    return FakeKey(bytes.fromhex(document["digest"]), document["size"], int(document["srs_id"], 16))


@dataclass
class FakeVerifier:
    """Accepts all but what `error` says; remembers what it was asked."""

    error: BaseException | None = None
    answer: object = None
    seen: list[tuple[Key, tuple[int, ...], bytes]] = field(default_factory=list)
    gate: threading.Event | None = None

    def __call__(self, key: Key, statement: Sequence[int], proof: bytes) -> None:
        self.seen.append((key, tuple(statement), proof))
        if self.gate is not None:
            self.gate.wait(20)
        if self.error is not None:
            raise self.error
        return self.answer  # type: ignore[return-value]


def signed_by_quorum(root: Root, domain: RootDomain, signatures: Sequence[bytes]) -> None:
    if list(signatures) != SIGNATURES:
        raise Refused("refused.quorum", "root: too few signatures")


FOR_THE_PLACE: dict[str, Any] = {"domain": PLACE.domain, "quorum": signed_by_quorum}
"""Of a root: what its signatures name, and who asks for them."""


@pytest.fixture(scope="module")
def policy() -> Policy:
    return replace(example("sample-hyperliquid"), attestor_set=b"\x77" * 32)


@pytest.fixture
def signed(policy: Policy) -> Root:
    window, rules = (policy.first_day, policy.last_day), policy.documents.rules
    return Root(ROOT, policy.attestor_set, 1, *window, NOW + 1000, FEED, rules)


@pytest.fixture
def clock() -> list[float]:
    return [float(NOW)]


@pytest.fixture
def store(tmp_path: Path, policy: Policy, signed: Root, clock: list[float]) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/service.sqlite", clock=lambda: clock[0])
    store.register_policy(policy, [PLACE])
    store.register_key(FakeKey())
    store.register_root(signed, SIGNATURES, **FOR_THE_PLACE, files=policy.documents)
    yield store
    store.close()


@pytest.fixture
def verifier() -> FakeVerifier:
    return FakeVerifier()


def verifying(**changes: Any) -> Settings:
    """Settings with other numbers of the verification."""
    return Settings(verification=VerificationSettings(**changes))


Client = Callable[..., TestClient]


@pytest.fixture
def client(store: Store, verifier: FakeVerifier) -> TestClient:
    return loopback_client(
        create_app(Settings(), verifier, load_key=load_fake, store=store),
        raise_server_exceptions=False,
    )


@pytest.fixture
def request_body(policy: Policy) -> dict[str, Any]:
    return credential_of(policy)


def credential_of(policy: Policy) -> dict[str, Any]:
    return {
        "format": "tierproof/credential",
        "version": 2,
        "size": FakeKey().size,
        "srs_id": fixed_hex(FakeKey().srs_id, 25),
        "policy_id": hex32(policy.policy_id),
        "key_digest": hex32(FakeKey().digest),
        "tier": 1,
        "root": hex32(ROOT),
        "nullifier": hex32(NULLIFIER),
        "account": hex20(ACCOUNT),
        "chain_id": CHAIN_ID,
        "registry": REGISTRY,
        "proof": PROOF,
    }


def of_key(key: FakeKey) -> dict[str, Any]:
    """The parts of a body that name a key."""
    return {"key_digest": hex32(key.digest), "srs_id": fixed_hex(key.srs_id, 25), "size": key.size}


def submit(client: TestClient, body: dict[str, Any]) -> httpx.Response:
    return client.post("/v1/verifications", json=body)


def check_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    document: dict[str, Any] = response.json()
    assert (document["status"], document["code"]) == (status, code), document
    assert (
        document["type"] == f"urn:tierproof:problem:{code}"
        and document["title"]
        and document["detail"]
    )
    return document


# ---- the three outcomes --------------------------------------------------------------------------
def test_accepted_then_found(
    client: TestClient, verifier: FakeVerifier, policy: Policy, request_body: dict[str, Any]
) -> None:
    response = submit(client, request_body)
    assert response.status_code == 200 and response.json()["outcome"] == "accepted", response.text
    key, statement, proof = verifier.seen[0]
    scope = PLACE.scope(policy.series.id)
    words = policy.tiers[1].thresholds.words()
    assert statement == (ROOT, NULLIFIER, scope, ACCOUNT, policy.window, *words, FEED)
    assert key.digest == FakeKey().digest and proof == bytes.fromhex(PROOF[2:])
    found = client.get(f"/v1/credentials/{hex32(NULLIFIER)}")
    assert found.status_code == 200
    assert found.json() == response.json()["credential"]
    assert (
        found.json()["tier"] == 1
        and found.json()["last_day"] == "2023-05-02"
        and found.json()["accepted_at"] == NOW
    )
    assert found.json()["scope"] == hex32(scope)


@pytest.mark.parametrize(
    ("error", "status", "code", "outcome"),
    [
        (
            Rejected("rejected.pairing", "proof: the opening does not hold"),
            422,
            "rejected.pairing",
            "rejected",
        ),
        (
            Malformed("malformed.point", "quotient: not on the curve", part="quotient"),
            400,
            "malformed.point",
            "malformed",
        ),
    ],
)
def test_refused_by_the_verifier_leaves_nothing(
    client: TestClient, verifier: FakeVerifier, request_body: dict[str, Any],
    error: BaseException, status: int, code: str, outcome: str,
) -> None:  # fmt: skip
    verifier.error = error
    assert check_problem(submit(client, request_body), status, code)["outcome"] == outcome
    check_problem(client.get(f"/v1/credentials/{hex32(NULLIFIER)}"), 404, "unknown.credential")
    verifier.error = None
    assert (
        submit(client, request_body).status_code == 200
    )  # a negative result is never held against anybody


class Panic(BaseException):
    """As PyO3's PanicException: not an Exception."""


@pytest.mark.parametrize(
    "error",
    [RuntimeError("secret detail"), Panic("secret detail"), AssertionError("secret detail")],
)
def test_a_failing_verifier_is_no_verdict(
    client: TestClient, verifier: FakeVerifier, request_body: dict[str, Any], error: BaseException
) -> None:
    verifier.error = error
    response = submit(client, request_body)
    document = check_problem(response, 500, "fault")
    assert "outcome" not in document and "secret detail" not in response.text
    check_problem(client.get(f"/v1/credentials/{hex32(NULLIFIER)}"), 404, "unknown.credential")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "refused.memory"),
        (RuntimeError("can't start new thread"), "refused.threads"),
        (OSError(24, "Too many open files"), "unavailable.open_files"),
    ],
)
def test_a_system_that_gives_too_little_is_no_verdict(
    client: TestClient,
    verifier: FakeVerifier,
    request_body: dict[str, Any],
    error: Exception,
    code: str,
) -> None:
    verifier.error = error
    assert "outcome" not in check_problem(submit(client, request_body), 503, code)
    verifier.error = None
    assert submit(client, request_body).status_code == 200


@pytest.mark.parametrize("place", ["submit", "check"])
def test_a_service_without_a_further_thread(
    client: TestClient, request_body: dict[str, Any], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Refused, and no place in the queue is lost."""
    service = client.app.state.service  # type: ignore[attr-defined]

    def no_thread(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    whole = service.pool._threads if place == "submit" else service
    with monkeypatch.context() as patch:
        patch.setattr(whole, place, no_thread)
        check_problem(submit(client, request_body), 503, "refused.threads")
    assert service.pool.pending == 0 and submit(client, request_body).status_code == 200


@pytest.mark.parametrize("answer", [False, True, 0])
def test_a_verifier_that_returns_a_flag_accepts_nothing(
    client: TestClient, verifier: FakeVerifier, request_body: dict[str, Any], answer: object
) -> None:
    verifier.answer = answer
    check_problem(submit(client, request_body), 500, "fault")


# ---- once only -----------------------------------------------------------------------------------
def test_used_nullifier(
    client: TestClient, verifier: FakeVerifier, request_body: dict[str, Any]
) -> None:
    assert submit(client, request_body).status_code == 200
    for change in (
        {"account": hex20(7)},
        {"tier": 0},
        {"proof": "0x00"},
    ):  # another proof of it is another file
        check_problem(submit(client, request_body | change), 409, "refused.nullifier_used")
    assert len(verifier.seen) == 1  # found before the pairing
    assert submit(client, request_body | {"nullifier": hex32(NULLIFIER + 1)}).status_code == 200


def test_e5_200_parallel_submissions_give_one_acceptance(
    store: Store, verifier: FakeVerifier, request_body: dict[str, Any]
) -> None:
    config = verifying(workers=8)
    # No proof ends before all but a few are past the cheap check: the database alone must decide.
    verifier.gate = threading.Event()
    app = create_app(config, verifier, load_key=load_fake, store=store)

    async def storm() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=HERE, timeout=60) as client:
            tasks = [
                asyncio.create_task(client.post("/v1/verifications", json=request_body))
                for _ in range(200)
            ]
            pool = app.state.service.pool
            for _ in range(2000):
                if pool.pending == 200:
                    break
                await asyncio.sleep(0.005)
            assert pool.pending == 200
            assert verifier.gate is not None
            verifier.gate.set()
            return await asyncio.gather(*tasks)

    responses = asyncio.run(storm())
    statuses = [response.status_code for response in responses]
    assert statuses == [200] * 200
    assert [response.json()["replayed"] for response in responses].count(False) == 1
    assert len(verifier.seen) == 200
    assert len({json.dumps(response.json()["credential"]) for response in responses}) == 1
    assert store.ping()["credentials"] == 1


def test_200_threads_on_the_store_alone(
    store: Store, policy: Policy, client: TestClient, request_body: dict[str, Any]
) -> None:
    service = client.app.state.service  # type: ignore[attr-defined]
    _, _, credential, _ = service.check(parse_credential(json.dumps(request_body).encode()))
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            store.accept(policy, credential)
            outcomes.append("accepted")
        except Refused as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=attempt) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("accepted") == 1 and outcomes.count("refused.nullifier_used") == 199


def test_two_services_on_one_database(
    tmp_path: Path, store: Store, request_body: dict[str, Any]
) -> None:
    other = Store(f"sqlite:///{tmp_path}/service.sqlite", clock=lambda: NOW)
    clients = [
        loopback_client(create_app(Settings(), FakeVerifier(), load_key=load_fake, store=each))
        for each in (store, other)
    ]
    answers = [submit(client, request_body).json() for client in clients]
    other.close()
    assert [answer["replayed"] for answer in answers] == [False, True]


def test_a_full_queue_answers_503(
    store: Store, verifier: FakeVerifier, request_body: dict[str, Any]
) -> None:
    verifier.gate = threading.Event()
    app = create_app(
        verifying(workers=1, queue_limit=3, retry_after=7),
        verifier,
        load_key=load_fake,
        store=store,
    )

    async def crowd() -> tuple[list[httpx.Response], httpx.Response]:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url=HERE, timeout=30
        ) as client:
            bodies = [request_body | {"nullifier": hex32(100 + i)} for i in range(6)]
            tasks = [
                asyncio.create_task(client.post("/v1/verifications", json=body)) for body in bodies
            ]
            await asyncio.wait(tasks, timeout=10, return_when=asyncio.FIRST_COMPLETED)
            while sum(task.done() for task in tasks) < 3:
                await asyncio.sleep(0.005)
            assert verifier.gate is not None
            verifier.gate.set()
            answers = await asyncio.gather(*tasks)
            again = await client.post("/v1/verifications", json=request_body)
            return list(answers), again

    answers, again = asyncio.run(crowd())
    busy = [answer for answer in answers if answer.status_code != 200]
    assert len(busy) == 3
    for answer in busy:
        check_problem(answer, 503, "unavailable.busy")
        assert answer.headers["retry-after"] == "7"
    assert again.status_code == 200  # the places are free again


# ---- what the operator did not register ----------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"policy_id": hex32(5)}, 404, "unknown.policy"),
        ({"chain_id": CHAIN_ID + 1}, 404, "unknown.deployment"),
        ({"registry": hex20(0xC0FFEF)}, 404, "unknown.deployment"),
        ({"tier": 3}, 404, "unknown.tier"),
        ({"key_digest": hex32(5)}, 404, "unknown.key"),
        ({"root": hex32(ROOT + 1)}, 404, "unknown.root"),
        ({"root": hex32(0)}, 404, "unknown.root"),
        ({"root": hex32(R)}, 404, "unknown.root"),
        ({"root": hex32(ROOT + R)}, 404, "unknown.root"),
        ({"nullifier": hex32(0)}, 400, "malformed.range"),
        ({"nullifier": hex32(NULLIFIER + R)}, 400, "malformed.range"),
        ({"account": hex20(0)}, 400, "malformed.range"),
    ],
)
def test_refused_before_the_pairing(
    client: TestClient,
    verifier: FakeVerifier,
    request_body: dict[str, Any],
    change: dict[str, Any],
    status: int,
    code: str,
) -> None:
    check_problem(submit(client, request_body | change), status, code)
    assert verifier.seen == []


def test_the_reader_is_that_of_the_command(
    client: TestClient, request_body: dict[str, Any], tmp_path: Path
) -> None:
    """What `tierproof verify` does not read, the service does not, and says the same."""
    for name in ("policy_id", "account", "registry", "proof", "srs_id"):
        body = request_body | {name: "0x" + request_body[name][2:].upper()}
        path = tmp_path / "credential.json"
        path.write_text(json.dumps(body))
        with pytest.raises(Malformed) as caught:
            CredentialFile.load(path)
        answer = check_problem(submit(client, body), 400, caught.value.code)
        assert answer["detail"] == caught.value.message and answer["part"] == name


def test_root_of_another_window_or_set(
    store: Store,
    client: TestClient,
    policy: Policy,
    signed: Root,
    request_body: dict[str, Any],
) -> None:
    other_window = replace(signed, root=31, first_day=policy.first_day - 1)
    other_set = replace(signed, root=32, attestor_set=b"\x78" * 32)
    for root in (other_window, other_set):
        store.register_root(root, SIGNATURES, **FOR_THE_PLACE, files=policy.documents)
        check_problem(
            submit(client, request_body | {"root": hex32(root.root)}), 404, "unknown.root"
        )


def test_a_policy_that_names_an_index_wants_its_feed(
    store: Store, client: TestClient, policy: Policy, signed: Root, request_body: dict[str, Any]
) -> None:
    """Under one index, three roots: without a document, of another index, and the right one."""
    wanting = replace(policy, index="vol")
    store.register_policy(wanting, [PLACE])
    asked = request_body | {"policy_id": hex32(wanting.policy_id)}
    named = [RuleFiles(((f"feed/{index}", bytes(32)),)) for index in ("other", "vol")]
    for number, files in enumerate([NO_FILES, *named], start=40):
        made_by = RuleFiles.together([policy.documents, files])
        root = replace(signed, root=number, rules=made_by.rules)
        store.register_root(root, SIGNATURES, **FOR_THE_PLACE, files=made_by)
        answer = submit(client, asked | {"root": hex32(number)})
        if files.feeds == ("vol",):
            assert answer.status_code == 200, answer.text
        else:
            check_problem(answer, 409, "refused.rules")


def test_root_expires_to_the_second(
    client: TestClient, clock: list[float], request_body: dict[str, Any]
) -> None:
    clock[0] = NOW + 1001
    check_problem(submit(client, request_body), 409, "refused.root_expired")
    clock[0] = NOW + 1000
    assert submit(client, request_body).status_code == 200


def test_revoked_root(
    store: Store, client: TestClient, policy: Policy, request_body: dict[str, Any]
) -> None:
    store.revoke_root(policy.attestor_set, ROOT)
    check_problem(submit(client, request_body), 409, "refused.root_revoked")


def test_a_generation_that_ended_backs_nothing_and_the_next_signs_the_root_again(
    store: Store, client: TestClient, policy: Policy, signed: Root, request_body: dict[str, Any]
) -> None:
    def register(root: Root) -> None:
        store.register_root(root, SIGNATURES, **FOR_THE_PLACE, files=policy.documents)

    second = replace(signed, generation=2)
    with pytest.raises(Refused) as caught:
        register(second)
    assert caught.value.code == "refused.root_exists"
    store.end_generation(policy.attestor_set, 1)
    store.end_generation(policy.attestor_set, 1)
    check_problem(submit(client, request_body), 409, "refused.generation_ended")
    for again in (signed, replace(signed, root=ROOT + 1)):
        with pytest.raises(Refused) as caught:
            register(again)
        assert caught.value.code == "refused.generation_ended"
    register(second)
    assert submit(client, request_body).status_code == 200


def test_a_generation_that_was_followed_signs_nothing_new(
    store: Store, policy: Policy, signed: Root
) -> None:
    def register(root: Root) -> None:
        store.register_root(root, SIGNATURES, **FOR_THE_PLACE, files=policy.documents)

    register(replace(signed, root=ROOT + 1, generation=2))
    register(signed)  # known: a service that starts again reads the same files
    with pytest.raises(Refused) as caught:
        register(replace(signed, root=ROOT + 2))
    assert caught.value.code == "refused.generation"


@pytest.mark.parametrize("what", ["revoke", "expire"])
def test_what_changes_during_the_pairing_counts(
    store: Store, policy: Policy, clock: list[float], request_body: dict[str, Any], what: str
) -> None:
    def slow(key: Key, statement: Sequence[int], proof: bytes) -> None:
        if what == "revoke":
            store.revoke_root(policy.attestor_set, ROOT)
        else:
            clock[0] = NOW + 1001

    client = loopback_client(create_app(Settings(), slow, load_key=load_fake, store=store))
    code = {
        "revoke": "refused.root_revoked",
        "expire": "refused.root_expired",
    }[what]
    assert submit(client, request_body).json()["code"] == code
    assert store.credential(NULLIFIER) is None


# ---- a nullifier has a holder --------------------------------------------------------------------
OTHER_ACCOUNT = hex20(ACCOUNT + 1)


def _looked_at(service: Any, body: dict[str, Any]) -> tuple[Policy, Credential]:
    """What the service would record of a request if its proof holds."""
    _, policy, credential, _ = service.check(parse_credential(json.dumps(body).encode()))
    return policy, credential


@pytest.fixture
def later(store: Store, policy: Policy, signed: Root, request_body: dict[str, Any]) -> Any:
    """The body of the same claim, under the series' policy of another window."""

    def body(days: int, **changes: Any) -> dict[str, Any]:
        window = (policy.first_day + days, policy.last_day + days)
        following = replace(policy, first_day=window[0], last_day=window[1])
        root = replace(signed, root=ROOT + 100 + days, first_day=window[0], last_day=window[1])
        assert following.series == policy.series
        store.register_policy(following, [PLACE])
        store.register_root(root, SIGNATURES, **FOR_THE_PLACE, files=policy.documents)
        named = {"policy_id": hex32(following.policy_id), "root": hex32(root.root)}
        return request_body | named | changes

    return body


def test_the_same_account_comes_again_with_a_later_window(
    store: Store, client: TestClient, verifier: FakeVerifier, later: Any, request_body: Any
) -> None:
    assert submit(client, request_body).status_code == 200
    first = store.credential(NULLIFIER)
    assert submit(client, later(1, tier=0)).status_code == 200
    second = store.credential(NULLIFIER)
    assert first is not None and second is not None and store.ping()["credentials"] == 1
    assert (second.scope, second.account) == (first.scope, first.account)
    assert second.last_day == first.last_day + 1 and (first.tier, second.tier) == (1, 0)
    assert (second.policy_id, second.root) != (first.policy_id, first.root)
    assert client.get(f"/v1/credentials/{hex32(NULLIFIER)}").json()["last_day"] == "2023-05-03"
    assert verifier.seen[0][1][2] == verifier.seen[1][1][2]  # one scope


@pytest.mark.parametrize("days", [0, -1, 1])
def test_what_does_not_follow_is_refused(
    store: Store, client: TestClient, verifier: FakeVerifier, later: Any, days: int,
    request_body: dict[str, Any],
) -> None:  # fmt: skip
    """The same or an earlier window, whoever's; another account, with whatever window."""
    bodies = [later(days, tier=0, account=OTHER_ACCOUNT)]
    if days < 1:
        bodies.append(later(days, tier=0) if days else request_body | {"tier": 0})
    assert submit(client, request_body).status_code == 200
    held = store.credential(NULLIFIER)
    for body in bodies:
        check_problem(submit(client, body), 409, "refused.nullifier_used")
    assert store.credential(NULLIFIER) == held and len(verifier.seen) == 1


@pytest.mark.parametrize("days", [0, -1, 1])
def test_what_the_store_decides(
    store: Store, client: TestClient, later: Any, days: int, request_body: dict[str, Any]
) -> None:
    """The same, where both were looked at before either was recorded."""
    service = client.app.state.service  # type: ignore[attr-defined]
    bodies = (later(days, account=OTHER_ACCOUNT), later(days))
    others = [_looked_at(service, body) for body in bodies]
    held = store.accept(*_looked_at(service, request_body))
    with pytest.raises(Refused) as caught:
        store.accept(*others[0])
    assert caught.value.code == "refused.nullifier_used"
    if days > 0:
        held = store.accept(*others[1])
    else:
        with pytest.raises(Refused):
            store.accept(*others[1])
    assert store.credential(NULLIFIER) == held


def test_a_renewal_rests_on_a_root_that_still_counts(
    store: Store, client: TestClient, policy: Policy, later: Any, request_body: dict[str, Any]
) -> None:
    body = later(1)
    service = client.app.state.service  # type: ignore[attr-defined]
    held = store.accept(*_looked_at(service, request_body))
    following = _looked_at(service, body)
    store.revoke_root(policy.attestor_set, ROOT + 101)
    with pytest.raises(Refused) as caught:
        store.accept(*following)
    assert caught.value.code == "refused.root_revoked"
    assert store.credential(NULLIFIER) == held


# ---- registration never fails open ---------------------------------------------------------------
def test_root_without_quorum_is_not_registered(store: Store, signed: Root) -> None:
    with pytest.raises(Refused) as caught:
        store.register_root(replace(signed, root=41), [], **FOR_THE_PLACE)
    assert caught.value.code == "refused.quorum"


def test_known_root_cannot_change(store: Store, signed: Root, policy: Policy) -> None:
    known: dict[str, Any] = {
        **FOR_THE_PLACE,
        "files": policy.documents,
    }
    store.register_root(signed, SIGNATURES, **known)  # the same again is fine
    with pytest.raises(Refused) as caught:
        store.register_root(replace(signed, valid_until=NOW + 5000), SIGNATURES, **known)
    assert caught.value.code == "refused.root_exists"
    store.revoke_root(policy.attestor_set, ROOT)
    with pytest.raises(Refused) as caught:
        store.register_root(signed, SIGNATURES, **known)
    assert caught.value.code == "refused.root_revoked"


def test_root_comes_with_the_files_that_it_was_signed_with(store: Store, signed: Root) -> None:
    files = RuleFiles.of({"margin/other.json": b"{}"})
    other = replace(signed, root=41, rules=files.rules)
    for lie in (NO_FILES, RuleFiles.of({"margin/other.json": b"[]"})):
        with pytest.raises(Refused) as caught:
            store.register_root(other, SIGNATURES, **FOR_THE_PLACE, files=lie)
        assert caught.value.code == "refused.root_files"
    store.register_root(other, SIGNATURES, **FOR_THE_PLACE, files=files)


def test_root_of_other_margin_documents(store: Store, signed: Root, policy: Policy) -> None:
    """The registry's root, the quorum's signature; the policy still does not count it."""
    files = RuleFiles.of({"margin/other.json": b"{}"})
    other = replace(signed, root=41, rules=files.rules)
    store.register_root(other, SIGNATURES, **FOR_THE_PLACE, files=files)
    store.require_root(policy, PLACE, ROOT)
    with pytest.raises(Refused) as caught:
        store.require_root(policy, PLACE, 41)
    assert caught.value.code == "refused.rules"


def test_policy_that_trusts_nobody(store: Store) -> None:
    with pytest.raises(Refused) as caught:
        store.register_policy(example("sample-hyperliquid"))
    assert caught.value.code == "refused.policy.attestors"


def test_development_keys_only_when_asked_for(
    store: Store, verifier: FakeVerifier, request_body: dict[str, Any]
) -> None:
    unsafe = FakeKey(b"\x02" * 32, srs_id=allowed_id("development"))
    with pytest.raises(Refused) as caught:
        store.register_key(unsafe)
    assert caught.value.code == "refused.key_setup"
    store.register_key(unsafe, allow_setup="development")
    body = request_body | of_key(unsafe)
    careful = loopback_client(create_app(Settings(), verifier, load_key=load_fake, store=store))
    check_problem(submit(careful, body), 403, "refused.key_setup")
    assert verifier.seen == []
    asked = loopback_client(
        create_app(
            Settings(server=ServerSettings(allow_setup="development")),
            verifier,
            load_key=load_fake,
            store=store,
        )
    )
    assert submit(asked, body).status_code == 200


def test_stored_key_with_another_digest_is_refused(store: Store, verifier: FakeVerifier) -> None:
    def another(document: dict[str, Any]) -> FakeKey:
        return FakeKey(b"\x09" * 32)

    with pytest.raises(Malformed) as caught:
        create_app(Settings(), verifier, load_key=another, store=store)
    assert caught.value.code == "malformed.key"


def test_key_registered_while_running(
    store: Store, client: TestClient, request_body: dict[str, Any]
) -> None:
    later = FakeKey(b"\x03" * 32, size=16384)
    store.register_key(later)
    assert submit(client, request_body | {"key_digest": hex32(later.digest)}).status_code == 200


# ---- malformed requests --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"policy_id": "0x12"}, "policy_id"),
        ({"policy_id": "12" * 33}, "policy_id"),
        ({"policy_id": hex32(5) + "\n"}, "policy_id"),
        ({"policy_id": "0x" + "٣" * 64}, "policy_id"),
        ({"root": "0x" + "1" * 65}, "root"),
        ({"root": 11}, "root"),
        ({"nullifier": None}, "nullifier"),
        ({"account": hex32(1)}, "account"),
        ({"tier": "1"}, "tier"),
        ({"tier": -1}, "tier"),
        ({"tier": True}, "tier"),
        ({"tier": 256}, "tier"),
        ({"chain_id": 0}, "chain_id"),
        ({"chain_id": 1 << 63}, "chain_id"),
        ({"epoch": 0}, "epoch"),
        ({"format": "tierproof/root"}, "format"),
        ({"version": 1}, "version"),
        ({"version": True}, "version"),
        ({"size": 0}, "size"),
        ({"srs_id": "0x00"}, "srs_id"),
        ({"proof": ""}, "proof"),
        ({"proof": "0x123"}, "proof"),
        ({"proof": "0xzz"}, "proof"),
        ({"proof": ["0x00"]}, "proof"),
        ({"scope": hex32(1)}, "scope"),
        ({"thresholds": []}, "thresholds"),
    ],
)
def test_malformed_field(
    client: TestClient,
    verifier: FakeVerifier,
    request_body: dict[str, Any],
    change: dict[str, Any],
    part: str,
) -> None:
    assert (
        check_problem(submit(client, request_body | change), 400, "malformed.credential")["part"]
        == part
    )
    assert verifier.seen == []


def test_missing_field(client: TestClient, request_body: dict[str, Any]) -> None:
    for name in list(request_body):
        body = {key: value for key, value in request_body.items() if key != name}
        answer = check_problem(submit(client, body), 400, "malformed.credential")
        assert answer["part"] == name


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 65_000, b'{"a":' * 13_000, b"[" * 10_000 + b"]" * 10_000,
     b'{"tier": 1, "tier": 2}', b'{"tier": 1.0}', b'{"tier": NaN}',
     b'{"tier": ' + b"9" * 5000 + b"}", b'{"tier": 1e400}'],
)  # fmt: skip
def test_not_json(client: TestClient, body: bytes) -> None:
    response = client.post(
        "/v1/verifications", content=body, headers={"content-type": "application/json"}
    )
    check_problem(response, 400, "malformed.json")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"7"])
def test_json_of_another_kind(client: TestClient, body: bytes) -> None:
    response = client.post(
        "/v1/verifications", content=body, headers={"content-type": "application/json"}
    )
    check_problem(response, 400, "malformed.credential")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_json_only(
    client: TestClient, verifier: FakeVerifier, request_body: dict[str, Any], kind: str
) -> None:
    response = client.post(
        "/v1/verifications", content=json.dumps(request_body), headers={"content-type": kind}
    )
    check_problem(response, 415, "refused.media_type")
    assert verifier.seen == []


def test_body_cap(client: TestClient, verifier: FakeVerifier, request_body: dict[str, Any]) -> None:
    padding = 64 * 1024 - len(json.dumps(request_body).encode())
    headers = {"content-type": "application/json"}
    fits = json.dumps(request_body) + " " * padding
    check_problem(
        client.post("/v1/verifications", content=fits + " ", headers=headers),
        413,
        "refused.too_large",
    )
    assert verifier.seen == []
    assert client.post("/v1/verifications", content=fits, headers=headers).status_code == 200


def test_body_cap_without_a_length_stops_reading(
    client: TestClient, verifier: FakeVerifier
) -> None:
    """Driven at ASGI level: the cap must bite before the endless body ends."""
    sent: list[dict[str, Any]] = []
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 1024, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/verifications",
        "raw_path": b"/v1/verifications",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    asyncio.run(client.app(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 413 and read == 65


def test_slow_body(store: Store, verifier: FakeVerifier) -> None:
    settings = Settings(server=ServerSettings(body_seconds=0.05))
    app = create_app(settings, verifier, load_key=load_fake, store=store)

    async def drip() -> Any:
        yield b"{"
        await asyncio.sleep(5)

    async def post() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url=HERE
        ) as client:
            return await client.post(
                "/v1/verifications", content=drip(), headers={"content-type": "application/json"}
            )

    check_problem(asyncio.run(post()), 408, "refused.slow_body")


# ---- reading -------------------------------------------------------------------------------------
def test_lists_and_health(client: TestClient, policy: Policy) -> None:
    health = client.get("/v1/health").json()
    assert health == {
        "status": "ok",
        "allow_setup": None,
        "policies": 1,
        "keys": 1,
        "credentials": 0,
    }
    (listed,) = client.get("/v1/policies").json()["policies"]
    assert listed["policy_id"] == hex32(policy.policy_id)
    assert [tier["name"] for tier in listed["tiers"]] == [tier.name for tier in policy.tiers]
    assert listed["tiers"][2]["thresholds"] == [
        hex32(word) for word in policy.tiers[2].thresholds.words()
    ]
    assert listed["deployments"] == [{"chain_id": CHAIN_ID, "registry": REGISTRY}]
    assert client.get("/v1/keys").json() == {
        "keys": [{"digest": hex32(FakeKey().digest), "size": 8192, "setup": "ceremony hez_final"}],
        "next": None,
    }


@pytest.mark.parametrize("nullifier", ["1", "0x1", hex32(1)[2:], hex32(1) + "0", "0x" + "g" * 64])
def test_credential_by_bad_nullifier(client: TestClient, nullifier: str) -> None:
    check_problem(client.get(f"/v1/credentials/{nullifier}"), 400, "malformed.request")


@pytest.mark.parametrize("value", [0, R, R + 22])
def test_credential_by_nullifier_out_of_range(client: TestClient, value: int) -> None:
    check_problem(client.get(f"/v1/credentials/{hex32(value)}"), 400, "malformed.range")


def test_unknown_path_and_method(client: TestClient) -> None:
    check_problem(client.get("/v1/nothing"), 404, "http.404")
    check_problem(client.get("/v1/verifications"), 405, "http.405")
    for path in (
        "/docs",
        "/redoc",
        "/openapi.json",
    ):  # pages that would load scripts from elsewhere
        assert client.get(path).status_code == 404


def test_no_proof_bytes_in_logs(
    client: TestClient,
    verifier: FakeVerifier,
    request_body: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="tierproof")
    assert submit(client, request_body).status_code == 200
    verifier.error = RuntimeError(PROOF)
    submit(client, request_body | {"nullifier": hex32(23)})
    submit(client, request_body | {"proof": PROOF + "z"})
    records = [record for record in caplog.records if record.name.startswith("tierproof")]
    text = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in records)
    assert "accepted" in text and "malformed.credential" in text and "RuntimeError" in text
    assert "5eadbeef" not in text


def test_database_gone(client: TestClient, store: Store, request_body: dict[str, Any]) -> None:
    from service.store.base import Base

    Base.metadata.drop_all(store.database.engine)
    check_problem(client.get("/v1/health"), 503, "unavailable.database")
    check_problem(submit(client, request_body), 503, "unavailable.database")


def test_loopback_and_careful_by_default() -> None:
    settings = Settings()
    server = settings.server
    assert server.host == "127.0.0.1" and server.body_limit == 65536
    assert server.allow_setup is None and settings.metrics.port is None
