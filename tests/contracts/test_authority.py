"""Who may call what of the registry, and what tells that it is as a deployment leaves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from anvil_node import start_anvil
from node_proxy import proxied
from registry_world import World

from algebra.errors import Refused, Unavailable
from contracts.build.artifact import FOLDER
from contracts.client.authority import ADMIN, FUNCTIONS, LOOSEN, TIGHTEN, Authority, selector_of
from contracts.client.chain import Chain
from contracts.client.inspection import require_roles, roles_of
from contracts.client.registry import RegistryClient
from policies.address import address

pytestmark = pytest.mark.evm
OTHER = address("0x" + "77" * 20, "other")


def restricted() -> set[str]:
    """Functions of the sources that ask the authority."""
    found = set()
    for source in (FOLDER / "src" / "grants").glob("*.sol"):
        for name, tail in re.findall(
            r"function (\w+)\([^{;]*?\)\s*([^{;]*)\{", source.read_text(encoding="utf-8")
        ):
            if "restricted" in tail.split():
                found.add(name)
    return found


def test_every_restricted_function_has_a_role() -> None:
    named = [name for names in FUNCTIONS.values() for name in names]
    assert len(named) == len(set(named)) and set(named) == restricted()


@pytest.fixture
def authority(world: World) -> Authority:
    return Authority(world.chain, world.client.authority())


def admins(world: World, authority: Authority, name: str, *arguments: Any) -> None:
    """A call of the authority by the admin, who waits for nothing here."""
    world.chain.send(authority.contract.functions[name](*arguments), sender=world.admin)


def named(world: World) -> dict[str, Any]:
    roles = {name: getattr(world, name) for name in ("admin", "governor", "guardian")}
    return {**roles, "admin_delay": 0}


def test_roles_are_read_from_events_and_state(world: World, authority: Authority) -> None:
    found = roles_of(world.client)
    assert found == {
        "admins": {world.admin: 0},
        "governors": {world.governor: 0},
        "guardians": {world.guardian: 0},
        "scheduled": [],
    }
    require_roles(found, named(world))
    admins(world, authority, "revokeRole", TIGHTEN, world.guardian)
    admins(world, authority, "grantRole", LOOSEN, OTHER, 60)
    found = roles_of(world.client)
    assert found["guardians"] == {} and found["governors"][OTHER] == 60
    with pytest.raises(Refused) as caught:
        require_roles(found, named(world))
    assert caught.value.code == "refused.roles"
    assert "guardian" in caught.value.message and "7777" in caught.value.message


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("setTargetFunctionRole", ("registry", [selector_of("pause")], LOOSEN), "may be called"),
        ("setTargetFunctionRole", ("registry", [selector_of("unpause")], 7), "may be called"),
        ("setTargetClosed", ("registry", True), "closed to all"),
        ("setTargetAdminDelay", ("registry", 60), "roles change after"),
        ("setRoleAdmin", (LOOSEN, TIGHTEN), "role 1 has admin 2"),
        ("setRoleGuardian", (TIGHTEN, LOOSEN), "role 2 has guardian 1"),
        ("setGrantDelay", (LOOSEN, 60), "members of role 1 wait"),
    ],
)
def test_each_other_setting_is_told(
    world: World, authority: Authority, name: str, arguments: tuple[Any, ...], said: str
) -> None:
    given = [world.client.address if each == "registry" else each for each in arguments]
    admins(world, authority, name, *given)
    world.chain.advance_time(6 * 86_400)  # delays of an authority begin five days later
    with pytest.raises(Refused, match=said) as caught:
        roles_of(world.client)
    assert caught.value.code == "refused.roles"


def test_what_an_admin_with_a_delay_announced_is_told(world: World, authority: Authority) -> None:
    admins(world, authority, "grantRole", ADMIN, world.relayer, 60)
    data = authority.contract.encode_abi("grantRole", [LOOSEN, OTHER, 0])
    call = authority.contract.functions.schedule(authority.address, data, 0)
    world.chain.send(call, sender=world.relayer)
    (waiting,) = roles_of(world.client)["scheduled"]
    assert (waiting["from"], waiting["to"], waiting["data"]) == (
        world.relayer,
        authority.address,
        data,
    )
    assert waiting["not_before"] == world.chain.now() + 60


# -- nodes that do not tell ------------------------------------------------------------------------
@pytest.fixture(scope="module")
def node() -> Iterator[tuple[World, str]]:
    process, url = start_anvil()
    yield World.build(Chain.connect(url)), url
    process.terminate()
    process.wait(20)


@pytest.mark.parametrize("answer", ["error", "none"])
def test_a_node_without_events_fails_closed(node: tuple[World, str], answer: str) -> None:
    """Regression: a registry passed whose members nobody had listed."""

    def deaf(question: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
        if question["method"] != "eth_getLogs":
            return told
        if answer == "none":
            return {**told, "result": []}
        error = {"code": -32005, "message": "query returned more than 10000 results"}
        return {"jsonrpc": "2.0", "id": told["id"], "error": error}

    world, url = node
    with proxied(url, deaf) as proxy:
        client = RegistryClient(Chain.connect(proxy), world.client.address)
        with pytest.raises(Unavailable) as caught:
            roles_of(client)
        assert caught.value.code == "unavailable.events"
