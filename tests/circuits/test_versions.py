"""A key file's circuit is looked up by its version's name; a version is a line in the list."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.credential import CLASS, world

from algebra.errors import Malformed
from algebra.native_backend import native
from circuits import versions
from circuits.versions import CURRENT, VERSIONS, known_circuit
from verifier.key import VerifyingKey


def test_the_current_version_is_listed_by_its_name() -> None:
    assert VERSIONS[CURRENT.name] is CURRENT
    assert known_circuit(CURRENT.name, CLASS) is CURRENT.text(CLASS)
    assert CURRENT.text(CLASS).statement == CURRENT.words


@pytest.mark.parametrize("name", ["", "tierproof-credential/0", "tierproof-credential/2 "])
def test_another_name_is_unknown(name: str) -> None:
    with pytest.raises(ValueError, match="not known"):
        known_circuit(name, CLASS)


@pytest.mark.parametrize("n", [0, CLASS - 1, CLASS // 2, 2 * CURRENT.sizes[-1]])
def test_another_size_is_no_class(n: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        known_circuit(CURRENT.name, n)


def test_the_smallest_class_that_holds_a_log() -> None:
    capacities = [CURRENT.capacity(n) for n in CURRENT.sizes]
    assert capacities == sorted(capacities)
    for n, held in zip(CURRENT.sizes, capacities, strict=True):
        assert CURRENT.smallest_class(held) == n
    assert CURRENT.smallest_class(capacities[-1] + 1) == 0


def test_another_version_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its keys load once it is listed, and are unknown before."""
    key = world().key.verifying
    other = replace(CURRENT, name="tierproof-credential/toy", text=lambda n: key.circuit)
    document = {**key.to_json(), "circuit": other.name}
    with pytest.raises(Malformed) as before:
        VerifyingKey.from_json(document, known_circuit, native())
    assert "not known" in before.value.message
    monkeypatch.setitem(versions.VERSIONS, other.name, other)
    assert known_circuit(other.name, CLASS) is key.circuit
