"""
A generated verifier on a chain, one proof for it, and the verdict of contract and Python side by
side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak
from support.small import committed, recurrence
from web3.types import RPCEndpoint

from algebra.errors import Malformed, Rejected
from algebra.interface import Point, R
from algebra.native_backend import native
from contracts.build.artifact import Artifact, known_errors
from contracts.client.chain import Chain
from contracts.client.revert import rejected
from prover.prove import prove
from verifier.key import VerifyingKey
from verifier.proof import ProofShape
from verifier.verify import verify

SAME = {
    "malformed.length": "BadLength",
    "malformed.statement": "BadStatement",
    "malformed.scalar": "BadScalar",
    "malformed.point": "BadPoint",
    "rejected.challenge": "BadChallenge",
    "rejected.equation": "NotAccepted",
}
"""Error of the contract for each code of the Python verifier."""
BASE_GAS = 21_000
CALL_GAS = 3_000_000
EXECUTION_REVERTED = 3
"""Code of a node's error for a call that reverts."""


@dataclass(frozen=True)
class Honest:
    """A key, a statement and a proof that shows it."""

    key: VerifyingKey
    statement: tuple[int, ...]
    proof: bytes

    @classmethod
    def small(cls) -> Honest:
        """Of a circuit of a few rows that has every part."""
        algebra = native()
        made = committed(recurrence(), algebra)
        key = made.key(algebra)
        proof = prove(key, made.witness, made.statement, algebra=algebra)
        return cls(key.verifying, made.statement, proof)

    @property
    def words(self) -> list[int]:
        return [
            int.from_bytes(self.proof[i : i + 32], "big") for i in range(0, len(self.proof), 32)
        ]

    @property
    def parts(self) -> list[str]:
        """What each word of the proof is: `x`, `y` or `value`."""
        shape = ProofShape.of(self.key.circuit, self.key.slots)
        points = shape.has_record + shape.stage1 + shape.stage2 + 1
        return ["x", "y"] * points + ["value"] * shape.values + ["x", "y"] * 2

    def python(self, statement: Sequence[int], proof: bytes) -> str | None:
        """Code of the Python verifier's error, None if it accepts."""
        try:
            verify(self.key, statement, proof, algebra=native())
        except (Malformed, Rejected) as error:
            return error.code
        return None


def reverted(error: Any) -> str:
    """Name of the error in a node's answer; RuntimeError if the call did not revert."""
    if error["code"] != EXECUTION_REVERTED:
        raise RuntimeError(f"the node says: {error['message']}")
    return str(rejected(bytes.fromhex(error.get("data", "0x")[2:]), known_errors()).fields["error"])


@dataclass(frozen=True)
class Deployed:
    """A verifier on a chain."""

    chain: Chain
    contract: Any
    artifact: Artifact

    @classmethod
    def put(cls, chain: Chain, artifact: Artifact) -> Deployed:
        address, _ = chain.deploy(artifact, sender=chain.accounts()[0])
        return cls(chain, chain.contract(artifact, address), artifact)

    def refusal(self, statement: Sequence[int], proof: bytes, **transaction: Any) -> str | None:
        """
        Name of the error that the contract reverts with (`Reverted` without data), None if it
        accepts.
        """
        answer = self._ask("verify", list(statement), proof, **transaction)
        assert isinstance(answer, str) or answer == []  # returns nothing
        return answer or None

    def equation(
        self, statement: Sequence[int], proof: bytes
    ) -> str | tuple[Point, Point, list[int]]:
        """
        L, W' and [tau]_2 of what `accumulator` leaves, or the name of the error that it reverts
        with.
        """
        answer = self._ask("accumulator", list(statement), proof)
        if isinstance(answer, str):
            return answer
        (a, b, x, y), tau, scalars = answer
        points = [(u, v) for u, v in self.contract.functions.keyPoints().call()]
        own = (a, b) if (a, b) != (0, 0) else None
        scaled = [scalar % R for scalar in scalars]
        assert len(points) == len(scalars)
        return native().scale_points([own, *points], [1, *scaled]), (x, y), tau

    def rules(self, window: int, thresholds: Sequence[int]) -> str | int | None:
        """What `checkStatement` says: the rule broken, an error's name, None for none."""
        call = self.contract.functions.checkStatement(window, list(thresholds))
        try:
            self.chain.read(call)
        except Rejected as error:
            if error.fields["error"] != "BadStatement":
                return str(error.fields["error"])
            return int(error.fields["arguments"]["rule"])
        return None

    def _ask(self, name: str, *arguments: Any, **transaction: Any) -> Any:
        """What a function returns, or the name of its error."""
        call = self.contract.functions[name](*arguments)
        try:
            return call.call({"from": self.chain.accounts()[0], "gas": CALL_GAS, **transaction})
        # whatever web3 and the node make of a revert; anything else is raised again below
        except Exception as error:
            explained = self.chain._explain(error)
            if not isinstance(explained, Rejected):
                raise
            return str(explained.fields["error"])

    def refusals(self, shown: Sequence[tuple[Sequence[int], bytes]]) -> list[str | None]:
        """`refusal` of each, in one request to a node over HTTP."""
        (entry,) = [item for item in self.artifact.abi if item.get("name") == "verify"]
        types = [str(given["type"]) for given in entry["inputs"]]
        selector = keccak(text=f"verify({','.join(types)})")[:4]
        common = {
            "from": self.chain.accounts()[0],
            "to": self.contract.address,
            "gas": hex(CALL_GAS),
        }
        calls = [
            {**common, "data": "0x" + (selector + encode(types, [list(words), proof])).hex()}
            for words, proof in shown
        ]
        answers = self.chain.web3.provider.make_batch_request(
            [(RPCEndpoint("eth_call"), [call, "latest"]) for call in calls]
        )  # fmt: skip
        return [
            None if answer.get("result") == "0x" else reverted(answer["error"])
            for answer in answers
        ]

    def gas(self, statement: Sequence[int], proof: bytes) -> tuple[int, int]:
        """Gas of a transaction that only verifies: all of it, and that of running the code."""
        call = self.contract.functions.verify(list(statement), proof)
        receipt = self.chain.send(call, sender=self.chain.accounts()[0])
        data = bytes.fromhex(call._encode_transaction_data()[2:])
        calldata = sum(16 if byte else 4 for byte in data)
        return int(receipt["gasUsed"]), int(receipt["gasUsed"]) - BASE_GAS - calldata


def assert_same_verdict(
    honest: Honest, deployed: Deployed, statement: Sequence[int], proof: bytes
) -> str:
    """Both refuse, for the same reason; the code."""
    (code,) = same_verdicts(honest, [deployed.refusal(statement, proof)], [(statement, proof)])
    return code


def same_verdicts(
    honest: Honest, refusals: Sequence[str | None], shown: Sequence[tuple[Sequence[int], bytes]]
) -> list[str]:
    """The contract's refusals are those of Python, for the same reason each; the codes."""
    out = []
    for number, (given, refusal) in enumerate(zip(shown, refusals, strict=True)):
        code = honest.python(*given)
        assert code is not None, f"{number}: the Python verifier accepts"
        assert refusal == SAME[code], number
        out.append(code)
    return out


__all__ = ["SAME", "Deployed", "Honest", "assert_same_verdict", "rejected", "same_verdicts"]
