"""
The rules table against the registry itself: on a thousand policies with their series, and on
attestor sets and roots, `policies.rules` and the contract refuse the same ones by the same rule.
Then each limit of the table is taken away or moved by one, and these calls tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from at_limits import DOCUMENTS, Sent, as_tuple, attestor_sets, policies, roots
from eth_utils.crypto import keccak
from evm_calls import ABI, Answer, answer, calldata, fits
from grants.grants_world import DAY, GOVERNOR, OPEN, SET, STRANGER, Root, Terms, World

from algebra.errors import Malformed, Refused
from contracts.build.artifact import FOLDER
from policies import signed_root
from policies.attestor_set import Generation
from policies.rules import (
    FEE_RULES,
    POLICY_RULES,
    ROOT_RULES,
    SERIES_RULES,
    SET_RULES,
    SUBMISSION_RULES,
    TERM_RULES,
    TRUST_RULES,
    WORD_RULES,
    Rule,
)

pytestmark = pytest.mark.evm

Tables = Mapping[str, Sequence[Rule[Any]]]
TABLES: Tables = {
    "trust": TRUST_RULES,
    "series": SERIES_RULES,
    "policy": POLICY_RULES,
    "words": WORD_RULES,
    "terms": TERM_RULES,
    "fees": FEE_RULES,
    "set": SET_RULES,
    "root": ROOT_RULES,
    "submission": SUBMISSION_RULES,
}
OF_THE_CHAIN = {
    "PolicyExists": "what was registered before",
    "SeriesExists": "what was registered before",
    "SeriesUnknown": "what was registered before",
    "AttestorSetExists": "what was registered before",
    "RootExists": "what was submitted before",
    "RootNotExtended": "what was submitted before",
    "WindowTaken": "what was submitted before",
    "LastDayTaken": "the calendar of the series",
    "WindowNotPublished": "the calendar of the series",
    "RootIsRevoked": "the guardian",
    "GenerationIsEnded": "the guardian",
    "RegistryPaused": "the guardian",
    "RegistryClosed": "the governor",
    "GenerationPending": "the time",
    "RootExpired": "the time",
    "WindowNotOver": "the time",
    "WrongGeneration": "the set's generations",
    "CapZero": "the bounds of a set: the governor's",
    "BelowSetsMargin": "the bounds of a set",
    "MemberNoContract": "the code of members",
    "PolicyWithoutVerifier": "verifiers",
    "VerifierUnknown": "verifiers",
    "VerifierDisabled": "verifiers",
    "TierUnprovable": "verifiers",
    "TooFewSignatures": "signatures: attestor.quorum",
    "SignersNotAscending": "signatures: attestor.quorum",
    "SignerNotMember": "signatures: attestor.quorum",
    "SignatureInvalid": "signatures: attestor.quorum",
    "PolicyIdZero": "nothing: the id of a document is a Keccak digest",
    "SeriesZero": "nothing: the id of a series is a Keccak digest",
}
"""Errors of the functions that are no row, and who knows."""
OF_A_TIER = ("ThresholdsInvalid", "TermsInvalid", "TierWorseThanDefault", "RebateAboveFee")
"""Errors that name a tier first."""
WEAKEST = Terms(10_000, 2_500, 10_000, 10_000, 1, 0, 0)
"""The default to which every tier may be compared: there is none worse."""


# -- both sides ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Case:
    """What was called, what the registry answered, and what each table has to say about."""

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


def policy_case(sent: Sent, said: Answer) -> Case:
    policy, (error, arguments) = sent.policy, said
    terms = [tier.terms for tier in policy.tiers]
    of_tiers = [
        entry
        for index, words in enumerate(sent.words)
        for entry in (
            ("words", words, index),
            ("terms", terms[index], index),
            ("fees", terms[: index + 1], index),
        )
    ]
    of_policy = [("trust", policy, None), ("series", policy.series, None), ("policy", policy, None)]
    return Case(
        (*of_policy, *of_tiers),
        fits(ABI["registerSeries"]["inputs"], sent.series)
        and fits(ABI["registerPolicy"]["inputs"], [sent.registered]),
        error,
        int(arguments[0]) if error in OF_A_TIER else None,
        sent,
    )


@pytest.fixture(scope="module")
def world() -> World:
    """A registry with a set and a verifier, and the weakest of defaults."""
    made = World(default=WEAKEST)
    made.register_set()
    made.governor("registerVerifier", made.mock(), keccak(text="mock"))
    return made.at(OPEN)


def of_the_rules(error: str | None) -> str | None:
    """What the rules admit is refused for its signatures, or by the time."""
    return None if error in OF_THE_CHAIN else error


@pytest.fixture(scope="module")
def cases(world: World) -> dict[str, list[Case]]:
    """Every call of `at_limits`, answered by the registry."""
    registered = []
    for each in policies(SET):
        series = calldata("registerSeries", *each.series)
        policy = calldata("registerPolicy", each.registered)
        registered.append(policy_case(each, answer(world, GOVERNOR, series, policy)))

    of_sets = []
    for each in attestor_sets():
        given = (bytes(32), (list(each.members), 0, each.threshold), (200, 1))
        error, _ = answer(world, GOVERNOR, calldata("registerAttestorSet", *given))
        carried = fits(ABI["registerAttestorSet"]["inputs"], given)
        of_sets.append(Case((("set", each, None),), carried, error, None, each))

    of_roots = []
    for signed in roots(Root(valid_until=OPEN + 100 * DAY)):
        error, _ = answer(world, STRANGER, calldata("submitRoot", as_tuple(signed), []))
        carried = fits(ABI["submitRoot"]["inputs"], [as_tuple(signed), []])
        subjects = (("root", signed, None), ("submission", signed, None))
        of_roots.append(Case(subjects, carried, of_the_rules(error), None, signed))
    return {"policies": registered, "sets": of_sets, "roots": of_roots}


# -- agreement -------------------------------------------------------------------------------------
def test_table_and_registry_agree(cases: dict[str, list[Case]]) -> None:
    everything = [case for each in cases.values() for case in each]
    for case in everything:
        assert agrees(case, TABLES), (case.sent, case.error, case.tier, broken(case, TABLES))
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
    """Or before they are sent."""
    made: dict[str, Callable[[Any], object]] = {
        "sets": lambda sent: Generation(sent.members, sent.threshold),
        "roots": lambda sent: signed_root.Root(*as_tuple(sent)).check_submittable(),
    }
    for kind, make in made.items():
        for case in cases[kind]:
            said = refusal(lambda: make(case.sent))  # noqa: B023  called at once
            assert (said is None) == (case.error is None), case


# -- the table, limit by limit ---------------------------------------------------------------------
PRODUCT = "terms max_leverage * initial_margin_bp"
BEHIND = {
    "terms initial_margin_bp greatest": PRODUCT,
    "terms max_leverage greatest": PRODUCT,
    "policy first_day greatest": "policy days of the window",
    "root first_day greatest": "submission days of the window",
    "root valid_until greatest": "submission valid_until",
}
"""Limits that another row implies: that row is taken away first."""
UNSEEN = {
    "trust attestor_set least + 1": "no attestor set has the id 1",
    f"{PRODUCT} greatest + 1": "10,001 is 73 times 137, and no leverage is above 50",
}


def without(behind: str | None) -> dict[str, list[Rule[Any]]]:
    """The tables, but for the rows of that table and name."""
    return {
        table: [rule for rule in rules if f"{table} {rule.name}" != behind]
        for table, rules in TABLES.items()
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
    name = f"{table} {rule.name} {side}"
    start = without(BEHIND.get(name))
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
        for rule in rules:
            start = without(BEHIND.get(f"{table} {rule.name} greatest"))
            less = [each for each in start[table] if each is not rule]
            found = disagreements(cases, {**start, table: less})
            assert found != disagreements(cases, start), rule.name


# -- the source ------------------------------------------------------------------------------------
SOURCES = {path.stem: path for path in (FOLDER / "src" / "grants").glob("*.sol")}
STARTS = (
    "registerSeries",
    "registerPolicy",
    "registerAttestorSet",
    "rotateAttestorSet",
    "submitRoot",
)
"""Functions of `Governed` that take what the tables are about."""


@cache
def bodies(source: str) -> dict[str, str]:
    """Functions and modifiers of a contract, by name."""
    text = SOURCES[source].read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for name, body in re.findall(r"(?:function|modifier) (\w+)\((.*?)\n    \}", text, re.S):
        found[name] = found.get(name, "") + body
    return found


def reached(source: str, name: str) -> set[tuple[str, str]]:
    """A function and all that it calls, with where each stands."""
    found: set[tuple[str, str]] = set()
    todo = [(source, name)]
    while todo:
        at, called = todo.pop()
        body = bodies(at).get(called)
        if body is None or (at, called) in found:
            continue
        found.add((at, called))
        todo += [(at, other) for other in bodies(at) if re.search(rf"(?<!\.)\b{other}\b", body)]
        todo += [part for part in re.findall(r"\b(\w+)\.(\w+)\(", body) if part[0] in SOURCES]
    return found


def test_no_error_of_the_functions_is_left_out() -> None:
    """Every custom error that they or what they call can revert with is a row, or the chain's."""
    called = {each for start in STARTS for each in reached("Governed", start)}
    assert ("Series", "_lowerFees") in called and ("Days", "requireWindow") in called
    errors = {
        error
        for source, name in called
        for error in re.findall(r"revert (?:\w+\.)?(\w+)\(", bodies(source)[name])
    }
    rows = {rule.error for rules in TABLES.values() for rule in rules if rule.error is not None}
    assert errors == rows | set(OF_THE_CHAIN) and not rows & set(OF_THE_CHAIN)
