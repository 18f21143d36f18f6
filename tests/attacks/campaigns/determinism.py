"""
A2: a second value for a cell, with public words, records and leaf fixed
(docs/explanation/soundness.md 4).

    cells     every class of cells: an argument from the constraint text, or free with a reason
    copies    every lemma's rules with small numbers, searched whole
    needed    every rule of a lemma left out: a second value appears
    field     the lemmas' real rules mod r on the rows of an honest trace, searched at random
    text      the constraint text by itself: unread columns, rules without effect, cells tied to
              nothing public
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attacks.campaigns import Progress, Result
from support.cells import READ
from support.credential import ALL_METRICS, RHO, honest
from support.credential_copies import CASES, search_random, search_whole
from support.credential_determinism import cell_classes, propagated
from support.static_text import stage2_in_arguments, unread_columns, without_effect

from algebra.files import write_atomic
from circuits.credential.v2.layout import MINIMUM_CLASS
from circuits.credential.v2.statement import credential_text
from circuits.credential.v2.trace import LIMB_BITS
from tierproof.testing import get
from verifier.loader import StatementReader

NAME = "determinism"
N = 1 << MINIMUM_CLASS
ROWS_A_LEMMA, TRIES, SEED = 24, 400, 2
Part = dict[str, Any]


def cells() -> Part:
    """One cheat a class of cells."""
    classes = cell_classes(propagated(N), READ)
    open_ = [" ".join(place) for place, arguments in classes.items() if "SECOND VALUE" in arguments]
    free = [
        place
        for place, arguments in classes.items()
        if any(a.startswith(("free", "input")) for a in arguments)
    ]
    count = Counter(argument for arguments in classes.values() for argument in arguments)
    return part(
        len(classes),
        len(classes) - len(open_) - len(free),
        len(free),
        arguments=dict(count.most_common()),
        open=open_,
    )


def copies() -> Part:
    """One cheat an input of a small copy."""
    found = {case.lemma.name: search_whole(i) for i, case in enumerate(CASES)}
    tried = sum(f.tried for f in found.values())
    second = sum(len(f.second) for f in found.values())
    return part(tried, tried - second, 0, inputs={name: f.tried for name, f in found.items()})


def needed() -> Part:
    """
    Without a rule its copy must have a second value: else the search, or the rule, is worth
    nothing.
    """
    labels = [(i, label) for i, case in enumerate(CASES) for label in case.lemma.labels]
    return part(len(labels), sum(bool(search_whole(i, label).second) for i, label in labels), 0)


def field() -> Part:
    """One cheat a lemma and row of an honest trace."""
    case = honest(*ALL_METRICS)
    circuit, witness = case.circuit, case.witness
    assert circuit.derive is not None
    scalars = {
        k: v.number
        for k, v in circuit.derive(StatementReader(), case.statement, case.record).items()
    }
    trace, source = witness.stage1(case.record, RHO), random.Random(SEED)
    tried = 0
    open_: list[str] = []
    for i, found in enumerate(CASES):
        rows = circuit.kinds[found.lemma.kind].rows
        for row in source.sample(rows, min(len(rows), ROWS_A_LEMMA)):
            zeros = {circuit.columns[column].name for column, _ in found.copy.zeros}

            def value(name: str, row: int = row, numbers: Any = found.numbers) -> int:
                first = int(name.removeprefix("limb")) if name in numbers else 0
                parts = (
                    [f"limb{first + j}" for j in range(numbers[name])]
                    if name in numbers
                    else [name]
                )
                return sum(get(trace, part_, row) << LIMB_BITS * j for j, part_ in enumerate(parts))

            inputs = {name: value(name) for name in found.lemma.needs if name not in zeros}
            right = {name: value(name) for name in found.lemma.gives if name not in zeros}
            tried += 1
            if search_random(i, inputs | scalars, right, source, TRIES):
                open_.append(f"{found.lemma.name}, row {row}")
    return part(tried, tried - len(open_), 0, candidates_a_cell=2 * TRIES, open=open_)


def text() -> Part:
    """One cheat a finding of the static analysis; none is what there should be."""
    circuit = credential_text(N)
    findings = [
        *unread_columns(circuit),
        *without_effect(circuit),
        *(set(stage2_in_arguments(circuit)) - {"sums_end"}),
    ]
    checked = (
        len(circuit.columns)
        + len(circuit.constraints)
        + len(circuit.helpers)
        + len(circuit.sum_terms)
    )
    return part(checked, checked - len(findings), 0, findings=findings)


def part(tried: int, caught: int, free: int, **details: Any) -> Part:
    return {"tried": tried, "caught": caught, "free": free, **details}


PARTS: tuple[Callable[[], Part], ...] = (text, cells, copies, field, needed)


def run(progress: Progress, state: Path) -> Result:
    """All parts; one that is finished is kept in `state`."""
    details: dict[str, Part] = {}
    for step in PARTS:
        name = step.__name__
        kept = state / f"{name}.json"
        if not kept.is_file():
            write_atomic(kept, json.dumps(step()).encode())
        details[name] = json.loads(kept.read_text())
        progress(
            f"{name}: {details[name]['tried']} tried, {details[name]['caught']} caught, "
            f"{details[name]['free']} free"
        )
    total = {
        key: sum(found[key] for found in details.values()) for key in ("tried", "caught", "free")
    }
    return {**total, "details": details}
