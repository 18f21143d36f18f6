"""One small copy for each lemma of `support.credential_determinism`, and what of it is searched."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from algebra.interface import R
from circuits.credential.v2.layout import MINIMUM_CLASS
from circuits.credential.v2.statement import credential_text
from circuits.language.expression import cell, named
from support.credential_determinism import LEMMAS
from support.determinism import Lemma
from support.small_copy import Copy, Place, Search

Given = dict[str, int]
"""Cells by column name, and public scalars."""
Pairs = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Case:
    """
    Parameters
    ----------
    constants : large constants of the text to small ones.
    sizes : ranges of the small copy, by column.
    needs : every value that is tried of each cell or scalar that the lemma starts from; none:
        solved for.
    numbers : first limb to its count, of the real rules.
    bits : columns that the rules hold to 0 or 1.
    joins : a rule of the next row over this row's cells, its number in limb `joined` of the next
        row.
    """

    lemma: Lemma
    sizes: Mapping[str, int]
    needs: Mapping[str, Sequence[int]]
    numbers: Mapping[str, int]
    bits: tuple[str, ...] = ()
    constants: Mapping[int, int] = field(default_factory=dict)
    joined: str = ""
    modulus: int = 1_000_003

    @property
    def copy(self) -> Copy:
        circuit, joins = credential_text(1 << MINIMUM_CLASS), ()
        if self.joined:  # the return row's divisor - |profit| >= 0, handed over with the divisor
            at = circuit.index
            magnitude = cell(at("limb0")) + 1 - cell(at("free6"))
            over = named("t_floor") + cell(at("limb8")) - magnitude - cell(at(self.joined), 1)
            joins = (over,)
        return Copy(circuit, self.lemma.labels, self.numbers, joins)

    def small(self, scalars: Mapping[str, int], without: str = "") -> Search:
        return self.copy.small(
            self.constants, self.sizes, self.modulus, scalars, without, self.joined
        )

    def inputs(self) -> Iterator[Given]:
        for values in product(*self.needs.values()):
            yield dict(zip(self.needs, values, strict=True))

    def gives(self) -> list[Place]:
        """Cells that the lemma gives, without limbs that are left at zero."""
        copy = self.copy
        return [copy.place(name) for name in self.lemma.gives if copy.place(name) not in copy.zeros]


def case(name: str, **parts: object) -> Case:
    return Case(next(lemma for lemma in LEMMAS if lemma.name == name), **parts)  # type: ignore[arg-type]


CASES: tuple[Case, ...] = (
    case(
        "profit and its sign",
        sizes={"limb0": 32},
        needs={"free11": range(127)},
        numbers={"limb0": 4},
        bits=("free6",),
        modulus=127,
    ),
    case(
        "greatest of three",
        sizes={"limb8": 32, "limb12": 32},
        numbers={"limb0": 4, "limb8": 4, "limb12": 4},
        joined="limb8",
        needs={
            "limb0": range(10),
            "free7": (0, 1, 6, 9),
            "free2": (0, 2, 9),
            "free3": (-3, 4),
            "free6": (0, 1),
            "t_floor": (1, 5),
        },
        modulus=131_071,
    ),
    case(
        "division of the return",
        constants={10**8: 8, 1 << 35: 16},
        sizes={"limb0": 32, "limb4": 32, "limb12": 32},
        needs={"free0": range(-15, 16), "free1": range(20)},
        numbers={"limb0": 4, "limb4": 4, "limb12": 3},
        modulus=10_007,
    ),
    case(
        "division of the index",
        constants={10**8: 6, 10**8 - 1: 5, 10**10: 10},
        modulus=10_007,
        bits=("free5",),
        sizes={"limb0": 21, "limb3": 8, "limb6": 8},
        numbers={"limb0": 3, "limb3": 3, "limb6": 3},
        needs={"free0": range(-6, 7, 2), "free3": (0, 1, 4, 7, 9, 10)},
    ),
    case(
        "active day",
        sizes={"limb0": 64, "limb6": 16},
        numbers={"limb0": 4},
        bits=("limb6",),
        modulus=1009,
        needs={"free0": range(20), "free2": range(20), "t_activity": (1, 7)},
    ),
    case(
        "near day",
        sizes={"limb4": 32, "limb7": 16},
        numbers={"limb4": 2},
        bits=("limb7",),
        needs={"free8": range(1009)},
        modulus=1009,
    ),
    case(
        "number of near days",
        constants={i: i for i in range(5, 16)},
        numbers={},
        bits=tuple(f"limb{i}" for i in range(15)),
        sizes={f"limb{i}": 2 + 2 * (i % 7 == 0) for i in range(15)},
        needs={},
        modulus=1009,
    ),
    case(
        "sides of the profit",
        sizes={"limb0": 32, "limb6": 32},
        numbers={"limb0": 6, "limb6": 6},
        needs={"free0": range(-31, 32)},
        modulus=10_007,
    ),
)


@dataclass(frozen=True)
class Found:
    """
    Parameters
    ----------
    tried : inputs searched whole. solved : those with a solution. second : those with more than
        one.
    """

    tried: int
    solved: int
    second: tuple[Pairs, ...]


def search_whole(index: int, without: str = "") -> Found:
    """
    Every input of a case, every assignment of the rest; `without` a rule, up to the first second
    value.
    """
    case_ = CASES[index]
    copy, gives = case_.copy, case_.gives()
    columns = {c.name for c in copy.circuit.columns}
    solved_for = [] if case_.needs else [copy.place(name) for name in case_.lemma.needs]
    searches: dict[Pairs, Search] = {}
    values: dict[Pairs, set[tuple[int, ...]]] = {}
    for given in case_.inputs():
        scalars = tuple((name, value) for name, value in given.items() if name not in columns)
        if scalars not in searches:
            searches[scalars] = case_.small(dict(scalars), without)
        cells = {
            copy.place(name): value % case_.modulus
            for name, value in given.items()
            if name in columns
        }
        if not solved_for:
            values[tuple(given.items())] = set()
        for solution in searches[scalars].solutions(copy.zeros | cells):
            key = (*given.items(), *((str(place), solution.get(place, -1)) for place in solved_for))
            values.setdefault(key, set()).add(tuple(solution.get(place, -1) for place in gives))
            if len(values[key]) > 1 and (without or not solved_for):
                break
        if without and any(len(found) > 1 for found in values.values()):
            break
    solved = sum(bool(found) for found in values.values())
    return Found(len(values), solved, tuple(key for key, found in values.items() if len(found) > 1))


def search_random(
    index: int, inputs: Given, honest: Given, source: random.Random, tries: int
) -> int:
    """
    The real rules mod R: candidates are random, and near what is honest.

    Parameters
    ----------
    inputs : cells and public scalars by name. honest : what the lemma gives, by name; numbers
        whole, in their first limb.
    tries : random candidates a cell that no rule determines, of each of two kinds.

    Returns
    -------
    How many solutions are not the honest one.
    """
    case_ = CASES[index]
    copy = case_.copy
    columns = {c.name for c in copy.circuit.columns}
    right = {copy.place(name): value % R for name, value in honest.items()}

    def candidates(place: Place) -> list[int]:
        value = right.get(place, 0)
        near = [
            0,
            1,
            2,
            R - 1,
            value,
            value + 1,
            value - 1,
            R - value,
            value * pow(2, -1, R),
            value + (1 << 48),
        ]
        wide = [source.randrange(R) for _ in range(tries)]
        short = [source.randrange(1 << source.randrange(1, 253)) for _ in range(tries)]
        return sorted({number % R for number in [*near, *wide, *short]})

    search = copy.real(
        {k: v for k, v in inputs.items() if k not in columns}, candidates, case_.bits, case_.joined
    )
    given = copy.zeros | {copy.place(k): v % R for k, v in inputs.items() if k in columns}
    return sum(any(s[p] != v for p, v in right.items() if p in s) for s in search.solutions(given))
