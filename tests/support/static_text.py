"""
What is wrong with a constraint text as a text: columns nobody reads, rules without effect, parts
that hang in the air.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from circuits.language.circuit import FIXED, SECOND, Circuit
from circuits.language.expression import CELL, NAMED, Expression, walk

Node = tuple[int, int] | str
"""
(row, column) of a cell, or what many rows share: a public word, an argument of the running sum.
"""
PUBLIC = "public"


def bodies(circuit: Circuit) -> Iterator[tuple[str, Expression]]:
    """Label and text of every rule, selector included, and of the record column."""
    for constraint in circuit.constraints:
        yield constraint.label, constraint.selector * constraint.body
    if circuit.record_body is not None:
        yield "record", circuit.record_body


def readers(circuit: Circuit) -> dict[str, set[str]]:
    """Labels of the rules that read each column."""
    out: dict[str, set[str]] = {column.name: set() for column in circuit.columns}
    for label, body in bodies(circuit):
        for node in walk([body]):
            if node.kind == CELL:
                out[circuit.columns[node.place[0]].name].add(label)
    return out


def unread_columns(circuit: Circuit) -> list[str]:
    return [name for name, labels in readers(circuit).items() if not labels]


def read_once(circuit: Circuit) -> list[str]:
    """Columns that one rule alone reads: it can say little of them."""
    return [name for name, labels in readers(circuit).items() if len(labels) == 1]


def without_effect(circuit: Circuit) -> list[str]:
    """Labels of rules on no row, without a cell of the trace, or said twice."""
    out = []
    seen: Counter[tuple[int, int, int]] = Counter()
    for c in circuit.constraints:
        stages = {circuit.columns[n.place[0]].stage for n in walk([c.body]) if n.kind == CELL}
        seen[id(c.selector), id(c.body), c.guard] += 1
        if not c.rows or not stages - {FIXED} or seen[id(c.selector), id(c.body), c.guard] > 1:
            out.append(c.label)
    return out


def unused_scalars(circuit: Circuit) -> list[str]:
    """Public scalars and challenges that no rule reads."""
    read = {n.name for n in walk([body for _, body in bodies(circuit)]) if n.kind == NAMED}
    return sorted({*circuit.scalar_bounds, *circuit.challenges} - read)


class Components:
    """
    Which cells hang together, by the rules that read them, the record column, and the arguments of
    the running sum.
    """

    def __init__(self, circuit: Circuit) -> None:
        self._parent: dict[Node, Node] = {}
        self.circuit = circuit
        self._fixed = {i for i, column in enumerate(circuit.columns) if column.stage == FIXED}
        helpers = {circuit.index(h.column) for h in circuit.helpers} | {
            circuit.index("running_sum")
        }
        for c in circuit.constraints:
            cells = [
                n.place for n in walk([c.body]) if n.kind == CELL and n.place[0] not in self._fixed
            ]
            if not helpers.intersection(column for column, _ in cells):
                named = any(
                    n.kind == NAMED and n.name in circuit.scalar_bounds for n in walk([c.body])
                )
                public: list[Node] = [PUBLIC] if named else []
                for row in c.rows if cells else ():
                    self.join([*((row + rotation, column) for column, rotation in cells), *public])

    def _find(self, node: Node) -> Node:
        while (parent := self._parent.setdefault(node, node)) != node:
            self._parent[node] = self._parent[parent]
            node = parent
        return node

    def join(self, nodes: list[Node]) -> None:
        """Tie nodes together, also those of an argument over many rows."""
        first = self._find(nodes[0])
        for node in nodes[1:]:
            self._parent[self._find(node)] = first

    def apart(self) -> list[Node]:
        """Cells that some rule reads and that no chain of rules ties to a public word."""
        home = self._find(PUBLIC)
        return [node for node in list(self._parent) if self._find(node) != home]


def stage2_in_arguments(circuit: Circuit) -> list[str]:
    """
    Labels of helpers whose fractions read a stage-2 cell, above or below the line, and of sum terms
    that do.

    Such a cell is chosen after the argument's challenge (attack B8); it is harmless only where
    rules make it a function of stage-1 cells.
    """

    def reads(expressions: list[Expression]) -> bool:
        return any(
            n.kind == CELL and circuit.columns[n.place[0]].stage == SECOND
            for n in walk(expressions)
        )

    helpers = [
        h.label
        for h in circuit.helpers
        if reads([part for fraction in h.fractions for part in fraction])
    ]
    return helpers + [label for label, term in circuit.sum_terms if reads([term])]
