"""The terms' harness on a chain, and what it is given in the order of its structs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

from eth_tester.exceptions import TransactionFailed
from eth_utils.abi import function_abi_to_4byte_selector
from support.effective import State

from contracts.build.artifact import FOLDER, read_artifact
from contracts.client.chain import Chain
from contracts.client.embedded import _tester_data
from contracts.client.revert import rejected
from policies.abi import encode
from policies.effective.glide import ONE
from policies.effective.regime import Band, Feed, pack
from policies.effective.terms import Default, Effective, Grant, Market, Tier

HARNESS = "TermsHarness"
DEPLOY_GAS = 12_000_000
CALL_GAS = 3_000_000
READ_GAS = 50_000_000
BATCH = 500
"""Entries a call: what a node takes in one request."""
WORD = 32

Words = tuple[int, ...]
"""An entry: its fields, a nested one's in its place."""
Rows = list[Words]


def tier_words(tier: Tier) -> Words:
    """`Terms`."""
    return (
        *(tier.initial, tier.maintenance, tier.taker_fee, tier.maker_fee),
        *(tier.max_leverage, tier.limit, 30),
    )


def grant_words(grant: Grant | None) -> Words:
    """`Grant`; its tier is number 1."""
    if grant is None:
        return (0,) * 9
    head = (grant.end, grant.since, grant.start, grant.conduct_until, grant.level)
    return (*head, 1, 0, 0, grant.subject)


def market_words(market: Market) -> Words:
    """`Market`."""
    default, regime = market.default, market.regime
    return (
        *(default.initial, default.maintenance.start, default.maintenance.target),
        *(default.maintenance.since, default.taker_fee, default.maker_fee, default.max_leverage),
        *(regime.factor.start, regime.factor.target, regime.factor.since, regime.stale_at, 0),
    )


def feed_words(feed: Feed) -> Words:
    """`Feed`."""
    return (0, 0, feed.heartbeat, feed.band, feed.seen_at)


def state_words(state: State) -> Words:
    """`State`."""
    tier = state.grant.tier if state.grant else Tier(0, 0, 0, 0, 0, 0)
    end = state.grant.end if state.grant else 0
    words = (*grant_words(state.grant), *tier_words(tier), *market_words(state.market))
    return (*words, end, state.time)


def terms_words(terms: Effective) -> Words:
    """`EffectiveTerms`, in words as they lie in memory."""
    return tuple(word % (1 << 256) for word in astuple(terms))


@dataclass(frozen=True)
class TermsWorld:
    """The harness."""

    chain: Chain
    contract: Any

    @classmethod
    def build(
        cls, chain: Chain, bands: Sequence[Band], strictest: int, default: Default | None = None
    ) -> TermsWorld:
        """Deploy it."""
        market = market_words(Market(default)) if default else (0,) * 7 + (ONE, ONE, 0, 0, 0)
        return cls(chain, deploy(chain, HARNESS, pack(bands), strictest, market))

    def rows(self, function: str, *arrays: Sequence[Words], widths: Sequence[int]) -> list[Rows]:
        """
        What a function of arrays answers, in arrays too; an entry of each has words of a fixed
        number, `widths` of the answers. Plain words: the ABI library would take minutes.
        """
        selector = function_abi_to_4byte_selector(self.contract.get_function_by_name(function).abi)
        answers: list[Rows] = [[] for _ in widths]
        for start in range(0, len(arrays[0]), BATCH):
            data = selector + _arrays([array[start : start + BATCH] for array in arrays])
            request = {"to": self.contract.address, "data": "0x" + data.hex(), "gas": hex(READ_GAS)}
            answer = self.chain.web3.provider.make_request("eth_call", [request, "latest"])
            words = _split(bytes.fromhex(answer["result"][2:]))
            for i, width in enumerate(widths):
                answers[i] += _array(words, words[i] // WORD, width)
        return answers

    def read(self, function: str, *arguments: Any) -> Any:
        """What a view answers."""
        return self.contract.functions[function](*arguments).call()

    def send(self, function: str, *arguments: Any) -> Any:
        """The receipt of a transaction to the harness, which went through."""
        return self.send_to(self.contract, function, *arguments)

    def send_to(self, contract: Any, function: str, *arguments: Any) -> Any:
        """The receipt of a transaction to another contract, which went through."""
        web3 = self.chain.web3
        sent = contract.functions[function](*arguments).transact(
            {"from": web3.eth.accounts[0], "gas": CALL_GAS}
        )
        receipt = web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.002)
        if receipt["status"] != 1:
            raise AssertionError(f"{function}{arguments} failed")
        return receipt

    def refusal(self, function: str, *arguments: Any, gas: int = CALL_GAS) -> str:
        """Name of the error with which a call in this process fails."""
        try:
            self.contract.functions[function](*arguments).call({"gas": gas})
        except TransactionFailed as error:
            data, _ = _tester_data(str(error.args[0]))
            errors = tuple(entry for entry in self.contract.abi if entry["type"] == "error")
            return str(rejected(data, errors).fields["error"])
        raise AssertionError(f"{function}{arguments} went through")


def deploy(chain: Chain, name: str, *arguments: Any) -> Any:
    """A contract of `contracts/test-src`."""
    artifact = read_artifact(FOLDER / "test-artifacts" / f"{name}.json")
    web3 = chain.web3
    factory = web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
    sent = factory.constructor(*arguments).transact(
        {"from": web3.eth.accounts[0], "gas": DEPLOY_GAS}
    )
    receipt = web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.002)
    return web3.eth.contract(address=receipt["contractAddress"], abi=artifact.abi)


def _arrays(arrays: Sequence[Sequence[Words]]) -> bytes:
    """Dynamic arrays of static entries: where each begins, then each with its length."""
    bodies = [
        encode(len(entries), *(word % (1 << 256) for entry in entries for word in entry))
        for entries in arrays
    ]
    begins = [WORD * len(bodies) + sum(map(len, bodies[:i])) for i in range(len(bodies))]
    return encode(*begins) + b"".join(bodies)


def _split(data: bytes) -> list[int]:
    return [int.from_bytes(data[i : i + WORD]) for i in range(0, len(data), WORD)]


def _array(words: list[int], begin: int, width: int) -> Rows:
    body = words[begin + 1 : begin + 1 + words[begin] * width]
    return [tuple(body[i : i + width]) for i in range(0, len(body), width)]
