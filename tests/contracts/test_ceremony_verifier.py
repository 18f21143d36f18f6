"""
The contracts of the real ceremony: current with the committed keys, those with the ceremony's file;
a proof on them is accepted, and onboarded where nothing but known ceremonies is taken.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from registry_world import posing
from support.credential import World, case, thresholds, week
from verifier_world import Deployed

from algebra.errors import Malformed, Rejected, TierproofError, Unavailable
from algebra.native_backend import native
from circuits.credential.v2.link import window_table
from contracts.build.artifact import load_artifact
from contracts.client.chain import Chain
from contracts.client.deploy import deploy
from contracts.client.model import LEAST_NOTICE, Roles
from contracts.client.order import Order
from contracts.client.registry import RegistryClient
from prover.credential import credential_key
from prover.profile import Profile
from prover.prove import prove
from prover.setup import import_ceremony, lagrange_bases
from tierproof import ceremony_keys
from tierproof.ceremony_keys import (
    NAME,
    STATUS,
    columns_digest,
    committed_key,
    key_path,
    make_keys,
)
from tierproof.verifier_contract import ceremony_verifier, contract_name, generated_path
from verifier.ceremonies import ceremony_ids, why_not
from verifier.verify import verify

CLASS = 8192
POWERS = "ppot_0085_g1_65536.point"


@pytest.mark.parametrize("profile", list(Profile))
def test_the_committed_contract_is_that_of_the_committed_key(profile: Profile) -> None:
    text = generated_path(CLASS, profile, NAME).read_text(encoding="utf-8")
    assert text == ceremony_verifier(CLASS, native(), profile)
    assert f"Setup: {STATUS}." in text and "INSECURE" not in text
    key = committed_key(CLASS, profile, native())
    assert key.setup_status == STATUS and why_not(key.srs_id) is None
    assert f"0x{key.digest.hex()}" in text


def test_a_stale_key_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another text, other columns, another ceremony, no key."""
    shutil.copytree(ceremony_keys.KEYS, tmp_path / "keys")
    monkeypatch.setattr(ceremony_keys, "KEYS", tmp_path / "keys")
    assert committed_key(CLASS, Profile.FAST, native()).setup_status == STATUS

    def refused() -> None:
        with pytest.raises(Unavailable) as caught:
            committed_key(CLASS, Profile.FAST, native())
        assert caught.value.code == "unavailable.ceremony_key"

    columns, path = tmp_path / "keys" / ceremony_keys.COLUMNS, key_path(CLASS, Profile.FAST)
    good = columns.read_text()
    columns.write_text(good.replace(columns_digest(CLASS), "00" * 32))
    refused()
    columns.write_text(good)
    key = committed_key(CLASS, Profile.FAST, native())
    replace(key, srs_id=7).save(path)
    refused()
    path.unlink()
    refused()


def test_the_keys_of_another_ceremony_are_not_committed(shared_data: Path) -> None:
    with pytest.raises(TierproofError) as caught:
        make_keys(CLASS, shared_data / "srs" / "powersOfTau28_hez_final_11.ptau", native())
    assert caught.value.code == "refused.ptau.power"
    with pytest.raises(Malformed):
        make_keys(CLASS, shared_data / "srs" / "ppot_0085_g2_powerOf2.point", native())


@cache
def ceremony(path: Path, profile: Profile) -> World:
    """The tests' world on the real ceremony; all of its powers."""
    setup, algebra = import_ceremony(path, native()), native()
    key = credential_key(setup, CLASS, algebra, slots=profile.slots)
    return World(
        setup, key, lagrange_bases(setup, CLASS, 1, algebra)[0], window_table(key.vanishing_point)
    )


def real_chain() -> tuple[Chain, RegistryClient, str]:
    """A chain whose contracts see number 1, with a registry on it, and the governor."""
    chain = Chain.embedded(native())
    assert chain.tester is not None
    chain.tester.backend.chain.chain_id = 1  # what the CHAINID instruction answers
    governor = chain.accounts()[0]
    roles = Roles(governor, governor, governor, LEAST_NOTICE)
    order = Order((posing(),), roles, (ceremony_ids()[0], bytes(32)), notice=LEAST_NOTICE)
    made = deploy(chain, order, sender=governor)
    return chain, RegistryClient(chain, made.registry), governor


@pytest.mark.evm
@pytest.mark.parametrize("profile", list(Profile))
def test_prove_verify_register(profile: Profile, shared_data: Path) -> None:
    """The verifier is registered where the registry takes known ceremonies alone."""
    home = ceremony(shared_data / "srs" / POWERS, profile)
    key = home.key.verifying
    assert key.digest == committed_key(CLASS, profile, native()).digest, "made from its file"
    chain, client, governor = real_chain()
    contract = Deployed.put(chain, load_artifact(contract_name(CLASS, profile, NAME)))
    target = contract.contract.address
    client.send(client.calls.register_verifier(target, key.digest), sender=governor)
    held = client.verifier_of(1)
    assert (held["target"], held["key_digest"]) == (target, key.digest)
    assert held["enabled_from"] == chain.now() + LEAST_NOTICE
    tier = thresholds([1, 5, 10])
    made = case(week(), 7, 100_000, tier, others=5, home=home)
    proof = prove(home.key, made.witness, made.statement, algebra=native())
    verify(key, made.statement, proof, algebra=native())
    other = (*made.statement[:-1], made.statement[-1] ^ 1)
    with pytest.raises(Rejected):
        verify(key, other, proof, algebra=native())
    assert contract.refusal(made.statement, proof) is None
    assert contract.refusal(other, proof) == "NotAccepted"


@pytest.mark.evm
def test_the_development_contract_is_refused_there() -> None:
    chain, client, governor = real_chain()
    contract = Deployed.put(chain, load_artifact(contract_name(CLASS)))
    digest = bytes(chain.read(contract.contract.functions.keyDigest()))
    call = client.calls.register_verifier(contract.contract.address, digest)
    with pytest.raises(Rejected) as caught:
        client.send(call, sender=governor)
    assert caught.value.code == "rejected.SetupNotKnown"
