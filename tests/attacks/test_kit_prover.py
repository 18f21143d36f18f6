"""
The malicious prover is the prover: without a lie it makes the same bytes; and no product file can
reach it.
"""

from __future__ import annotations

import ast

import pytest
from attacks.kit_prover.liar import Liar
from attacks.kit_prover.mutants import VERIFIER, edit, sound
from attacks.kit_prover.targets import lie, small
from support.project import PACKAGES, ROOT
from support.small import SMALL

from algebra.native_backend import native
from prover.blinding import unsafe_seeded_blinding
from prover.prove import prove


@pytest.mark.parametrize("name", SMALL)
def test_without_a_lie_it_is_the_prover(name: str) -> None:
    made, key = small(name)
    liar = Liar()
    proof = liar.prove(key, made.witness, made.statement)
    assert proof == prove(
        key,
        made.witness,
        made.statement,
        algebra=native(),
        blinding=unsafe_seeded_blinding(b"liar"),
    )
    assert liar.defect() == 0 and liar.claim(liar.told["values"]) == liar.wanted()


@pytest.mark.parametrize("name", ["range", "recurrence", "bus"])
def test_a_false_trace_leaves_a_defect(name: str) -> None:
    made, key = small(name)
    liar = Liar()
    liar.prove(key, lie(name), made.statement)
    assert liar.defect() != 0 and liar.claim(liar.told["values"]) != liar.wanted()


def test_a_flawed_verifier_is_apart_from_the_true_one() -> None:
    change = edit("one", "verifier.proof", "len(data) != shape.length", "False")
    mutant = VERIFIER.flawed(change)
    assert (
        mutant.proof is not sound().proof and mutant.verify.parse_proof is mutant.proof.parse_proof
    )
    import verifier.verify

    assert (
        verifier.verify is sound().verify
        and verifier.verify.parse_proof is sound().proof.parse_proof
    )


HELPED = ("attestor", "contracts", "prover")
"""Folders of tests whose helpers are imported by their bare names."""


def test_no_product_file_imports_from_the_tests() -> None:
    """Nor the helpers that tests find on their path."""
    helpers = {p.stem for name in HELPED for p in (ROOT / "tests" / name).glob("*.py")}
    banned, found = {"attacks", "support", "tests", "fuzz", *helpers}, 0
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "node_modules" in path.parts:
                continue
            found += 1
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    names.append(node.module or "")
                assert not {name.split(".")[0] for name in names} & banned, path
    assert found > 60
