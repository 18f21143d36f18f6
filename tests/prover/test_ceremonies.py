"""Known ceremonies: their points belong together, and a status goes by them alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.small import SMALL

from algebra import curve, twist
from algebra.errors import Malformed, Refused
from algebra.interface import P
from algebra.native_backend import native
from prover.published import PUBLISHED
from prover.setup import import_ceremony, unsafe_dev_setup
from verifier.ceremonies import (
    KNOWN,
    KnownTau,
    allowed_id,
    ceremony_ids,
    require_own_id,
    setup_status,
    why_not,
)
from verifier.key import VerifyingKey


@pytest.mark.parametrize("entry", KNOWN, ids=lambda entry: entry.status)
def test_the_points_of_each_entry_are_of_one_tau(entry: KnownTau) -> None:
    assert curve.on_curve(entry.tau_g1) and twist.in_subgroup(entry.tau_g2)
    pairs = [(entry.tau_g1, twist.G2), ((1, P - 2), entry.tau_g2)]
    assert native().pairing_check(pairs)


def test_ids_and_statuses() -> None:
    assert [f"{identity:050x}"[:8] for identity in ceremony_ids()] == [
        "60c2d6df",
        "2e26b2de",
        "32c6f632",
    ]
    assert [entry.status for entry in KNOWN] == [
        "development",
        "ceremony hez_final",
        "ceremony PPoT 0085",
        "ceremony Ignition",
    ]
    assert unsafe_dev_setup(2, native()).srs_id == allowed_id("development") == KNOWN[0].srs_id
    assert setup_status(7) == "unknown ceremony"


def test_real_files_have_the_ids_of_their_ceremonies(shared_data: Path) -> None:
    for name, status in (
        ("powersOfTau28_hez_final_11.ptau", "ceremony hez_final"),
        ("ppot_0085_g1_65536.point", "ceremony PPoT 0085"),
    ):
        setup = import_ceremony(shared_data / "srs" / name, native(), length=64)
        assert setup.status == status
        assert PUBLISHED.get(setup.source, name) == name
    told: list[str] = []
    path = shared_data / "srs" / "powersOfTau28_hez_final_11.ptau"
    setup = import_ceremony(path, native(), length=2, progress=told.append)
    assert PUBLISHED[setup.source] == path.name
    assert told[-1] == f"the digest is the published one of {path.name}"
    assert len(PUBLISHED) == 21 and all(len(digest) == 128 for digest in PUBLISHED)


def test_what_is_taken() -> None:
    development, other = allowed_id("development"), unsafe_dev_setup(2, native(), b"x").srs_id
    for identity in ceremony_ids():
        assert why_not(identity) is None and why_not(identity, "development") is None
    assert "everybody knows" in (why_not(development) or "")
    assert "nobody can tell" in (why_not(other) or "")
    assert why_not(development, "development") is None
    assert "nobody can tell" in (why_not(other, "development") or "")
    assert why_not(other, f"0x{other:050x}") is None
    assert why_not(development, f"0x{other:050x}") is not None
    for text in ("", "unknown", "ceremony", "0x26", "26" * 25, "0x" + "AB" * 25, "Development"):
        with pytest.raises(Refused) as caught:
            allowed_id(text)
        assert caught.value.code == "usage.allow_setup"


def test_an_id_goes_with_its_own_point_alone() -> None:
    development, hez, *_ = KNOWN
    require_own_id(hez.srs_id, hez.tau_g2)
    stranger = twist.affine(twist.multiply(twist.G2, 12345))
    assert stranger is not None
    require_own_id(7, stranger)
    for identity, point in (
        (hez.srs_id, development.tau_g2),
        (hez.srs_id, stranger),
        (7, hez.tau_g2),
        (7, development.tau_g2),
    ):
        with pytest.raises(Malformed) as caught:
            require_own_id(identity, point)
        assert caught.value.code == "malformed.srs_id"


def test_a_key_file_that_takes_a_ceremonys_id(tmp_path: Path) -> None:
    """Sealed as its own: its digest holds, and it would have passed for a ceremony's."""
    made, path = SMALL["bus"](), tmp_path / "key.json"
    key = made.key(native()).verifying
    forged = replace(key, srs_id=ceremony_ids()[0])
    assert forged.setup_status == "ceremony hez_final"
    forged.save(path)
    with pytest.raises(Malformed) as caught:
        VerifyingKey.load(path, lambda *_: made.circuit, native())
    assert caught.value.code == "malformed.srs_id"
    key.save(path)
    assert VerifyingKey.load(path, lambda *_: made.circuit, native()).digest == key.digest
