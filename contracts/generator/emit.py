"""
From a recording to one Solidity file: `generate` (docs/explanation/protocol.md 5).

Values live in memory slots (memory.py); a node that is used more than once, or that would make an
expression too deep for the stack, is stored, everything else is nested. Slots come back after their
last use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count as addresses

from algebra.interface import R
from contracts.generator.actions import (
    Absorb,
    Action,
    Indicators,
    Invert,
    Ratios,
    Recording,
    RequireBelowOrder,
    RequireLess,
    RequireNonzero,
    RequirePairing,
    Squeeze,
    Sum,
)
from contracts.generator.expressions import Text, build, canonical, load
from contracts.generator.graph import CHALLENGE, CONSTANT, INVERSE, WORD, Node, PointAt
from contracts.generator.loops import run_call
from contracts.generator.memory import ROW_BYTES, WORD_BYTES, Memory, SlotAllocator
from contracts.generator.recorder import record
from contracts.generator.registers import Life, assign
from contracts.generator.template import Statements, contract, register_name
from verifier.key import VerifyingKey
from verifier.proof import ProofShape

REGISTERS = 9
"""Stack variables for values."""
DEPTH_LIMIT = 6
"""
Stack words of one expression. The EVM reaches 16: the registers, the modulus below them, a return
address above, and at most five words of an unfinished expression. The compiler refuses code that
reaches deeper.
"""
SHALLOW = 3
"""The same for an argument of a check, which stands on more."""
LEAVES = (CONSTANT, WORD)


def generate(key: VerifyingKey, name: str) -> str:
    """
    The verifier contract of a key.

    Parameters
    ----------
    key : its commitments, [tau]_2 and digest become constants of the code.
    name : of the contract.

    Returns
    -------
    Solidity source for a file in `contracts/src/generated`.
    """
    recording, shape, statement = (
        record(key),
        ProofShape.of(key.circuit, key.slots),
        len(key.circuit.statement),
    )
    sizes = (statement, shape, len(key.plan.rows), len(recording.constants))
    empty = Memory(0, *sizes)
    registers = assign(Emitter(recording, empty, {}).lives, REGISTERS)
    slots = Emitter(recording, empty, registers).slots
    memory = Memory(slots, *sizes)
    written = Emitter(recording, memory, registers)
    statements = Statements(written.lines, written.rules, written.right)
    return contract(key, name, shape, memory, recording, statements, REGISTERS)


def node_operands(action: Action) -> Iterable[Node]:
    """Nodes that an action reads."""
    if isinstance(action, RequireLess):
        return [side for side in (action.left, action.right) if isinstance(side, Node)]
    if isinstance(action, RequireNonzero):
        return [action.value]
    if isinstance(action, Invert):
        return action.value.operands
    if isinstance(action, Ratios):
        return [start for start, _ in action.runs]
    if isinstance(action, Indicators):
        return [action.scale]
    if isinstance(action, Sum):
        return [scalar for scalar, _ in action.terms]
    return []


def post_order(roots: Iterable[Node], done: set[int]) -> list[Node]:
    """Nodes below the roots that are not in `done`, operands first; marks them."""
    order: list[Node] = []
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif id(node) not in done:
            done.add(id(node))
            stack.append((node, True))
            stack += [(operand, False) for operand in reversed(node.operands)]
    return order


@dataclass(slots=True)
class Home:
    """
    Where a stored value is.

    number : of the value, in the order of definition; the same in both passes. text : a read of it.
        slot : its slot of
    memory, if it has one. start : see `Life`.
    """

    number: int
    text: Text
    slot: int | None
    start: int
    is_input: bool


class Emitter:
    """
    Writes the body of the assembly block: `lines`, of which the first `rules` are those before the
    transcript begins; `right` is the address of the right point of the equation.

    Parameters
    ----------
    registers : stack variables of values by their number; none in the first pass, which finds
        `lives` and `slots`.
    """

    def __init__(self, recording: Recording, memory: Memory, registers: Mapping[int, int]) -> None:
        self._memory, self._registers = memory, registers
        self.lines: list[str] = []
        self.rules, self.right = -1, 0
        self.lives: list[Life] = []
        self._allocator = SlotAllocator()
        self._done: set[int] = set()
        self._pending: dict[int, tuple[Text, list[int]]] = {}
        self._homes: dict[int, Home] = {}
        roots = [node for action in recording.actions for node in node_operands(action)]
        self._uses: Counter[int] = Counter(id(node) for node in roots)
        for node in post_order(roots, set()):
            self._uses.update(id(operand) for operand in node.operands)
        self._reads = Counter(self._uses)
        for action in recording.actions:
            self._action(action)

    @property
    def slots(self) -> int:
        """Words of memory for values."""
        return self._allocator.used

    # -- values
    def _home(self, node: Node, text: Text) -> None:
        """
        Give a value its place, and write the statement that puts it there; an input without
        variable stays put.
        """
        number, is_input = len(self.lives), node.kind == WORD
        self.lives.append(Life(0, 0, 0, is_input))
        start = 2 * len(self.lines) + (
            not is_input
        )  # an input is loaded before the statement that reads it
        home = Home(number, text, None, start, is_input)
        if number in self._registers:
            variable = register_name(self._registers[number])
            self.lines.append(f"{variable} := {text.code}")
            home.text = Text(variable, text.bound, 1)
        elif not is_input:
            home.slot = self._allocator.take()
            self.lines.append(f"mstore({WORD_BYTES * home.slot:#x}, {text.code})")
            home.text = load(WORD_BYTES * home.slot, text.bound)
        self._homes[id(node)] = home

    def _read(self, node: Node, reads: list[int]) -> Text:
        """Text of an operand; placed values that it reads are added to `reads`."""
        if id(node) in self._homes:
            reads.append(id(node))
            return self._homes[id(node)].text
        if node.kind in LEAVES:
            return self._build(node, reads)
        text, below = self._pending.pop(id(node))
        reads += below
        return text

    def _build(self, node: Node, reads: list[int]) -> Text:
        return build(node, lambda operand: self._read(operand, reads), self._memory.address)

    def _release(self, reads: list[int]) -> None:
        """
        The next statement has these readings: a place is free for its result after the last one.
        """
        for name in reads:
            self._uses[name] -= 1
            if self._uses[name] == 0:
                home = self._homes[name]
                self.lives[home.number] = Life(
                    home.start, 2 * len(self.lines) + 1, self._reads[name], home.is_input
                )
                if home.slot is not None:
                    self._allocator.give_back(home.slot)

    def _compute(self, node: Node) -> None:
        """Prepare a node for its readers: placed, or pending as text for the only one."""
        if node.kind in LEAVES:
            if node.kind == WORD and self._uses[id(node)] > 1:
                self._home(node, self._build(node, []))
            return
        reads: list[int] = []
        text = self._build(node, reads)
        if self._uses[id(node)] > 1 or text.depth > DEPTH_LIMIT:
            self._release(reads)
            self._home(node, text)
        else:
            self._pending[id(node)] = (text, reads)

    def _prepare(self, node: Node, limit: int) -> None:
        """
        Compute all that a node needs, and put it in a place if its own expression is deeper than
        `limit`.
        """
        for below in post_order([node], self._done):
            if below.kind in (CHALLENGE, INVERSE):
                raise ValueError(
                    f"generator: {below.kind} {below.payload} is used before it is drawn"
                )
            self._compute(below)
        if id(node) in self._pending and self._pending[id(node)][0].depth > limit:
            text, reads = self._pending.pop(id(node))
            self._release(reads)
            self._home(node, text)

    def _values(self, *nodes: Node, limit: int = SHALLOW) -> list[Text]:
        """Nodes for the one statement that is written next."""
        for node in nodes:
            self._prepare(node, limit)
        reads: list[int] = []
        texts = [self._read(node, reads) for node in nodes]
        self._release(reads)
        return texts

    # -- actions
    def _action(self, action: Action) -> None:
        if isinstance(action, RequireBelowOrder):
            self.lines.append(
                f"if iszero(lt(mload({self._memory.address(action.word):#x}), r)) "
                f"{{ bad({action.rule}) }}"
            )
        elif isinstance(action, RequireLess):
            self._require_less(action)
        elif isinstance(action, Absorb):
            self._absorb(action)
        elif isinstance(action, Squeeze):
            self.lines.append(f'state := squeeze(state, "{action.label}")')
            self._define(action.value, Text("mod(state, r)", R - 1, 2))
        elif isinstance(action, RequireNonzero):
            (value,) = self._values(action.value)
            self.lines.append(f"nonzero({canonical(value).code})")
        elif isinstance(action, Invert):
            (operand,) = self._values(*action.value.operands)
            self._define(
                action.value, Text(f"inverse({canonical(operand).code})", R - 1, operand.depth + 2)
            )
        elif isinstance(action, Ratios):
            self._ratios(action)
        elif isinstance(action, Indicators):
            (scale,) = self._values(action.scale)
            self.lines.append(f"indicators({scale.code})")
        elif isinstance(action, Sum):
            self._sum(action)
        elif isinstance(action, RequirePairing):
            self.right = self._memory.address(action.right.x)

    def _define(self, node: Node, text: Text) -> None:
        """A node that an action makes lives in a slot from here on."""
        self._done.add(id(node))
        if self._uses[id(node)]:
            self._home(node, text)

    def _require_less(self, action: RequireLess) -> None:
        sides = (action.left, action.right)
        texts = iter(self._values(*(side for side in sides if isinstance(side, Node))))
        left, right = (
            canonical(next(texts)).code
            if isinstance(side, Node)
            else f"mload({self._memory.address(side):#x})"
            for side in sides
        )
        self.lines.append(f"if iszero(lt({left}, {right})) {{ bad({action.rule}) }}")

    def _absorb(self, action: Absorb) -> None:
        area = self._memory.area(action.label)
        addresses = [self._memory.address(word) for word in action.words]
        if addresses != list(range(area.base, area.end, WORD_BYTES)):
            raise ValueError(f"generator: {action.label} absorbs other words than its area holds")
        if self.rules < 0:
            self.rules = len(self.lines)
        self.lines.append(
            f'state := absorb(state, {area.base - 96:#x}, "{action.label}", {area.words})'
        )

    def _ratios(self, action: Ratios) -> None:
        at = self._memory.rows
        self.lines.append(f"mstore({at:#x}, 1)")
        for start, count in action.runs:
            (first,) = self._values(start)
            self.lines += run_call(at, count, canonical(first).code)
            at += ROW_BYTES * count

    def _sum(self, action: Sum) -> None:
        self.lines += [
            f"mstore({self._memory.sum:#x}, 0)",
            f"mstore({self._memory.sum + 32:#x}, 0)",
        ]
        scalars = addresses(self._memory.scalars, WORD_BYTES)
        for scalar, point in action.terms:
            if isinstance(point, PointAt):
                self.lines.append(
                    f"mcopy({self._memory.factor:#x}, {self._memory.address(point.x):#x}, 64)"
                )
            (value,) = self._values(scalar, limit=DEPTH_LIMIT)
            if isinstance(point, PointAt):
                self.lines.append(f"add_product({value.code})")
            else:  # proofs of one key share these points: they are added at the end
                self.lines.append(f"mstore({next(scalars):#x}, {value.code})")
