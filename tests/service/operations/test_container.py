"""Containerfile and compose file, by what can be seen without a container."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.project import ROOT

from service.operations.settings import PREFIX, load
from tests.tierproof.conftest import run

PINNED = re.compile(r"[a-z]+:[0-9]+(\.[0-9]+)+(-[a-z0-9]+)+")
"""An image by name and full version, of no named host."""
SECRET = re.compile(r"(password|secret|token|private|_key)\w*\s*[=:]", re.IGNORECASE)

LINES = re.sub(r"\\\n\s*", " ", (ROOT / "Containerfile").read_text()).splitlines()
STEPS = [line.split(None, 1) for line in LINES if line and not line.startswith("#")]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())


def steps(name: str) -> list[str]:
    return [rest for word, rest in STEPS if word == name]


def last_stage() -> list[list[str]]:
    start = max(place for place, (word, _) in enumerate(STEPS) if word == "FROM")
    return STEPS[start:]


def test_images_are_pinned() -> None:
    names = [base.split()[0] for base in steps("FROM")]
    names += [each["image"] for each in COMPOSE["services"].values() if "image" in each]
    assert len(names) == 4 and all(PINNED.fullmatch(name) for name in names), names


def test_the_last_stage_is_a_user_of_its_own_without_compilers() -> None:
    words = [word for word, _ in last_stage()]
    user = next(rest for word, rest in last_stage() if word == "USER")
    assert user.isdecimal() and int(user) > 0
    assert words.index("USER") < words.index("ENTRYPOINT") < words.index("CMD")
    assert "RUN" not in words[words.index("USER") :]
    text = json.dumps(last_stage())
    assert "build-essential" not in text and "cargo" not in text and "COPY . " not in text


def test_nothing_secret_is_built_in() -> None:
    assert not steps("ADD") and not steps("ARG")
    for line in steps("ENV"):
        assert not SECRET.search(line), line
    for service in COMPOSE["services"].values():
        for name, value in service["environment"].items():
            assert name.endswith("_FILE") or not SECRET.search(f"{name}="), name
            assert "@" not in value or ":" not in value.split("//")[1].split("@")[0]
    ignored = (ROOT / ".containerignore").read_text().splitlines()
    assert {".git", "service-config", "*.key", "*.sqlite*"} <= set(ignored)


def test_every_install_is_of_the_lock_file() -> None:
    installs = [part for line in steps("RUN") for part in line.split("&&") if "pip install" in part]
    assert len(installs) == 2
    for line in installs:
        assert "--require-hashes -r requirements.lock" in line or "--no-deps /wheels/" in line


def test_apt_leaves_no_lists() -> None:
    for line in steps("RUN"):
        if "apt-get" in line:
            assert "--no-install-recommends" in line and "rm -rf /var/lib/apt/lists/*" in line


def test_the_service_can_do_little() -> None:
    service = COMPOSE["services"]["service"]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert "ports" not in COMPOSE["services"]["database"]


@pytest.mark.parametrize("where", ["Containerfile", "compose.yaml"])
def test_the_start_command_works(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its words, with a file of ours in the place of the mounted one, and `--check`."""
    (command,) = steps("CMD")
    words = json.loads(command)
    environment: dict[str, str] = {}
    if where == "compose.yaml":
        words = COMPOSE["services"]["service"]["command"]
        environment = COMPOSE["services"]["service"]["environment"]
    else:
        environment = dict(re.findall(rf"({PREFIX}\w+)=(\S+)", " ".join(steps("ENV"))))
    config, password = tmp_path / "tierproof.toml", tmp_path / "password"
    config.write_text(f'policy = "{ROOT}/examples/sample/policy.json"\n')
    password.write_text("p")
    password.chmod(0o600)
    for name, value in environment.items():
        monkeypatch.setenv(name, value.replace("/run/secrets/database_password", str(password)))
    words = [word.replace("/etc/tierproof/tierproof.toml", str(config)) for word in words]
    assert len(environment) and run(*words, "--check", "--json") == 0
    shown = json.loads(capsys.readouterr().out)["settings"]
    assert shown["database"]["url"] == environment[f"{PREFIX}DATABASE__URL"]
    assert load().database.full_url().startswith(("sqlite:////data/", "postgresql+psycopg://"))
