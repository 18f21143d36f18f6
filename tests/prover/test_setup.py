"""
Powers of tau: the real ceremony, broken copies of a file, both ways to the Lagrange bases, files on
disk.
"""

from __future__ import annotations

import hashlib
import importlib
import mmap
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from eth_hash.auto import keccak
from ptau_builder import Sections, assemble, contribution, edit, g1, g2, montgomery, sections

from algebra import twist
from algebra.errors import Malformed, Refused, Unavailable
from algebra.interface import Algebra, Basis, P, PointG2, PointVector, R, root_of_unity
from algebra.reference import reference
from prover import ptau
from prover.ceremony_file import read_ceremony
from prover.keys import powers_needed
from prover.profile import Profile
from prover.setup import (
    Setup,
    import_ceremony,
    lagrange_bases,
    load_setup,
    save_setup,
    unsafe_dev_setup,
)
from tierproof.keys_folder import KeysFolder
from verifier.ceremonies import srs_id

REAL = Path("srs") / "powersOfTau28_hez_final_11.ptau"
REAL_DIGEST = "47c28211"
TAU, POWER = 987654321987654321, 2


def native_or_reference() -> Algebra:
    """The fast backend where it is built."""
    try:
        return importlib.import_module("algebra.native_backend").native()  # type: ignore[no-any-return]
    except ImportError:
        return reference()


FAST = native_or_reference()
BACKENDS = [reference(), *([FAST] if FAST is not reference() else [])]


@pytest.fixture(params=BACKENDS, ids=lambda backend: str(backend.name))
def algebra(request: pytest.FixtureRequest) -> Algebra:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def parts() -> Sections:
    return sections(POWER, TAU)


@pytest.fixture(scope="module")
def real(shared_data: Path) -> Setup:
    return import_ceremony(shared_data / REAL, FAST)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "powers.ptau"
    path.write_bytes(content)
    return path


# -- import ------------------------------------------------
def test_real_ceremony_passes_every_check(real: Setup, shared_data: Path) -> None:
    assert real.length == 4095 == real.g1.length
    assert real.source.startswith(REAL_DIGEST)
    assert real.source == hashlib.blake2b((shared_data / REAL).read_bytes()).hexdigest()
    assert real.status == "ceremony hez_final" and real.unsafe_tau is None
    points = FAST.affine(real.g1)
    assert points[0] == (1, 2)
    # e([tau^4094]_1, G2) = e([tau^4093]_1, [tau]_2)
    last = points[4094]
    assert last is not None
    assert FAST.pairing_check([((last[0], P - last[1]), twist.G2), (points[4093], real.tau_g2)])
    assert 0 <= real.srs_id < 1 << 200


def test_real_ceremony_cut_to_a_smaller_power(real: Setup, shared_data: Path) -> None:
    small = import_ceremony(shared_data / REAL, FAST, length=31)
    assert small.length == 31 and (small.srs_id, small.tau_g2) == (real.srs_id, real.tau_g2)
    assert FAST.affine(small.g1) == FAST.affine(real.g1)[:31]
    for length in (0, 1, 4096):
        with pytest.raises(Refused) as caught:
            import_ceremony(shared_data / REAL, FAST, length=length)
        assert caught.value.code == "refused.ptau.power"


# -- no more is read than is needed ------------------------------------------------
@pytest.fixture
def points_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many points of G1 were read, each time that any were."""
    seen: list[int] = []
    read = ptau._g1_points

    def counted(data: mmap.mmap, offset: int, count: int, algebra: Algebra) -> PointVector:
        seen.append(count)
        return read(data, offset, count, algebra)

    monkeypatch.setattr(ptau, "_g1_points", counted)
    return seen


def test_only_the_powers_asked_for_are_read(shared_data: Path, points_read: list[int]) -> None:
    path = shared_data / REAL
    for length in (2, 15, 63):
        points_read.clear()
        ceremony = read_ceremony(path, FAST, length=length)
        assert points_read == [length] == [ceremony.g1.length]
        assert ceremony.digest == hashlib.blake2b(path.read_bytes()).hexdigest()


def test_a_fault_beyond_the_powers_asked_for_is_not_reached_and_not_used(
    parts: Sections, tmp_path: Path
) -> None:
    """What is used is checked: the same fault inside is found."""
    off_curve = edit(2, put(6, montgomery(1, 3)))(parts)
    path = written(tmp_path, assemble(off_curve))
    small = import_ceremony(path, FAST, length=3)
    assert small.length == 3
    assert FAST.affine(small.g1) == FAST.affine(
        FAST.fixed_base(FAST.powers(TAU, 3, 1, Basis.EVALUATION))
    )
    with pytest.raises(Malformed, match="point 6"):
        import_ceremony(path, FAST)
    for change, code in (
        (edit(2, put(2, montgomery(1, 3))), "point"),
        (edit(2, put(2, g1(TAU + 1))), "pairing"),
        (edit(3, put(1, g2(TAU + 1))), "pairing"),
        (edit(3, put(1, shifted_subgroup_point(1))), "g2"),
    ):
        with pytest.raises(Malformed) as caught:
            import_ceremony(written(tmp_path, assemble(change(parts))), FAST, length=3)
        assert caught.value.code == f"malformed.ptau.{code}"


def test_what_no_proof_uses_is_not_read(parts: Sections, tmp_path: Path) -> None:
    """Alpha, beta, and [tau^2]_2 and higher: rubbish of the right length there harms nobody."""
    rubbish = {**parts, **{kind: b"\xff" * len(parts[kind]) for kind in (4, 5, 6)}}
    rubbish[3] = parts[3][:256] + b"\xff" * (len(parts[3]) - 256)
    used, good = (
        import_ceremony(written(tmp_path, assemble(found)), FAST) for found in (rubbish, parts)
    )
    assert (used.srs_id, used.tau_g2) == (good.srs_id, good.tau_g2)
    assert FAST.affine(used.g1) == FAST.affine(good.g1)


def test_a_file_too_small_for_a_class_is_refused_by_its_header(
    shared_data: Path, tmp_path: Path, points_read: list[int]
) -> None:
    for profile in Profile:
        needed = powers_needed(8192, profile.slots)
        with pytest.raises(
            Refused, match=f"power 11.*class 8192 with profile {profile} needs {needed:,}"
        ) as caught:
            KeysFolder.create(
                tmp_path / "keys", FAST, size=8192, profile=profile, ptau=shared_data / REAL
            )
        assert caught.value.code == "refused.ptau.power"
        assert (caught.value.fields["expected"], caught.value.fields["got"]) == (needed, 4095)
    assert points_read == [] and not (tmp_path / "keys").exists()


NO_CEREMONY: list[tuple[bytes, str, str]] = [
    (b"<!DOCTYPE html><title>404</title>", "magic", "it is a web page"),
    (b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', "magic", "an XML document"),
    (b'{"message": "Not Found"}', "magic", "a JSON document"),
    (b"PK\x03\x04" + bytes(60), "magic", "a zip archive"),
    (b"\x1f\x8b" + bytes(60), "magic", "compressed with gzip"),
    (b"zkey" + bytes(60), "magic", "a proving key of snarkjs"),
    (b"version https://git-lfs.github.com/spec/v1\n", "magic", "a pointer of Git LFS"),
    (b"some other bytes", "magic", "no container that is known"),
    (b"", "length", "shorter than its header"),
]


@pytest.mark.parametrize(("content", "code", "found"), NO_CEREMONY, ids=[c[2] for c in NO_CEREMONY])
def test_what_is_no_ceremony_is_named(
    tmp_path: Path, content: bytes, code: str, found: str, points_read: list[int]
) -> None:
    with pytest.raises(Malformed, match=found) as caught:
        import_ceremony(written(tmp_path, content), FAST)
    assert caught.value.code == f"malformed.ptau.{code}" and points_read == []


def test_a_header_that_lies_is_found_before_a_point_is_read(
    parts: Sections, tmp_path: Path, points_read: list[int]
) -> None:
    """
    Longer sections than the file has, lengths near 2^64, more sections than there are, another
    power than the sections hold, and every cut.
    """
    good, head = assemble(parts), 12
    lies = [
        good[: head + 4] + struct.pack("<Q", size) + good[head + 12 :]
        for size in (45, 1 << 32, (1 << 64) - 1, 0)
    ]
    lies += [good[:8] + struct.pack("<I", count) + good[12:] for count in (8, 6, 0, (1 << 32) - 1)]
    lies += [
        assemble(edit(1, lambda d, p=power: d[:36] + struct.pack("<II", p, p))(parts))  # type: ignore[misc]
        for power in (1, 3, 28)
    ]
    lies += [good[:size] for size in range(0, len(good), 211)]
    for content in lies:
        with pytest.raises(Malformed):
            import_ceremony(written(tmp_path, content), FAST)
    assert points_read == []


def test_the_steps_are_told(parts: Sections, tmp_path: Path) -> None:
    told: list[str] = []
    import_ceremony(written(tmp_path, assemble(parts)), FAST, length=3, progress=told.append)
    assert told[0] == "ceremony file (.ptau, power 2): 3 powers are read and checked"
    assert "digest" in told[-1]


def test_known_powers_are_read_exactly(parts: Sections, tmp_path: Path, algebra: Algebra) -> None:
    path = written(tmp_path, assemble(parts))
    setup = import_ceremony(path, algebra)
    powers = algebra.fixed_base(algebra.powers(TAU, 7, 1, Basis.EVALUATION))
    assert algebra.affine(setup.g1) == algebra.affine(powers)
    assert setup.tau_g2 == twist.affine(twist.multiply(twist.G2, TAU))
    assert setup.source == hashlib.blake2b(path.read_bytes()).hexdigest()


def test_a_ceremony_says_what_it_is(parts: Sections, tmp_path: Path) -> None:
    """Its sections may come in any order."""
    path = written(tmp_path, assemble(parts))
    ceremony = read_ceremony(path, FAST)
    assert (ceremony.container, ceremony.contributions) == ("ptau", 1)
    known = import_ceremony(path, FAST).srs_id
    turned = written(tmp_path, assemble(parts, [7, 3, 1, 2, 6, 5, 4]))
    assert import_ceremony(turned, FAST).srs_id == known


def test_prepared_sections_must_have_their_size(parts: Sections, tmp_path: Path) -> None:
    prepared = {
        **parts,
        12: bytes(15 * 64),
        13: bytes(7 * 128),
        14: bytes(7 * 64),
        15: bytes(7 * 64),
    }
    assert import_ceremony(written(tmp_path, assemble(prepared)), FAST).length == 7
    for kind in (12, 13, 14, 15):
        with pytest.raises(Malformed) as caught:
            import_ceremony(
                written(tmp_path, assemble({**prepared, kind: prepared[kind] + bytes(64)})), FAST
            )
        assert (
            caught.value.code == "malformed.ptau.length" and caught.value.fields["section"] == kind
        )


def outside_subgroup() -> PointG2:
    """(x, y) on the twist outside the subgroup: the first small x whose square root exists."""
    for start in range(1, 60):
        x, inverse = (start, 0), pow(82, -1, P)
        a, b = (pow(start, 3, P) + 27 * inverse) % P, -3 * inverse % P
        norm = pow(a * a + b * b, (P + 1) // 4, P)
        for half in ((a + norm) * pow(2, -1, P) % P, (a - norm) * pow(2, -1, P) % P):
            real = pow(half, (P + 1) // 4, P)
            point = (x, (real, b * pow(2 * real, -1, P) % P if real else 0))
            if twist.on_curve(point) and not twist.in_subgroup(point):
                return point
    raise LookupError("none found")


def encoded_g2(point: PointG2) -> bytes:
    return montgomery(*point[0], *point[1])


def flip(position: int, bit: int = 1) -> Callable[[bytes], bytes]:
    return lambda data: data[:position] + bytes([data[position] ^ bit]) + data[position + 1 :]


def put(index: int, new: bytes) -> Callable[[bytes], bytes]:
    """Replace the index-th point of that size."""
    return lambda data: data[: index * len(new)] + new + data[(index + 1) * len(new) :]


def swap(i: int, j: int, size: int) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        points = [data[k : k + size] for k in range(0, len(data), size)]
        points[i], points[j] = points[j], points[i]
        return b"".join(points)

    return change


def plus_prime(data: bytes) -> bytes:
    """The second point's x, not canonical: the same number plus the prime."""
    x = int.from_bytes(data[64:96], "little") + P
    return data[:64] + x.to_bytes(32, "little") + data[96:]


def another_curve(data: bytes) -> bytes:
    return data[:4] + R.to_bytes(32, "little") + data[36:]


def shifted_subgroup_point(index: int) -> bytes:
    """[tau^index]_2 plus a point outside the subgroup."""
    start = twist.multiply(twist.G2, pow(TAU, index, R))
    total = twist.affine(twist.add_affine(start, outside_subgroup()))
    assert total is not None
    return encoded_g2(total)


BROKEN: list[tuple[str, Callable[[Sections], Sections], str]] = [
    ("wrong prime", edit(1, another_curve), "prime"),
    ("other field size", edit(1, lambda d: struct.pack("<I", 48) + d[4:]), "prime"),
    ("power too large", edit(1, lambda d: d[:36] + struct.pack("<II", 29, 29)), "power"),
    ("power above its ceremony", edit(1, lambda d: d[:36] + struct.pack("<II", 3, 2)), "power"),
    ("another power", edit(1, lambda d: d[:36] + struct.pack("<II", 3, 3)), "length"),
    ("extra G1 power", edit(2, lambda d: d + g1(pow(TAU, 7, R))), "length"),
    ("missing G1 power", edit(2, lambda d: d[:-64]), "length"),
    ("extra G2 power", edit(3, lambda d: d + g2(pow(TAU, 4, R))), "length"),
    ("extra alpha", edit(4, lambda d: d + d[:64]), "length"),
    ("extra beta", edit(5, lambda d: d + d[:64]), "length"),
    ("extra beta in G2", edit(6, lambda d: d + d), "length"),
    ("flipped byte in G1", edit(2, flip(64 * 3 + 5)), "point"),
    ("flipped byte in y", edit(2, flip(64 * 6 + 40)), "point"),
    ("flipped byte in [tau]_2", edit(3, flip(128 + 70)), "point"),
    ("swapped [1]_2 and [tau]_2", edit(3, swap(0, 1, 128)), "generator"),
    ("infinity in G1", edit(2, put(3, bytes(64))), "point"),
    ("infinity in G2", edit(3, put(1, bytes(128))), "point"),
    ("not canonical", edit(2, plus_prime), "point"),
    ("first power", edit(2, put(0, g1(2))), "generator"),
    ("first power in G2", edit(3, put(0, g2(2))), "generator"),
    ("[tau]_2 outside the subgroup", edit(3, put(1, shifted_subgroup_point(1))), "g2"),
    ("swapped G1 powers", edit(2, swap(2, 3, 64)), "pairing"),
    ("last G1 power", edit(2, put(6, g1(pow(TAU, 8, R)))), "pairing"),
    ("other [tau]_2", edit(3, put(1, g2(TAU + 1))), "pairing"),
    (
        "all of G2 of another tau",
        lambda p: {**p, 3: b"".join(g2(pow(5, i, R)) for i in range(4))},
        "pairing",
    ),
    ("tau of one", lambda _: sections(POWER, 1), "generator"),
    ("nobody contributed", edit(7, lambda d: bytes(4)), "contributions"),
    (
        "contribution of another tau",
        edit(7, lambda d: d[:4] + contribution(TAU + 1)),
        "contributions",
    ),
    ("extra bytes after contributions", edit(7, lambda d: d + b"\0"), "contributions"),
    ("contribution cut", edit(7, lambda d: d[:-1]), "contributions"),
    ("contributions cut", edit(7, lambda d: d[:900]), "contributions"),
    ("contributions empty", edit(7, lambda d: b""), "contributions"),
    ("missing section", lambda p: {k: v for k, v in p.items() if k != 5}, "section"),
    ("unknown section", lambda p: {**p, 9: b"tau"}, "section"),
]


@pytest.mark.parametrize(
    ("change", "code"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_broken_files_are_malformed(
    parts: Sections, tmp_path: Path, change: Callable[[Sections], Sections], code: str
) -> None:
    path = written(tmp_path, assemble(change(parts)))
    with pytest.raises(Malformed) as caught:
        import_ceremony(path, FAST)
    assert caught.value.code == f"malformed.ptau.{code}", caught.value


def test_broken_envelopes_are_malformed(parts: Sections, tmp_path: Path) -> None:
    good = assemble(parts)
    cases = {
        "magic": [b"PTAU" + good[4:], b"zkey" + good[4:]],
        "version": [good[:4] + struct.pack("<I", 2) + good[8:]],
        "length": [b"", good[:11], good[:-1], good[: len(good) // 2], good[:20], good + b"\0"],
        "section": [good[:8] + struct.pack("<I", 8) + good[12:] + struct.pack("<IQ", 2, 0)],
    }
    for code, files in cases.items():
        for content in files:
            with pytest.raises(Malformed) as caught:
                import_ceremony(written(tmp_path, content), FAST)
            assert caught.value.code == f"malformed.ptau.{code}", len(content)


def test_every_truncation_is_malformed(parts: Sections, tmp_path: Path) -> None:
    good = assemble(parts)
    for size in range(0, len(good), 97):
        with pytest.raises(Malformed):
            import_ceremony(written(tmp_path, good[:size]), FAST)


def test_broken_copy_of_the_real_file(shared_data: Path, tmp_path: Path) -> None:
    """
    A flipped byte of the 2,000th power, and two neighbours swapped: found in the real file too.
    """
    content = bytearray((shared_data / REAL).read_bytes())
    start = 12 + 12 + 44 + 12 + 64 * 2000
    content[start] ^= 1
    with pytest.raises(Malformed, match="point 2000") as caught:
        import_ceremony(written(tmp_path, bytes(content)), FAST)
    assert caught.value.code == "malformed.ptau.point"
    content[start] ^= 1
    content[start : start + 128] = content[start + 64 : start + 128] + content[start : start + 64]
    with pytest.raises(Malformed) as caught:
        import_ceremony(written(tmp_path, bytes(content)), FAST, length=2047)
    assert caught.value.code == "malformed.ptau.pairing"


def test_absent_file_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        import_ceremony(tmp_path / "none.ptau", FAST)
    assert caught.value.code == "unavailable.ptau" and str(tmp_path) not in str(caught.value)


# -- development setup ------------------------------------------------
def test_dev_setup_is_known_and_consistent(algebra: Algebra) -> None:
    setup = unsafe_dev_setup(9, algebra)
    tau = setup.unsafe_tau
    assert (
        setup.status == "development"
        and tau is not None
        and setup.length == 9
        and setup.source == ""
    )
    expected = (
        int.from_bytes(hashlib.blake2b(b"tierproof/unsafe tau" + b"tierproof dev").digest(), "big")
        % R
    )
    assert tau == expected and str(tau) not in repr(setup)
    assert algebra.affine(setup.g1) == algebra.affine(
        algebra.fixed_base(algebra.powers(tau, 9, 1, Basis.EVALUATION))
    )
    second = algebra.affine(setup.g1)[1]
    assert second is not None
    assert algebra.pairing_check([(second, twist.G2), ((1, P - 2), setup.tau_g2)])
    again, other = unsafe_dev_setup(3, algebra), unsafe_dev_setup(3, algebra, b"another")
    assert again.srs_id == setup.srs_id != other.srs_id
    assert other.status == "unknown ceremony"
    with pytest.raises(Refused):
        unsafe_dev_setup(1, algebra)


def test_srs_id_is_its_definition() -> None:
    setup = unsafe_dev_setup(2, FAST)
    x, y = FAST.affine(setup.g1)[1] or (0, 0)
    (x0, x1), (y0, y1) = setup.tau_g2
    data = b"tierproof/srs" + b"".join(v.to_bytes(32, "big") for v in (x, y, x0, x1, y0, y1))
    assert setup.srs_id == int.from_bytes(keccak(data)[:25], "big")
    assert srs_id(x.to_bytes(32, "big") + y.to_bytes(32, "big"), setup.tau_g2) == setup.srs_id


# -- Lagrange bases ------------------------------------------------
def without_tau(setup: Setup) -> Setup:
    """The same powers as a ceremony would leave them."""
    return Setup(setup.g1, setup.length, setup.tau_g2, setup.srs_id)


@pytest.mark.parametrize(("n", "slots"), [(1, 1), (1, 3), (2, 1), (8, 1), (8, 3), (4, 8)])
def test_both_ways_to_the_bases_agree(n: int, slots: int, algebra: Algebra) -> None:
    setup = unsafe_dev_setup(max(2, slots * n), algebra)
    fast, slow = (
        lagrange_bases(setup, n, slots, algebra),
        lagrange_bases(without_tau(setup), n, slots, algebra),
    )
    assert len(fast) == len(slow) == slots
    assert [algebra.affine(basis) for basis in fast] == [algebra.affine(basis) for basis in slow]
    # and both are the definition: [tau^j L_i(tau^k)]_1 with L_i from its product
    tau, omega = setup.unsafe_tau or 0, root_of_unity(n)
    x, domain = pow(tau, slots, R), [pow(omega, i, R) for i in range(n)]
    for j in range(slots):
        scalars = []
        for i in range(n):
            value = pow(tau, j, R)
            for m in range(n):
                if m != i:
                    value = value * (x - domain[m]) * pow(domain[i] - domain[m], -1, R) % R
            scalars.append(value)
        expected = algebra.fixed_base(algebra.vector(scalars, Basis.EVALUATION))
        assert algebra.affine(fast[j]) == algebra.affine(expected)


def test_bases_of_the_real_ceremony_commit_like_its_powers(real: Setup) -> None:
    """
    A packed commitment by values equals the commitment to the interleaved coefficients by powers.
    """
    n, slots = 64, 4
    bases = lagrange_bases(real, n, slots, FAST)
    columns = [FAST.powers(3 + j, n, 5 + j, Basis.EVALUATION) for j in range(slots)]
    by_values = FAST.add_points(
        [FAST.msm(basis, column) for basis, column in zip(bases, columns, strict=True)]
    )
    packed = FAST.interleave([FAST.interpolate(column) for column in columns], n)
    assert by_values == FAST.msm(real.g1, packed) is not None


def test_bases_refuse_short_setups_and_odd_sizes() -> None:
    setup = unsafe_dev_setup(15, FAST)
    for candidate in (setup, without_tau(setup)):
        with pytest.raises(Refused) as caught:
            lagrange_bases(candidate, 8, 2, FAST)
        assert caught.value.code == "refused.setup.length"
        assert (caught.value.fields["expected"], caught.value.fields["got"]) == (16, 15)
    for n, slots in ((3, 1), (0, 1), (4, 0)):
        with pytest.raises(ValueError):
            lagrange_bases(setup, n, slots, FAST)


# -- files ------------------------------------------------
def same(left: Setup, right: Setup, algebra: Algebra) -> bool:
    names = ("length", "tau_g2", "srs_id", "status", "unsafe_tau", "source")
    return algebra.affine(left.g1) == algebra.affine(right.g1) and all(
        getattr(left, name) == getattr(right, name) for name in names
    )


def test_setup_survives_its_file(parts: Sections, tmp_path: Path, algebra: Algebra) -> None:
    ceremony = import_ceremony(written(tmp_path, assemble(parts)), algebra)
    made = [unsafe_dev_setup(9, algebra)] if algebra is FAST else []  # the slow one reads one file
    for setup in (*made, ceremony):
        path = tmp_path / "setup.bin"
        save_setup(setup, path, algebra)
        assert same(load_setup(path, algebra), setup, algebra)
        assert sorted(os.listdir(tmp_path)) == [
            "powers.ptau",
            "setup.bin",
        ]  # no temporary file left


def test_a_loaded_setup_is_mapped_and_outlives_its_file(tmp_path: Path) -> None:
    native, path = pytest.importorskip("algebra.native_backend").native(), tmp_path / "setup.bin"
    save_setup(unsafe_dev_setup(9, native), path, native)
    g1 = load_setup(path, native).g1
    assert not g1.data.flags.owndata and not g1.data.flags.writeable
    save_setup(
        unsafe_dev_setup(5, native, b"other"), path, native
    )  # a new file in its place: the map is of the old one
    assert native.affine(g1) == native.affine(unsafe_dev_setup(9, native).g1)


def test_backends_write_the_same_file(tmp_path: Path) -> None:
    contents = set()
    for backend in BACKENDS:
        save_setup(unsafe_dev_setup(5, backend), tmp_path / "setup.bin", backend)
        contents.add((tmp_path / "setup.bin").read_bytes())
    assert len(contents) == 1


def resealed(data: bytes) -> bytes:
    return data + hashlib.sha256(data).digest()


def test_broken_setup_files(tmp_path: Path) -> None:
    path = tmp_path / "setup.bin"
    setup = unsafe_dev_setup(5, FAST)
    save_setup(setup, path, FAST)
    good = path.read_bytes()
    other = tmp_path / "other.bin"
    save_setup(unsafe_dev_setup(5, FAST, b"other"), other, FAST)
    body, foreign = good[:-32], other.read_bytes()[:-32]
    zero, identity, g2_at, tau_at, source, rest, points = 15, 24, 56, 184, 216, 280, 320
    assert len(body) == points + 5 * 64

    def replace(start: int, new: bytes, base: bytes = body) -> bytes:
        return resealed(base[:start] + new + base[start + len(new) :])

    off_curve = montgomery(1, 3)
    tau_g2_and_id = foreign[identity:tau_at]
    cases: dict[str, list[bytes]] = {
        "magic": [b"", b"ptau", b"X" + good[1:]],
        "length": [good[:100], good[:-1], good + b"\0", good[:-64], replace(23, b"\6")],
        "version": [replace(11, b"\1"), replace(11, b"\2")],
        "digest": [
            good[:-1] + bytes([good[-1] ^ 1]),
            good[:300] + bytes([good[300] ^ 1]) + good[301:],
        ],
        "header": [
            replace(zero, b"\1"),
            replace(source, b"\1"),
            replace(rest, b"\1"),
        ],
        "point": [
            replace(points + 64 * 3, off_curve),
            replace(points + 64 * 3, b"\xff" * 64),
            replace(points + 64 * 3, plus_prime(body[points + 64 * 2 : points + 64 * 4])[64:]),
            replace(g2_at, twist.to_bytes(((1, 2), (3, 4)))),
            replace(g2_at, twist.to_bytes(outside_subgroup())),
            replace(points, body[points + 64 : points + 128]),
        ],
        "identity": [
            replace(identity, bytes(32)),
            replace(g2_at, twist.to_bytes(twist.G2)),
            replace(points + 64, body[points + 128 : points + 192]),
            replace(identity, tau_g2_and_id),
        ],
        "tau": [
            replace(tau_at, (12345).to_bytes(32, "big")),
            replace(tau_at, ((setup.unsafe_tau or 0) + R).to_bytes(32, "big")),
        ],
    }
    for code, files in cases.items():
        for number, content in enumerate(files):
            path.write_bytes(content)
            with pytest.raises(Malformed) as caught:
                load_setup(path, FAST)
            assert caught.value.code == f"malformed.setup.{code}", (code, number, caught.value)
            assert caught.value.exit_status == 2


def test_id_of_two_different_tau_is_refused(tmp_path: Path) -> None:
    """[tau]_1 and [tau]_2 of two setups, with a fitting id and digest: the pairing finds it."""
    first, second = unsafe_dev_setup(4, FAST), unsafe_dev_setup(4, FAST, b"other")
    point = FAST.points_to_bytes(first.g1)[64:128]
    mixed = Setup(first.g1, 4, second.tau_g2, srs_id(point, second.tau_g2))
    save_setup(mixed, tmp_path / "setup.bin", FAST)
    with pytest.raises(Malformed) as caught:
        load_setup(tmp_path / "setup.bin", FAST)
    assert caught.value.code == "malformed.setup.tau"


def test_saving_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "setup.bin"
    path.write_bytes(b"before")
    setup = unsafe_dev_setup(3, FAST)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable) as caught:
        save_setup(setup, path, FAST)
    assert caught.value.code == "unavailable.space"
    assert path.read_bytes() == b"before" and os.listdir(tmp_path) == ["setup.bin"]
    for call in (
        lambda: save_setup(setup, tmp_path / "no" / "x", FAST),
        lambda: load_setup(tmp_path / "none", FAST),
    ):
        with pytest.raises(Unavailable):
            call()
