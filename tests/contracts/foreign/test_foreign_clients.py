"""
viem and ethers read and write the registry by the committed artifact's ABI alone.

Each signs a root and consents as a wallet does, sends them, reads every view, and decodes every
error and every event of the ABI. What it saw is what Python's client sees.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from anvil_node import start_anvil
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from foreign.registry import ANVIL_OPTIONS, REAL, WORDS, ForeignWorld
from foreign.samples import error_sample, event_sample, plain
from grants.grants_world import (
    ALICE,
    BOB,
    DAY,
    GOLD,
    KEYS,
    LAST,
    NULLIFIER,
    OPEN,
    POLICY,
    PROOF,
    SERIES,
    SET,
    WORD,
    Root,
)

from contracts.build.artifact import FOLDER, load_artifact
from contracts.client.chain import Chain

pytestmark = pytest.mark.evm
HERE = Path(__file__).resolve().parent
SECONDS = 120
ABI = load_artifact("TierGrants").abi
RELAYER = Account.from_key(keccak(text="relayer"))
PEOPLE = {"alice": ALICE, "bob": BOB, "relayer": RELAYER}
ATTESTORS = {f"attestor {i}": key for i, key in enumerate(KEYS[:2])}
NOTHING = {"leastLastDay": 0, "deadline": 0, "signature": "0x"}
DEADLINE = OPEN + 50 * DAY


@pytest.fixture(scope="module")
def built() -> Iterator[ForeignWorld]:
    process, url = start_anvil(*ANVIL_OPTIONS)
    try:
        yield ForeignWorld(Chain.connect(url))
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="module", params=["viem", "ethers"])
def seen(request: pytest.FixtureRequest, built: ForeignWorld) -> Iterator[Seen]:
    """What one of them saw, while the chain stands as it left it."""
    ask = built.chain.web3.provider.make_request
    snapshot = ask("evm_snapshot", [])["result"]  # type: ignore[arg-type]
    try:
        for person in PEOPLE.values():
            ask("anvil_setBalance", [person.address, hex(10**20)])  # type: ignore[arg-type]
        yield Seen(built, request.param)
    finally:
        ask("evm_revert", [snapshot])  # type: ignore[arg-type]


class Seen:
    """What a script was asked, and its answer."""

    def __init__(self, world: ForeignWorld, client: str) -> None:
        self.world = world
        self.before = self._views()
        self.root = Root()
        errors = [error_sample(entry) for entry in ABI if entry["type"] == "error"]
        events = [event_sample(entry) for entry in ABI if entry["type"] == "event"]
        self.errors, self.events = ([read for _, read in each] for each in (errors, events))
        self.question = {
            "rpc": world.chain.web3.provider.endpoint_uri,
            "registry": world.registry.address,
            "abi": ABI,
            "keys": {name: key.key for name, key in (PEOPLE | ATTESTORS).items()},
            "attestors": list(ATTESTORS),
            "views": VIEWS,
            "root": _camel(asdict(self.root)),
            "claim": _claim(ALICE),
            "consent": _consent(ALICE),
            "move": {"claim": _claim(BOB), "consent": _consent(BOB, ALICE)},
            "refusals": [case[:3] for case in REFUSALS],
            "samples": {"errors": [e for e, _ in errors], "events": [e for e, _ in events]},
        }
        self.answer = json.loads(
            _node(client, str(HERE / f"with_{client}.mjs"), asked=_written(self.question))
        )

    def _views(self) -> list[Any]:
        functions = self.world.registry
        return [
            plain(functions.get_function_by_name(name)(*arguments).call())
            for name, arguments in VIEWS
        ]

    def after(self) -> list[Any]:
        """Every view as Python reads it now."""
        return self._views()


def _node(client: str, *arguments: str, asked: Any = None) -> str:
    """What a script prints that uses this client, from the root of the repository."""
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules" / client).is_dir():
        pytest.skip(f"{client} is not installed (npm ci --prefix tests/contracts/foreign)")
    done = subprocess.run(
        [node, *arguments],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        cwd=FOLDER.parent,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _written(value: Any) -> Any:
    """JSON with whole numbers as strings, and bytes in hexadecimal."""
    if isinstance(value, dict):
        return {name: each if name == "abi" else _written(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_written(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return "0x" + bytes(value).hex() if isinstance(value, bytes) else value


def _camel(fields: dict[str, Any]) -> dict[str, Any]:
    """Names as the contract's structs have them."""
    named = {}
    for name, value in fields.items():
        first, *others = name.split("_")
        named[first + "".join(word.title() for word in others)] = value
    return named


def _claim(account: LocalAccount, verifier: int = 0) -> dict[str, Any]:
    return {
        "policyId": POLICY,
        "tier": 1,
        "verifier": verifier,
        "root": WORD,
        "nullifier": NULLIFIER,
        "account": account.address,
        "thresholds": WORDS,
        "proof": PROOF,
    }


def _consent(account: LocalAccount, holder: LocalAccount | None = None) -> dict[str, Any]:
    """What `account`, or the holder for a move, signs: the terms by name."""
    return {
        "account": account.address,
        "from": "0x" + "00" * 20 if holder is None else holder.address,
        "series": SERIES,
        "nullifier": NULLIFIER,
        "initialMarginBp": GOLD.initial,
        "maintenanceMarginBp": GOLD.maintenance,
        "takerFee": GOLD.taker,
        "makerFee": GOLD.maker,
        "maxLeverage": GOLD.leverage,
        "limit": GOLD.limit,
        "leastLastDay": LAST,
        "deadline": DEADLINE,
    }


VIEWS: list[tuple[str, list[Any]]] = [
    ("effectiveTerms", [BOB.address]),
    ("grantOf", [ALICE.address]),
    ("grantOf", [BOB.address]),
    ("holderOf", [SERIES, NULLIFIER]),
    ("rootOf", [SET, WORD]),
    ("attestorSetOf", [SET]),
    ("generationOf", [SET, 1]),
    ("memberOf", [SET, 1, KEYS[0].address]),
    ("seriesOf", [SERIES]),
    ("policyOf", [POLICY]),
    ("tierOf", [2]),
    ("verifierOf", [0]),
    ("verifierOf", [1]),
    ("marketOf", []),
    ("switches", []),
    ("conductOf", [ALICE.address]),
    ("engineOf", [ALICE.address]),
    ("scopeOf", [SERIES]),
    ("subjectOf", [WORD, NULLIFIER]),
    ("eip712Domain", []),
    ("isCeremony", [WORD]),
    ("notice", []),
]
REFUSALS: list[tuple[str, str, list[Any], list[Any]]] = [
    ("relayer", "onboard", [_claim(ALICE), NOTHING, NOTHING], ["ConsentMissing", [ALICE.address]]),
    ("alice", "onboard", [_claim(ALICE), NOTHING, NOTHING], ["NothingChanges", []]),
    ("alice", "onboard", [_claim(ALICE, 1), NOTHING, NOTHING], ["BadLength", []]),
    ("alice", "onboard", [_claim(ALICE, 9), NOTHING, NOTHING], ["VerifierUnknown", [9]]),
    ("alice", "downgrade", [2], ["TierBetter", [2]]),
    ("bob", "relinquish", [], ["NoRunningGrant", [BOB.address]]),
    ("bob", "contest", [SERIES, NULLIFIER], ["NotHolder", [ALICE.address]]),
    ("relayer", "pause", [], ["AccessManagedUnauthorized", [RELAYER.address]]),
    (
        "relayer",
        "submitRoot",
        [_camel(asdict(Root(root=WORD + 1))), []],
        ["TooFewSignatures", [0, 2]],
    ),
    ("relayer", "poke", [], ["FeedMissing", []]),
    (
        "relayer",
        "reportConduct",
        [ALICE.address, 1, 0, 0, SERIES],
        ["EngineUnknown", [RELAYER.address]],
    ),
]
"""Who sends what once ALICE holds the grant, and how it is refused: by the registry, by a library
that it calls, by OpenZeppelin's code, by a verifier."""


def test_a_registry_is_used_by_software_of_other_makers(seen: Seen) -> None:
    said = seen.answer
    assert said["before"] == seen.before
    expected = plain(seen.world.registry.functions.rootDigest(_tuple(seen.root)).call())
    assert plain(said["rootDigest"]) == [expected, expected]
    assert said["sent"] == [["success", []], ["success", "0"], ["success", "3"]]
    assert said["after"] != said["before"]
    assert said["moved"] == seen.after()
    holder = dict(zip([name for name, _ in VIEWS], said["moved"], strict=True))["holderOf"]
    assert holder[0][0] == BOB.address.lower()


def test_every_refusal_is_read_by_name(seen: Seen) -> None:
    assert seen.answer["refusals"] == [plain(expected) for *_, expected in REFUSALS]
    assert seen.answer["errors"] == seen.errors


def test_every_event_is_read_by_name(seen: Seen) -> None:
    assert seen.answer["events"] == seen.events
    registry = seen.world.registry
    logs = seen.world.chain.web3.eth.get_logs({"address": registry.address, "fromBlock": 0})
    names = {event.topic: event for event in registry.events}
    decoded = []
    for log in logs:
        event = names["0x" + bytes(log["topics"][0]).hex()]
        found = event.process_log(log)
        order = [each["name"] for each in event.abi["inputs"]]
        decoded.append([found["event"], [plain(found["args"][name]) for name in order]])
    assert seen.answer["logs"] == plain(decoded)
    assert {"RootSubmitted", "Granted", "GrantEnded"} <= {name for name, _ in decoded}


def test_the_registrys_abi_has_its_verifiers_errors() -> None:
    """Or a client could not tell why a claim was refused."""
    for name in (REAL, "TierproofVerifier8192Lean"):
        theirs = [e for e in load_artifact(name).abi if e["type"] == "error"]
        assert theirs
        assert [e for e in theirs if e not in ABI] == []


def test_the_guides_ten_lines_tell_the_terms(seen: Seen) -> None:
    for client in ("viem", "ethers"):
        for account in (BOB, RELAYER):
            registry = seen.world.registry
            terms = registry.functions.effectiveTerms(account.address).call()
            script, rpc = str(HERE / f"terms_{client}.mjs"), seen.question["rpc"]
            done = _node(client, script, rpc, registry.address, account.address)
            assert done.splitlines() == [
                f"maintenance margin: {terms[1]} bp",
                f"leverage: {terms[4]}",
            ]


def _tuple(root: Root) -> tuple[Any, ...]:
    return tuple(asdict(root).values())
