"""What the project is made of, read from where it is said."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES: tuple[str, ...] = tuple(
    tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["maturin"][
        "python-packages"
    ]
)
"""The product's packages: everything that goes into the wheel."""
