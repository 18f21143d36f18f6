"""
Every public name has a docstring (`make lint`: ruff's D rules). The classes that implement a
documented interface method by method do not repeat its text: their files are excused from D102, and
here each of their methods is looked up on the interface instead.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import FunctionType
from typing import Any

from support.project import PACKAGES, ROOT

from algebra.interface import Algebra
from algebra.native_backend import NativeAlgebra
from algebra.reference import ReferenceAlgebra
from circuits.language.circuit import Loader as StatementLoader
from contracts.generator.recorder import RecordingLoader
from verifier.algorithm import Loader
from verifier.loader import IntegerLoader, ProofLoader, StatementReader

LINT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
ENFORCED = {"D100", "D101", "D102", "D103", "D104", "D419"}

INTERFACES: dict[type, type] = {
    NativeAlgebra: Algebra,
    ReferenceAlgebra: Algebra,
    StatementReader: StatementLoader,
    ProofLoader: Loader,
    IntegerLoader: Loader,
    RecordingLoader: Loader,
}
"""What each class implements whose methods may have their text there."""


def documented(member: object) -> bool:
    return bool((member.__doc__ or "").strip())


def methods(cls: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties that a class defines itself."""
    kinds = (FunctionType, property, cached_property, classmethod, staticmethod)
    for name, member in vars(cls).items():
        if not name.startswith("_") and isinstance(member, kinds):
            yield name, member


def undocumented(classes: Sequence[type], interfaces: Mapping[type, type]) -> list[str]:
    """Methods without a docstring, neither of their own nor on what their class implements."""
    return [
        f"{cls.__name__}.{name}"
        for cls in classes
        for name, member in methods(cls)
        if not documented(member)
        and not any(
            documented(vars(base)[name])
            for base in (interfaces[cls].__mro__ if cls in interfaces else ())
            if name in vars(base)
        )
    ]


def classes_of(module: str) -> list[type]:
    found = vars(sys.modules[module]).values()
    return [each for each in found if isinstance(each, type) and each.__module__ == module]


def test_methods_without_a_docstring_have_one_on_the_interface() -> None:
    for module in sorted({cls.__module__ for cls in INTERFACES}):
        classes = classes_of(module)
        assert any(cls in INTERFACES for cls in classes)
        assert undocumented(classes, INTERFACES) == [], module


def test_only_those_files_are_excused() -> None:
    assert set(LINT["select"]) >= ENFORCED
    assert not any(code.startswith("D") for code in LINT["ignore"])
    excused = {
        (file, code)
        for file, codes in LINT["per-file-ignores"].items()
        for code in codes
        if code.startswith("D") and file != "tests/**"
    }
    files = {cls.__module__.replace(".", "/") + ".py" for cls in INTERFACES}
    assert excused == {(file, "D102") for file in files}


def test_no_line_is_excused() -> None:
    """A `noqa` would be the way round both."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "node_modules" not in path.parts:
                assert not list(excuses(path)), path


def excuses(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        _, mark, codes = line.partition("noqa")
        if mark and (not codes.startswith(":") or "D1" in codes or "D4" in codes):
            yield line


class Interface:
    """Stands for `Algebra`."""

    def told(self) -> None:
        """Documented here."""

    def forgotten(self) -> None: ...

    def empty(self) -> None:
        """ """


class Implementation:
    """Stands for a backend."""

    def told(self) -> None: ...

    def forgotten(self) -> None: ...

    def empty(self) -> None: ...

    def own(self) -> None:
        """Documented by itself."""

    @property
    def more(self) -> int:
        return 1

    @staticmethod
    def made() -> int:
        return 1

    def _inner(self) -> None: ...


def test_what_is_missing_is_found() -> None:
    missing = [f"Implementation.{name}" for name in ("forgotten", "empty", "more", "made")]
    assert undocumented([Implementation], {Implementation: Interface}) == missing
    assert undocumented([Implementation], {}) == ["Implementation.told", *missing]


def test_a_line_that_excuses_itself_is_found(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("a  # noqa: D102\nb  # noqa\nc  # noqa: E501\nd  # noqa: E501, D103\n")
    assert list(excuses(file)) == ["a  # noqa: D102", "b  # noqa", "d  # noqa: E501, D103"]
