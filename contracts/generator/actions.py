"""What a recorded run does, in order: checks, transcript, loops, sums of points."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.generator.graph import Node, Place, PointAt, PointConstant


@dataclass(frozen=True, slots=True)
class RequireBelowOrder:
    """Refuse the statement by `rule` unless the word is below r."""

    word: Place
    rule: int


@dataclass(frozen=True, slots=True)
class RequireLess:
    """
    Refuse the statement by `rule` unless left < right as integers; nodes count as their canonical
    numbers.
    """

    left: Node | Place
    right: Node | Place
    rule: int


@dataclass(frozen=True, slots=True)
class Absorb:
    """Words of the input go into the transcript."""

    label: str
    words: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Squeeze:
    """A challenge is drawn; `value` stands for it."""

    label: str
    value: Node


@dataclass(frozen=True, slots=True)
class RequireNonzero:
    """Reject if `value` is zero."""

    value: Node


@dataclass(frozen=True, slots=True)
class Invert:
    """`value` = 1/operand; refused for zero."""

    value: Node


@dataclass(frozen=True, slots=True)
class Ratios:
    """
    xi omega^-row - 1 of each single row and the product over all, by a loop for each run.

    runs : of consecutive rows: xi omega^-row of the first, and how many.
    """

    runs: tuple[tuple[Node, int], ...]


@dataclass(frozen=True, slots=True)
class Indicators:
    """scale * product / ratio of each single row, by a loop backwards."""

    scale: Node


@dataclass(frozen=True, slots=True)
class Sum:
    """sum scalar * point, left in the accumulator."""

    terms: tuple[tuple[Node, PointAt | PointConstant], ...]


@dataclass(frozen=True, slots=True)
class RequirePairing:
    """Accept only if e(accumulator, [1]_2) = e(right, [tau]_2)."""

    right: PointAt


Action = (
    RequireBelowOrder
    | RequireLess
    | Absorb
    | Squeeze
    | RequireNonzero
    | Invert
    | Ratios
    | Indicators
    | Sum
    | RequirePairing
)


@dataclass
class Recording:
    """
    actions : what the contract does, in order.
    rules : text of each statement rule, by number.
    """

    actions: list[Action] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)

    @property
    def constants(self) -> list[PointConstant]:
        """Points of the key in the sum, in its order."""
        sums = (action for action in self.actions if isinstance(action, Sum))
        terms = (point for action in sums for _, point in action.terms)
        return [point for point in terms if isinstance(point, PointConstant)]
