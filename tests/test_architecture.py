"""
Imports run one way (docs/decisions/0001). Read from the source, so that imports inside functions
count as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.project import PACKAGES, ROOT

MAY_IMPORT: dict[str, frozenset[str]] = {
    "algebra": frozenset(),
    "history": frozenset({"algebra"}),
    "circuits": frozenset({"algebra", "history"}),
    "policies": frozenset({"algebra", "history"}),
    "attestor": frozenset({"algebra", "history", "policies"}),
    "verifier": frozenset({"algebra", "history", "circuits", "policies"}),
    "prover": frozenset({"algebra", "history", "circuits", "policies", "verifier"}),
    "contracts": frozenset({"algebra", "history", "circuits", "policies", "verifier"}),
    "service": frozenset(
        {
            "algebra",
            "history",
            "circuits",
            "policies",
            "verifier",
            "attestor.quorum",
            "attestor.grant_consent_file",
            "attestor.root_file",
            "contracts.client",
        }
    ),
    "desk": frozenset(
        {
            "algebra",
            "history",
            "policies",
            "attestor.ledger",
            "attestor.margin",
            "attestor.venues",
            "contracts.client",
        }
    ),
    "scale": frozenset({"algebra", "history", "policies", "attestor", "prover"}),
    "tierproof": frozenset(
        {
            "algebra",
            "history",
            "circuits",
            "policies",
            "attestor",
            "verifier",
            "prover",
            "contracts",
            "service",
            "desk",
        }
    ),
}
"""What each package may import of ours, besides itself; a dotted name admits that part alone."""

NOT_BUILT_YET = frozenset({"desk", "scale"})
"""Rooms whose rules stand before they do."""

BACKENDS = frozenset({"algebra.native_backend", "algebra.reference", "algebra._native"})
MAY_CHOOSE_BACKEND = frozenset({"algebra", "tierproof"})
"""A backend is passed in as an argument; only the public face picks one."""

FROM_A_TABLE = frozenset({"tierproof.api"})
"""
What it imports by name stands in its table, and again in its imports for type checkers; a test
keeps the two one list (tests/tierproof/test_light.py).
"""

ONLY_IN: dict[str, tuple[str, ...]] = {
    "Crypto": ("algebra",),
    "argon2": ("prover",),
    "alembic": ("service",),
    "cryptography": ("prover", "service"),
    "eth": ("contracts",),
    "eth_abi": ("contracts",),
    "eth_account": ("attestor", "contracts", "tierproof"),
    "eth_hash": (),
    "eth_keys": (),
    "eth_tester": ("contracts",),
    "fastapi": ("service",),
    "eth_utils": ("contracts",),
    "galois": ("algebra",),
    "matplotlib": ("tierproof",),
    "httpcore": ("service",),
    "httpx": ("service", "tierproof"),
    "limits": ("service",),
    "opentelemetry": ("service",),
    "prometheus_client": ("service",),
    "psycopg": ("service",),
    "py_ecc": ("algebra",),
    "pydantic_settings": ("service",),
    "ray": ("scale",),
    "sklearn": ("desk",),
    "sknetwork": ("desk",),
    "requests": ("contracts",),
    "sqlalchemy": ("service", "desk"),
    "starlette": ("service",),
    "structlog": ("service",),
    "uvicorn": ("tierproof", "service"),
    "web3": ("contracts",),
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
        elif isinstance(node, ast.Call) and getattr(
            node.func, "attr", getattr(node.func, "id", "")
        ) in (
            "import_module",
            "__import__",
        ):
            first = node.args[0] if node.args else None
            yield node.lineno, str(first.value) if isinstance(first, ast.Constant) else "<computed>"


def within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def admitted(name: str, package: str) -> bool:
    """Whether `package` may import `name`, a dotted name of ours or of anybody's."""
    top = name.split(".")[0]
    if top in ("tests", "benchmarks"):
        return False
    if top not in MAY_IMPORT or top == package:
        return True
    # `from attestor import quorum` is read as both `attestor` and `attestor.quorum`: the longer
    # decides
    return any(within(name, part) or within(part, name) for part in MAY_IMPORT[package])


def violations(root: Path) -> list[str]:
    """Every import that breaks a rule, as `file:line: what`."""
    out: set[str] = set()
    for package in MAY_IMPORT:
        for path in sorted((root / package).rglob("*.py")):
            if "node_modules" in path.parts:
                continue
            module = module_name(path, root)
            for line, name in imported(path, module):
                where = f"{path.relative_to(root)}:{line}"
                top = name.split(".")[0]
                if name == "<computed>" and module not in FROM_A_TABLE:
                    out.add(f"{where}: an import that cannot be read")
                if not admitted(name, package):
                    out.add(f"{where}: {package} may not import {name}")
                if (
                    any(within(name, backend) for backend in BACKENDS)
                    and package not in MAY_CHOOSE_BACKEND
                ):
                    out.add(f"{where}: {package} may not choose a backend ({name})")
                if top in ONLY_IN and not any(within(module, place) for place in ONLY_IN[top]):
                    out.add(f"{where}: {top} belongs in {', '.join(ONLY_IN[top])}")
    return sorted(out)


def test_imports_run_one_way() -> None:
    assert violations(ROOT) == []


def test_the_walk_sees_the_packages() -> None:
    assert set(PACKAGES) == set(MAY_IMPORT) - NOT_BUILT_YET
    for package in PACKAGES:
        assert (ROOT / package / "__init__.py").is_file()
    prover = (ROOT / "prover").rglob("*.py")
    seen = {name for path in prover for _, name in imported(path, module_name(path, ROOT))}
    assert "algebra.errors" in seen


def test_arrows_run_down() -> None:
    """The rules themselves have no circle."""
    floor: dict[str, int] = {}
    while len(floor) < len(MAY_IMPORT):
        ready = [
            package
            for package, allowed in MAY_IMPORT.items()
            if package not in floor and {part.split(".")[0] for part in allowed} <= set(floor)
        ]
        assert ready, sorted(set(MAY_IMPORT) - set(floor))
        floor |= dict.fromkeys(ready, len(floor))


FORBIDDEN = [
    (package, other)
    for package, allowed in MAY_IMPORT.items()
    for other in MAY_IMPORT
    if other != package and other not in allowed
]


def found_in(root: Path, file: str, text: str) -> list[str]:
    path = root / file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return violations(root)


@pytest.mark.parametrize(("package", "other"), FORBIDDEN)
def test_each_forbidden_arrow_fails(tmp_path: Path, package: str, other: str) -> None:
    for number, text in enumerate(
        (
            f"from {other}.any import thing",
            f"import {other}.any",
            f"def f():\n    from {other} import any",
        )
    ):
        found = found_in(tmp_path / str(number), f"{package}/inner/a.py", text)
        assert any(f"{package} may not import {other}.any" in line for line in found), found


@pytest.mark.parametrize(
    ("library", "package"),
    [
        (library, package)
        for library, places in ONLY_IN.items()
        for package in MAY_IMPORT
        if package not in places
    ],
)
def test_each_library_stays_in_its_room(tmp_path: Path, library: str, package: str) -> None:
    found = found_in(tmp_path, f"{package}/a.py", f"def f():\n    import {library}.part")
    assert any(f"{library} belongs in" in line for line in found), found


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (
            "prover/a.py",
            "from algebra.native_backend import native",
            "prover may not choose a backend",
        ),
        ("prover/a.py", "from algebra import reference", "prover may not choose a backend"),
        ("service/api/a.py", "from ...prover import keys", "service may not import prover"),
        (
            "service/a.py",
            "from attestor.venues import sample",
            "service may not import attestor.venues",
        ),
        (
            "desk/a.py",
            "from contracts.build import artifact",
            "desk may not import contracts.build",
        ),
        (
            "circuits/a.py",
            "import importlib\nimportlib.import_module('prover')",
            "circuits may not import prover",
        ),
        ("circuits/a.py", "__import__('pro' + 'ver')", "cannot be read"),
        ("circuits/a.py", "import tests.helpers", "circuits may not import tests"),
        ("circuits/a.py", "from . import record\nfrom algebra.errors import Refused", None),
        (
            "service/a.py",
            "from attestor.quorum import verify_quorum\nfrom attestor import quorum",
            None,
        ),
        ("tierproof/a.py", "import prover, service.api.app, contracts.client.registry", None),
    ],
)
def test_other_ways_to_import(tmp_path: Path, file: str, text: str, expected: str | None) -> None:
    found = found_in(tmp_path, file, text)
    assert (found == []) if expected is None else any(expected in line for line in found), found


def test_a_version_of_the_statement_is_read_through_versions_alone() -> None:
    """Another version is a folder and a line in `circuits.versions`, not an edit elsewhere."""
    may = ("circuits.credential.", "circuits.versions", "prover.witness.", "prover.credential")
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in path.parts
        for _, name in imported(path, module_name(path, ROOT))
        if within(name, "circuits.credential") and not module_name(path, ROOT).startswith(may)
    ]
    assert found == []
