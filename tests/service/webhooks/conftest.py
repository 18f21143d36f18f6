"""Fixtures of the webhooks' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store.database import Database
from service.webhooks.settings import WebhookSettings
from tests.service.webhooks.hook_world import Certificates, Receiver, certificates, opened, receiver


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def hook(made: Certificates) -> Iterator[Receiver]:
    with receiver(made) as state:
        yield state


@pytest.fixture
def settings(made: Certificates) -> WebhookSettings:
    """Of development: this machine is told too. Short, since some receivers never answer."""
    return WebhookSettings(
        ca_file=made.ca, allow_loopback=True, connect_seconds=5, answer_seconds=0.5,
        whole_seconds=1.5, poll_seconds=0.02,
    )  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/hooks.sqlite"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").database()
    made = opened(url)
    yield made
    made.close()
