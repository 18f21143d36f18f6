"""What a chain lacks is found before anything is paid for."""

from __future__ import annotations

import pytest
from anvil_node import start_anvil
from eth_account import Account
from node_proxy import proxied

from algebra.errors import Refused, Unavailable
from contracts.build.artifact import ARTIFACTS, read_artifact
from contracts.client.chain import Chain
from contracts.client.probe import TRAITS, lacking, require

pytestmark = pytest.mark.evm
SIZE = 22_605

NEWER = {
    0x1E: "CLZ", 0x46: "CHAINID", 0x47: "SELFBALANCE", 0x48: "BASEFEE", 0x49: "BLOBHASH",
    0x4A: "BLOBBASEFEE", 0x5C: "TLOAD", 0x5D: "TSTORE", 0x5E: "MCOPY", 0x5F: "PUSH0",
}  # fmt: skip
"""Opcodes since Istanbul."""


def opcodes(code: bytes) -> set[int]:
    """Those that stand in a code, its last 53 bytes (metadata) and pushed data left out."""
    found, place = set(), 0
    while place < len(code) - 53:
        opcode = code[place]
        found.add(opcode)
        place += 1 + (opcode - 0x5F if 0x60 <= opcode <= 0x7F else 0)
    return found


def test_every_newer_opcode_of_the_contracts_is_tried() -> None:
    """The verifiers' data tables stand behind an INVALID, before the metadata: no code."""
    tried = " ".join(trait.name for trait in TRAITS)
    used: set[str] = set()
    for path in sorted(ARTIFACTS.glob("Tier*.json")):
        code = bytes.fromhex(read_artifact(path).deployed_bytecode[2:])
        used |= {name for opcode, name in NEWER.items() if opcode in opcodes(code)}
    assert {"PUSH0", "MCOPY", "CHAINID"} <= used
    assert [name for name in used if name not in tried] == []


def test_the_chain_of_this_process_lacks_nothing() -> None:
    assert lacking(Chain.embedded(), SIZE) == []


@pytest.mark.parametrize(("hardfork", "options", "lacks"), [
    ("prague", (), ()),
    ("osaka", (), ()),
    ("shanghai", (), ("MCOPY",)),
    ("london", (), ("PUSH0", "MCOPY")),
    ("byzantium", (), ("CHAINID", "PUSH0", "MCOPY")),
    # No STATICCALL there, so no precompile can be asked.
    ("homestead", (), ("CHAINID", "PUSH0", "MCOPY", "ecrec", "modexp", "ecAdd", "ecMul", "ecP")),
    ("prague", ("--code-size-limit", "20000"), ("contracts of 22605 bytes",)),
])  # fmt: skip
def test_what_a_chain_lacks(
    hardfork: str, options: tuple[str, ...], lacks: tuple[str, ...]
) -> None:
    process, url = start_anvil(*options, hardfork=hardfork)
    try:
        chain = Chain.connect(url)
        missing = lacking(chain, SIZE)
        assert len(missing) == len(lacks)
        assert all(word in name for word, name in zip(lacks, missing, strict=True))
        if lacks:
            with pytest.raises(Refused) as caught:
                require(chain, SIZE)
            assert caught.value.code == "refused.chain" and lacks[0] in caught.value.message
        assert chain.head() == 0
    finally:
        process.terminate()
        process.wait(20)


def test_a_node_that_runs_no_making_or_goes_away() -> None:
    process, url = start_anvil()
    try:

        def refuses(question: dict[str, object], answer: dict[str, object]) -> dict[str, object]:
            if question["method"] == "eth_call":
                return {
                    "jsonrpc": "2.0",
                    "id": answer["id"],
                    "error": {"code": -1, "message": "no"},
                }
            return answer

        with proxied(url, refuses) as proxy, pytest.raises(Refused) as caught:
            lacking(Chain.connect(proxy), SIZE)
        assert caught.value.code == "refused.chain"
        chain = Chain.connect(url)
    finally:
        process.terminate()
        process.wait(20)
    with pytest.raises(Unavailable):
        lacking(chain, SIZE)


def test_the_signature_that_is_recovered() -> None:
    """The words of the trait `ecrecover` are those of the key 1."""
    key = Account.from_key((1).to_bytes(32, "big"))
    signed = key.unsafe_sign_hash((1).to_bytes(32, "big"))
    words = b"".join(each.to_bytes(32, "big") for each in (1, signed.v, signed.r, signed.s))
    (trait,) = (each for each in TRAITS if "ecrecover" in each.name)
    assert trait.program.endswith(words)
    assert trait.answer[12:32].hex() == key.address[2:].lower()
