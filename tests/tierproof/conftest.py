"""A made-up desk's files, made once by the commands themselves."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.once import made_once

from attestor import generations
from attestor.binding import SignedBinding, sign_binding
from attestor.bindings import BindingRegistry
from attestor.calendar import Calendar, SignedCalendar
from attestor.venues import sample
from history.dates import day_text
from policies.attestor_set import AttestorSet
from policies.policy import Policy, example
from prover.vault import Cost, create_vault
from tierproof.cli import main
from tierproof.owner import VenueOwner

CHAIN_ID, REGISTRY, ACCOUNT = 31337, "0x" + "ab" * 20, "0x" + "cd" * 20
PASSPHRASE = "a passphrase for tests"
SIZE = 8192
WEEK = 7
"""Days of the sample's first week."""
FIRST = "first.txt"
"""Names the attestation of the desk that proves."""


@dataclass(frozen=True)
class Desk:
    """Paths of everything that the actors exchange."""

    folder: Path
    keys: Path
    policy: Path
    vault: Path
    other_vault: Path
    job: Path
    attestation: Path
    root: Path
    credential: Path
    profile: str = "fast"
    account: str = ACCOUNT

    @property
    def key(self) -> Path:
        return self.keys / (
            f"key-{SIZE}.json" if self.profile == "fast" else f"key-{SIZE}-{self.profile}.json"
        )

    def place(self, **change: object) -> list[str]:
        values = {"chain-id": CHAIN_ID, "registry": REGISTRY} | change
        return [part for name, value in values.items() for part in (f"--{name}", str(value))]


def run(*arguments: object) -> int:
    """One command, as from a shell."""
    return main([str(argument) for argument in arguments])


def write_private(path: Path, text: str) -> Path:
    """A key or passphrase file that only its owner reads."""
    path.touch(mode=0o600)
    path.write_text(text)
    return path


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERPROOF_PASSPHRASE", PASSPHRASE)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Attested by `attest`, proven by `prove` for tier prime."""
    return desk_in(made_once(tmp_path_factory, "desk", _make))


@pytest.fixture(scope="session")
def week(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """
    The first days of the desk's sample, attested with its keys, for what is asked of a job whatever
    its length: a tenth of the work. Nothing is proven of it.
    """

    def make(folder: Path) -> None:
        attest_desk(folder, desk.keys, CHAIN_ID, REGISTRY, WEEK)

    return desk_in(made_once(tmp_path_factory, "week", make), desk.keys)


@pytest.fixture(scope="session")
def lean(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """
    The same desk and attestation; lean keys beside the fast ones in a copy of the keys folder,
    proven with the lean one.
    """

    def lean_in(folder: Path) -> Desk:
        keys, credential = folder / "keys", folder / "credential.json"
        return replace(desk, keys=keys, credential=credential, profile="lean")

    def make(folder: Path) -> None:
        done = lean_in(folder)
        shutil.copytree(desk.keys, done.keys)
        _set_up(done.keys, "--profile", "lean")
        _prove(done)

    return lean_in(made_once(tmp_path_factory, "lean", make))


def _make(folder: Path) -> None:
    _set_up(folder / "keys")
    _prove(attest_desk(folder, folder / "keys", CHAIN_ID, REGISTRY))


def _set_up(keys: Path, *options: str) -> None:
    options = ("--unsafe-development", "--class", str(SIZE), *options)
    assert run("setup", "--keys", keys, *options) == 0


def _prove(desk: Desk) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIERPROOF_PASSPHRASE", PASSPHRASE)
        assert prove_prime(desk, *desk.place()) == 0


def prove_prime(desk: Desk, *place: object) -> int:
    """Exit status of proving tier prime with the desk's profile; writes its credential."""
    files = [
        "--vault",
        desk.vault,
        "--policy",
        desk.policy,
        "--keys",
        desk.keys,
        "--out",
        desk.credential,
    ]
    asked = ["--tier", "prime", "--account", desk.account, "--profile", desk.profile]
    return run("prove", desk.attestation, *files, *asked, *place)


def attestors() -> AttestorSet:
    """Two of three made-up attestors."""
    return AttestorSet.of([signer.address for signer in sample.unsafe_attestors(3)], 2)


def sample_policy(first_day: int = sample.FIRST_DAY) -> Policy:
    """The standard policy over the sample's window, or over one of as many days."""
    standard = example("standard").over(first_day, first_day + sample.DAYS - 1)
    return replace(standard, attestor_set=attestors().id, documents=sample.documents())


def recent_window() -> int:
    """First day of a window of the sample's length that is over, as a registry takes it."""
    return int(time.time()) // 86_400 - 3 - sample.DAYS


def attest_desk(
    folder: Path,
    keys: Path,
    chain_id: int,
    registry: str,
    days: int = sample.DAYS,
    first_day: int = sample.FIRST_DAY,
) -> Desk:
    """
    Statements, vaults, bindings and keys of the sample, or of its first days alone, attested for a
    registry by the command. Roots of a window that is over for good count for years, others for as
    long as a registry takes.
    """
    made = sample.write_sample(folder / "statements", days=days, first_day=first_day)
    attestor_set, valid = attestors(), int(time.time()) + 5 * 365 * 86_400
    if first_day != sample.FIRST_DAY:
        valid = (made.last_day + 100) * 86_400
    for index, signer in enumerate(sample.unsafe_attestors(3)):
        write_private(folder / f"attestor-{index}.key", f"0x{bytes(signer.key).hex()}\n")
    bindings, owners, names = BindingRegistry(attestor_set.id), [], []
    day, days = made.first_day - 1, made.last_day + 1 - made.first_day
    calendar = Calendar("sample", attestor_set.id, 1, made.first_day, days, 1, day)
    signers = sample.unsafe_attestors(3)[:2]
    bindings.announce(SignedCalendar.sign(calendar, attestor_set, signers), day)
    for owner in made.owners:
        identity = create_vault(folder / f"{owner.name}.vault", PASSPHRASE, cost=Cost(64, 1, 1))
        at_venue = VenueOwner.of(identity, sample.VENUE)
        for key in owner.unsafe_keys:
            request = at_venue.binding(key.address.lower(), attestor_set.id, made.first_day)
            signature, consent = sign_binding(key, request), at_venue.consent(request)
            bindings.bind(SignedBinding(request, signature, consent), made.first_day)
        owners.append({"owner_tag": f"0x{at_venue.tag:064x}", "wallets": list(owner.wallets)})
        names.append(f"attestation-{at_venue.consent_key[2:]}.json")
    bindings.save(folder / "bindings.json")
    job: dict[str, Any] = {
        "format": "tierproof/attest-job",
        "version": 1,
        "venue": "tierproof-sample",
        "adapter": "csv",
        "statements": "statements",
        "bindings": "bindings.json",
        "first_day": day_text(made.first_day),
        "last_day": day_text(made.last_day),
        "size": SIZE,
        "attestor_set": generations.as_json(attestor_set),
        "domain": {"chain_id": chain_id, "registry": registry},
        "valid_until": valid,
        "owners": owners,
    }
    (folder / "job.json").write_text(json.dumps(job))
    sample_policy(first_day).save(folder / "policy.json")
    attested = folder / "attested"
    signed = ["--key-file", folder / "attestor-0.key", "--key-file", folder / "attestor-2.key"]
    assert run("attest", folder / "job.json", *signed, "--keys", keys, "--out", attested) == 0
    (folder / FIRST).write_text(names[0])
    return desk_in(folder, keys)


def desk_in(folder: Path, keys: Path | None = None) -> Desk:
    """The desk whose files `attest_desk` wrote there."""
    attested = folder / "attested"
    return Desk(
        folder=folder,
        keys=keys or folder / "keys",
        policy=folder / "policy.json",
        vault=folder / "desk.vault",
        other_vault=folder / "harbour.vault",
        job=folder / "job.json",
        attestation=attested / (folder / FIRST).read_text(),
        root=attested / "root.json",
        credential=folder / "credential.json",
    )
