"""The receiver of the guide in TypeScript: it takes and refuses what the one in Python does."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from algebra.errors import TierproofError
from service.webhooks.signature import Secret, headers_of
from tests.service.webhooks.hook_world import NOW, accepted
from tierproof import webhooks

SOURCE = Path(__file__).with_name("receiver.ts")
SECRET, OTHER = Secret(b"\x01" * 32), Secret(b"\x02" * 32)
EVENT = accepted(7)
BODY = EVENT.body()
HONEST = headers_of(EVENT.id, NOW, BODY, [SECRET])
TYPES = (
    r": Record<string, string \| undefined>", r": Buffer", r": string\[\]", r": number(?= =)",
    r"\): \{ id: string; .*? \}(?= \{\n)",
)  # fmt: skip
"""The types in the file; Node 22 takes them away by itself, older ones are given it without."""

node = shutil.which("node")
pytestmark = pytest.mark.skipif(node is None, reason="no node")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = SOURCE.read_text(encoding="utf-8")
    for each in TYPES:
        text, count = re.subn(each, ")" if each.startswith(r"\)") else "", text, flags=re.DOTALL)
        assert count == 1, each
    path = tmp_path_factory.mktemp("receiver") / "receiver.mjs"
    path.write_text(text, encoding="utf-8")
    return path


def foreign(program: Path, headers: Any, body: bytes, secrets: list[str], now: float) -> bool:
    request = {"headers": headers, "body": base64.b64encode(body).decode(), "secrets": secrets,
               "now": now}  # fmt: skip
    done = subprocess.run(
        [str(node), str(program)], input=json.dumps(request), capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    return "taken" in json.loads(done.stdout)


def ours(headers: Any, body: bytes, secrets: list[str], now: float) -> bool:
    try:
        webhooks.verify(headers, body, secrets, now=now)
    except TierproofError:
        return False
    return True


CASES: dict[str, tuple[dict[str, str], bytes, list[str], float, bool]] = {
    "honest": (HONEST, BODY, [SECRET.text()], NOW, True),
    "two secrets": (HONEST, BODY, [OTHER.text(), SECRET.text()], NOW, True),
    "two signatures": (
        headers_of(EVENT.id, NOW, BODY, [OTHER, SECRET]), BODY, [SECRET.text()], NOW, True,
    ),
    "in time": (HONEST, BODY, [SECRET.text()], NOW + 300, True),
    "late": (HONEST, BODY, [SECRET.text()], NOW + 301, False),
    "early": (HONEST, BODY, [SECRET.text()], NOW - 301, False),
    "other secret": (HONEST, BODY, [OTHER.text()], NOW, False),
    "no secret": (HONEST, BODY, [], NOW, False),
    "secret of another form": (HONEST, BODY, [SECRET.text()[6:]], NOW, False),
    "body": (HONEST, BODY.replace(b"7", b"8"), [SECRET.text()], NOW, False),
    "id": ({**HONEST, "webhook-id": "evt_0"}, BODY, [SECRET.text()], NOW, False),
    "time": ({**HONEST, "webhook-timestamp": str(NOW + 1)}, BODY, [SECRET.text()], NOW, False),
    "empty signature": ({**HONEST, "webhook-signature": "v1,"}, BODY, [SECRET.text()], NOW, False),
    "version": (
        {**HONEST, "webhook-signature": HONEST["webhook-signature"].replace("v1,", "v2,")},
        BODY, [SECRET.text()], NOW, False,
    ),
    "another event": (
        headers_of("evt_0", NOW, BODY, [SECRET]), BODY, [SECRET.text()], NOW, False,
    ),
    "no event": (headers_of("evt_0", NOW, b"x", [SECRET]), b"x", [SECRET.text()], NOW, False),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_two_agree(program: Path, name: str) -> None:
    headers, body, secrets, now, wanted = CASES[name]
    assert ours(headers, body, secrets, now) is wanted
    assert foreign(program, headers, body, secrets, now) is wanted


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_header_that_is_missing(program: Path, name: str) -> None:
    headers = {key: value for key, value in HONEST.items() if key != name}
    assert not ours(headers, BODY, [SECRET.text()], NOW)
    assert not foreign(program, headers, BODY, [SECRET.text()], NOW)
