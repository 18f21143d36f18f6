"""
A2: for fixed public words, records and leaf no derived cell has a second value.

The propagation reads the constraint text row by row; where several rules together decide a cell,
the lemma's rules are copied with small numbers and searched whole (`support.credential_copies`).
What is free is listed with its reason.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from support.cells import READ
from support.credential import world
from support.credential_copies import CASES, search_whole
from support.credential_determinism import (
    LEMMAS,
    NATURE,
    REDUCTIONS,
    cell_classes,
    fixed_cell,
    link_form,
    propagated,
    silent_slots,
)
from support.determinism import (
    CHALLENGE,
    DIGITS,
    INVERSE,
    POWERS,
    Polynomial,
    form,
    times,
    unique_digits,
)

from algebra.interface import R
from circuits.credential.v2.layout import MINIMUM_CLASS, WINDOW_BITS
from circuits.credential.v2.link import BLOCK, GROUP, P_GROUPS, TOP, check_bounds
from circuits.credential.v2.statement import credential_text
from circuits.credential.v2.trace import LIMBS, RANGE
from circuits.language.circuit import END_ROWS
from circuits.language.expression import CELL, walk
from history.v2.metrics.score import STEPS

N = 1 << MINIMUM_CLASS


# -- every class of cells --------------------------------------------------------------------------
def test_every_cell_has_one_value_or_is_free() -> None:
    classes = cell_classes(propagated(N), READ)
    assert [place for place, arguments in classes.items() if "SECOND VALUE" in arguments] == []
    assert len({kinds for kinds, _ in classes}) > 60 and len(classes) == 32 * len(
        {kinds for kinds, _ in classes}
    )


def test_registers_follow_from_cells_and_challenges_or_no_rule_reads_them() -> None:
    """B8 in general: no register that a rule reads is left to the prover after the challenges."""
    for (_, name), arguments in cell_classes(propagated(N), READ).items():
        if name in ("v", "slope", "sum"):
            assert all(not a.startswith("input") for a in arguments)


def test_kinds_of_argument() -> None:
    found = set().union(*cell_classes(propagated(N), READ).values())
    assert {DIGITS, POWERS, CHALLENGE, INVERSE} <= found
    assert {f"lemma: {lemma.name}" for lemma in LEMMAS} <= found


def test_free_cells_are_those_of_the_table_and_nothing_more() -> None:
    """
    Inputs by nature, and slots of the bus whose message has multiplicity zero, are few and named.
    """
    classes = cell_classes(propagated(N), READ)
    silent = {
        place
        for place, arguments in classes.items()
        if any("multiplicity zero" in a for a in arguments)
    }
    assert silent == {
        ("link_done2", "free1"),
        ("compare_liquidations", "free1"),
        ("compare_lag", "free1"),
        ("day_word", "free1"),
        ("compare_window", "free1"),
        ("score_profit", "free1"),
        ("score_taken", "free1"),
    }
    nature = {place for place in classes if place in NATURE}
    assert nature == set(NATURE)


@pytest.mark.parametrize("rule", [
    "day_equity.take_over", "day.profit", "risk.square", "link.start.x", "open.money",
    "partial.box1", "metric.M3.trades_variance.trip_variance", "link.xT.apart",
])  # fmt: skip
@pytest.mark.slow
def test_without_a_rule_something_is_open(rule: str) -> None:
    """The propagation does not find what is not there."""
    whole, less = propagated(N), propagated(N, (rule,))
    assert set(less.argument) < set(whole.argument), rule


@pytest.mark.parametrize("name", [lemma.name for lemma in LEMMAS])
@pytest.mark.slow
def test_without_a_lemma_its_cells_are_open(name: str) -> None:
    lemma = next(lemma for lemma in LEMMAS if lemma.name == name)
    less = propagated(N, (name,))
    assert not all(less.known(row, cell) for row in less.rows(lemma.kind) for cell in lemma.gives)


# -- columns that are computed ---------------------------------------------------------------------
def test_helpers_and_running_sum_are_affine_in_themselves() -> None:
    """
    A helper's coefficient is the product of its denominators, each with a challenge of its own; the
    sum's is one.
    """
    c = credential_text(N)
    rules = {rule.label: rule for rule in c.constraints}
    for helper in c.helpers:
        found = form(
            rules[f"helper.{helper.label}"].body,
            frozenset([(c.index(helper.column), 0)]),
            frozenset(c.challenges),
        )
        assert set(found.linear) == {(c.index(helper.column), 0)} and not found.tangled
    z = c.index("running_sum")
    found = form(rules["sum.next"].body, frozenset([(z, 1)]), frozenset(c.challenges))
    assert found.linear == {(z, 1): {(): 1}} and len(rules["sum.next"].rows) == N - END_ROWS


def test_multiplicities_are_determined_but_for_equal_entries() -> None:
    """
    Partial fractions: the total of each distinct entry is. Counts of equal entries may be shared:
    entry 0 stands on the padding too, and a window's last point is the next one's first, 64 * 2^(6
    j) H = 2^(6 (j + 1)) H.
    """
    circuit, points, window = world().circuit, len(world().table), 1 << WINDOW_BITS
    entries: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for row in range(N - END_ROWS):
        entries[tuple(fixed_cell(circuit, f"table{i}", row) for i in range(3))].append(row)
    shared = sorted(rows for rows in entries.values() if len(rows) > 1)
    seams = [[RANGE + i - 1, RANGE + i] for i in range(window, points, window)]
    assert shared == [[0, *range(RANGE + points + STEPS, N - END_ROWS)], *seams]


def test_silent_slots_have_no_message() -> None:
    circuit = credential_text(N)
    for row, name in silent_slots(circuit):
        assert fixed_cell(circuit, f"c{name.removeprefix('free')}", row) == 0


# -- lemmas, searched whole ------------------------------------------------------------------------
@pytest.mark.parametrize("index", range(len(CASES)), ids=[case.lemma.name for case in CASES])
def test_small_copy(index: int) -> None:
    found = search_whole(index)
    assert found.second == () and found.solved > 15


@pytest.mark.parametrize(
    ("index", "label"), [(i, label) for i, case in enumerate(CASES) for label in case.lemma.labels]
)
def test_each_rule_of_a_lemma_is_needed(index: int, label: str) -> None:
    """Left out, a second value appears."""
    assert search_whole(index, label).second


def test_every_lemma_has_a_copy() -> None:
    assert [case.lemma for case in CASES] == list(LEMMAS)
    labels = {c.label for c in credential_text(N).constraints}
    assert {label for lemma in LEMMAS for label in lemma.labels} <= labels


def test_falling_flags() -> None:
    """
    Day flags are bits that fall once, from 1; their sum is public: one row of flags for each number
    of days.
    """
    days = 9
    rules = {c.label: c.body for c in credential_text(N).constraints}
    flag, before = (credential_text(N).index(name) for name in ("free5", "free10"))
    cells = [n.place for n in walk([rules["day.flag_falls_once"]]) if n.kind == CELL]
    assert sorted(cells) == sorted([(flag, 0), (before, 0)])
    found: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for bits in range(1 << days):
        flags = [bits >> i & 1 for i in range(days)]
        if all(f * (1 - b) == 0 for b, f in pairwise([1, *flags])):
            found[sum(flags)].append(tuple(flags))
    assert {total: len(rows) for total, rows in found.items()} == dict.fromkeys(range(days + 1), 1)


def test_digits() -> None:
    """The criterion for mixed radix: exact on small systems."""
    for terms in (
        [(1, 3), (4, 3)],
        [(1, 3), (3, 3)],
        [(1, 1), (2, 5), (12, 2)],
        [(1, 3), (-4, 2)],
        [(2, 1), (2, 1)],
    ):
        values = [0]
        for coefficient, top in terms:
            values = [v + coefficient * x for v in values for x in range(top + 1)]
        assert unique_digits(terms) == (len(set(values)) == len(values))
    assert not unique_digits([(1, 1), (R - 1, 1)]) and not unique_digits(
        [(1, 4095), (4096, (R >> 12) + 1)]
    )


# -- the link: quotients and carries ---------------------------------------------------------------
def polynomial(*terms: tuple[int, int]) -> Polynomial:
    """sum number * kappa^exponent."""
    return {((("kappa", exponent),) if exponent else ()): number % R for exponent, number in terms}


def test_quotients_and_carries_enter_as_the_identities_say() -> None:
    """
    The final sum as a linear form in all quotients and carries, read off the rules: for each
    identity, its power of kappa times -(q p + (2^96 - X) e). Two solutions for one chain would
    differ by q', e' with q' p + (2^96 - X) e' = 0 as polynomials with integer coefficients (no
    wrap: `check_bounds`, and powers five apart); at X = 2^96 that is q' p = 0, so q' = 0, so e' =
    0, and digits are unique.
    """
    check_bounds()
    circuit, found = credential_text(N), link_form(N)
    index, phi = circuit.index, polynomial(*enumerate(P_GROUPS))
    r96 = polynomial((0, 1 << 96), (1, -1))
    tops = {"1": "t1", "2": "t2", "3": "t3"}
    powers, seen = [], 0
    rows = {name: circuit.kinds[f"link_{name}"].rows for name in (*BLOCK, "q3", "c3a", "c3b", "t3")}
    t2_rows = rows["t2"]
    for which in "123":
        for j, q_row in enumerate(rows[f"q{which}"]):
            a_row, b_row = rows[f"c{which}a"][j], rows[f"c{which}b"][j]
            top_row = (t2_rows if which == "2" else rows[tops[which]])[j]
            ((monomial, _), *_) = sorted(
                found[a_row, index("limb0")].items(), key=lambda term: exponent(term[0])
            )
            weight = polynomial((exponent(monomial), -1))
            powers.append(exponent(monomial))
            expected = {}
            for i in range(LIMBS):
                digit = polynomial((i // GROUP, 1 << 12 * (i % GROUP)))
                expected[q_row, f"limb{i}"] = times(phi, digit)
                expected[a_row, f"limb{i}"] = times(r96, digit)
                expected[b_row, f"limb{i}"] = times(times(r96, digit), polynomial((2, 1)))
            for i in range(TOP):
                expected[top_row, f"limb{TOP + i}"] = times(phi, polynomial((2, 1 << 12 * i)))
            for i in range(3):
                expected[top_row, f"limb{2 * TOP + i}"] = times(r96, polynomial((i, 1 << 96)))
            for (row, name), value in expected.items():
                assert found[row, index(name)] == times(weight, value), (which, j, name)
            seen += len(expected)
    assert (
        seen
        == len(found)
        == sum(
            len(rows[kind.removeprefix("link_")]) * len(names) for kind, names in REDUCTIONS.items()
        )
    )
    assert all(b - a >= 5 for a, b in pairwise(sorted(powers))) and len(set(powers)) == len(powers)


def exponent(monomial: tuple[tuple[str, int], ...]) -> int:
    return dict(monomial).get("kappa", 0)


def test_reduction_in_a_small_field() -> None:
    """
    The same with b = 16 for 2^96 and a field that just holds the coefficients: one quotient and one
    set of carries, and with carries of any size more than one quotient (attack L4).
    """
    b, top, modulus = 16, 16, (5, 11, 3)
    value = sum(m * b**i for i, m in enumerate(modulus))
    field, carry = 3329, 2 * b
    assert b * b * top > field  # a quotient mod the field is not a quotient
    inverse = pow(b, -1, field)

    def quotients(difference: list[int], widest: int) -> int:
        count = 0
        for q in range(b * b * top):
            parts = (q % b, q // b % b, q // (b * b))
            rest = [
                d - sum(parts[i] * modulus[m - i] for i in range(3) if 0 <= m - i < 3)
                for m, d in enumerate(difference)
            ]
            e, carries = 0, []
            for d in rest[:4]:
                e = (d + e) * inverse % field
                carries.append(min(e, field - e))
            count += (rest[4] + e) % field == 0 and max(carries) < widest
        return count

    loose = 0
    for a in range(3, 400, 37):
        product = a * value
        digits = [
            product % b,
            product // b % b,
            product // b**2 % b,
            product // b**3 % b,
            product // b**4,
        ]
        assert quotients(digits, carry) == 1
        assert quotients([digits[0] + 1, *digits[1:]], carry) == 0
        loose += quotients([digits[0] + 1, *digits[1:]], field) > 0
    assert loose
