"""
The rules table against the registry itself: on a thousand policies, and on attestor sets and roots,
`policies.rules` and the contract refuse the same ones by the same rule. Then each limit of the
table is taken away or moved by one, and these calls tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from anvil_node import start_anvil
from at_limits import DOCUMENTS, Sent, attestor_sets, policies, roots
from evm_calls import ABI, answers, calldata, fits
from registry_world import World

from algebra.errors import Malformed, Refused
from contracts.build.artifact import FOLDER, REGISTRY
from contracts.client.chain import Chain
from policies.attestor_set import Generation
from policies.rules import (
    POLICY_RULES,
    ROOT_RULES,
    SET_RULES,
    TERM_RULES,
    TRUST_RULES,
    WORD_RULES,
    Rule,
)
from policies.signed_root import Root

pytestmark = pytest.mark.evm

Tables = Mapping[str, Sequence[Rule[Any]]]
TABLES: Tables = {
    "trust": TRUST_RULES,
    "policy": POLICY_RULES,
    "words": WORD_RULES,
    "terms": TERM_RULES,
    "set": SET_RULES,
    "root": ROOT_RULES,
}
OF_THE_CHAIN = {
    "PolicyExists": "what was registered before",
    "AttestorSetExists": "what was registered before",
    "RootExists": "what was submitted before",
    "GenerationIsEnded": "the guardian",
    "WrongGeneration": "the set's generations",
    "RootIsRevoked": "the guardian",
    "RegistryPaused": "the guardian",
    "RootExpired": "the time",
    "SetupNotKnown": "the verifier's word, and the chain's number",
    "TooFewSignatures": "signatures: attestor.quorum",
    "SignersNotAscending": "signatures: attestor.quorum",
    "SignerNotMember": "signatures: attestor.quorum",
    "PolicyIdZero": "nothing: the id of a document is a Keccak digest",
}
"""Errors of the three functions that are no row, and who knows."""


# -- both sides ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Case:
    """One call, what the registry answered, and what each table has to say about."""

    subjects: tuple[tuple[str, Any, int | None], ...]
    fits: bool
    error: str | None
    tier: int | None
    sent: Any = None


def broken(case: Case, tables: Tables) -> tuple[Rule[Any], int | None] | None:
    """The first rule that the registry would refuse by, and the tier that breaks it."""
    for table, subject, tier in case.subjects:
        for rule in tables[table]:
            if rule.error is not None and not rule.holds(subject):
                return rule, tier
    return None


def agrees(case: Case, tables: Tables) -> bool:
    if not case.fits:  # no call carries it: the registry never sees it, whatever the name
        ours = [r for table, s, _ in case.subjects for r in tables[table] if not r.holds(s)]
        return case.error is not None and bool(ours)
    found = broken(case, tables)
    if found is None or case.error is None:
        return found is None and case.error is None
    rule, tier = found
    return (rule.error, tier) == (case.error, case.tier)


def policy_case(sent: Sent, answer: tuple[str | None, dict[str, Any]]) -> Case:
    policy, (error, arguments) = sent.struct, answer
    named = error in ("ThresholdsInvalid", "TermsInvalid")
    tiers = [
        entry
        for index, tier in enumerate(policy.tiers)
        for entry in (("words", tier.thresholds, index), ("terms", tier.terms, index))
    ]
    return Case(
        (("trust", policy, None), ("policy", policy, None), *tiers),
        fits(ABI["registerPolicy"]["inputs"], [policy.as_tuple()]),
        error,
        int(arguments["tier"]) if named else None,
        sent,
    )


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    process, url = start_anvil()
    yield World.build(Chain.connect(url))
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def cases(world: World) -> dict[str, list[Case]]:
    """Every call of `at_limits`, answered by the registry."""
    sent = policies(world.attestor_set, world.verifier)
    calls = [calldata("registerPolicy", each.struct.as_tuple()) for each in sent]
    registered = [policy_case(*pair) for pair in zip(sent, answers(world, calls), strict=True)]

    sets = list(attestor_sets())
    given = [(bytes(32), list(each.members), each.threshold) for each in sets]
    said = answers(world, [calldata("registerAttestorSet", *each) for each in given])
    inputs = ABI["registerAttestorSet"]["inputs"]
    of_sets = [
        Case((("set", each, None),), fits(inputs, values), error, None, each)
        for each, values, (error, _) in zip(sets, given, said, strict=True)
    ]

    signed = list(roots(world.root(valid_until=(1 << 64) - 1)))
    said = answers(world, [calldata("submitRoot", each.as_tuple(), []) for each in signed])
    inputs = ABI["submitRoot"]["inputs"]
    of_roots = [
        # unsigned: what the rules admit is refused for its signatures, or its time
        Case(
            (("root", each, None),),
            fits(inputs, [each.as_tuple(), []]),
            None if error in OF_THE_CHAIN else error,
            None,
            each,
        )
        for each, (error, _) in zip(signed, said, strict=True)
    ]
    return {"policies": registered, "sets": of_sets, "roots": of_roots}


# -- agreement -------------------------------------------------------------------------------------
def test_table_and_registry_agree(cases: dict[str, list[Case]]) -> None:
    everything = [case for each in cases.values() for case in each]
    assert [case for case in everything if not agrees(case, TABLES)] == []
    documents = [case for case in cases["policies"] if case.sent.document is not None]
    assert len(documents) >= DOCUMENTS
    met = {case.error for case in everything if case.fits}
    assert met == {None, *(rule.error for rules in TABLES.values() for rule in rules if rule.error)}


def refusal(check: Callable[[], object]) -> Refused | Malformed | None:
    try:
        check()
    except (Refused, Malformed) as error:
        return error
    return None


REGISTRY_S = {rule.name for rules in TABLES.values() for rule in rules if rule.error is not None}


def test_documents_are_refused_by_the_registry_s_rule(cases: dict[str, list[Case]]) -> None:
    """
    What `Policy.check_registrable` lets through is taken; what it refuses by a row of the registry
    is refused there, by that row. Else it is refused for what is ours alone.
    """
    same = 0
    for case in cases["policies"]:
        if case.sent.document is None:
            continue
        said = refusal(case.sent.document.check_registrable)
        found = broken(case, TABLES)
        if said is None:
            assert case.error is None and found is None
        elif said.fields.get("field") in REGISTRY_S:
            assert case.error is not None, said
            if case.fits:
                assert found is not None
                assert (said.fields["field"], said.code) == (found[0].name, found[0].code)
                assert found[1] is None or said.fields["tier"] == f"tier {found[1]}"
                same += 1
    assert same > 300


def test_sets_and_roots_are_refused_where_they_are_made(cases: dict[str, list[Case]]) -> None:
    made: dict[str, Callable[[Any], object]] = {
        "sets": lambda sent: Generation(sent.members, sent.threshold),
        "roots": lambda sent: Root(*sent.as_tuple()),
    }
    for kind, make in made.items():
        for case in cases[kind]:
            said = refusal(lambda: make(case.sent))  # noqa: B023  called at once
            assert (said is None) == (case.error is None), case


# -- the table, limit by limit ---------------------------------------------------------------------
BEHIND = {"initial_margin_bp greatest": "max_leverage * initial_margin_bp"}
"""A limit that another row implies: that row is taken away first."""
OURS = {"last_day as a date"}
"""A row that the registry does not have, nor the width of its arguments."""
UNSEEN = {
    "last_day as a date greatest": "ours alone",
    "attestor_set least + 1": "no attestor set has the id 1",
}


@cache
def limits() -> list[tuple[str, int, str]]:
    """Table, row and side of every limit."""
    return [
        (table, row, side)
        for table, rules in TABLES.items()
        for row, rule in enumerate(rules)
        for side in ("least", "greatest")
        if getattr(rule, side) is not None
    ]


def moved(limit: Any, by: int) -> Any:
    return (lambda subject: limit(subject) + by) if callable(limit) else limit + by


def disagreements(cases: dict[str, list[Case]], tables: Tables) -> set[tuple[str, int]]:
    """Which cases the two sides differ on."""
    return {
        (kind, i)
        for kind, each in cases.items()
        for i, case in enumerate(each)
        if not agrees(case, tables)
    }


@pytest.mark.parametrize(
    ("table", "row", "side"),
    limits(),
    ids=lambda part: str(part),
)
def test_every_limit_counts(cases: dict[str, list[Case]], table: str, row: int, side: str) -> None:
    """Without it, and with it one lower or higher, the two sides no longer agree."""
    rule = TABLES[table][row]
    name = f"{rule.name} {side}"
    behind = BEHIND.get(name)
    start = {key: [rule for rule in rules if rule.name != behind] for key, rules in TABLES.items()}
    row = start[table].index(rule)
    before = disagreements(cases, start)
    changes = {name: None}
    if rule.error is not None:
        limit = getattr(rule, side)
        changes |= {f"{name} - 1": moved(limit, -1), f"{name} + 1": moved(limit, 1)}
    for change, limit in changes.items():
        rules = [*start[table]]
        rules[row] = replace(rule, **{side: limit})
        found = disagreements(cases, {**start, table: rules})
        assert (found != before) != (change in UNSEEN), change


def test_every_row_counts(cases: dict[str, list[Case]]) -> None:
    for table, rules in TABLES.items():
        for rule in (rule for rule in rules if rule.name not in OURS):
            behind = BEHIND.get(f"{rule.name} greatest")
            start = {key: [r for r in rows if r.name != behind] for key, rows in TABLES.items()}
            less = [each for each in start[table] if each is not rule]
            found = disagreements(cases, {**start, table: less})
            assert found != disagreements(cases, start), rule.name


# -- the source ------------------------------------------------------------------------------------
def test_no_error_of_the_three_functions_is_left_out() -> None:
    """Every custom error that they or what they call can revert with is a row, or the chain's."""
    text = (FOLDER / "src" / "registry" / f"{REGISTRY}.sol").read_text(encoding="utf-8")
    bodies = dict(re.findall(r"(?:function|modifier) (\w+)\((.*?)\n    \}", text, re.S))
    reached: set[str] = set()
    todo = ["registerPolicy", "registerAttestorSet", "rotateAttestorSet", "submitRoot"]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [other for other in bodies if re.search(rf"\b{other}\b", bodies[name])]
    errors = {error for name in reached for error in re.findall(r"revert (\w+)\(", bodies[name])}
    rows = {rule.error for rules in TABLES.values() for rule in rules if rule.error is not None}
    assert errors == rows | set(OF_THE_CHAIN) and not rows & set(OF_THE_CHAIN)
