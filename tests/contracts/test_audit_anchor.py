"""The contract that logs are anchored in: everybody's own, and the size only grows."""

from __future__ import annotations

import pytest

from algebra.errors import Refused, Rejected, Unavailable
from contracts.build.artifact import load_artifact
from contracts.client.anchor import AuditAnchor
from contracts.client.chain import Chain

pytestmark = pytest.mark.evm

ONE, TWO = bytes([1]) * 32, bytes([2]) * 32
MOST = (1 << 64) - 1


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain.embedded()


@pytest.fixture(scope="module")
def anchor(chain: Chain) -> AuditAnchor:
    return AuditAnchor.deploy(chain, sender=chain.accounts()[0])


def test_each_account_has_a_log_whose_size_only_grows(chain: Chain, anchor: AuditAnchor) -> None:
    log, other = chain.accounts()[:2]
    assert anchor.head(log) == (0, bytes(32))
    anchor.anchor(5, ONE, sender=log)
    anchor.anchor(3, TWO, sender=other)
    assert (anchor.head(log), anchor.head(other)) == ((5, ONE), (3, TWO))
    for size in (0, 4, 5):
        with pytest.raises(Rejected) as raised:
            anchor.anchor(size, TWO, sender=log)
        assert raised.value.code == "rejected.SizeNotGrown"
        assert raised.value.fields["arguments"] == {"size": size, "anchored": 5}
    anchor.anchor(6, TWO, sender=log)
    anchor.anchor(MOST, ONE, sender=log)
    assert (anchor.head(log), anchor.head(other)) == ((MOST, ONE), (3, TWO))
    with pytest.raises(Rejected):
        anchor.anchor(0, ONE, sender=chain.accounts()[2])


def test_every_anchor_is_an_event(chain: Chain, anchor: AuditAnchor) -> None:
    log = chain.accounts()[3]
    for size, digest in ((1, ONE), (9, TWO)):
        anchor.anchor(size, digest, sender=log)
    contract = chain.contract(load_artifact("AuditAnchor"), anchor.address)
    told = [dict(each["args"]) for each in chain.events(contract.events.Anchored)]
    own = [each for each in told if each["log"] == log]
    assert own == [
        {"log": log, "size": 1, "digest": ONE},
        {"log": log, "size": 9, "digest": TWO},
    ]
    second = chain.read(contract.functions.heads(log))[1]
    assert second == chain.now()


def test_another_contract_is_none(chain: Chain) -> None:
    with pytest.raises(Unavailable) as missing:
        AuditAnchor(chain, "0x" + "12" * 20)
    assert missing.value.code == "unavailable.contract"
    other, _ = chain.deploy(load_artifact("MarketState"), sender=chain.accounts()[0])
    with pytest.raises(Refused) as raised:
        AuditAnchor(chain, other)
    assert raised.value.code == "refused.audit_anchor"
