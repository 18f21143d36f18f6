"""Imports run one way (docs/decisions/0001). Read from the source, so that imports inside functions count as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

MAY_IMPORT: dict[str, frozenset[str]] = {
    "algebra": frozenset(),
    "circuits": frozenset({"algebra"}),
    "attestor": frozenset({"algebra", "circuits"}),
    "verifier": frozenset({"algebra", "circuits"}),
    "prover": frozenset({"algebra", "circuits", "verifier"}),
    "contracts": frozenset({"algebra", "circuits", "verifier"}),
    "tierproof": frozenset({"algebra", "circuits", "attestor", "verifier", "prover", "contracts"}),
}
"""What each package may import of ours, besides itself."""

BACKENDS = frozenset({"algebra.native_backend", "algebra.reference", "algebra._native"})
MAY_CHOOSE_BACKEND = frozenset({"algebra", "tierproof"})
"""A backend is passed in as an argument; only the public face picks one."""

ONLY_IN: dict[str, tuple[str, ...]] = {
    "fastapi": ("verifier.service",),
    "starlette": ("verifier.service",),
    "sqlalchemy": ("verifier.service",),
    "uvicorn": ("tierproof",),
    "matplotlib": ("tierproof",),
    "web3": ("contracts",),
    "eth_tester": ("contracts",),
    "py_ecc": ("algebra",),
    "galois": ("algebra",),
    "argon2": ("prover",),
}
"""Where a library may be used at all."""


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, module: str) -> Iterator[tuple[int, str]]:
    """Line and absolute name of everything that a file imports, relative imports resolved."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield node.lineno, name
            yield from ((node.lineno, f"{name}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            first = node.args[0] if node.args else None
            yield node.lineno, str(first.value) if isinstance(first, ast.Constant) else "<computed>"


def within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def violations(root: Path) -> list[str]:
    """Every import that breaks a rule, as `file:line: what`."""
    out: set[str] = set()
    for package, allowed in MAY_IMPORT.items():
        for path in sorted((root / package).rglob("*.py")):
            if "node_modules" in path.parts:
                continue
            module = module_name(path, root)
            for line, name in imported(path, module):
                where = f"{path.relative_to(root)}:{line}"
                top = name.split(".")[0]
                if name == "<computed>":
                    out.add(f"{where}: an import that cannot be read")
                if top in ("tests", "benchmarks") or (top in MAY_IMPORT and top != package and top not in allowed):
                    out.add(f"{where}: {package} may not import {top}")
                if any(within(name, backend) for backend in BACKENDS) and package not in MAY_CHOOSE_BACKEND:
                    out.add(f"{where}: {package} may not choose a backend ({name})")
                if top in ONLY_IN and not any(within(module, place) for place in ONLY_IN[top]):
                    out.add(f"{where}: {top} belongs in {', '.join(ONLY_IN[top])}")
                if (
                    within(name, "verifier.service")
                    and package == "verifier"
                    and not within(module, "verifier.service")
                ):
                    out.add(f"{where}: the verifier may not import its service")
    return sorted(out)


def test_imports_run_one_way() -> None:
    assert violations(ROOT) == []


def test_the_walk_sees_the_packages() -> None:
    for package in MAY_IMPORT:
        assert (ROOT / package / "__init__.py").is_file()
    seen = {name for path in (ROOT / "prover").rglob("*.py") for _, name in imported(path, module_name(path, ROOT))}
    assert "algebra.errors" in seen


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("algebra/a.py", "import circuits.circuit", "algebra may not import circuits"),
        ("circuits/a.py", "from verifier.key import VerifyingKey", "circuits may not import verifier"),
        ("verifier/a.py", "def f():\n    from prover import prove", "verifier may not import prover"),
        ("verifier/a.py", "from attestor.quorum import check", "verifier may not import attestor"),
        ("attestor/a.py", "import prover", "attestor may not import prover"),
        ("prover/a.py", "from algebra.native_backend import native", "prover may not choose a backend"),
        ("prover/a.py", "from algebra import reference", "prover may not choose a backend"),
        ("contracts/a.py", "from prover.keys import ProvingKey", "contracts may not import prover"),
        ("contracts/a.py", "import tierproof", "contracts may not import tierproof"),
        ("verifier/a.py", "from .service import app", "may not import its service"),
        ("verifier/service/a.py", "from ...prover import keys", "verifier may not import prover"),
        ("verifier/a.py", "import sqlalchemy", "sqlalchemy belongs in verifier.service"),
        ("circuits/a.py", "import importlib\nimportlib.import_module('prover')", "circuits may not import prover"),
        ("circuits/a.py", "__import__('pro' + 'ver')", "cannot be read"),
        ("circuits/a.py", "import tests.helpers", "circuits may not import tests"),
        ("circuits/a.py", "from . import record\nfrom algebra.errors import Refused", None),
        ("tierproof/a.py", "import prover, verifier.service.app, contracts.client", None),
    ],
)
def test_each_rule_bites(tmp_path: Path, file: str, text: str, expected: str | None) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    found = violations(tmp_path)
    assert (found == []) if expected is None else any(expected in line for line in found), found
