"""Contracts with libraries: addresses go where the compiler says, and none is left out."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from grants.grants_world import DEFAULT
from support.effective import BANDS

from algebra.errors import Malformed, Refused, Rejected
from contracts.build.artifact import load_artifact
from contracts.build.link import linked
from contracts.client.chain import Chain
from policies.effective.regime import pack

pytestmark = pytest.mark.evm
LIBRARIES = {"Attestors": "0x" + "a1" * 20, "Roots": "0x" + "b2" * 20,
             "Router": "0x" + "c3" * 20, "Series": "0x" + "d4" * 20,
             "Claims": "0x" + "f6" * 20, "Reports": "0x" + "97" * 20,
             "MarketState": "0x" + "a8" * 20, "Batch": "0x" + "b9" * 20}  # fmt: skip


def test_addresses_stand_where_the_compiler_says() -> None:
    bare = load_artifact("TierGrants")
    assert set(bare.links) == set(LIBRARIES)
    full = linked(bare, LIBRARIES)
    assert full.links == {}
    for name, places in bare.links.items():
        target = LIBRARIES[name][2:]
        for before, after, starts in (
            (bare.bytecode, full.bytecode, places.bytecode),
            (bare.deployed_bytecode, full.deployed_bytecode, places.deployed_bytecode),
        ):
            assert after.count(target) == len(starts) > 0
            for start in starts:
                assert before[2 + 2 * start :][:40] == "0" * 40
                assert after[2 + 2 * start :][:40] == target
    assert full.is_code(bytes.fromhex(full.deployed_bytecode[2:]))
    assert not full.is_code(bytes.fromhex(bare.deployed_bytecode[2:]))


def test_each_library_and_no_other() -> None:
    bare = load_artifact("TierGrants")
    for given in (
        {},
        {name: at for name, at in LIBRARIES.items() if name != "Roots"},
        {**LIBRARIES, "Other": "0x" + "e5" * 20},
    ):
        with pytest.raises(Refused) as caught:
            linked(bare, given)
        assert caught.value.code == "refused.link"
    with pytest.raises(Malformed) as malformed:
        linked(bare, {**LIBRARIES, "Roots": "0x12"})
    assert malformed.value.code == "malformed.address"


def test_an_open_contract_is_not_deployed() -> None:
    chain = Chain.embedded()
    with pytest.raises(Refused) as caught:
        chain.deploy(load_artifact("TierGrants"), sender=chain.accounts()[0])
    assert caught.value.code == "refused.link"


def test_a_library_on_chain_is_the_artifact() -> None:
    """It holds its own address, which counts as filled in by deploying."""
    chain = Chain.embedded()
    artifact = load_artifact("Router")
    place, _ = chain.deploy(artifact, sender=chain.accounts()[0])
    assert artifact.is_code(chain.code(place))
    assert not artifact.is_code(chain.code(place)[:-1] + b"\0")


def test_a_linked_contract_on_a_chain() -> None:
    """Its libraries are called, and its code is the artifact's whatever its immutables hold."""
    chain = Chain.embedded()
    sender = chain.accounts()[0]
    libraries = {
        name: chain.deploy(load_artifact(name), sender=sender)[0]
        for name in load_artifact("TierGrants").links
    }
    artifact = linked(load_artifact("TierGrants"), libraries)
    authority, _ = chain.deploy(load_artifact("Authority"), sender, sender=sender)
    place, _ = chain.deploy(
        artifact, authority, 0, [], astuple(DEFAULT), pack(BANDS), sender=sender
    )
    assert artifact.is_code(chain.code(place))
    registry = chain.contract(artifact, place)
    members = sorted(account.lower() for account in chain.accounts()[:3])
    checksummed = [chain.web3.to_checksum_address(member) for member in members]
    chain.send(  # the admin may call what is no role's yet
        registry.functions.registerAttestorSet(bytes(32), (checksummed, 0, 2), (200, 10)),
        sender=sender,
    )
    other = chain.accounts()[1]
    with pytest.raises(Rejected) as caught:
        chain.send(registry.functions.pause(), sender=other)
    assert caught.value.code == "rejected.AccessManagedUnauthorized"
