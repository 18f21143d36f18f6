"""Nodes of other makes: how they say that a contract refused, and what their blocks hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from anvil_node import start_anvil
from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak
from node_proxy import SHAPES, STRIPPED, proxied, reverts_like, shaped
from registry_world import NULLIFIER, OWNER, POLICY_ID, ROOT, SERIES, World

from algebra.errors import Refused, Rejected, Unavailable
from contracts.client.answers import NodeRefused, revert_data
from contracts.client.chain import Chain
from contracts.client.explain import explained
from contracts.client.registry import RegistryClient
from policies.signed_root import Root

pytestmark = pytest.mark.evm

USED = keccak(text="NullifierBarred(uint256,uint16)")[:4] + encode(["uint256"] * 2, [NULLIFIER, 7])


@pytest.fixture(scope="module")
def granted() -> Iterator[tuple[World, str]]:
    """A registry with a root and a grant of it."""
    process, url = start_anvil()
    world = World.build(Chain.connect(url))
    world.submit()
    world.onboard()
    yield world, url
    process.terminate()
    process.wait(20)


@pytest.mark.parametrize("make", SHAPES)
def test_the_data_is_found_wherever_it_stands(make: str) -> None:
    assert revert_data(shaped(SHAPES[make], "0x" + USED.hex())) == USED
    assert revert_data(shaped(SHAPES[make], "0x" + USED[:4].hex().upper())) == USED[:4]
    assert NodeRefused("eth_call", shaped(SHAPES[make], "0x" + USED.hex())).run_failed


@pytest.mark.parametrize("make", STRIPPED)
def test_what_is_left_out_is_not_made_up(make: str) -> None:
    error = NodeRefused("eth_call", STRIPPED[make])
    assert error.data == b"" and error.run_failed
    assert explained(error).code == "rejected.Reverted"


@pytest.mark.parametrize("odd", [
    None, [], 7, "no", {}, {"data": None}, {"data": {"data": {"data": []}}}, {"message": 7},
    {"message": "transaction 0x" + "11" * 32 + " of 0x" + "ab" * 20 + " is unknown"},
    {"data": "0x1"}, {"data": "0xzz"},
])  # fmt: skip
def test_no_data_in_what_holds_none(odd: object) -> None:
    """Hashes and addresses in a node's words are none."""
    assert revert_data(odd) == b""
    assert isinstance(explained(NodeRefused("eth_call", odd)), Unavailable)


@pytest.mark.parametrize(("said", "code"), [
    ("insufficient funds for gas * price + value: balance 0", "refused.funds"),
    ("Upfront cost exceeds account balance; not enough balance", "refused.funds"),
    ("err: max fee per gas; insufficient balance for transfer", "refused.funds"),
    ("gas required exceeds allowance (25000000)", "refused.gas"),
    ("exceeds block gas limit", "refused.gas"),
    ("transaction gas limit too high (cap: 16777216, tx: 30000000)", "refused.gas"),
    ("out of gas", "rejected.Reverted"),
    ("invalid opcode: PUSH0", "rejected.Reverted"),
    ("EVM error InvalidFEOpcode", "rejected.Reverted"),
    ("header not found", "unavailable.node"),
])  # fmt: skip
def test_words_that_have_no_number(said: str, code: str) -> None:
    assert explained(NodeRefused("eth_call", {"code": -32000, "message": said})).code == code


@pytest.mark.parametrize("make", SHAPES)
def test_a_refusal_has_its_name_from_every_make(granted: tuple[World, str], make: str) -> None:
    world, url = granted
    with proxied(url, reverts_like(SHAPES[make])) as proxy:
        client = RegistryClient(Chain.connect(proxy), world.client.address)
        with pytest.raises(Rejected) as caught:
            client.running_generation(bytes(32))
        assert caught.value.code == "rejected.AttestorSetUnknown"
        signed = Root(*world.root(root=ROOT + 1).as_tuple())
        with pytest.raises(Rejected) as caught:
            client.submit_root(signed, world.sign(signed), sender=world.relayer)
        assert caught.value.code == "rejected.WindowTaken"  # of the estimate
        assert caught.value.fields["arguments"]["root"] == f"0x{ROOT:064x}"


def without(*names: str, extra: bytes = b"") -> Any:
    """Blocks that lack fields of mainnet's, or whose extraData is longer."""

    def change(question: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        block = answer.get("result")
        if str(question["method"]).startswith("eth_getBlockBy") and isinstance(block, dict):
            for name in names:
                block.pop(name, None)
            if extra:
                block["extraData"] = "0x" + extra.hex()
        if question["method"] == "eth_maxPriorityFeePerGas" and "baseFeePerGas" in names:
            answer.pop("result", None)
            answer["error"] = {"code": -32601, "message": "the method does not exist"}
        return answer

    return change


OLD = ("baseFeePerGas", "withdrawals", "withdrawalsRoot", "blobGasUsed", "excessBlobGas",
       "parentBeaconBlockRoot", "requestsHash", "mixHash", "totalDifficulty")  # fmt: skip


@pytest.mark.parametrize("trait", ["authority", "old", "old authority", "no tip"])
def test_chains_unlike_mainnet(trait: str) -> None:
    """Proof of authority fills extraData with 97 bytes and more; old chains have no base fee."""
    extra = b"\xd9" * 97 if "authority" in trait else b""
    gone = OLD if "old" in trait else ()

    def change(question: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if trait == "no tip" and question["method"] == "eth_maxPriorityFeePerGas":
            error = {"code": -32601, "message": "the method does not exist"}
            return {"jsonrpc": "2.0", "id": answer["id"], "error": error}
        return dict(without(*gone, extra=extra)(question, answer))

    process, url = start_anvil()
    try:
        with proxied(url, change) as proxy:
            world = World.build(Chain.connect(proxy))
            world.submit()
            key = Account.create()
            money: Any = {"from": world.admin, "to": key.address, "value": 10**18, "gas": 21_000}
            world.chain.web3.eth.send_transaction(money)
            granted = world.onboard(sender=key, account=OWNER.address, consent=world.consent())
            assert granted.account == OWNER.address
            assert world.client.policy_of(POLICY_ID)["series"] == SERIES.id
    finally:
        process.terminate()
        process.wait(20)


def test_a_block_that_is_too_small_is_named() -> None:
    process, url = start_anvil("--gas-limit", "3000000")
    try:
        with pytest.raises(Refused) as caught:
            World.build(Chain.connect(url))
        assert caught.value.code == "refused.chain" and "contracts of" in caught.value.message
    finally:
        process.terminate()
        process.wait(20)
