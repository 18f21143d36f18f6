"""
`tierproof init`: what the READMEs of the three folders say, done in their order, leads to a grant.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from support.project import ROOT

from attestor import generations
from policies.attestor_set import AttestorSet
from policies.policy import Policy
from tests.contracts.anvil_node import start_anvil
from tests.support.clock import clock_at
from tests.tierproof.conftest import PASSPHRASE, run
from tierproof.documents import attestors_document
from tierproof.formats import FORMATS
from tierproof.starter import ROLES, TEMPLATES

Capture = pytest.CaptureFixture[str]
HOLDER = Account.from_key("0x" + "6c" * 32)
ACCOUNT = HOLDER.address.lower()
WALLET = Account.from_key("0x" + "5a" * 32)
PLACEHOLDER = "0x" + "11" * 20
EXAMPLES = ROOT / "docs" / "reference" / "examples"
NOW = 1_770_076_800
"""2026-02-03: the templates' window is settled, and a root of it counts."""


def steps(folder: Path) -> dict[int, list[list[str]]]:
    """Commands of a folder's README by the number of their heading."""
    out: dict[int, list[list[str]]] = {}
    number = 0
    for line in (folder / "README.md").read_text().splitlines():
        heading = re.match(r"## (\d+)\.", line)
        number = int(heading.group(1)) if heading else number
        if line.startswith("    tierproof "):
            out.setdefault(number, []).append(shlex.split(line)[1:])
    return out


class Folder:
    """A person in a folder who follows its README."""

    def __init__(self, path: Path, capsys: Capture, patch: pytest.MonkeyPatch) -> None:
        self.path, self._capsys, self._patch = path, capsys, patch

    def step(self, number: int, *more: str, **words: str) -> list[dict[str, Any]]:
        """The commands of one heading, with its capitals replaced; their documents."""
        self._patch.chdir(self.path)
        answers = []
        for command in steps(self.path)[number]:
            said = [words.get(word, word) for word in command]
            assert run(*said, *more, "--json") == 0, self._capsys.readouterr()
            answers.append(json.loads(self._capsys.readouterr().out))
        return answers

    def edit(self, name: str, **change: Any) -> None:
        path = self.path / name
        path.write_text(json.dumps(json.loads(path.read_text()) | change))

    def replace(self, name: str, old: str, new: str) -> None:
        path = self.path / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def give(self, name: str, other: Folder, as_name: str | None = None) -> None:
        source, target = self.path / name, other.path / (as_name or name)
        if source.is_dir():
            target.mkdir()
            for path in source.iterdir():
                (target / path.name).write_bytes(path.read_bytes())
        else:
            target.write_bytes(source.read_bytes())


@pytest.fixture
def anvil() -> Iterator[str]:
    """A node whose time, as this process's, is some days after the window of the templates."""
    process, url = start_anvil("--timestamp", str(NOW))
    try:
        with clock_at(NOW):
            yield url
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.evm
def test_the_readmes_lead_to_a_grant(
    anvil: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERPROOF_PASSPHRASE", PASSPHRASE)

    def start(role: str, *more: object) -> Folder:
        assert run("init", role, tmp_path / role, *more, "--json") == 0
        capsys.readouterr()
        return Folder(tmp_path / role, capsys, monkeypatch)

    protocol, attestor = start("protocol"), start("attestor")
    protocol.replace("tierproof.toml", "http://127.0.0.1:8545", anvil)
    assert protocol.step(1)[0]["setup"] == "development"

    (attestor.path / "attestor.key").write_text("7b" * 32 + "\n")
    (attestor.path / "attestor.key").chmod(0o600)
    shown = attestor.step(1)[0]
    assert shown["is"] == "key file" and "7b" * 32 not in json.dumps(shown)
    first = {"members": [shown["address"]], "threshold": 1, "handover": []}
    protocol.edit("attestors.json", generations=[first])
    set_of = json.loads(_shown(protocol, "attestors.json", capsys))
    protocol.edit("policy.json", attestor_set=set_of["id"])
    assert protocol.step(2)[1]["attestor_set"] == set_of["id"]
    deployed = protocol.step(3)[0]

    for name in ("policy.json", "attestors.json", "deployment.json", "keys"):
        protocol.give(name, attestor)
    attestor.step(2)
    files = [f"--{name}={protocol.path / name}.json" for name in ("policy", "deployment")]
    institution = start("institution", *files)
    protocol.give("keys", institution)

    tag = institution.step(1)[0]["owner_tag"]
    (institution.path / "wallet.key").write_text(f"0x{bytes(WALLET.key).hex()}\n")
    (institution.path / "wallet.key").chmod(0o600)
    signed = institution.step(2, WALLET=WALLET.address, DATE="2026-01-01")[1]
    institution.give("request.json", attestor)
    institution.give("consent.json", attestor)
    announced, bound = attestor.step(
        3, "--today", "2025-12-31",
        SIGNATURE=signed["signature"], FIRST="2026-01-01", DAYS="28", NAME="desk",
    )  # fmt: skip
    assert announced["windows"][0].startswith(bound["from"])

    attestor.replace("statements/statement.csv", PLACEHOLDER, WALLET.address.lower())
    attestor.edit(
        "job.json",
        attestor_set={"name": set_of["name"], "generations": [first]},
        domain={"chain_id": deployed["chain_id"], "registry": deployed["registry"].lower()},
        owners=[{"owner_tag": tag, "wallets": [WALLET.address.lower()]}],
    )
    attestor.step(4)
    attested = attestor.step(5)[0]
    made = Path(attested["attestations"][0]["file"]).relative_to(attestor.path)
    attestor.give(str(made), institution, "attestation.json")
    attestor.give("attested/root.json", protocol, "root.json")

    told, estimated = institution.step(3)
    assert told["wallets"] == 1 and "days" not in told and estimated["best_tier"] == "member"
    institution.replace("tierproof.toml", '# account = "0x..."', f'account = "{ACCOUNT}"')
    (institution.path / "account.key").write_text(f"0x{bytes(HOLDER.key).hex()}\n")
    (institution.path / "account.key").chmod(0o600)
    assert institution.step(4)[0]["tier"] == "member"
    assert institution.step(5)[0]["rows"] == [0]

    institution.give("credential.json", protocol)
    institution.give("grant-consent.json", protocol)
    assert protocol.step(5)[2]["outcome"] == "accepted"
    granted, terms = protocol.step(6, ACCOUNT=ACCOUNT)
    assert granted["account"].lower() == ACCOUNT and terms["max_leverage"] == 10
    done = {role: set(steps(tmp_path / role)) for role in ROLES}
    assert done == {
        "protocol": {1, 2, 3, 5, 6},
        "attestor": {1, 2, 3, 4, 5},
        "institution": {1, 2, 3, 4, 5},
    }


def _shown(of: Folder, name: str, capsys: Capture) -> str:
    assert run("show", of.path / name, "--json") == 0
    return capsys.readouterr().out


def test_what_the_protocol_hands_out_fills_the_templates(tmp_path: Path, capsys: Capture) -> None:
    policy = json.loads((TEMPLATES / "protocol" / "policy.json").read_text())
    of = AttestorSet.of([ACCOUNT], 1)
    set_of = attestors_document(of)
    place = json.loads((EXAMPLES / "deployment.json").read_text())
    policy |= {
        "first_day": "2025-03-01",
        "last_day": "2025-05-31",
        "attestor_set": "0x" + "5e" * 32,
    }
    given = {"policy": policy, "attestors": set_of, "deployment": place}
    named = []
    for name, document in given.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
        named += [f"--{name}", tmp_path / f"{name}.json"]
    assert run("init", "attestor", tmp_path / "a", *named) == 0
    job = json.loads((tmp_path / "a" / "job.json").read_text())
    assert (job["first_day"], job["last_day"]) == ("2025-03-01", "2025-05-31")
    assert job["domain"] == {name: place[name] for name in ("chain_id", "registry")}
    assert job["valid_until"] == 1_759_104_000  # 2025-09-29, 120 days after the window
    assert job["attestor_set"] == generations.as_json(of)
    assert run("init", "institution", tmp_path / "i", *named) == 0
    assert f'\nattestor_set = "0x{"5e" * 32}"' in (tmp_path / "i" / "tierproof.toml").read_text()
    capsys.readouterr()
    (tmp_path / "policy.json").write_text("{}")
    assert run("init", "institution", tmp_path / "j", *named, "--json") == 2
    assert not (tmp_path / "j").exists()


@pytest.mark.parametrize("role", ROLES)
def test_a_folder_that_holds_something_is_left_alone(
    role: str, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert run("init", role, tmp_path, "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "refused.folder"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("role", ROLES)
def test_secrets_are_ignored_by_git_and_the_configuration_holds(role: str, tmp_path: Path) -> None:
    assert run("init", role, tmp_path / role) == 0
    ignored = (tmp_path / role / ".gitignore").read_text().splitlines()
    assert "*.key" in ignored and "keys/" in ignored
    FORMATS["config"].load(tmp_path / role / "tierproof.toml")
    if role == "protocol":
        assert Policy.load(tmp_path / role / "policy.json").tier("member")
