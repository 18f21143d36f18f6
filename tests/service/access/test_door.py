"""Who is let in: keys and their scopes, and this machine alone where there are none."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import ValidationError
from support.loopback import loopback_client

from algebra.errors import Refused
from service.access.addresses import group, is_loopback
from service.access.host import require_keys
from service.access.keys import DAY, SCOPES, revoke
from service.access.settings import AccessSettings
from service.api.access import ANYBODY, check_scopes, requires
from service.api.errors import answer_errors
from tests.service.access.world import NOW, World, problem, world


@pytest.fixture
def door(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


# -- without keys ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.0.0.1:8787", "127.8.9.1", "localhost", "LocalHost:1", "localhost.",
        "localhost.:8787", "[::1]", "[::1]:8787", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]:80",
    ],
)  # fmt: skip
def test_loopback_by_its_own_name(door: World, host: str) -> None:
    assert door.ask(host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        None, "", "evil.example", "evil.example:8787", "localhost.evil.example", "a.localhost",
        "localhost..", "127.0.0.1.", "127.0.0.1.evil.example", "127.1", "2130706433", "0x7f.0.0.1",
        "0177.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:8787:1", "user@127.0.0.1",
        "127.0.0.1, evil.example", "[::1", "::1", "[::2]", "[::1%lo]", "[127.0.0.1]", "0.0.0.0",
        "10.0.0.1", "[::ffff:10.0.0.1]", "127.0.0.1 ", "127.0.0.1#", "[::]",
    ],
)  # fmt: skip
def test_loopback_by_another_name(door: World, host: str | None) -> None:
    problem(door.ask(host=host), 403, "refused.loopback")


def test_two_hosts(door: World) -> None:
    problem(door.ask("/read", ("host", "127.0.0.1")), 403, "refused.loopback")


@pytest.mark.parametrize("target", ["http://evil.example/read", "http://127.0.0.1/read", "*", ""])
def test_a_target_that_is_no_path(door: World, target: str) -> None:
    """The host in it would go above `Host`."""
    problem(door.ask(target), 400, "malformed.target")


@pytest.mark.parametrize(
    ("origin", "good"),
    [
        ("http://127.0.0.1:8787", True), ("http://localhost:3000", True), ("https://[::1]", True),
        ("null", False), ("http://evil.example", False), ("file://", False), ("", False),
        ("ftp://127.0.0.1", False), ("http://127.0.0.1/", False), ("127.0.0.1", False),
        ("http://127.0.0.1@evil.example", False), ("http://localhost.evil.example", False),
    ],
)  # fmt: skip
def test_pages_of_other_origins(door: World, origin: str, good: bool) -> None:
    response = door.ask("/read", ("origin", origin))
    assert response.status_code == (200 if good else 403)


def test_two_origins(door: World) -> None:
    origin = ("origin", "http://127.0.0.1")
    problem(door.ask("/read", origin, origin), 403, "refused.loopback")


@pytest.mark.parametrize("client", [None, "10.0.0.1", "::2", "192.168.1.1", "0.0.0.0", "", "x"])
def test_callers_of_other_machines(door: World, client: str | None) -> None:
    problem(door.ask(client=client), 403, "refused.loopback")


@pytest.mark.parametrize("client", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_callers_of_this_machine(door: World, client: str) -> None:
    assert door.ask(client=client).status_code == 200


@pytest.mark.parametrize(
    "name", ["Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host"]
)
def test_what_came_through_a_proxy_is_not_this_machine_s(door: World, name: str) -> None:
    problem(door.ask("/read", (name, "127.0.0.1")), 403, "refused.loopback")


def test_without_keys_all_is_open_and_the_rule_holds_for_all(door: World) -> None:
    for path in (*SCOPES, "open", "nothing"):
        assert door.ask(f"/{path}").status_code == (404 if path == "nothing" else 200)
        problem(door.ask(f"/{path}", host="evil.example"), 403, "refused.loopback")


def test_a_key_that_nobody_has_opens_nothing_even_without_keys(door: World) -> None:
    problem(door.ask(key="x"), 401, "refused.unauthenticated")


# -- with keys -------------------------------------------------------------------------------------
def test_the_first_key_shuts_the_door_and_no_end_opens_it(door: World) -> None:
    assert door.ask().status_code == 200
    key, _ = door.key("read")
    problem(door.ask(), 401, "refused.unauthenticated")
    with door.store.database.writing() as session:
        revoke(session, key.key_id, NOW)
    door.forget()
    problem(door.ask(), 401, "refused.unauthenticated")
    door.access.keyring._asks = False  # another process, which starts now
    problem(door.ask(), 401, "refused.unauthenticated")


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_opens_its_routes_alone(door: World, scope: str) -> None:
    _, text = door.key(scope)
    for path in SCOPES:
        response = door.ask(f"/{path}", key=text, host="service.example", client="203.0.113.9")
        if path == scope:
            assert response.status_code == 200
        else:
            problem(response, 403, "refused.scope")
            said = f'Bearer realm="tierproof", error="insufficient_scope", scope="{path}"'
            assert response.headers["www-authenticate"] == said
    assert door.ask("/open").status_code == 200


def test_a_key_to_the_second_of_its_end(door: World) -> None:
    _, text = door.key("read", expires_at=NOW + 100)
    door.clock[0] = NOW + 99
    assert door.ask(key=text).status_code == 200
    door.clock[0] = NOW + 100
    problem(door.ask(key=text), 401, "refused.unauthenticated")


def test_a_revoked_key(door: World) -> None:
    key, text = door.key("read")
    assert door.ask(key=text).status_code == 200
    with door.store.database.writing() as session:
        revoke(session, key.key_id, NOW)
    door.forget()
    response = door.ask(key=text)
    problem(response, 401, "refused.unauthenticated")
    said = 'Bearer realm="tierproof", error="invalid_token"'
    assert response.headers["www-authenticate"] == said and text not in response.text


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "", lambda text: text[:-1], lambda text: text + "0", lambda text: text.upper(),
        lambda text: f"{text} ", lambda text: f" {text}", lambda text: text[4:],
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
        lambda text: "tpk_" + "0" * 16 + text[20:], lambda text: "t\u00e9" + text[2:],
        lambda text: text[:21] + "0" * 64, lambda text: text * 1000,
    ],
)  # fmt: skip
def test_texts_that_are_no_key(door: World, change: Any) -> None:
    _, text = door.key("read")
    response = door.ask("/read", ("authorization", "Bearer " + change(text)))
    problem(response, 401, "refused.unauthenticated")
    assert text[21:] not in response.text


@pytest.mark.parametrize("scheme", ["Basic", "Digest", "", "Token", "BearerX"])
def test_another_scheme(door: World, scheme: str) -> None:
    _, text = door.key("read")
    sent = ("authorization", f"{scheme} {text}".strip())
    problem(door.ask("/read", sent), 401, "refused.unauthenticated")


def test_the_scheme_in_any_case(door: World) -> None:
    _, text = door.key("read")
    assert door.ask("/read", ("authorization", f"bEARER {text}")).status_code == 200


def test_authorization_twice(door: World) -> None:
    _, text = door.key("read")
    sent = ("authorization", f"Bearer {text}")
    problem(door.ask("/read", sent, sent), 400, "malformed.authorization")


def test_never_from_a_cookie_or_a_query(door: World) -> None:
    _, text = door.key("read")
    for name in ("cookie", "x-api-key", "proxy-authorization"):
        problem(door.ask("/read", (name, f"Bearer {text}")), 401, "refused.unauthenticated")
    assert door.ask(f"/read?access_token={text}").status_code == 404  # no such path


def test_a_request_costs_no_query_within_a_second(door: World) -> None:
    _, text = door.key("read")
    assert door.ask(key=text).status_code == 200
    door.queries.clear()
    for _ in range(20):
        assert door.ask(key=text).status_code == 200
    assert door.queries == []
    door.access.keyring._clock = lambda: 1e9
    assert door.ask(key=text).status_code == 200
    assert [query.split()[0] for query in door.queries if "api_keys" in query] == ["SELECT"]


def test_the_day_of_the_last_use_is_written_once_a_day(door: World) -> None:
    key, text = door.key("read")
    for day in range(2):
        door.clock[0] = NOW + day * DAY
        door.forget()
        door.queries.clear()
        for _ in range(3):
            assert door.ask(key=text).status_code == 200
        assert sum(query.startswith("UPDATE api_keys") for query in door.queries) == 1
    del key


def test_a_database_that_does_not_answer_lets_nobody_in(door: World) -> None:
    from service.store.base import Base

    Base.metadata.drop_all(door.store.database.engine)
    problem(door.ask(), 503, "unavailable.database")
    problem(door.ask(key="tpk_" + "0" * 16 + "_" + "0" * 64), 503, "unavailable.database")


# -- routes ----------------------------------------------------------------------------------------
def _route(*dependencies: Any) -> APIRouter:
    async def answer() -> None:
        return

    router = APIRouter()
    router.add_api_route("/new", answer, dependencies=list(dependencies))
    return router


@pytest.mark.parametrize("said", [(), (requires("read"), ANYBODY)])
def test_a_route_without_one_scope_does_not_start(said: tuple[Any, ...]) -> None:
    with pytest.raises(RuntimeError):
        check_scopes(_route(*said))
    check_scopes(_route(requires("read")))


def test_a_router_in_a_router_is_not_looked_through() -> None:
    router = APIRouter()
    router.include_router(_route())
    with pytest.raises(RuntimeError):
        check_scopes(router)


def test_a_route_that_nobody_guards_is_open_to_nobody() -> None:
    app = FastAPI()
    app.include_router(_route(requires("read")))
    answer_errors(app)
    assert loopback_client(app).get("/new").status_code == 401


# -- browsers --------------------------------------------------------------------------------------
def test_origins_are_exact_and_bring_no_cookies(tmp_path: Path) -> None:
    settings = AccessSettings(cors_origins=("https://desk.example",))
    with world(tmp_path, settings) as door:
        _, text = door.key("read")
        asked = ("access-control-request-method", "GET")
        good = ("origin", "https://desk.example")
        preflight = door.ask("/read", good, asked, method="OPTIONS")
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == "https://desk.example"
        assert "access-control-allow-credentials" not in preflight.headers
        assert door.ask("/read", good, key=text).headers["access-control-allow-origin"] == good[1]
        refused = door.ask("/read", good)
        assert refused.headers["access-control-allow-origin"] == good[1]
        for other in ("https://desk.example.evil", "http://desk.example", "null"):
            answer = door.ask("/read", ("origin", other), asked, method="OPTIONS")
            assert answer.status_code == 400
            assert "access-control-allow-origin" not in answer.headers


def test_no_origins_by_default(door: World) -> None:
    _, text = door.key("read")
    answer = door.ask("/read", ("origin", "https://desk.example"), key=text)
    assert answer.status_code == 200 and "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "*", "https://*.example", "desk.example", "https://desk.example/", "https://Desk.example",
        "https://desk.example:443", "http://desk.example:80", "null", "https://a@b", "ftp://a",
        "https://desk.example:99999", "",
    ],
)  # fmt: skip
def test_settings_with_what_is_no_origin(origin: str) -> None:
    with pytest.raises(ValidationError):
        AccessSettings(cors_origins=(origin,))
    AccessSettings(cors_origins=("http://localhost:3000", "https://[::1]:8443"))


# -- addresses and the host ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        (None, "unknown"),
        ("/run/socket", "unknown"),
    ],
)
def test_what_counts_as_one_caller(address: str | None, counted: str) -> None:
    assert group(address) == counted


def test_loopback_with_a_zone_is_not_taken() -> None:
    assert is_loopback("::1") and not is_loopback("::1%lo") and not is_loopback("localhost")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_host_that_others_reach_wants_keys(door: World, host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if ":" in host and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    taken = socket.create_server((host, 0), family=family)
    with pytest.raises(Refused) as error:
        require_keys(taken, door.store.database)
    assert error.value.code == "refused.keyless_host" and taken.fileno() == -1
    with socket.create_server(("127.0.0.1", 0)) as local:
        require_keys(local, door.store.database)
    door.key("read")
    with socket.create_server((host, 0), family=family) as reached:
        require_keys(reached, door.store.database)
        assert reached.fileno() != -1
