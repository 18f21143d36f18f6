"""The OpenAPI document says all that a route can answer, and each route answers what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from unittest import SkipTest

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.loopback import from_loopback

from algebra.codes import CATALOGUE, http_status
from service.api.problem import MEDIA_TYPE
from service.relayer.relaying import Relaying
from service.relayer.requests import Onboardings
from service.store.store import Store
from tests.service.api.conftest import app_of
from tests.service.test_service import PLACE, FakeVerifier

DONE = {"200", "201", "202", "204"}


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/openapi.json").json()
    return found


def routes(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


def of(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def test_every_route_has_a_model_with_an_example(document: dict[str, Any]) -> None:
    for name, operation in routes(document):
        assert operation["description"], name
        (done,) = (
            operation["responses"][status] for status in DONE & operation["responses"].keys()
        )
        if "content" not in done:  # there is nothing to say
            continue
        answer = of(document, done["content"]["application/json"]["schema"])
        assert answer["description"] and answer["examples"], name
        for part, schema in answer["properties"].items():
            assert schema.get("description"), f"{name}: {part} has no description"


def test_every_part_of_every_model_is_described(document: dict[str, Any]) -> None:
    bodies = {"credential", "root", "policy", "credentials", "registration", "revocation",
              "generation", "onboarding", "consent"}  # fmt: skip
    for name, schema in document["components"]["schemas"].items():
        if name not in bodies:
            for part, inner in schema.get("properties", {}).items():
                assert inner.get("description"), f"{name}.{part}"


def test_every_problem_is_of_the_catalogue(document: dict[str, Any]) -> None:
    for name, operation in routes(document):
        problems = {s: a for s, a in operation["responses"].items() if s not in DONE}
        assert problems, name
        for status, answer in problems.items():
            ((media, content),) = answer["content"].items()
            assert media == MEDIA_TYPE and content["examples"], f"{name} {status}"
            for code, example in content["examples"].items():
                assert code in CATALOGUE and http_status(code) == int(status), f"{name} {code}"
                assert example["value"]["code"] == code and code in answer["description"]


def test_the_document_has_no_answer_of_the_framework(document: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for name, operation in routes(document):
        for status, answer in operation["responses"].items():
            assert status in DONE or list(answer["content"]) == [MEDIA_TYPE], name


CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
BOUNDED = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_whatever_comes_is_answered_as_described(store: Store) -> None:
    """No 5xx, no status, code, media type or form that the document does not name."""
    relaying = Relaying(PLACE, Onboardings(store.database))
    app = from_loopback(app_of(store, FakeVerifier(), relayer=relaying))
    api = schemathesis.openapi.from_asgi("/v1/openapi.json", app)
    operations = [found.ok() for found in api.get_all_operations()]
    assert len(operations) >= 14
    seen: Counter[str] = Counter()

    def attempt(case: schemathesis.Case) -> None:
        response = case.call()
        case.validate_response(response, checks=CHECKS)
        seen[case.operation.path] += 1
        if response.status_code >= 300:
            code = response.json()["code"]
            answers = case.operation.definition.raw["responses"][str(response.status_code)]
            assert code in answers["content"][MEDIA_TYPE]["examples"], (case.operation.path, code)

    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                strategy = operation.as_strategy(generation_mode=mode)
                BOUNDED(given(case=strategy)(attempt))()
            except (SkipTest, Unsatisfiable):  # nothing of it can be wrong, or right
                continue
    assert set(seen) == {operation.path for operation in operations}
