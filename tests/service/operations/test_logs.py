"""The log of a real process: verdicts are there, what clients send is not."""

from __future__ import annotations

import gzip
import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from support.project import ROOT

from service.operations import logs, metrics
from service.operations.requests import RequestLog
from service.operations.sections import LogSettings
from tests.service.operations.running import SAMPLE, Running, running

API_KEY = "tp_5ecre7-api-key-5ecre7"
PASSWORD = "hunter2"


def credential() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SAMPLE / "credential.json").read_text())
    return document


def request_body() -> dict[str, Any]:
    return credential()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("served")
    with running(folder, environment={"TIERPROOF_SERVICE__METRICS__PORT": "0"}) as it:
        yield it


def every_route(url: str) -> Iterator[httpx.Request]:
    """Each route of the document, with the sample's own words where it asks for one."""
    body = request_body()
    words = {"nullifier": body["nullifier"], "account": body["account"]}
    headers = {"cookie": f"session={API_KEY}"}
    with httpx.Client() as client:
        paths = client.get(f"{url}/openapi.json").json()["paths"]
    for path, item in paths.items():
        filled = re.sub(r"\{(\w+)\}", lambda m: words.get(m[1], body["nullifier"]), path)
        for method in item:
            whole = url.removesuffix("/v1") + filled + f"?key={API_KEY}&account={body['account']}"
            sent = body if method == "post" else None
            yield httpx.Request(method.upper(), whole, json=sent, headers=headers)
    for content in (b"{", json.dumps(body | {"proof": "0x5eadbeef"}).encode()):
        yield httpx.Request("POST", f"{url}/verifications", content=content,
                            headers={**headers, "content-type": "application/json"})  # fmt: skip
    yield httpx.Request("GET", f"{url}/{body['account']}", headers=headers)
    yield httpx.Request("GET", f"{url}/keys", headers={"authorization": f"Bearer {API_KEY}"})
    yield httpx.Request(body["account"], f"{url}/health", headers=headers)


def test_no_log_of_any_route_tells_what_was_sent(served: Running) -> None:
    with httpx.Client(timeout=60) as client:
        asked = list(every_route(served.url))
        answers = [client.send(each) for each in asked]
    body, text = request_body(), served.text()
    for secret in (body["proof"], body["account"], body["nullifier"], body["root"], API_KEY):
        assert secret not in text and secret.removeprefix("0x")[:16] not in text
    assert "5eadbeef" not in text and "srs_id" not in text
    lines = served.lines()
    requests = [line for line in lines if line["event"] == "request"]
    assert len(requests) == len(asked) + 1  # and the document
    assert {line["route"] for line in requests} >= {"/verifications", "/health/ready", None}
    said = {line["request_id"] for line in requests}
    assert len(said) == len(requests)
    assert {each.headers["x-request-id"] for each in answers} < said
    outcomes = [line["outcome"] for line in lines if line["event"] == "verdict"]
    assert outcomes == ["accepted", "malformed", "refused"]
    (accepted,) = [line for line in lines if line.get("outcome") == "accepted"]
    assert accepted["tier"] == body["tier"] and accepted["level"] == "info"
    assert body["policy_id"].startswith(accepted["policy"])


def test_a_request_says_its_id_if_it_has_the_form(served: Running) -> None:
    with httpx.Client(timeout=60) as client:

        def answered(*given: str) -> str:
            headers = [(b"x-request-id", value.encode()) for value in given]
            said: str = client.get(f"{served.url}/health/live", headers=headers).headers[
                "x-request-id"
            ]
            return said

        assert answered("a.b-c_012") == "a.b-c_012"
        for bad in ("short", "x" * 65, "a b c d e f", "0123456\t8", 'x"y{"z":1}', "\u00e9" * 8):
            drawn = answered(bad)
            assert re.fullmatch(r"[0-9a-f]{16}", drawn), bad
        assert re.fullmatch(r"[0-9a-f]{16}", answered("a.b-c_012", "a.b-c_013"))


def test_figures_are_on_a_socket_of_their_own(served: Running) -> None:
    port = next(line["port"] for line in served.lines() if line["event"] == "metrics")
    assert httpx.get(f"{served.url}/metrics").status_code == 404
    assert httpx.get(f"{served.url.removesuffix('/v1')}/metrics").status_code == 404
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        assert client.get("/").status_code == 404 and client.post("/metrics").status_code == 501
        text = client.get("/metrics").text
    samples = {
        (each.name, *sorted(each.labels.items())): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }
    client_live = ("tierproof_requests_total", ("method", "GET"), ("route", "/health/live"),
                   ("status", "200"))  # fmt: skip
    assert samples[client_live] >= 1
    assert samples[("tierproof_development_setup",)] == 1
    assert samples[("tierproof_database_seconds_count",)] > 5
    assert request_body()["account"] not in text and API_KEY not in text


def test_health(served: Running) -> None:
    ready = httpx.get(f"{served.url}/health/ready").json()
    assert ready["status"] == "ok" and ready["allow_setup"] == "development"
    assert set(ready["checks"].values()) == {"ok"} and {"database", "keys"} <= set(ready["checks"])
    assert httpx.get(f"{served.url}/health/live").json() == {"status": "ok"}


def test_a_service_without_a_key_is_alive_and_not_ready(tmp_path: Path) -> None:
    with running(tmp_path, sample=False) as it:
        assert httpx.get(f"{it.url}/health/live").status_code == 200
        answer = httpx.get(f"{it.url}/health/ready")
        assert answer.status_code == 503 and answer.json()["code"] == "unavailable.not_ready"
        assert answer.json()["checks"] == {
            "database": "ok",
            "keys": "unavailable.keys",
            "restored": "ok",
        }
        assert it.stop() == 0


# -- the form of a line ------------------------------------------------------------------------
@pytest.fixture
def restored() -> Iterator[None]:
    """Loggers as they were."""
    names = (None, logs.NAME, "uvicorn", "uvicorn.error", "uvicorn.access")
    before = [(x := logging.getLogger(name), x.handlers[:], x.level, x.disabled) for name in names]
    yield
    for logger, handlers, level, disabled in before:
        logger.handlers, logger.disabled = handlers, disabled
        logger.setLevel(level)


def written(settings: LogSettings) -> io.StringIO:
    out = io.StringIO()
    logs.configure(settings, out)
    return out


@pytest.mark.usefixtures("restored")
def test_an_exception_is_its_class_and_place() -> None:
    out = written(LogSettings())
    try:
        raise RuntimeError(PASSWORD)
    except RuntimeError as error:
        logging.getLogger("uvicorn.error").error("Exception in ASGI", exc_info=error)
        logging.getLogger("asyncio").error(f"never retrieved\nfuture: {error!r}", exc_info=True)
    first, second = map(json.loads, out.getvalue().splitlines())
    assert re.fullmatch(r"RuntimeError at test_logs\.py:\d+", first["error"])
    assert first["event"] == "Exception in ASGI" and second["event"] == "never retrieved"
    assert PASSWORD not in out.getvalue()


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("form", ["json", "console"])
def test_one_record_is_one_line_without_long_words(form: Any) -> None:
    out = written(LogSettings(format=form))
    log = logging.getLogger(logs.NAME)
    log.info("a\nb\x1b[31m %s", "0x" + "ab" * 20, extra={"word": "c\r\n" + "cd" * 32, "n": 3})
    (line,) = out.getvalue().splitlines()
    assert "abab" not in line and "cdcd" not in line and "\x1b" not in line and "0x..." in line
    if form == "json":
        assert json.loads(line)["n"] == 3


@pytest.mark.usefixtures("restored")
def test_levels() -> None:
    out = written(LogSettings(level="warning"))
    logging.getLogger(logs.NAME).info("unheard")
    logging.getLogger("sqlalchemy.engine").info("unheard")
    logging.getLogger("uvicorn.access").error("unheard")
    logging.getLogger(logs.NAME).warning("heard")
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["heard"]


# -- faults and labels -------------------------------------------------------------------------
@pytest.mark.usefixtures("restored")
def test_a_fault_is_answered_with_its_id_and_tells_nothing() -> None:
    out, app = written(LogSettings()), FastAPI()

    @app.get("/fails/{name}")
    async def fails(name: str) -> None:
        raise RuntimeError(name)

    app.add_middleware(RequestLog, trace=lambda *_: None)
    client = TestClient(app)
    answer = client.get(f"/fails/{PASSWORD}", headers={"x-request-id": "a.b-c_012"})
    assert answer.status_code == 500 and answer.json()["code"] == "fault"
    assert answer.headers["x-request-id"] == "a.b-c_012" and PASSWORD not in answer.text
    fault, request = map(json.loads, out.getvalue().splitlines())
    assert fault["error"].startswith("RuntimeError at ") and fault["request_id"] == "a.b-c_012"
    assert (request["route"], request["status"]) == ("/fails/{name}", 500)
    assert PASSWORD not in out.getvalue()


def test_a_client_makes_no_series() -> None:
    def series() -> int:
        return metrics.text().count(b"\n")

    metrics.verdict("accepted", "", 0.1)
    metrics.verdict("other", "no.such.code", 0.1)
    metrics.request("GET", None, 404)
    metrics.request("BREW", None, 404)
    metrics.onboardings("lost", 1)
    before = series()
    for number in range(50):
        metrics.verdict(f"outcome {number}", f"code.{number}", 0.1)
        metrics.request(f"METHOD{number}", None, 404)
        metrics.onboardings(f"state {number}", number)
    assert series() == before


# -- traces ------------------------------------------------------------------------------------
class Collector(BaseHTTPRequestHandler):
    """Keeps what is sent to it."""

    kept: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.kept.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_traces_hold_routes_and_nothing_that_was_sent(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.sdk")
    server = HTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    named = {"TIERPROOF_SERVICE__TELEMETRY__ENDPOINT": f"http://127.0.0.1:{port}/v1/traces"}
    with running(tmp_path, environment=named) as it:
        body = request_body()
        assert httpx.post(f"{it.url}/verifications", json=body, timeout=60).status_code == 200
        httpx.get(f"{it.url}/credentials/{body['nullifier']}?key={API_KEY}")
        assert it.stop() == 0
    server.shutdown()
    server.server_close()
    sent = b"".join(gzip.decompress(x) if x[:2] == b"\x1f\x8b" else x for x in Collector.kept)
    assert b"POST /verifications" in sent and b"/credentials/{nullifier}" in sent
    for secret in (body["proof"], body["account"], body["nullifier"], API_KEY):
        assert secret.removeprefix("0x")[:16].encode() not in sent


def test_without_a_collector_nothing_is_loaded() -> None:
    words = "import sys, service.api.app; from service.operations.telemetry import Telemetry; " \
        "from service.operations.sections import TelemetrySettings; " \
        "Telemetry(TelemetrySettings()).request('GET', '/x', 200, 0, 1); " \
        "print([m for m in sys.modules if m.startswith('opentelemetry.exporter')])"  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_what_nobody_has_said_is_no_zero() -> None:
    shown = "from service.operations import metrics; print(metrics.text().decode())"
    done = subprocess.run(
        [sys.executable, "-c", shown], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in ("follower_lag_seconds", "follower_lag_blocks", "webhooks_waiting"):
        assert f"\ntierproof_{name} NaN\n" in done.stdout
