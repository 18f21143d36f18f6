"""What a version of the credential statement is to those who do not read its text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from algebra.interface import Point
from circuits.language.circuit import Circuit
from history.v2.metrics.table import MetricTable


@dataclass(frozen=True, slots=True)
class StatementVersion:
    """
    One version of the statement, named by `circuits.versions`.

    Attributes
    ----------
    name : in key files and in the key's digest, `tierproof-credential/2`
    words : names of the public words, in order
    classes : log2 of the rows of its size classes
    metrics : the metrics that a tier can ask, and with them the layout of the threshold words
    capacity : records that a class of n rows holds
    text : the circuit of a class without the setup's fixed values: all that a verifier needs
    circuit : the same for one setup, from n, [tau^n - 1]_1 and the setup's identifier
    window_table : the points of the blinder's windows, from [tau^n - 1]_1
    """

    name: str
    words: tuple[str, ...]
    classes: range
    metrics: MetricTable
    capacity: Callable[[int], int]
    text: Callable[[int], Circuit]
    circuit: Callable[[int, Point, int], Circuit]
    window_table: Callable[[Point], Sequence[tuple[int, int]]]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Rows of each class, ascending."""
        return tuple(1 << bits for bits in self.classes)

    def check_class(self, n: int) -> None:
        """ValueError unless n is the number of rows of a class."""
        check_class(n, self.classes)

    def smallest_class(self, records: int) -> int:
        """The least n whose capacity is at least `records`; 0 if none is."""
        return next((n for n in self.sizes if self.capacity(n) >= records), 0)


def check_class(n: int, classes: range) -> None:
    """ValueError unless n is two to one of `classes`."""
    if n not in [1 << bits for bits in classes]:
        raise ValueError(f"class: {n} is not a power of two from 2^{classes[0]} to 2^{classes[-1]}")
