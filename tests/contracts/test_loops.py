"""
Single rows are computed in loops: contracts of circuits with any number and any runs of them, and
one that is larger than a chain takes.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from verifier_world import Deployed, Honest, assert_same_verdict

from algebra.errors import Refused
from algebra.interface import R
from algebra.native_backend import native
from circuits.language.circuit import BLINDING_ROWS_UNROTATED, Circuit
from contracts.build.artifact import CODE_SIZE_LIMIT
from contracts.build.compile import compile_generated
from contracts.client.chain import Chain
from contracts.generator import generate
from contracts.generator.recorder import runs
from prover.prove import prove
from tierproof import verifier_contract
from tierproof.testing import PlainWitness, column, small_key

pytestmark = pytest.mark.evm

SIZE = 32
ROWS: dict[str, tuple[int, ...]] = {
    "none": (),
    "one": (7,),
    "two apart": (0, 2),
    "two together": (5, 6),
    "one turn": (1, 2, 3, 4),
    "one turn and one": (0, 1, 2, 3, 4),
    "two turns and two": tuple(range(3, 13)),
    "runs of all lengths": (0, 2, 3, 5, 6, 7, 9, 10, 11, 12, 14, 15, 16, 17, 18),
}
"""Rows with a rule of their own, of one turn of the loops or less, or more."""


def squares(rows: tuple[int, ...], rules: int = 1) -> Circuit:
    """On each row of `rows`, `a` is (start + row)^2, said in so many ways; `b` is `a`."""
    c = Circuit("small/squares", SIZE, statement=("start",))
    a, b = c.advice("a"), c.advice("b")
    start = c.scalar("start", 0, R - 1)
    c.require(None, "twin", a - b, guard=BLINDING_ROWS_UNROTATED, exact=False)
    for row in rows:
        kind = c.single(f"row {row}", row)
        for i in range(rules):
            body = (a - (start + row) * (start + row)) * (b + (R // 3 + i))
            c.require(kind, f"row {row}, {i}", body, exact=False)
    c.close()
    return c


def witness(wrong: int | None = None) -> PlainWitness:
    """Squares from 5 on; on the wrong row one too many."""
    cells = column([(5 + row) ** 2 + (row == wrong) for row in range(SIZE)], SIZE)
    return PlainWitness({"a": cells, "b": cells})


@pytest.fixture(scope="module")
def chain(anvil_url: str) -> Chain:
    return Chain.connect(anvil_url)


@pytest.mark.parametrize("name", ROWS)
def test_rows_in_loops(name: str, chain: Chain) -> None:
    """The honest proof is accepted; one that is wrong on the first or the last row is not."""
    rows, algebra = ROWS[name], native()
    key = small_key(squares(rows), algebra)
    proof = prove(key, witness(), (5,), algebra=algebra)
    honest = Honest(key.verifying, (5,), proof)
    deployed = Deployed.put(chain, compile_generated("Rows", generate(key.verifying, "Rows")))
    assert honest.python((5,), proof) is None
    assert deployed.refusal((5,), proof) is None
    for row in {*rows[:1], *rows[-1:]}:
        forged = prove(key, witness(row), (5,), algebra=algebra)
        assert assert_same_verdict(honest, deployed, (5,), forged) == "rejected.equation"
    assert assert_same_verdict(honest, deployed, (6,), proof) == "rejected.equation"


def test_runs_of_consecutive_rows() -> None:
    roots = {row: pow(3, row, R) for row in ROWS["runs of all lengths"]}
    assert [count for _, count in runs(roots, 3)] == [1, 2, 3, 4, 5]
    assert [first for first, _ in runs(roots, 3)] == [pow(3, row, R) for row in (0, 2, 5, 9, 14)]
    with pytest.raises(ValueError, match="row 3 does not follow"):
        list(runs(roots, 9))


def test_a_contract_that_no_chain_takes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused with its size, and no file of it is written."""
    key = small_key(squares(ROWS["two turns and two"], rules=150), native())
    source = generate(key.verifying, "Large")
    with pytest.raises(Refused) as caught:
        compile_generated("Large", source)
    assert caught.value.code == "refused.code_size"
    found = re.fullmatch(
        r"Large has (\d+) bytes of code, a chain takes (\d+)", str(caught.value.message)
    )
    assert found and int(found[1]) > int(found[2]) == CODE_SIZE_LIMIT

    def refused(*_: object) -> None:
        raise caught.value  # the compiler took seconds over it once

    monkeypatch.setattr(verifier_contract, "compile_generated", refused)
    monkeypatch.setattr(verifier_contract, "development_verifier", lambda *_: source)
    monkeypatch.setattr(verifier_contract, "GENERATED", tmp_path)
    assert verifier_contract.main(["--class", "8192"]) == 2
    assert "bytes of code, a chain takes" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
