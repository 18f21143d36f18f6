"""
What a pure Solidity function computes, as integers: read off the compiler's own tree of its text.

A call becomes terms of z3 over whole numbers, and *duties*: conditions under which the text means
the same to the EVM as it does to integers. A sum, difference or product stays in its type (where it
is checked it would revert, where it is unchecked it would wrap), a conversion keeps its number, a
divisor is not zero. Whoever proves something of the terms proves the duties first.

Loops and storage are beyond it, and it says so. Functions may be replaced by summaries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import z3

from tests.analysis.values import Duty, Node, Struct, bounds, constant, merged, trees, unknown

UNITS = {None: 1, "seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
DIVIDED = "divided"
"""The function that stands for a quotient by a number that is not known."""


@dataclass
class _State:
    """Local variables by declaration; structs are copied along with them."""

    path: z3.BoolRef
    local: dict[int, Any]

    def fork(self, condition: z3.BoolRef) -> _State:
        copies: dict[int, Struct] = {}

        def moved(value: Any) -> Any:
            if isinstance(value, Struct):
                return copies.setdefault(id(value), value.copy())
            return value

        local = {name: moved(value) for name, value in self.local.items()}
        return _State(z3.And(self.path, condition), local)


@dataclass
class _Run:
    """One call: how it can return."""

    returns: list[tuple[_State, list[Any]]] = field(default_factory=list)


class Program:
    """Functions of some sources."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.nodes: dict[int, Node] = {}
        self.functions: dict[str, Node] = {}
        self.structs: dict[str, Node] = {}
        self.duties: list[Duty] = []
        self.quotients: list[tuple[Any, Any, Any]] = []
        self.summaries: dict[str, Callable[..., list[Any]]] = {}
        for tree in trees(sources):
            self._index(tree, "")

    def _index(self, node: Any, owner: str) -> None:
        if isinstance(node, list):
            for each in node:
                self._index(each, owner)
        if not isinstance(node, dict):
            return
        if "id" in node and "nodeType" in node:
            self.nodes[node["id"]] = node
            if node["nodeType"] == "ContractDefinition":
                owner = node["name"]
            elif node["nodeType"] == "FunctionDefinition":
                self.functions[f"{owner}.{node['name']}"] = {**node, "owner": owner}
            elif node["nodeType"] == "StructDefinition":
                self.structs[node["name"]] = node
        for value in node.values():
            if isinstance(value, dict | list):
                self._index(value, owner)

    # -- values ------------------------------------------------------------------------------------
    def any_struct(self, name: str, prefix: str) -> Struct:
        """A struct of unknown fields, called `prefix.field`."""
        members = self.structs[name]["members"]
        return Struct(
            {
                each["name"]: unknown(
                    each["typeDescriptions"]["typeString"], f"{prefix}.{each['name']}"
                )
                for each in members
            }
        )

    def within(self, name: str, value: Struct) -> z3.BoolRef:
        """Each number of a struct is of its field's type."""
        limits = []
        for each in self.structs[name]["members"]:
            kind, number = each["typeDescriptions"]["typeString"], value.fields[each["name"]]
            if kind != "bool":
                least, most = bounds(kind)
                limits.append(z3.And(number >= least, number <= most))
        return z3.And(limits)

    # -- calls -------------------------------------------------------------------------------------
    def call(self, name: str, *arguments: Any, path: Any = True) -> Any:
        """
        What a function returns for these arguments, one term or a list of them; structs that it
        writes are written. `duties` grows.

        Parameters
        ----------
        name : `Library.function`
        path : under which it is called
        """
        values = self._call(
            self.functions[name], list(arguments), z3.BoolVal(True) if path is True else path
        )
        return values[0] if len(values) == 1 else values

    def _call(self, function: Node, arguments: list[Any], path: z3.BoolRef) -> list[Any]:
        name = f"{function['owner']}.{function['name']}"
        if name in self.summaries:
            return self.summaries[name](path, *arguments)
        given = function["parameters"]["parameters"]
        returned = function["returnParameters"]["parameters"]
        state = _State(path, {})
        for declared, value in zip(given, arguments, strict=True):
            state.local[declared["id"]] = value
        for declared in returned:
            state.local[declared["id"]] = False if _kind(declared) == "bool" else 0
        run = _Run()
        ended = self._block(function["body"], state, run)
        if ended is not None:
            run.returns.append((ended, [ended.local[each["id"]] for each in returned]))
        for declared, value in zip(given, arguments, strict=True):
            if isinstance(value, Struct):
                self._write_back(value, [(s.path, s.local[declared["id"]]) for s, _ in run.returns])
        return [
            merged([(state.path, values[i]) for state, values in run.returns])
            for i in range(len(returned))
        ]

    @staticmethod
    def _write_back(value: Struct, ways: list[tuple[z3.BoolRef, Struct]]) -> None:
        for name in value.fields:
            value.fields[name] = merged([(path, each.fields[name]) for path, each in ways])

    # -- statements --------------------------------------------------------------------------------
    def _block(self, block: Node, state: _State, run: _Run) -> _State | None:
        if block["nodeType"] not in ("Block", "UncheckedBlock"):
            return self._statement(block, state, run)
        now: _State | None = state
        for statement in block["statements"]:
            if now is None:
                break
            now = self._statement(statement, now, run)
        return now

    def _statement(self, node: Node, state: _State, run: _Run) -> _State | None:
        kind = node["nodeType"]
        if kind in ("Block", "UncheckedBlock"):
            return self._block(node, state, run)
        if kind == "IfStatement":
            return self._if(node, state, run)
        if kind == "Return":
            given = node.get("expression")
            run.returns.append((state, self._values(given, state) if given else []))
            return None
        if kind == "RevertStatement":
            return None
        if kind == "ExpressionStatement":
            self._values(node["expression"], state)
            return state
        if kind == "VariableDeclarationStatement":
            values = self._values(node["initialValue"], state)
            for declared, value in zip(node["declarations"], values, strict=True):
                if declared is not None:
                    state.local[declared["id"]] = value
            return state
        raise NotImplementedError(kind)

    def _if(self, node: Node, state: _State, run: _Run) -> _State | None:
        condition = self._value(node["condition"], state)
        yes, no = state.fork(condition), state.fork(z3.Not(condition))
        ways = [self._block(node["trueBody"], yes, run)]
        ways.append(self._block(node["falseBody"], no, run) if node.get("falseBody") else no)
        left = [way for way in ways if way is not None]
        if len(left) < 2:
            return left[0] if left else None
        joined = _State(z3.Or([way.path for way in left]), dict(left[0].local))
        structs: dict[int, Struct] = {}
        for name in left[0].local:
            values = [way.local.get(name) for way in left]
            if isinstance(values[0], Struct):
                one = structs.setdefault(id(values[0]), values[0].copy())
                self._write_back(one, [(way.path, way.local[name]) for way in left])
                joined.local[name] = one
            elif values[1] is not None:
                joined.local[name] = merged([(way.path, way.local[name]) for way in left])
        return joined

    # -- expressions -------------------------------------------------------------------------------
    def _value(self, node: Node, state: _State) -> Any:
        (value,) = self._values(node, state)
        return value

    def _values(self, node: Node, state: _State) -> list[Any]:
        return getattr(self, f"_{node['nodeType']}", self._unread)(node, state)

    def _unread(self, node: Node, state: _State) -> list[Any]:
        raise NotImplementedError(node["nodeType"])

    def _Literal(self, node: Node, state: _State) -> list[Any]:
        if node["kind"] == "bool":
            return [node["value"] == "true"]
        return [int(node["value"].replace("_", ""), 0) * UNITS[node.get("subdenomination")]]

    def _Identifier(self, node: Node, state: _State) -> list[Any]:
        name = node["referencedDeclaration"]
        if name in state.local:
            return [state.local[name]]
        return self._values(self.nodes[name]["value"], state)  # a constant

    def _TupleExpression(self, node: Node, state: _State) -> list[Any]:
        return [self._value(each, state) for each in node["components"]]

    def _MemberAccess(self, node: Node, state: _State) -> list[Any]:
        inner = node["expression"]
        if _kind(inner).startswith("type("):
            limits = re.match(r"type\(((?:u?int\d+)?)\)|type\(enum (.*)\)", _kind(inner))
            if node["memberName"] in ("max", "min") and limits and limits[1]:
                return [bounds(limits[1])[node["memberName"] == "max"]]
            declared = self.nodes[node["referencedDeclaration"]]
            if declared["nodeType"] == "EnumValue":
                return [self._number(declared)]
            return self._values(declared["value"], state)
        return [self._value(inner, state).fields[node["memberName"]]]

    def _number(self, member: Node) -> int:
        for node in self.nodes.values():
            if node["nodeType"] == "EnumDefinition" and member["id"] in [
                m["id"] for m in node["members"]
            ]:
                return [each["id"] for each in node["members"]].index(member["id"])
        raise NotImplementedError(member["name"])

    def _Conditional(self, node: Node, state: _State) -> list[Any]:
        condition = self._value(node["condition"], state)
        ways = []
        for part, holds in (("trueExpression", condition), ("falseExpression", z3.Not(condition))):
            path = z3.And(state.path, holds)
            ways.append((path, self._values(node[part], _State(path, state.local))))
        return [merged([(p, v[i]) for p, v in ways]) for i in range(len(ways[0][1]))]

    def _UnaryOperation(self, node: Node, state: _State) -> list[Any]:
        if node["operator"] == "!":
            return [z3.Not(self._value(node["subExpression"], state))]
        if node["operator"] == "-":
            return [-self._value(node["subExpression"], state)]
        raise NotImplementedError(node["operator"])

    def _BinaryOperation(self, node: Node, state: _State) -> list[Any]:
        operator = node["operator"]
        left = self._value(node["leftExpression"], state)
        if operator in ("&&", "||"):
            holds = left if operator == "&&" else z3.Not(left)
            rest = _State(z3.And(state.path, holds), state.local)
            right = self._value(node["rightExpression"], rest)
            return [z3.And(left, right) if operator == "&&" else z3.Or(left, right)]
        right = self._value(node["rightExpression"], state)
        if operator in _COMPARED:
            return [_COMPARED[operator](left, right)]
        if operator == "/":
            self._owe(state, right != 0, node)
            return [self._quotient(left, right)]
        if operator == ">>":
            return [left // 2**right if constant(left) else left / 2**right]
        if operator == "<<":
            value = left * 2**right
        elif operator == "|":  # of parts that do not overlap
            low, high = (left, right) if _shifted(node["rightExpression"]) else (right, left)
            shift = _shifted(node["rightExpression"]) or _shifted(node["leftExpression"])
            if shift is None:
                raise NotImplementedError("| of what is not shifted")
            self._owe(state, z3.And(low >= 0, low < 2**shift), node)
            value = low + high
        else:
            value = _SUMS[operator](left, right)
        self._keep(state, value, node)
        return [value]

    def _quotient(self, left: Any, right: Any) -> Any:
        """By a number that is not known it is a term of its own, of which `quotients` tells."""
        if constant(left, right):
            return left // right
        if constant(right):
            return left / right
        value = _DIVIDED(left, right)
        self.quotients.append((value, left, right))
        return value

    def _Assignment(self, node: Node, state: _State) -> list[Any]:
        if node["operator"] != "=":
            raise NotImplementedError(node["operator"])
        values = self._values(node["rightHandSide"], state)
        target = node["leftHandSide"]
        targets = target["components"] if target["nodeType"] == "TupleExpression" else [target]
        for each, value in zip(targets, values, strict=True):
            if each is None:
                continue
            if each["nodeType"] == "Identifier":
                state.local[each["referencedDeclaration"]] = value
            else:
                self._value(each["expression"], state).fields[each["memberName"]] = value
        return values

    def _FunctionCall(self, node: Node, state: _State) -> list[Any]:
        called, arguments = node["expression"], node["arguments"]
        values = [self._value(each, state) for each in arguments]
        if node["kind"] == "typeConversion":
            self._keep(state, values[0], node)
            return values
        if node["kind"] == "structConstructorCall":
            members = self.nodes[called["referencedDeclaration"]]["members"]
            names = [each["name"] for each in members]
            return [Struct(dict(zip(names, values, strict=True)))]
        function = self.nodes[called["referencedDeclaration"]]
        if called["nodeType"] == "MemberAccess" and called["memberName"] in ("min", "max"):
            first, second = values  # OpenZeppelin's Math, which is written without branches
            lower = z3.If(first < second, first, second)
            return [
                lower if called["memberName"] == "min" else z3.If(first > second, first, second)
            ]
        owner = next(o for o in self.functions.values() if o["id"] == function["id"])
        return self._call(owner, values, state.path)

    # -- duties ------------------------------------------------------------------------------------
    def _keep(self, state: _State, value: Any, node: Node) -> None:
        kind = _kind(node)
        if kind.startswith(("int_const", "enum", "address")):
            return
        least, most = bounds(kind)
        self._owe(state, z3.And(value >= least, value <= most), node)

    def _owe(self, state: _State, holds: Any, node: Node) -> None:
        if holds is not True:
            self.duties.append(Duty(state.path, holds, node["src"]))


def _kind(node: Node) -> str:
    return str(node["typeDescriptions"]["typeString"])


def _shifted(node: Node) -> int | None:
    while node["nodeType"] == "TupleExpression":
        (node,) = node["components"]
    if node["nodeType"] == "BinaryOperation" and node["operator"] == "<<":
        return int(node["rightExpression"]["value"])
    return None


_DIVIDED = z3.Function(DIVIDED, z3.IntSort(), z3.IntSort(), z3.IntSort())
_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_SUMS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}
