"""
Python verifiers with a check taken out.

`checks` lists, from the source itself, every check that the verifier makes: each condition that leads to a `raise` (every
part of an `or` and every bound of a range by itself), each `except` that turns an error into ours, each call of a
`require` of a loader. A mutant is the source with some of these replaced; `flawed` runs it in modules of its own.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from algebra.errors import TierproofError

ROOT = Path(__file__).resolve().parent.parent.parent.parent
VERIFIER = "verifier"
MODULES = ("proof", "key", "loader", "algorithm", "statement", "verify", "batch")
DERIVE = "circuits.credential"
"""Its `derive` holds the rules of the credential's statement; the rest of that module is the prover's."""


@dataclass(frozen=True)
class Edit:
    """`old` at `start` of a module's source becomes `new`."""

    id: str
    module: str
    start: int
    old: str
    new: str


def source(module: str) -> str:
    return (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")


def edit(identity: str, module: str, old: str, new: str) -> Edit:
    """A change of a text that occurs once; ValueError when the source has moved on."""
    text = source(module)
    if text.count(old) != 1:
        raise ValueError(f"mutant {identity}: {text.count(old)} places in {module} read {old!r}")
    return Edit(identity, module, text.index(old), old, new)


# -- every check of the source ----------------------------------------------------------------------------------------
@cache
def checks() -> tuple[Edit, ...]:
    """All checks of the Python verifier, in the order of the source."""
    found = [check for name in MODULES for check in module_checks(f"{VERIFIER}.{name}")]
    found += [check for check in module_checks(DERIVE) if check.id.startswith(f"{DERIVE}.derive:")]
    twice = {check.id for check in found if sum(other.id == check.id for other in found) > 1}
    if twice:
        raise ValueError(f"checks that cannot be told apart: {sorted(twice)}")
    return tuple(found)


def module_checks(module: str) -> Iterator[Edit]:
    text = source(module)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    raw = text.encode()

    def replaced(node: ast.AST, scope: str, new: str, name: str = "") -> Edit:
        start = starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        old = raw[start:end].decode()
        return Edit(f"{module}.{scope}: {name or ' '.join(old.split())}", module, len(raw[:start].decode()), old, new)

    def walk(node: ast.AST, scope: str) -> Iterator[Edit]:
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = f"{scope}.{child.name}" if scope else child.name
            elif isinstance(child, ast.If) and any(isinstance(s, ast.Raise) for s in child.body):
                for part, new in conditions(child.test):
                    yield replaced(part, scope, new)
            elif isinstance(child, ast.ExceptHandler):
                for statement in child.body:
                    if isinstance(statement, ast.Raise) and statement.exc:
                        yield replaced(statement, scope, "raise", f"except {ast.unparse(child.type or ast.Name('all'))}")
            elif isinstance(child, ast.Expr) and isinstance(child.value, ast.Call):
                called = child.value.func
                if isinstance(called, ast.Attribute) and called.attr.startswith("require_"):
                    what = child.value.args[-1]
                    name = ast.unparse(what) if isinstance(what, ast.Constant | ast.JoinedStr) else ""
                    yield replaced(child, scope, "pass", f"{called.attr} {name}".strip())
            yield from walk(child, inner)

    yield from walk(ast.parse(text), "")


def conditions(test: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """The parts of a condition that lead to a raise by themselves, with what each becomes when it is taken out."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        for value in test.values:
            yield from conditions(value)
    elif isinstance(test, ast.Call) and ast.unparse(test.func) == "any" and isinstance(test.args[0], ast.GeneratorExp):
        yield from conditions(test.args[0].elt)
    elif (
        isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        and isinstance(test.operand, ast.Compare) and len(test.operand.ops) == 2
    ):  # fmt: skip
        low, middle, high = test.operand.left, *test.operand.comparators
        below, above = ("<=" if isinstance(op, ast.LtE) else "<" for op in test.operand.ops)
        yield test, f"not {ast.unparse(middle)} {above} {ast.unparse(high)}"
        yield test.operand, f"{ast.unparse(low)} {below} {ast.unparse(middle)}"
    else:
        yield test, "False"


# -- flawed verifiers ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Verifier:
    """The modules of one verifier; `derive` in place of the circuit's own if the mutant is there."""

    modules: dict[str, ModuleType]
    derive: Any = None

    def __getattr__(self, name: str) -> ModuleType:
        return self.modules[name]


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports some modules from the given text."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return importlib.machinery.ModuleSpec(name, self) if name in self.texts else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.texts[module.__name__], f"<mutant of {module.__name__}>", "exec"), module.__dict__)


def texts_of(edits: Sequence[Edit]) -> dict[str, str]:
    """Changed sources by module."""
    out: dict[str, str] = {}
    for change in sorted(edits, key=lambda e: -e.start):
        text = out.get(change.module, source(change.module))
        if text[change.start : change.start + len(change.old)] != change.old:
            raise ValueError(f"mutant {change.id}: another change has moved its place")
        out[change.module] = text[: change.start] + change.new + text[change.start + len(change.old) :]
    return out


def flawed(*edits: Edit) -> Verifier:
    """The verifier with these changes, apart from the true one."""
    texts = texts_of(edits)
    names = [f"{VERIFIER}.{name}" for name in MODULES]
    kept = {name: module for name, module in sys.modules.items() if name == DERIVE or name.startswith(f"{VERIFIER}.")}
    finder = _Finder(texts)
    for name in kept:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        modules = {name: importlib.import_module(name) for name in names}
        derive = importlib.import_module(DERIVE).derive if DERIVE in texts else None
    finally:
        sys.meta_path.remove(finder)
        for name in [*names, DERIVE, f"{VERIFIER}.plan", f"{VERIFIER}.formula"]:
            sys.modules.pop(name, None)
        sys.modules.update(kept)
        for name, module in kept.items():  # a package also holds its modules as attributes
            package, _, attribute = name.rpartition(".")
            setattr(sys.modules[package], attribute, module)
    return Verifier({name.removeprefix(f"{VERIFIER}."): module for name, module in modules.items()}, derive)


@cache
def sound() -> Verifier:
    """The true one."""
    return Verifier({name: importlib.import_module(f"{VERIFIER}.{name}") for name in MODULES})


Attempt = Callable[[Verifier], None]
"""Hands a forgery to a verifier; returns if it is accepted."""


def outcome(attempt: Attempt, verifier: Verifier) -> str:
    """`accepted`, the code of the error, or `crash` and the name of an exception that is not ours."""
    try:
        attempt(verifier)
    except TierproofError as error:
        return error.code
    except Exception as error:  # what a sound verifier never lets out
        return f"crash {type(error).__name__}"
    return "accepted"
