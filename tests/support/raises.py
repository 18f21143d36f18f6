"""
Every error that the product can raise, read from its source: class, code, place.

A code is a text, a constant of its module, or a formatted text. What a function is handed as its
`code` was a text where it was handed over, so those texts are read as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from algebra.codes import KINDS

CLASSES = {
    "Malformed": {"malformed"},
    "Rejected": {"rejected"},
    "Refused": {"refused", "unknown", "usage"},
    "Unavailable": {"unavailable"},
    "TierNotMet": {"refused"},
}
"""Which kinds of codes a class may carry."""
CALLS = {**CLASSES, "known": set(KINDS), "Problem": set(KINDS)}
HANDED_ON = {"code", "self._code", "absent", "_OUTPUT"}
"""Names that hold a code which was a text elsewhere; `error.code` is one of an error of ours."""
_CODE = re.compile(rf"({'|'.join(kind for kind in KINDS if kind != 'http')})(\.[A-Za-z0-9_]+)+")


@dataclass(frozen=True)
class Raise:
    """
    Attributes
    ----------
    where : `file:line`
    called : name of the class or function
    code : text, or a regular expression if `open`
    open : whether parts of the code are computed
    """

    where: str
    called: str
    code: str
    open: bool = False


def raises(path: Path, where: str) -> Iterator[Raise]:
    """Every call in a file that makes an error; ValueError for a code that cannot be read."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = dict(_constants(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if called not in CALLS or not node.args:
            continue
        given = node.args[1] if called == "Problem" else node.args[0]
        line = f"{where}:{node.lineno}"
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            yield Raise(line, called, given.value)
        elif isinstance(given, ast.Name) and given.id in constants:
            yield Raise(line, called, constants[given.id])
        elif isinstance(given, ast.JoinedStr):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[A-Za-z0-9_]+"
                for part in given.values
            ]
            yield Raise(line, called, "".join(parts), open=True)
        elif ast.unparse(given) not in HANDED_ON and not ast.unparse(given).endswith(".code"):
            raise ValueError(f"{line}: the code of this {called} cannot be read")


def texts(path: Path) -> set[str]:
    """Every text of a file besides the docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documentation
    }


def codes(path: Path) -> set[str]:
    """Texts of a file that look like codes."""
    return {text for text in texts(path) if _CODE.fullmatch(text)}


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.targets[0].id, node.value.value
