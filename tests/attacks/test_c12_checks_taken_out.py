"""
C12: each check of the verifier disabled in turn (AlgoPlonk: one equation off). A forged proof then
passes, and fails now.

Here: that no check of any source is without its forgery, and the forgeries that need no credential.
`make attack` tries all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from attacks.campaigns.transcript import transcript_parts
from attacks.campaigns.verifier import fast_chain
from attacks.kit_prover import solidity
from attacks.kit_prover.equation import equation
from attacks.kit_prover.forgeries import CHECKS, UNREACHABLE
from attacks.kit_prover.judging import judge
from attacks.kit_prover.liar import Liar
from attacks.kit_prover.mutants import VERIFIER, Edit, module_checks, outcome, sound, source
from attacks.kit_prover.targets import shows, small, told
from support.credential import world

from contracts.generator import generate

SLOW = (
    "circuits.credential.v2.statement.",
    "verifier.verify.read: len(",
    "verifier.loader.StatementReader.require_less",
)
"""Their forgeries are proofs of a credential."""
BY_ID = {check.id: check for check in VERIFIER.checks()}
STEPS = ast.parse(source("verifier.algorithm"))
CONTRACT_SITES = (
    "length",
    "value at",
    "points of stage1",
    "rule 0",
    "pairing: one",
)


def test_every_check_of_python_has_a_forgery() -> None:
    assert set(CHECKS) | set(UNREACHABLE) == set(BY_ID)
    assert not set(CHECKS) & set(UNREACHABLE)


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    if x < 0 or x == 7:\n        raise ValueError",
        "def f(x):\n    if not 0 <= x < 9:\n        raise ValueError",
        "def f(L):\n    L.require_less(1, 2, 'one')\n    L.require_nonzero(3, 'three')",
        "def f(x):\n    try:\n        g()\n    except ValueError:\n        raise KeyError\n    "
        "if x: raise OSError",
        "def f(x):\n    if not (0 <= x.a < 9):\n        raise ValueError",
        "def f(x):\n    if not (x.a == 9 and any(x.b)):\n        raise ValueError",
        "def f(x, y):\n    if (x.a, x.b) != (y.a, y.b):\n        raise ValueError",
        "def f(x):\n    if x.name == 1 and (x.b or x.c):\n        raise ValueError",
        "async def f(x):\n    check(x)\n    await x.pool.verify(x)",
        "class A:\n    n: int = Field(ge=1, lt=9, description='n')",
    ],
)
def test_a_new_check_is_seen(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """
    Two checks in each of these; so a check that is added makes the test above fail, and that of the
    service.
    """
    monkeypatch.setattr("attacks.kit_prover.mutants.source", lambda module: text)
    assert len({check.id for check in module_checks("verifier.new")}) == 2


def statements() -> Iterator[ast.stmt]:
    """What the steps tell the loader, and what they add to the equation."""
    steps = next(
        node
        for node in STEPS.body
        if isinstance(node, ast.FunctionDef) and node.name == "verify_steps"
    )
    for node in ast.walk(steps):
        if isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign):
            text = ast.unparse(node)
            if any(
                call in text
                for call in (
                    "L.absorb(",
                    "L.challenge(",
                    "L.require_",
                    "terms.append(",
                    "factor = ",
                )
            ):
                yield node


WHOLE = {
    "terms.append((factor, next(fixed) if pack.stage == FIXED else next(committed)))": "packs of "
    "stage 0: opened",
    "terms.append((factor * vanishing, L.points('quotient')[0]))": "T, R' and the claim: in the "
    "equation",
    "terms.append((L.constant(0) - factor, L.points('record')[0]))": "C': in the equation",
    "terms.append((constant - factor * claim, L.generator()))": "the claim: of the constraints",
    "terms.append((L.constant(0) - both * at_plain, L.points('opening')[0]))": "opening: absorbed",
    "terms.append((y, L.points('opening_fold')[0]))": "y known",
}
"""
Terms that a forgery is named for elsewhere: one term alone cannot go, the honest proof would fail.
"""


def test_every_step_has_a_forgery() -> None:
    lines = source("verifier.algorithm").splitlines(keepends=True)
    parts = [
        change
        for edits, _ in equation().values()
        for change in edits
        if change.module == "verifier.algorithm"
    ]
    parts += [BY_ID[name] for name in CHECKS if name.startswith("verifier.algorithm.")]
    found = 0
    for node in statements():
        start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
        end = sum(map(len, lines[: (node.end_lineno or 0) - 1])) + (node.end_col_offset or 0)
        touched = any(
            change.start < end and start < change.start + len(change.old) for change in parts
        )
        assert touched or WHOLE[ast.unparse(node)] in equation(), ast.unparse(node)
        found += 1
    assert found > 15


@pytest.mark.parametrize("term", WHOLE)
def test_no_term_can_go_alone(term: str) -> None:
    """The other direction: without one term the verifier refuses what is true."""
    text = source("verifier.algorithm")
    node = next(node for node in statements() if ast.unparse(node) == term)
    old = ast.get_source_segment(text, node) or ""
    new = (
        "next(fixed) if pack.stage == FIXED else next(committed)"
        if "next(fixed)" in old
        else "pass"
    )
    attempt = shows(*told(Liar(), "record"))
    assert outcome(attempt, sound()) == "accepted"
    assert (
        outcome(
            attempt, VERIFIER.flawed(Edit(term, "verifier.algorithm", text.index(old), old, new))
        )
        == "rejected.equation"
    )


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * n.startswith(SLOW)) for n in CHECKS]
)
def test_check(name: str) -> None:
    verdict = judge(name, (BY_ID[name],), CHECKS[name])
    assert verdict.caught, verdict


@pytest.mark.parametrize("name", [name for name in equation() if name not in transcript_parts()])
def test_part_of_the_equation(name: str) -> None:
    verdict = judge(name, *equation()[name])
    assert verdict.caught, verdict


# -- contracts -------------------------------------------------------------------------------------
def test_every_check_of_a_contract_has_a_proof() -> None:
    sources = {
        name: generate(small(name)[1].verifying, "Listed") for name in ("recurrence", "record")
    }
    cases = solidity.cases(sources["recurrence"])
    for name, text in (*sources.items(), ("credential", generate(world().key.verifying, "Listed"))):
        assert solidity.unlisted(text) == []
        listed = [site.id for site in solidity.sites(text)]
        assert len(set(listed)) == len(listed)
        if name == "recurrence":
            assert set(listed) == set(cases) - {"points of record"}
        else:  # the same checks, more values and rules
            assert {x for x in listed if not x.startswith(("value at", "rule"))} <= set(cases)
    assert set(solidity.SECOND_LINE) | set(solidity.FREE) <= set(cases)


def test_a_new_check_of_a_contract_is_seen() -> None:
    text = generate(small("recurrence")[1].verifying, "Listed")
    assert (
        solidity.unlisted(
            text.replace("return(0, 0)", "if lt(1, 2) { revert(0, 0) }\nreturn(0, 0)")
        )
        != []
    )


@pytest.fixture(scope="module")
def bench() -> Iterator[solidity.Bench]:
    with fast_chain() as chain:
        yield solidity.Bench(chain)


@pytest.mark.evm
@pytest.mark.parametrize("name", CONTRACT_SITES)
def test_check_of_a_contract(name: str, bench: solidity.Bench) -> None:
    cases = solidity.cases(generate(small("recurrence")[1].verifying, "Listed"))
    found = next(site for site in cases if site.startswith(name))
    verdict = solidity.judge_site(bench, found, cases[found])
    assert verdict.caught, verdict
