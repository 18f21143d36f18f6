"""
Powers of tau as gnark and arkworks serialise them: every layout, and each fault with its reason.

The digests of arkworks' bytes were made with ark-serialize 0.6 and ark-bn254 0.6.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from points_builder import (
    ark_g1,
    ark_g2,
    ark_map,
    ark_vector,
    g1,
    g2,
    gnark_g1,
    gnark_g2,
)

from algebra import twist
from algebra.errors import Malformed, Refused, Unavailable
from algebra.interface import Algebra, Basis, P, R
from algebra.native_backend import native
from algebra.reference import reference
from prover.setup import import_ceremony, unsafe_dev_setup

TAU, COUNT = 987654321987654321, 4
POWERS = [pow(TAU, i, R) for i in range(COUNT)]


def layout(name: str, compressed: bool, powers: list[int] = POWERS) -> bytes:
    g1s = [ark_g1(t, compressed) for t in powers]
    g2s = [ark_g2(t, compressed) for t in powers]
    vector = ark_vector(g1s)
    return {
        "g1": vector,
        "pair": vector + ark_vector(g2s),
        "jelly": vector + g2s[0] + g2s[1] + ark_vector(g2s),
        "poly": vector + ark_map(g1s[:2]) + g2s[0] + g2s[1] + ark_map([g2s[2]]),
    }[name]


ARKWORKS = {
    ("g1", True): "079035394e88b2fa731712ea0cce87ebb32aad444e0d3e6f6012351208b0ed48",
    ("g1", False): "8c9ef469ce7bdf9156056fbb265d50b08cf89a6d5cfcdbd1591d0c0cb0f9f454",
    ("pair", True): "9602925f48d642321d789df10f3da205425929ad5389fc20fd8299b966887131",
    ("pair", False): "907f479912a8ee2c6a3f167967c922ecb7e0bdb0d97ae18353d577b1f04e1ff3",
    ("jelly", True): "445c3704eba1d4b2a873631141b9d7c0550f7d6d0652989767a7a8331c6034e2",
    ("jelly", False): "15ace9a97ef194db67cb5461eef008fac250cbc9d28a810c56d818b9327b472d",
    ("poly", True): "3e06b1acea0dde291656c63c83e7576a2937b4f789c06dd71261580f658736cf",
    ("poly", False): "f08d01c4bbeb43accfcf10f32f360b24640671da0f9cc75abf07829da8366533",
}
"""SHA-256 of what arkworks writes for these powers."""


def written(folder: Path, content: bytes, name: str = "points") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def gnark(powers: list[int] = POWERS) -> bytes:
    return b"".join(gnark_g1(g1(t)) for t in powers)


def gnark_powers_of_two(tau: int, count: int = 3) -> bytes:
    return b"".join(gnark_g2(g2(pow(tau, 1 << i, R))) for i in range(count))


def expect(code: str, *paths: Path, algebra: Algebra | None = None, **options: int) -> str:
    with pytest.raises((Malformed, Refused)) as caught:
        import_ceremony(
            paths[0], algebra or native(), tau_g2=paths[1] if len(paths) > 1 else None,
            length=options.get("length"),
        )  # fmt: skip
    assert caught.value.code == code, caught.value
    return caught.value.message


# -- what is read ----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ARKWORKS, ids=lambda name: "-".join(map(str, name)))
def test_layouts_of_arkworks(name: tuple[str, bool], tmp_path: Path) -> None:
    content = layout(*name)
    assert hashlib.sha256(content).hexdigest() == ARKWORKS[name]
    path = written(tmp_path, content)
    more = written(tmp_path, gnark_powers_of_two(TAU), "g2") if name[0] == "g1" else None
    for algebra in (native(), reference()):
        for length in (COUNT, 2):
            setup = import_ceremony(path, algebra, length=length, tau_g2=more)
            expected = algebra.fixed_base(algebra.powers(TAU, length, 1, Basis.EVALUATION))
            assert algebra.affine(setup.g1) == algebra.affine(expected)
            assert setup.tau_g2 == twist.affine(twist.multiply(twist.G2, TAU))
            assert setup.status == "unknown ceremony"


def test_compressed_points(tmp_path: Path) -> None:
    path, more = written(tmp_path, gnark()), written(tmp_path, gnark_powers_of_two(TAU), "g2")
    for algebra in (native(), reference()):
        setup = import_ceremony(path, algebra, tau_g2=more)
        expected = algebra.fixed_base(algebra.powers(TAU, COUNT, 1, Basis.EVALUATION))
        assert algebra.affine(setup.g1) == algebra.affine(expected)
        assert setup.tau_g2 == twist.affine(twist.multiply(twist.G2, TAU))


def test_a_known_tau_needs_no_points_in_g2(tmp_path: Path) -> None:
    tau = unsafe_dev_setup(2, native()).unsafe_tau or 0
    path = written(tmp_path, gnark([pow(tau, i, R) for i in range(COUNT)]))
    assert import_ceremony(path, native()).status == "development"
    expect("refused.ptau.g2", written(tmp_path, gnark()))


def test_points_from_x_on_both_backends() -> None:
    xs = b"".join(g1(t)[0].to_bytes(32, "big") for t in POWERS)
    for signs in (b"\0" * 4, b"\1" * 4, b"\0\1\0\1"):
        made = [native().points_from_x(xs, signs), reference().points_from_x(xs, signs)]
        assert native().affine(made[0]) == reference().affine(made[1])
        for point, sign in zip(native().affine(made[0]), signs, strict=True):
            assert point is not None and (point[1] > P - point[1]) is bool(sign)
    for algebra in (native(), reference()):
        for wrong in (P.to_bytes(32, "big"), (4).to_bytes(32, "big")):  # 4^3 + 3 is no square
            with pytest.raises(ValueError, match="1"):
                algebra.points_from_x(xs[:32] + wrong, b"\0\0")
        with pytest.raises(ValueError):
            algebra.points_from_x(xs, b"\0")


# -- what is refused -------------------------------------------------------------------------------
def put(place: int, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data[:place] + new + data[place + len(new) :]


def swapped(data: bytes, i: int, j: int, size: int, head: int = 0) -> bytes:
    parts = [data[k : k + size] for k in range(head, len(data), size)]
    parts[i], parts[j] = parts[j], parts[i]
    return data[:head] + b"".join(parts)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d[:-1], "length"),
        (lambda d: swapped(d, 2, 3, 32), "pairing"),
        (lambda d: swapped(d, 0, 1, 32), "magic"),
        (put(64, b"\x40" + bytes(31)), "point"),  # infinity
        (put(64, bytes(32)), "point"),  # not compressed
        (put(64, b"\x80" + bytes(30) + b"\x04"), "point"),  # no point has this x
        (put(64, (P | 0b10 << 254).to_bytes(32, "big")), "point"),
        (lambda d: d[:32] * 2 + d[64:], "generator"),  # tau is 1
        (lambda d: d[:32] + gnark_g1(g1(TAU + 1)) + d[64:], "pairing"),
        (lambda d: bytes.fromhex("97f1d3a73197d794") + d[8:], "magic"),  # BLS12-381's generator
        (lambda d: b"", "length"),
    ],
)
def test_broken_compressed_points(
    change: Callable[[bytes], bytes], code: str, tmp_path: Path
) -> None:
    more = written(tmp_path, gnark_powers_of_two(TAU), "g2")
    expect(f"malformed.ptau.{code}", written(tmp_path, change(gnark())), more)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d[:-1], "length"),
        (lambda d: b"", "length"),
        (lambda d: gnark_powers_of_two(TAU + 1), "pairing"),
        (lambda d: swapped(d, 1, 0, 64), "pairing"),
        (lambda d: d[:64] + d[:64] + d[128:], "pairing"),
        (put(0, b"\x40" + bytes(63)), "point"),
        (put(0, bytes(64)), "point"),
        (put(0, b"\x80" + bytes(62) + b"\x02"), "g2"),
        (put(32, P.to_bytes(32, "big")), "point"),
        (lambda d: gnark(POWERS), "point"),  # the files exchanged
    ],
)
def test_broken_points_in_g2(change: Callable[[bytes], bytes], code: str, tmp_path: Path) -> None:
    path = written(tmp_path, gnark())
    expect(
        f"malformed.ptau.{code}", path, written(tmp_path, change(gnark_powers_of_two(TAU)), "g2")
    )


def test_a_point_outside_the_subgroup(tmp_path: Path) -> None:
    for start in range(1, 60):
        try:
            point = ((start, 0), twist.lift((start, 0), greater=False))
        except ValueError:
            continue
        if not twist.in_subgroup(point):
            break
    path = written(tmp_path, gnark())
    expect("malformed.ptau.g2", path, written(tmp_path, gnark_g2(point), "g2"))


@pytest.mark.parametrize("compressed", [True, False])
def test_broken_files_of_arkworks(compressed: bool, tmp_path: Path) -> None:
    good = layout("pair", compressed)
    step = 32 if compressed else 64
    second, g2_at = 8 + step, 8 + COUNT * step + 8
    infinity = bytes(step - 1) + b"\x40"
    cases: list[tuple[bytes, str]] = [
        (good[:-1], "length"),
        (good + b"\0", "length"),
        (put(0, b"\xff" * 8)(good), "length"),
        (put(0, (COUNT + 1).to_bytes(8, "little"))(good), "length"),
        (put(second, infinity)(good), "point"),
        (put(second, P.to_bytes(32, "little"))(good), "point"),
        (put(g2_at, bytes(2 * step - 1) + b"\x40")(good), "point"),
        (put(g2_at + 2 * step, good[g2_at : g2_at + 2 * step])(good), "pairing"),
        (put(g2_at, ark_g2(2, compressed))(good), "generator"),
        (put(second, ark_g1(TAU + 1, compressed))(good), "pairing"),
        (layout("pair", compressed, [1, TAU, POWERS[3], POWERS[2]]), "pairing"),
        (layout("pair", compressed, [1] * COUNT), "generator"),
        (layout("pair", compressed, [1, R - 1, 1, R - 1]), "order"),
        (layout("poly", compressed)[:-8], "length"),
        (layout("jelly", compressed) + bytes(8), "length"),
    ]
    if not compressed:
        cases.append((put(second + 32, (1).to_bytes(32, "little"))(good), "point"))
        cases.append((put(g2_at + 64, (1).to_bytes(32, "little"))(good), "point"))
    for number, (content, code) in enumerate(cases):
        path = written(tmp_path, content, f"case{number}")
        expect(f"malformed.ptau.{code}", path)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_a_power_of_tau_that_is_one(order: int, tmp_path: Path) -> None:
    """tau^(k n) = 1, where the k n powers below are all that the file has."""
    tau = pow(5, (R - 1) // order, R)
    powers = [pow(tau, i, R) for i in range(order)]
    more = written(tmp_path, gnark_powers_of_two(tau, 1), "g2")
    expect("malformed.ptau.order", written(tmp_path, gnark(powers)), more)


def test_too_few_powers_and_no_file(tmp_path: Path) -> None:
    for content in (gnark(), layout("pair", True), layout("pair", False)):
        said = expect("refused.ptau.power", written(tmp_path, content), length=COUNT + 1)
        assert "it has 4 powers" in said
    path = written(tmp_path, gnark())
    for paths in ((tmp_path / "none", None), (path, tmp_path / "none")):
        with pytest.raises(Unavailable) as caught:
            import_ceremony(paths[0], native(), tau_g2=paths[1])
        assert caught.value.code == "unavailable.ptau"
        assert caught.value.message.startswith("none: ")  # whichever of the two is missing


def test_the_real_ceremony(shared_data: Path, tmp_path: Path) -> None:
    """All of its powers, with and without the file of G2; two exchanged; files exchanged."""
    path, more = (
        shared_data / "srs" / name
        for name in ("ppot_0085_g1_65536.point", "ppot_0085_g2_powerOf2.point")
    )
    for given in (None, more):
        setup = import_ceremony(path, native(), tau_g2=given)
        assert setup.length == 65_536 and setup.status == "ceremony PPoT 0085"
        assert f"{setup.srs_id:050x}" == "2e26b2de85eb9b5736c999feba5daab0fd668eeeeb84b4e36a"
    expect("malformed.ptau.magic", more)
    changed = swapped(path.read_bytes(), 40_000, 40_001, 32)
    expect("malformed.ptau.pairing", written(tmp_path, changed))
    expect("malformed.ptau.length", written(tmp_path, path.read_bytes()[:-7]))
