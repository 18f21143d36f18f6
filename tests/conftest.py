"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support.postgres import Absent, Cluster, binaries, cluster

settings.register_profile("tierproof", deadline=None)  # tests never assert wall time
settings.load_profile("tierproof")

ROOT = Path(__file__).resolve().parent.parent
LONG = (
    "docs/test_pages.py",
    "contracts/test_verifier.py",
    "attestor/conformance/test_conformance.py",
    "tierproof/test_hints.py",
    "docs/test_tutorial.py",
    "circuits/test_oracle_agreement.py",
    "attestor/test_deribit_faults.py",
    "attacks/test_constraint_mutation.py",
    "tierproof/test_cli.py",
    "whole_path/test_real_owners.py",
    "prover/test_prove.py",
    "verifier/test_proof_fields.py",
    "attacks/test_zero_knowledge.py",
    "contracts/test_loops.py",
    "tierproof/test_light.py",
    "tierproof/test_demo.py",
    "tierproof/test_chain_commands.py",
    "algebra/test_native.py",
    "attacks/test_a11_public_words.py",
    "prover/test_setup.py",
)
"""
Files that take longest for the tests that they have. Workers take whole files, in this order, so
none of them works long after the others are done.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first, all else in its order."""
    place = {ROOT / "tests" / name: index for index, name in enumerate(LONG)}
    if missing := [path for path in place if not path.is_file()]:
        raise pytest.UsageError(f"tests/conftest.py: LONG: no file {missing[0]}")
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """
    Folder of real data that lives outside the repository; tests that need it skip where it is
    absent.
    """
    folder = Path(os.environ.get("TIERPROOF_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data folder not found: {folder.name} (set TIERPROOF_DATA)")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A server of this session's own; tests that need it skip where there can be none."""
    try:
        binaries()
    except Absent as error:
        pytest.skip(str(error))
    with cluster() as made:
        yield made
