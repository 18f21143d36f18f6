"""
A5, A3: no rule of integers can wrap the field at the largest history of any class; every declared
range is enforced by rules; what lies on the edge of a range is accepted, what lies one beyond is
not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from support.credential import ALL_METRICS, LAYOUT, honest
from support.credential_determinism import bus_groups, limbs
from support.determinism import fold_number, form, kinds_of_rows
from support.forge import Forger, forger

from algebra.interface import R
from circuits.credential.v2.days import FIRST_WIRE, INDEX_START, MONEY, RETURN_OFFSET, WIRES
from circuits.credential.v2.layout import MAXIMUM_CLASS, MINIMUM_CLASS, SUM_ROWS, Layout
from circuits.credential.v2.statement import credential_text
from circuits.credential.v2.trace import LIMB_BITS, LIMBS, RANGE
from circuits.language.circuit import Circuit, Constraint, Kind
from circuits.language.expression import (
    ADDITION,
    CELL,
    NAMED,
    ONE,
    PRODUCT,
    SUBTRACTION,
    ZERO,
    Expression,
    fold,
    walk,
)
from history.v2.metrics import METRICS
from history.v2.metrics.form import RETURN_SCALE
from history.v2.record import MAX_DAYS
from history.v2.totals import TOTALS
from prover.witness.v2.cells import Cells

Interval = tuple[int, int]
CLASSES = [
    pytest.param(b, marks=[pytest.mark.slow] if b > 15 else [])
    for b in range(MINIMUM_CLASS, MAXIMUM_CLASS + 1)
]


# -- intervals, computed from declared ranges ------------------------------------------------------
def kind_of(circuit: Circuit, rule: Constraint) -> Kind:
    return next(kind for kind in circuit.kinds.values() if kind.selector is rule.selector)


@pytest.mark.parametrize("bits", CLASSES)
def test_no_rule_of_integers_reaches_half_the_field(bits: int) -> None:
    circuit = credential_text(1 << bits)
    widest = {}
    for rule in circuit.constraints:
        if rule.exact:
            low, high = circuit.interval(rule.body, kind_of(circuit, rule))
            assert max(-low, high) < R // 2, rule.label
            widest[rule.label] = max(-low, high).bit_length()
    assert len(widest) > 80
    assert max(widest.values()) == widest["metric.M22.ratio"] < 253


def test_rules_that_are_not_of_integers() -> None:
    """Each reads a register or a challenge, but for four, which only copy a word of the field."""
    circuit = credential_text(1 << MINIMUM_CLASS)
    plain = []
    for rule in circuit.constraints:
        nodes = walk([rule.body])
        registers = any(n.kind == CELL and circuit.columns[n.place[0]].stage == 2 for n in nodes)
        challenges = any(n.kind == NAMED and n.name in circuit.challenges for n in nodes)
        if not rule.exact and not registers and not challenges:
            plain.append(rule.label)
    assert plain == ["leaf.header", "nullifier.scope", "feed.padding", "close.closing"]


def test_widest_interval_by_class() -> None:
    """The largest histories need more bits, and the 243 bits of M22 still fit: r has 254."""
    widths = []
    for bits in (MINIMUM_CLASS, MINIMUM_CLASS + 2):
        circuit = credential_text(1 << bits)
        intervals = [
            circuit.interval(c.body, kind_of(circuit, c)) for c in circuit.constraints if c.exact
        ]
        widths.append(max(max(-low, high) for low, high in intervals).bit_length())
    assert widths[0] <= widths[1] < R.bit_length() - 1


# -- who enforces a declared range -----------------------------------------------------------------
def parts(body: Expression, challenge: str) -> dict[int, Expression]:
    """Coefficients of the powers of a challenge in a sum of such terms."""
    out: dict[int, Expression] = {}
    stack = [body]
    while stack:
        node = stack.pop()
        if node.kind == ADDITION:
            stack += [node.left, node.right]
            continue
        sides = [
            (node, ONE),
            *([(node.left, node.right), (node.right, node.left)] if node.kind == PRODUCT else []),
        ]
        power, rest = next(
            ((e, rest) for side, rest in sides if (e := exponent(side, challenge))), (0, node)
        )
        out[power] = out[power] + rest if power in out else rest
    return out


def exponent(node: Expression, challenge: str) -> int:
    """Of a power of the challenge; 0 for anything else."""
    if any(
        n.kind != PRODUCT and not (n.kind == NAMED and n.name == challenge) for n in walk([node])
    ):
        return 0
    found: int = fold(node, leaf=lambda _: 1, add=max, subtract=max, multiply=lambda a, b: a + b)
    return found


class Enforced:
    """
    Finds, for a declared range, rules that hold the cell to it; each method returns an interval or
    None.
    """

    def __init__(self, n: int) -> None:
        self.circuit, self.layout = credential_text(n), Layout(n)
        self.rules = {c.label: c for c in self.circuit.constraints}
        self.kinds = kinds_of_rows(self.circuit, "bus", "sum_start", "sum_end")
        self.ones = frozenset(n.name for c in self.circuit.constraints for n in walk([c.body])
                              if n.kind == NAMED and n.name.startswith("ask_"))  # fmt: skip
        numerator, totals, _ = self.exchange()
        self.passing: set[tuple[str, int]] = set()
        self.totals = {}
        for power, body in parts(numerator, "group").items():
            low, high = self.interval(body, "record")
            self.totals[power] = (low * self.layout.capacity, high * self.layout.capacity)
        self.total_cells = {}
        for kind, grouped in totals.items():
            for power, body in parts(grouped, "group").items():
                if body.kind == CELL and power in self.totals:
                    self.total_cells[kind, body.place[0]] = power

    def exchange(self) -> tuple[Expression, dict[str, Expression], Expression]:
        """
        Numerator of records, grouped totals by kind of day row, and the bus, from the helper's
        text.
        """
        ((fraction, _),) = next(h for h in self.circuit.helpers if h.label == "exchange").fractions
        assert fraction.kind == ADDITION and fraction.left.kind == SUBTRACTION
        numerator, totals = fraction.left.left.right, {}
        stack = [fraction.left.right]
        while stack:
            node = stack.pop()
            if node.kind == ADDITION:
                stack += [node.left, node.right]
            else:
                kind = next(k.name for k in self.circuit.kinds.values() if k.selector is node.left)
                totals[kind] = node.right
        return numerator, totals, fraction.right

    def bound(self, kind: str, column: int) -> Interval:
        """
        A bit, or declared, or handed over: by a register that the row above sets, or by the tuple
        that one carries.
        """
        declared = self.circuit.cell_bounds
        for found in (
            self.bit(kind, column),
            declared.get((kind, column)),
            declared.get(("", column)),
        ):
            if found:
                return found
        return self.handed(kind, column) or self.carried(kind, column) or (0, R - 1)

    def interval(self, body: Expression, kind: str) -> Interval:
        def leaf(node: Expression) -> Interval:
            if node.kind == NAMED:
                return (1, 1) if node.name in self.ones else self.circuit.scalar_bounds[node.name]
            return (
                self.bound(kind, node.place[0]) if node.kind == CELL else (node.number, node.number)
            )

        def product(a: Interval, b: Interval) -> Interval:
            corners = [x * y for x in a for y in b]
            square = a is b and a[0] < 0 < a[1]  # one node, so one value
            return (0, max(corners)) if square else (min(corners), max(corners))

        return fold(body, leaf=leaf, add=lambda a, b: (a[0] + b[0], a[1] + b[1]),
                    subtract=lambda a, b: (a[0] - b[1], a[1] - b[0]), multiply=product)  # fmt: skip

    def challenged(self, body: Expression) -> bool:
        return any(n.kind == NAMED and n.name in self.circuit.challenges for n in walk([body]))

    def on(self, kind: str) -> list[Constraint]:
        return [
            c for c in self.circuit.constraints if c.selector is self.circuit.kinds[kind].selector
        ]

    def bit(self, kind: str, column: int) -> Interval | None:
        for rule in self.on(kind):
            cells = {n.place for n in walk([rule.body]) if n.kind == CELL}
            if cells == {(column, 0)}:
                values = [fold_number(rule.body, {(column, 0): x}) for x in (0, 1, 2)]
                if values[:2] == [0, 0] and values[2]:
                    return 0, 1
        return None

    def equation(self, kind: str, column: int) -> Interval | None:
        """Rules x = rest: all hold."""
        best: Interval | None = None
        for rule in self.on(kind):
            nodes = walk([rule.body])
            if self.challenged(rule.body) or any(n.kind == CELL and n.place[1] for n in nodes):
                continue
            found = form(
                rule.body, frozenset([(column, 0)]), frozenset(self.circuit.challenges), self.ones
            )
            coefficient = found.linear.get((column, 0))
            if found.tangled or coefficient not in ({(): 1}, {(): R - 1}):
                continue
            low, high = self.interval(without(rule.body, column), kind)
            interval = (-high, -low) if coefficient == {(): 1} else (low, high)
            best = (
                interval if best is None else (max(best[0], interval[0]), min(best[1], interval[1]))
            )
        return best

    def handed(self, kind: str, column: int) -> Interval | None:
        """A register that the row above sets; none if rows only pass it round."""
        if (kind, column) in self.passing:
            return None
        self.passing.add((kind, column))
        try:
            return self._handed(kind, column)
        finally:
            self.passing.remove((kind, column))

    def _handed(self, kind: str, column: int) -> Interval | None:
        for above in sorted(
            {self.kinds[row - 1] for row in self.circuit.kinds[kind].rows if row - 1 in self.kinds}
        ):
            for name in above:
                for rule in self.on(name):
                    body = rule.body
                    if (
                        body.kind == SUBTRACTION
                        and body.left.kind == CELL
                        and body.left.place == (column, 1)
                        and (not self.challenged(body))
                    ):
                        return self.interval(body.right, name)
        return None

    def carried(self, kind: str, column: int) -> Interval | None:
        """
        A cell of the tuple in v: the interval of what every row that hands it over puts there.
        """
        name = kind.removeprefix("compare_")
        metric = METRICS.rows[name].metric.number if name in METRICS.rows else 0
        here = f"metric.M{metric}.{name}" if metric else kind
        rule = self.rules.get(f"{here}.take_over")
        if rule is None:
            return None
        power = next((p for p, body in parts(rule.body.right, "carry").items()
                      if body.kind == CELL and body.place == (column, 0)), None)  # fmt: skip
        if power is None:
            return None
        if metric:
            names = list(METRICS.rows)
            before = names[names.index(name) - 1]
            given = self.rules[f"metric.M{metric}.{before}.hand_over"].body.right
            return self.interval(parts(given, "carry")[power], f"compare_{before}")
        sources = {
            "day_equity": ("open", "day_risk"),
            "day_return": ("day_equity",),
            "day_index": ("day_return",),
            "day_risk": ("day_index",),
        }[kind]
        found = []
        for source in sources:
            given = parts(self.rules[f"{source}.hand_over"].body.right, "carry").get(power)
            found.append(self.interval(given, source) if given is not None else (0, 0))
        return min(low for low, _ in found), max(high for _, high in found)

    def total(self, kind: str, column: int) -> Interval | None:
        power = self.total_cells.get((kind, column))
        return None if power is None else self.totals[power]

    def summed(self, kind: str, column: int) -> Interval | None:
        """A value from the bus: of a sum row, a sum of day cells over all days."""
        row = self.circuit.kinds[kind].rows[0]
        name = self.circuit.columns[column].name
        group = next((g for g in bus_groups(self.circuit) if (row, name) in g), None)
        if group is None:
            return None
        sums = [
            (r - self.layout.sums, cell)
            for r, cell in group
            if r in self.circuit.kinds["sums"].rows
        ]
        if not sums:
            return None
        ((index, cell),) = sums
        place = 2 * index + int(cell.removeprefix("free"))
        for day, term in self.circuit.sum_terms:
            body = (
                parts(term.right, "sigma").get(2 * SUM_ROWS - 3 - place)
                if day.startswith("day_")
                else None
            )
            if body is not None:
                if body.kind == CELL and (day, body.place[0]) in self.total_cells:
                    return self.totals[self.total_cells[day, body.place[0]]]
                low, high = self.interval(body, day)
                return low * MAX_DAYS, high * MAX_DAYS
        raise AssertionError(f"no sum for {kind} {name}")


def without(body: Expression, column: int) -> Expression:
    """The body with a cell set to zero."""
    return fold(
        body,
        leaf=lambda n: ZERO if n.kind == CELL and n.place == (column, 0) else n,
        add=lambda a, b: a + b,
        subtract=lambda a, b: a - b,
        multiply=lambda a, b: a * b,
    )


DIVIDED = "return.division: r D + rest = 10^8 P with 0 <= rest < D and D >= |P|; handed over"


def wires(circuit: Circuit) -> list[Expression]:
    """What the equity row puts under each wire's power of group, from the exchange's numerator."""
    given = parts(Enforced(circuit.size).exchange()[1]["day_equity"], "group")
    return [given[power].right for power in range(len(TOTALS), len(TOTALS) + len(WIRES))]


def by_lemma(found: Enforced) -> dict[tuple[str, str], tuple[Interval, str]]:
    """Ranges that need more than one rule: (kind, column) to the interval and its reason."""
    records = found.layout.capacity
    unrealised = found.total("day_equity", found.circuit.index("free4")) or (0, 0)
    return {
        ("day_equity", "free11"): (
            (-MONEY - 1, MONEY),
            "day.profit_size: a number of four limbs, or minus one less",
        ),
        ("day_return", "free0"): ((-MONEY - 1, MONEY), "the same, handed over"),
        ("day_equity", "free8"): (
            unrealised,
            "handed over: today's or yesterday's, by a bit; first 0",
        ),
        ("day_equity", "free9"): (
            (0, INDEX_START),
            "handed over: 10^10 less a number, and index.drawdown: at least 0",
        ),
        ("day_index", "free3"): ((0, INDEX_START), "the same, handed over"),
        ("day_risk", "free3"): ((0, INDEX_START), "the same, of the day itself"),
        ("day_risk", "free8"): (
            (0, (1 << 36) - 1),
            "M24.level, where the tier asks; elsewhere nothing reads what it is compared with",
        ),
        **{
            place: ((-RETURN_SCALE, RETURN_SCALE), DIVIDED)
            for place in (("day_index", "free0"), ("day_risk", "free0"), ("day_risk", "free6"))
        },
        **{
            ("day_index", f"free{FIRST_WIRE + i}"): (
                found.circuit.interval(value, found.circuit.kinds["day_equity"]),
                "group-by: what the equity row puts under the wire's power",
            )
            for i, value in enumerate(wires(found.circuit))
        },
        ("compare_best_day", "free1"): (
            (-RETURN_SCALE, RETURN_SCALE + (1 << 36)),
            "risk.best_day: daily and three limbs",
        ),
        ("day_activity", "free9"): ((0, records), "record.one_kind: a vote is a bit"),
        ("compare_votes_rewards", "free0"): ((0, records), "the same, summed"),
        ("compare_near", "free0"): (
            (0, MAX_DAYS),
            "activity.near_positive, near_zero: one, or zero, a day",
        ),
        ("compare_near", "free1"): (
            (0, MAX_DAYS),
            "activity.counted: x + y - x y of two bits is a bit",
        ),
    }


@pytest.mark.parametrize("bits", CLASSES)
def test_every_declared_range_is_enforced(bits: int) -> None:
    """
    `Circuit.bound` is a claim. Here it is proven from the rules: a limb, a bit, an equation, a
    tuple, a total or a sum.
    """
    found = Enforced(1 << bits)
    circuit = found.circuit
    limb_columns = {circuit.index(name) for name in limbs(0, LIMBS)}
    assert {lookup.label for lookup in circuit.lookups} >= {
        f"range.{name}" for name in limbs(0, LIMBS)
    }
    sources: list[Callable[[str, int], Interval | None]] = [
        found.bit, found.total, found.summed, found.handed, found.carried, found.equation
    ]  # fmt: skip
    open_, used, lemmas = [], set(), by_lemma(found)
    for (kind, column), (low, high) in circuit.cell_bounds.items():
        name = circuit.columns[column].name
        if kind == "":
            assert column in limb_columns and (low, high) == (0, RANGE - 1)
            continue
        shown = [interval for source in sources if (interval := source(kind, column)) is not None]
        if (kind, name) in lemmas:
            shown.append(lemmas[kind, name][0])
            used.add((kind, name))
        if not any(low <= a and b <= high for a, b in shown):
            open_.append((kind, name, (low, high), shown))
    assert open_ == []
    assert used == set(lemmas)


# -- the edges -------------------------------------------------------------------------------------
ROUND = LAYOUT.permutation(0) + 1
"""A row whose limbs no rule reads."""


def at_row(row: int, **cells: int) -> Forger:
    """
    The honest witness with some cells of a row overwritten; limbs and multiplicities as the forger
    makes them.
    """

    def alter(made: Cells, _: Forger) -> None:
        for name, value in cells.items():
            if name.startswith("limb"):
                made.limbs[int(name.removeprefix("limb")), row] = value
            else:
                made.set_free(row, [value], int(name.removeprefix("free")))

    return forger(honest(*ALL_METRICS), alter)


@pytest.mark.parametrize("limb", [*(pytest.param(i, marks=pytest.mark.slow) for i in (0, 7)), 15])
def test_a_limb_at_both_ends(limb: int) -> None:
    case = honest(*ALL_METRICS)
    for value in (0, RANGE - 1):
        assert (
            case.labels(at_row(ROUND, **{f"limb{limb}": value}), only=("range.", "sum.")) == set()
        )
    for value in (-1, RANGE):
        found = case.labels(at_row(ROUND, **{f"limb{limb}": value}), only=("range.", "sum."))
        assert found == {f"range.limb{limb}", "sum.end"}


PARTS = ("day.", "return.", "index.", "risk.", "activity.", "metric.", "open.", "record.", "leaf.")


def numbers(circuit: Circuit) -> list[tuple[str, str, int, int]]:
    """
    Every number in limbs that a rule on days or comparisons reads: (label, kind, first limb,
    count).
    """
    found = []
    for rule in circuit.constraints:
        if rule.exact and rule.label.startswith(PARTS):
            kind = kind_of(circuit, rule).name
            read = form(
                rule.body,
                frozenset((circuit.index(n), 0) for n in limbs(0, LIMBS)),
                frozenset(),
                frozenset(
                    n.name
                    for n in walk([rule.body])
                    if n.kind == NAMED and n.name.startswith("ask_")
                ),
            )
            scale = {
                place[0]: abs(signed(c))
                for place, c in read.linear.items()
                if c and place not in read.tangled
            }
            first = [
                i
                for i in range(LIMBS)
                if scale.get(circuit.index(f"limb{i}"), 0) and follows(scale, circuit, i)
            ]
            found += [(rule.label, kind, i, run(scale, circuit, i)) for i in first]
    return found


def signed(coefficient: dict[tuple[tuple[str, int], ...], int]) -> int:
    value = coefficient.get((), 0)
    return value - R if value > R // 2 else value


def follows(scale: dict[int, int], circuit: Circuit, i: int) -> bool:
    """Whether limb i starts a number: the limb before is not 2^12 times smaller."""
    before = scale.get(circuit.index(f"limb{i - 1}"), 0) if i else 0
    return before << LIMB_BITS != scale[circuit.index(f"limb{i}")]


def run(scale: dict[int, int], circuit: Circuit, i: int) -> int:
    """How many limbs the number has that starts at limb i."""
    columns = [circuit.index(f"limb{j}") for j in range(i, LIMBS)]
    breaks = (
        j
        for j, column in enumerate(columns)
        if scale.get(column) != scale[columns[0]] << LIMB_BITS * j
    )
    return next(breaks, len(columns))


def test_every_number_is_a_run_of_limbs_with_one_weight() -> None:
    """
    So its range is [0, 2^(12 limbs)), both ends reached, and nothing else: limbs are looked up one
    by one.
    """
    found = numbers(credential_text(1 << MINIMUM_CLASS))
    assert len(found) > 60
    for label, kind, first, count in found:
        top = sum((RANGE - 1) << LIMB_BITS * i for i in range(count))
        assert top == (1 << LIMB_BITS * count) - 1 and first + count <= LIMBS, (label, kind)


EDGES: dict[str, tuple[str, Sequence[int], Sequence[int]]] = {
    # label: cell that the rule ranges, values that have limbs, values that have none
    "leaf.days": ("free0", (0, (1 << 72) - 1), (-1, 1 << 72)),
    "open.counts": ("free0", (0, (1 << 60) - 1), (-1, 1 << 60)),
    "open.money": ("free1", (0, (1 << 96) - 1), (-1, 1 << 96)),
    "return.range": (
        "free7",
        (-RETURN_OFFSET, RETURN_OFFSET - 1),
        (-RETURN_OFFSET - 1, RETURN_OFFSET),
    ),
    "return.divisor_over_profit": ("free2", (0, MONEY), (-1, MONEY + 1)),
    "activity.near_positive": ("free8", (1, 1 << 24), (-1, (1 << 24) + 1)),
    "metric.M3.gain": ("free2", (0, (1 << 60) - 1), (-1, 1 << 60)),
    "metric.M10.volume": ("free0", (0, (1 << 72) - 1), (-1, 1 << 72)),
    "metric.M11.mean_equity": ("free1", (0, (1 << 60) - 1), (-1, 1 << 60)),
    "metric.M13.fills": ("free1", (0, (1 << 24) - 1), (-1, 1 << 24)),
    "metric.M19.votes": ("free0", (0, (1 << 24) - 1), (-1, 1 << 24)),
}
"""Thresholds are zero here, so that the cell itself is what has limbs."""


@pytest.mark.parametrize("label", EDGES)
def test_the_ends_of_a_range(label: str) -> None:
    """
    A cell at either end has limbs that satisfy its rule; one beyond has none but such as the lookup
    refuses.
    """
    name, inside, outside = EDGES[label]
    circuit = credential_text(1 << MINIMUM_CLASS)
    body = next(c.body for c in circuit.constraints if c.label == label)
    cells = {n.place for n in walk([body]) if n.kind == CELL}
    digits = sorted(
        (place for place in cells if circuit.columns[place[0]].name.startswith("limb")),
        key=lambda p: p[0],
    )
    scalars = {n.name: int(n.name.startswith("ask_")) for n in walk([body]) if n.kind == NAMED}
    base = dict.fromkeys(cells, 0)
    if label == "activity.near_positive":
        digits, base = digits[:2], base | {(circuit.index("limb7"), 0): 1}
    target = (circuit.index(name), 0)
    weights = [
        signed(form(body, frozenset([p]), frozenset(), frozenset(scalars)).linear[p] or {})
        for p in digits
    ]
    reach = sum(abs(w) * (RANGE - 1) for w in weights)
    for value, expected in [*((v, True) for v in inside), *((v, False) for v in outside)]:
        rest = fold_number(body, {**base, target: value % R}, scalars)
        found = False
        for candidate in (rest, R - rest):
            left, chosen = candidate, {}
            for weight, place in sorted(zip(map(abs, weights), digits, strict=True), reverse=True):
                chosen[place] = min(left // weight, RANGE - 1)
                left -= chosen[place] * weight
            found |= (
                left == 0
                and candidate <= reach
                and fold_number(body, {**base, target: value % R, **chosen}, scalars) == 0
            )
        assert found == expected, (label, value)
