"""Governor's and guardian's commands against a node, and what `deploy check` finds."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from algebra.errors import Rejected
from contracts.client.authority import LOOSEN, Authority
from contracts.client.chain import Chain
from contracts.client.deployment import Deployment
from policies.attestor_set import AttestorSet
from policies.market_rules import STRICT, MarketRules
from tests.contracts.anvil_node import start_anvil
from tests.contracts.node_proxy import proxied
from tests.tierproof.conftest import ACCOUNT, SIZE, attestors, run, sample_policy, write_private
from tierproof.documents import attestors_document

pytestmark = pytest.mark.evm
Capture = pytest.CaptureFixture[str]
GOVERNOR, GUARDIAN, ADMIN = (Account.from_key(bytes([i]) * 32) for i in (1, 2, 3))


@dataclass(frozen=True)
class Place:
    """A registry whose three roles are three keys, deployed by a fourth."""

    url: str
    folder: Path
    deployment: Path

    def chain(self) -> list[object]:
        return ["--rpc", self.url, "--deployment", self.deployment, "--json"]

    def by(self, who: str) -> list[object]:
        return [*self.chain(), "--key-file", self.folder / f"{who}.key"]

    def roles(self, **changes: object) -> list[object]:
        named = {"admin": ADMIN.address, "governor": GOVERNOR.address,
                 "guardian": GUARDIAN.address, "admin-delay": 60, **changes}  # fmt: skip
        return [word for name, value in named.items() for word in (f"--{name}", value)]


def deploy(place: Place, *more: object) -> list[object]:
    verifier = ["--verifier", f"TierproofVerifier{SIZE}", "--out", place.deployment]
    return ["deploy", "--rpc", place.url, *verifier, *more]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    process, url = start_anvil()
    folder = tmp_path_factory.mktemp("registry")
    made = Place(url, folder, folder / "deployment.json")
    send = Chain.connect(url).web3.provider.make_request
    for name, key in (("governor", GOVERNOR), ("guardian", GUARDIAN), ("admin", ADMIN)):
        write_private(folder / f"{name}.key", f"0x{bytes(key.key).hex()}\n")
        send("anvil_setBalance", [key.address, hex(10**20)])  # type: ignore[arg-type]
    sample_policy().save(folder / "policy.json")
    (folder / "attestors.json").write_text(json.dumps(attestors_document(attestors())))
    try:
        assert run(*deploy(made, *made.roles())) == 0
        yield made
    finally:
        process.terminate()
        process.wait(20)


def answer(capsys: Capture, status: int, *command: object) -> dict[str, Any]:
    capsys.readouterr()
    assert run(*command) == status
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document.get("error", document)


def test_a_set_and_a_policy_are_added_to_a_registry_that_stands(
    place: Place, capsys: Capture
) -> None:
    """Regression: whoever had no policy in `deploy` had to pay for another registry."""
    policy, trusted = place.folder / "policy.json", place.folder / "attestors.json"
    add_set = ["registry", "add-set", "--attestors", trusted]
    add_policy = ["registry", "add-policy", policy]
    refused = answer(capsys, 1, *add_policy, *place.by("governor"))
    assert refused["code"] == "rejected.AttestorSetUnknown"
    refused = answer(capsys, 1, *add_set, *place.by("guardian"))
    assert refused["code"] == "rejected.AccessManagedUnauthorized"

    dry = answer(capsys, 0, *add_set, *place.chain(), "--dry-run")
    (step,) = dry["steps"]
    assert step["from"] == "the governor" and not step["done"]
    assert step["to"] == Deployment.read(place.deployment).registry

    # What is printed is what is sent: a timelock would send these bytes.
    web3 = Chain.connect(place.url).web3
    signed = GOVERNOR.sign_transaction({
        "to": step["to"], "data": step["data"], "gas": 400_000, "value": 0,
        "gasPrice": web3.eth.gas_price * 2, "chainId": 31_337,
        "nonce": web3.eth.get_transaction_count(GOVERNOR.address),
    })  # fmt: skip
    web3.eth.send_raw_transaction(signed.raw_transaction)
    there = answer(capsys, 0, *add_set, *place.by("governor"))
    assert (there["sent"], there["generation"]) == (0, 1)

    added = answer(capsys, 0, *add_policy, *place.by("governor"))
    assert added["sent"] == 2 and len(added["transaction"]) == 66  # the series too
    again = answer(capsys, 0, *add_policy, *place.by("governor"))
    assert again["sent"] == 0 and again["policy_id"] == added["policy_id"]
    assert "transaction" not in again
    assert answer(capsys, 0, *add_policy, *place.chain(), "--dry-run")["steps"][0]["done"]


def test_a_pause_and_its_end(place: Place, capsys: Capture) -> None:
    now = Chain.connect(place.url).now()
    refused = answer(capsys, 1, "registry", "pause", *place.by("governor"))
    assert refused["code"] == "rejected.AccessManagedUnauthorized"
    first = answer(capsys, 0, "registry", "pause", *place.by("guardian"))
    assert first["paused_until"] >= now + 7 * 86_400 and first["sent"] == 1
    again = answer(capsys, 0, "registry", "pause", *place.by("guardian"))
    assert (again["sent"], again["paused_until"]) == (0, first["paused_until"])  # not prolonged
    refused = answer(capsys, 1, "registry", "unpause", *place.by("guardian"))
    assert refused["code"] == "rejected.AccessManagedUnauthorized"
    ended = answer(capsys, 0, "registry", "unpause", *place.by("governor"))
    assert ended["paused_until"] <= Chain.connect(place.url).now() and ended["sent"] == 1
    assert answer(capsys, 0, "registry", "unpause", *place.by("governor"))["sent"] == 0
    refused = answer(capsys, 1, "registry", "pause", *place.by("guardian"))
    assert refused["code"] == "rejected.PauseTooSoon"


def test_deploy_check_reads_what_is_there(place: Place, capsys: Capture) -> None:
    check = ["deploy", "check", *place.chain()]
    found = answer(capsys, 0, *check, *place.roles())
    assert found["governors"] == {GOVERNOR.address: 0} and found["scheduled"] == []
    assert found["guardians"] == {GUARDIAN.address: 0} and found["admins"] == {ADMIN.address: 60}
    assert found["code"] == "as committed" and found["notice"] == 0
    (judge,) = found["verifiers"]
    assert (judge["index"], judge["setup"], judge["disabled_at"]) == (0, "development", 0)
    for role in ("admin", "governor", "guardian"):
        refused = answer(capsys, 2, *check, *place.roles(**{role: "0x" + "77" * 20}))
        assert refused["code"] == "refused.roles" and role in refused["message"]
    refused = answer(capsys, 2, *check, *place.roles(**{"admin-delay": 61}))
    assert refused["code"] == "refused.roles" and "60 s" in refused["message"]
    odd = place.folder / "odd.json"
    replace(sample_policy(), name="odd").save(odd)
    refused = answer(capsys, 1, *check, "--policy", odd)
    assert refused["code"] == "rejected.PolicyUnknown"


def test_a_second_governor_is_found(place: Place, capsys: Capture) -> None:
    """Given by the admin, who announces it and waits; and told of while he does."""
    chain = Chain.connect(place.url)
    authority = Authority(chain, Deployment.read(place.deployment).authority)
    functions, other = authority.contract.functions, "0x" + "99" * 20
    check = ["deploy", "check", *place.chain(), *place.roles()]
    for call in (functions.grantRole(LOOSEN, other, 0), functions.revokeRole(LOOSEN, other)):
        data = call._encode_transaction_data()
        with pytest.raises(Rejected):
            chain.send(call, sender=ADMIN)  # not without its delay
        chain.send(functions.schedule(authority.address, data, 0), sender=ADMIN)
        (waiting,) = answer(capsys, 0 if call.fn_name == "grantRole" else 2, *check).get(
            "scheduled", [{"data": data}]
        )
        assert waiting["data"] == data
        chain.advance_time(61)
        chain.send(call, sender=ADMIN)
        status = 2 if call.fn_name == "grantRole" else 0
        told = answer(capsys, status, *check)
        assert status == 0 or "holds it too" in told["message"]

    def no_events(question: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
        if question["method"] == "eth_getLogs":
            told.pop("result", None)
            told["error"] = {"code": -32005, "message": "query exceeds max block range 10000"}
        return told

    def without_the_first(question: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
        if question["method"] == "eth_getLogs":
            told["result"] = told["result"][1:]
        return told

    for lacks in (no_events, without_the_first):
        with proxied(place.url, lacks) as url:
            named = ["--rpc", url, "--deployment", place.deployment, "--json", *place.roles()]
            refused = answer(capsys, 2, "deploy", "check", *named)
            assert refused["code"] == "unavailable.events"


def test_what_guardian_and_governor_switch(place: Place, capsys: Capture, tmp_path: Path) -> None:
    """Each command once, and again with nothing left to do; and by whom it may not be sent."""
    policy = place.folder / "policy.json"
    word = ["--policy", policy, "--nullifier", "0x" + "07" * 32]
    market, engine = tmp_path / "market.json", ACCOUNT
    MarketRules(replace(STRICT.terms, taker_fee=9_000)).save(market)
    for who, command, shown in (
        ("guardian", ["registry", "revoke-grant", *word], {"running": False, "account": None}),
        ("guardian", ["registry", "bar", *word], {"free_from": "2149-06-06"}),
        ("governor", ["registry", "unbar", *word], {"retired": False}),
        ("governor", ["registry", "add-engine", engine, "--most-level", 1], {"index": 1}),
        ("guardian", ["registry", "disable", "--engine", engine], {"engine": engine}),
        ("governor", ["registry", "void-reports", engine], {"index": 1}),
        ("governor", ["registry", "announce-market", market], {}),
        ("guardian", ["registry", "withdraw-market"], {}),
        ("governor", ["registry", "announce-market", market], {}),
        ("governor", ["registry", "begin-market"], {"band": 0, "factor": 10_000}),
        ("guardian", ["registry", "disable", "--policy", policy], {}),
    ):
        other = "governor" if who == "guardian" else "guardian"
        if command[1] != "begin-market":
            refused = answer(capsys, 1, *command, *place.by(other))
            assert refused["code"] == "rejected.AccessManagedUnauthorized", command
        done = answer(capsys, 0, *command, *place.by(who))
        assert done["sent"] == 1 and shown.items() <= done.items(), (command, done)
        if command[1] != "announce-market":
            assert answer(capsys, 0, *command, *place.by(who))["sent"] == 0
        dry = answer(capsys, 0, *command, *place.chain(), "--dry-run")
        assert len(dry["steps"]) == 1
    feed = answer(capsys, 1, "registry", "poke", *place.by("governor"))
    assert feed["code"] == "rejected.FeedMissing"
    carry = ["registry", "carry-conduct", ACCOUNT, "0x" + "77" * 20, *place.by("governor")]
    assert answer(capsys, 1, *carry)["code"] == "rejected.OtherSubject"
    taken = ["registry", "take-back-reports", ACCOUNT, *place.by("governor")]
    assert answer(capsys, 1, *taken)["code"] == "rejected.NothingVoid"
    window = ["registry", "announce-window", policy, "--first-day", "2030-01-01"]
    assert answer(capsys, 2, *window, *place.by("governor"))["code"] == "usage.window"
    window += ["--last-day", "2030-04-02"]
    assert answer(capsys, 0, *window, *place.by("governor"))["sent"] == 1
    assert answer(capsys, 0, *window, *place.by("governor"))["sent"] == 0
    series = ["registry", "add-series", policy, *place.by("governor")]
    assert answer(capsys, 0, *series)["sent"] == 0
    early = ["registry", "close", "--at", Chain.connect(place.url).now() + 86_400]
    assert answer(capsys, 1, *early, *place.by("governor"))["code"] == "rejected.CloseTooSoon"


def test_what_an_account_without_a_grant_cannot_do(place: Place, capsys: Capture) -> None:
    policy = place.folder / "policy.json"
    word = ["--policy", policy, "--nullifier", "0x" + "07" * 32]
    by = place.by("guardian")
    assert answer(capsys, 1, "contest", *word, *by)["code"] == "rejected.NotHolder"
    assert answer(capsys, 1, "retire", *word, *by)["code"] == "rejected.NotHolder"
    assert answer(capsys, 0, "relinquish", *by)["sent"] == 0


def test_a_dry_run_sends_nothing(place: Place, tmp_path: Path, capsys: Capture) -> None:
    chain = Chain.connect(place.url)
    before, elsewhere = chain.head(), replace(place, deployment=tmp_path / "d.json")
    salt = ["--salt", "0x" + "01" * 32]  # another registry of the same deployer
    about = [*salt, "--policy", place.folder / "policy.json", "--attestors",
             place.folder / "attestors.json"]  # fmt: skip
    plan = answer(capsys, 0, *deploy(elsewhere, *about, "--dry-run", "--json"))
    names = [step["step"] for step in plan["steps"] if not step["done"]]
    assert names == [
        "authority Authority",
        "registry TierGrants",
        "roles of the registry's functions",
        f"verifier TierproofVerifier{SIZE} in the registry",
        "attestor set",
        "series standard",
        f"window of the days {sample_policy().first_day} to {sample_policy().last_day}",
        "policy standard",
        "roles to their holders, none to the deployer",
    ]  # what hangs on nobody stands there already
    assert plan["cost_wei"] > 0 and plan["gas"] == sum(step["gas"] for step in plan["steps"])
    assert len(plan["steps"][8]["data"]) > 10_000
    status = run(*deploy(elsewhere, *about, "--dry-run"))
    told = capsys.readouterr()
    assert status == 0, told
    assert "bytes, keccak 0x" in told.out
    assert chain.head() == before and list(tmp_path.iterdir()) == []


def test_a_killed_deployment_is_gone_on_with(place: Place, tmp_path: Path, capsys: Capture) -> None:
    """SIGKILL once the node has the first transaction; the same command pays for the rest."""
    poor = Account.create()
    send = Chain.connect(place.url).web3.provider.make_request
    send("anvil_setBalance", [poor.address, hex(10**20)])  # type: ignore[arg-type]
    write_private(tmp_path / "poor.key", f"0x{bytes(poor.key).hex()}\n")
    started: list[subprocess.Popen[bytes]] = []

    def kills(question: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
        if question["method"] == "eth_sendRawTransaction" and started[0].poll() is None:
            started[0].send_signal(signal.SIGKILL)
        return told

    elsewhere = replace(place, deployment=tmp_path / "d.json")
    arguments = deploy(elsewhere, "--key-file", tmp_path / "poor.key")
    with proxied(place.url, kills) as url:
        command = [url if word == place.url else str(word) for word in arguments]
        process = subprocess.Popen(
            [sys.executable, "-m", "tierproof.cli", *command], stderr=subprocess.PIPE
        )
        started.append(process)
        told = process.communicate(timeout=120)[1].decode()
    assert process.returncode == -signal.SIGKILL and "transaction 0x" in told
    capsys.readouterr()
    assert run(*arguments) == 0
    assert "authority Authority: is done" in capsys.readouterr().err
    assert Chain.connect(place.url).courier.count(poor.address, "latest") == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.json", "poor.key"]


def test_a_set_in_a_later_generation(place: Place, capsys: Capture, tmp_path: Path) -> None:
    """The registry is brought up to the document's generation, step by step."""
    from attestor.generations import rotated
    from attestor.signatures import sign
    from policies.attestor_set import Generation

    keys = sorted((Account.create() for _ in range(3)), key=lambda key: int(key.address, 16))
    first = AttestorSet.of([key.address for key in keys[:2]], 2, "another")
    following = Generation.of([key.address for key in keys[1:]], 2)
    message = first.message(following)
    second = rotated(first, following, [sign(key, message) for key in keys[:2]])
    path = tmp_path / "another.json"
    path.write_text(json.dumps(attestors_document(second)))
    add_set = ["registry", "add-set", "--attestors", path]
    assert len(answer(capsys, 0, *add_set, *place.chain(), "--dry-run")["steps"]) == 2
    done = answer(capsys, 0, *add_set, *place.by("governor"))
    assert (done["sent"], done["generation"]) == (2, 2)
