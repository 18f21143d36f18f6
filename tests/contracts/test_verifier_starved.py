"""
Too little gas, precompiles that are missing or lie, money sent along: the generated verifier never
accepts.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from verifier_world import Deployed, Honest

from contracts.build.compile import compile_generated
from contracts.client.chain import Chain
from contracts.generator import generate
from verifier.ceremonies import ceremony_ids

pytestmark = pytest.mark.evm

NAME = "Starved"
STUBS = {
    "reverts": "5f5ffd",
    "burns all gas": "fe",
    "answers nothing": "00",
    "answers one byte": "60015ff3",
    "answers a word of zero": "60205ff3",
    "answers a word, 2": "60025f5260205ff3",
    "answers two words of zero": "60405ff3",
    "answers three words of zero": "60605ff3",
}
"""Code of contracts that stand in for a precompile."""
PRECOMPILES = {
    "modular power": "0x05",
    "addition": "0x06",
    "multiplication": "0x07",
    "pairing": "0x08",
}
STUB = "0x1000000000000000000000000000000000000001"


@pytest.fixture(scope="module")
def proven() -> Honest:
    return Honest.small()


@pytest.fixture(scope="module")
def source(proven: Honest) -> str:
    return generate(proven.key, NAME)


@pytest.fixture(scope="module")
def chain(anvil_url: str) -> Chain:
    return Chain.connect(anvil_url)


@pytest.fixture(scope="module")
def deployed(chain: Chain, source: str) -> Deployed:
    return Deployed.put(chain, compile_generated(NAME, source))


@pytest.fixture(scope="module", params=PRECOMPILES)
def crippled(request: pytest.FixtureRequest, chain: Chain, source: str) -> tuple[str, Deployed]:
    """
    The verifier with one precompile at an address where the test puts what it likes; the name of
    the precompile.
    """
    call = f"staticcall(gas(), {PRECOMPILES[request.param]},"
    assert source.count(call) == 1
    return request.param, Deployed.put(
        chain, compile_generated(NAME, source.replace(call, f"staticcall(gas(), {STUB},"))
    )


def test_without_a_stub_it_accepts(proven: Honest, deployed: Deployed) -> None:
    assert deployed.refusal(proven.statement, proven.proof) is None


def test_a_missing_precompile(proven: Honest, crippled: tuple[str, Deployed]) -> None:
    """An empty address answers success and no data."""
    _, deployed = crippled
    assert deployed.chain.code(STUB) == b""
    assert deployed.refusal(proven.statement, proven.proof) == "PrecompileFailed"


@pytest.mark.parametrize("stub", STUBS)
def test_a_precompile_that_lies(proven: Honest, crippled: tuple[str, Deployed], stub: str) -> None:
    name, deployed = crippled
    request = deployed.chain.web3.provider.make_request
    words = {"modular power": 1, "addition": 2, "multiplication": 2, "pairing": 1}[name]
    expected = (
        "NotAccepted" if STUBS[stub].endswith(f"60{32 * words:02x}5ff3") else "PrecompileFailed"
    )
    request("anvil_setCode", [STUB, "0x" + STUBS[stub]])  # type: ignore[arg-type]
    try:
        assert deployed.chain.code(STUB).hex() == STUBS[stub]
        assert deployed.refusal(proven.statement, proven.proof) == expected
    finally:
        request("anvil_setCode", [STUB, "0x"])  # type: ignore[arg-type]


def test_too_little_gas(proven: Honest, deployed: Deployed) -> None:
    """From one limit of gas on it accepts; below it never does, and above it always."""
    enough, running = deployed.gas(proven.statement, proven.proof)
    least = 21_000 + 10 * 4 * (
        len(proven.proof) + 400
    )  # what a transaction with so much data must offer, EIP-7623
    assert running > 150_000 and least < enough // 2
    limits = [*range(least, enough - 1, enough // 60), *range(enough - 40, enough + 40_000, 1_013)]
    accepted = [
        limit
        for limit in limits
        if deployed.refusal(proven.statement, proven.proof, gas=limit) is None
    ]
    assert accepted
    assert min(accepted) >= enough
    assert accepted == [limit for limit in limits if limit >= min(accepted)]


def test_money_is_refused(proven: Honest, deployed: Deployed) -> None:
    assert deployed.refusal(proven.statement, proven.proof, value=1) == "Reverted"


def test_call_data_that_is_cut(proven: Honest, deployed: Deployed) -> None:
    data = deployed.contract.functions.verify(
        list(proven.statement), proven.proof
    )._encode_transaction_data()
    eth = deployed.chain.web3.eth
    sender = deployed.chain.accounts()[0]
    for size in (0, 3, 4, 36, 100, len(data) // 2 - 33):
        with pytest.raises(Exception, match="revert"):
            eth.call(
                {
                    "from": sender,
                    "to": deployed.contract.address,
                    "data": data[: 2 + 2 * size],
                    "gas": 3_000_000,
                }
            )


def test_a_key_is_bound_to_its_contract(proven: Honest, chain: Chain) -> None:
    """A verifier for a key that differs in one number only refuses the proof."""
    for change in ({"srs_id": proven.key.srs_id ^ 1}, {"srs_id": ceremony_ids()[0]}):
        other = replace(proven.key, **change)
        text = generate(other, NAME)
        assert f"Setup: {other.setup_status}." in text
        assert ("INSECURE" in text) is (other.srs_id not in ceremony_ids())
        assert (
            Deployed.put(chain, compile_generated(NAME, text)).refusal(
                proven.statement, proven.proof
            )
            == "NotAccepted"
        )
