"""Against anvil: what is followed is what the registry answers, block by block, through reorgs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from anvil_node import start_anvil
from node_proxy import proxied
from registry_world import NULLIFIER, POLICY_ID, ROOT, SERIES, World

from contracts.client.chain import Chain
from contracts.client.records import STATUSES
from policies.terms import Terms
from service.follower.connecting import connected, opened
from service.follower.ends import end_of
from service.follower.settings import FollowerSettings
from service.follower.tables import BlockRow, ConductRow, GrantRow, RoleRow, SwitchesRow
from service.follower.views import View
from service.store.database import Database
from tests.service.follower.world import held
from tierproof.cli import main

pytestmark = pytest.mark.evm
DEEP = FollowerSettings(confirmations=12)


@pytest.fixture(scope="module")
def node() -> Iterator[tuple[World, str]]:
    process, url = start_anvil()
    yield World.build(Chain.connect(url)), url
    process.kill()
    process.wait()


def request(world: World, method: str, *arguments: Any) -> Any:
    return world.chain.web3.provider.make_request(method, list(arguments))["result"]  # type: ignore[arg-type]


def same_as_registry(world: World, database: Database) -> int:
    """Every kept block, by every reader that says something of it; how many were compared."""
    client, compared = world.client, 0
    with database.reading() as session:
        for block in session.query(BlockRow).order_by(BlockRow.number):
            world.chain.view = block.number
            view, time = View(session, block), block.time
            if view.switches().value is None:
                continue  # the registry is not there yet
            for account in (world.account, world.relayer):
                grant = client.grant_of(account)
                row = view.of(GrantRow, account=account.lower())
                kept = (row.expiry, row.since, row.start, row.conduct_until, row.level, row.tier,
                        row.root, row.verifier, row.subject, end_of(view, row))  # fmt: skip
                assert tuple(grant.values()) == kept
                told, known = client.effective_terms(account), view.terms(account, time).value
                *numbers, subject, status, changes_at = astuple(known)
                assert told.terms == Terms(*numbers, 0)
                assert (told.subject, told.status) == (subject, STATUSES[status])
                assert told.changes_at == changes_at
                conduct = view.of(ConductRow, account=account.lower())
                assert tuple(client.conduct_of(account).values()) == (
                    *list(conduct.values().values())[1:],
                )  # fmt: skip
            holder = client.holder_of(SERIES.id, NULLIFIER)
            row = view.holder(SERIES.id, NULLIFIER).value
            assert (holder["account"].lower(), holder["as_of"], holder["root"]) == (
                ("0x" + "00" * 20, 0, 0) if row is None else (row.account, row.as_of, row.root)
            )
            root = client.root_of(world.attestor_set, ROOT)
            held_root = view.root(world.attestor_set, ROOT).value
            assert root["serial"] == (held_root.serial if held_root else 0)
            if held_root:
                assert root["valid_until"] == held_root.valid_until
                assert root["ended_at"] == view.root_end(held_root.serial).value
                assert root["grants"] == held_root.grants
            told_policy, policy = client.policy_of(POLICY_ID), view.policy(POLICY_ID).value
            assert told_policy["serial"] == (policy.serial if policy else 0)
            assert told_policy["enabled_from"] == (policy.enabled_from if policy else 0)
            switches = view.of(SwitchesRow, one=1)
            assert client.switches()["paused_until"] == switches.paused_until
            compared += 1
    world.chain.view = "latest"
    return compared


def test_followed_state_is_the_registrys_block_by_block_through_reorgs(
    node: tuple[World, str], tmp_path: Path
) -> None:
    world, url = node
    snapshot = request(world, "evm_snapshot")
    databases = iter(range(100))

    def another() -> Database:
        return opened(f"sqlite:///{tmp_path / f'{next(databases)}.sqlite'}")

    def fresh() -> dict[str, Any]:
        database = another()
        connected(world.deployment, url, database, DEEP).catch_up()
        return held(database)

    database = another()
    follower = connected(world.deployment, url, database, DEEP)
    world.submit()
    world.onboard()
    follower.catch_up()
    assert same_as_registry(world, database) > 5 and held(database) == fresh()
    world.call("pause", sender=world.guardian)
    inner = request(world, "evm_snapshot")
    world.call("revokeRoot", world.attestor_set, ROOT, sender=world.guardian)
    assert follower.catch_up().events == 2
    same_as_registry(world, database)
    with database.reading() as session:
        assert session.query(GrantRow).count()

    # the revocation never was, a relinquishment came instead
    request(world, "evm_revert", inner)
    world.call("relinquish", sender=world.account)
    request(world, "anvil_mine", "0x3")
    step = follower.catch_up()
    assert step.rewound == 1 and step.events == 1
    same_as_registry(world, database)
    assert held(database) == fresh()

    # nor was the relinquishment, and other blocks came
    request(world, "anvil_reorg", 4, [])
    request(world, "anvil_mine", "0x2")
    assert follower.catch_up().rewound == 4
    same_as_registry(world, database)
    assert held(database) == fresh()

    # who may what, by the authority
    with database.reading() as session:
        roles = {(row.role, row.account): row.delay for row in session.query(RoleRow) if row.since}
    assert (0, world.admin.lower()) in roles and (1, world.governor.lower()) in roles
    assert (2, world.guardian.lower()) in roles and (0, world.relayer.lower()) not in roles
    request(world, "evm_revert", snapshot)


def test_a_fork_below_finality_stops_the_command(
    node: tuple[World, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world, url = node
    snapshot = request(world, "evm_snapshot")
    file = tmp_path / "deployment.json"
    world.deployment.write(file)
    database = f"sqlite:///{tmp_path / 'followed.sqlite'}"
    command = ["follow", "--deployment", str(file), "--rpc", url, "--database", database,
               "--once", "--json"]  # fmt: skip
    request(world, "anvil_mine", "0x6")
    assert main([*command, "--final-after", "1"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["head"] == world.chain.head() and shown["final"] == shown["head"] - 1
    assert shown["blocks_behind"] == 0 and shown["trouble"] is None and shown["events"] > 5
    request(world, "anvil_reorg", 4, [])
    request(world, "anvil_mine", "0x1")
    for _ in range(2):
        assert main([*command, "--final-after", "1"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "refused.follower_forked"
    assert main([*command, "--final-after", "1", "--anew"]) == 0
    assert json.loads(capsys.readouterr().out)["head"] == world.chain.head()
    assert main([*command, "--final-after", "-1"]) == 2
    assert "final-after" in capsys.readouterr().out
    request(world, "evm_revert", snapshot)


LIES: dict[str, Any] = {
    "another chain": ("eth_chainId", "0x1", "refused.follower_chain"),
    "no number": ("eth_chainId", 7, "unavailable.node"),
    "no block": ("eth_getBlockByNumber", None, "unavailable.node"),
    "no object": ("eth_getBlockByNumber", "0x1", "unavailable.node"),
    "no list": ("eth_getLogs", {}, "unavailable.node"),
    "odd logs": ("eth_getLogs", [7], "unavailable.node"),
    "half a log": ("eth_getLogs", [{"topics": None}], "unavailable.node"),
}


@pytest.mark.parametrize("lie", LIES)
def test_answers_of_no_use_are_named(lie: str, node: tuple[World, str], tmp_path: Path) -> None:
    world, url = node
    method, result, code = LIES[lie]

    def change(question: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "result": result} if question["method"] == method else answer

    assert _followed(world, url, change, tmp_path) == code


@pytest.mark.parametrize("field", ["address", "blockHash", "blockNumber", "removed", "data"])
def test_logs_that_were_not_asked_for_are_not_taken(
    field: str, node: tuple[World, str], tmp_path: Path
) -> None:
    world, url = node
    other: Any = {"address": "0x" + "11" * 20, "blockHash": "0x" + "11" * 32,
                  "blockNumber": "0xffff", "removed": True, "data": "0x12"}[field]  # fmt: skip

    def change(question: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if question["method"] == "eth_getLogs":
            for log in answer.get("result", []):
                log[field] = other
        return answer

    assert _followed(world, url, change, tmp_path) == "unavailable.node"


@pytest.mark.parametrize("make", ["narrow", "no logs by hash", "forgetful"])
def test_nodes_of_other_makes_are_followed(
    make: str, node: tuple[World, str], tmp_path: Path
) -> None:
    world, url = node

    def change(question: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        method, parameters = question["method"], question["params"]
        query = parameters[0] if method == "eth_getLogs" else {}
        refused = {"jsonrpc": "2.0", "id": question["id"], "error": {"code": -32005,
                   "message": "query exceeds max block range 2"}}  # fmt: skip
        if make == "narrow" and "fromBlock" in query:
            if int(query["toBlock"], 16) - int(query["fromBlock"], 16) > 1:
                return refused
        if make == "no logs by hash" and "blockHash" in query:
            return refused
        if make == "forgetful" and method == "eth_getCode":
            return refused
        return answer

    assert _followed(world, url, change, tmp_path) == "followed"
    told = opened(f"sqlite:///{tmp_path / 'followed.sqlite'}")
    plain = opened(f"sqlite:///{tmp_path / 'plain.sqlite'}")
    connected(world.deployment, url, plain, FollowerSettings(confirmations=3)).catch_up()
    assert held(told) == held(plain)


def _followed(world: World, url: str, change: Any, folder: Path) -> str:
    from algebra.errors import TierproofError

    database = opened(f"sqlite:///{folder / 'followed.sqlite'}")
    with proxied(url, change) as at:
        settings = FollowerSettings(confirmations=3)
        try:
            connected(world.deployment, at, database, settings).catch_up()
        except TierproofError as error:
            return error.code
    return "followed"
