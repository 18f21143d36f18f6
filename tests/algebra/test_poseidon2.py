"""Poseidon2 against every published answer, and the sponge against its definition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from algebra import poseidon2
from algebra.interface import R

WIDTHS = (2, 3, 4, 8, 12, 16)


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> dict[int, Any]:
    text = (shared_data / "vectors" / "poseidon2_bn254_kats.json").read_text()
    return {case["t"]: case for case in json.loads(text)["cases"]}


@pytest.mark.parametrize("width", WIDTHS)
def test_published_answer(cases: dict[int, Any], width: int) -> None:
    case = cases[width]
    instance = poseidon2.parameters(width)
    assert case["rounds_full"] == poseidon2.FULL_ROUNDS == len(instance.full_constants)
    assert case["rounds_partial"] == len(instance.partial_constants)
    assert int(case["first_round_constant"], 16) == instance.full_constants[0][0]
    assert (
        tuple(int(x, 16) for x in case["internal_diagonal_minus_one"]) == instance.internal_diagonal
    )
    assert poseidon2.permutation(range(width)) == tuple(int(x, 16) for x in case["output"])


def test_horizen_labs_round_constants_and_answers(shared_data: Path) -> None:
    published = json.loads(
        (shared_data / "vectors" / "poseidon2_bn256_t3_horizenlabs.json").read_text()
    )
    assert (
        tuple(tuple(int(x, 16) for x in row) for row in published["round_constants"])
        == poseidon2.ROUND_CONSTANTS
    )
    for answer in published["kats"]:
        state = [int(x, 16) for x in answer["input"]]
        expected = tuple(int(x, 16) for x in answer["output"])
        assert poseidon2.permute(state) == expected == poseidon2.permutation(state)


def _multiply(left: list[int], right: list[int], modulus: list[int]) -> list[int]:
    """Product of polynomials (ascending) modulo a monic one."""
    degree = len(modulus) - 1
    product = [0] * (2 * degree - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            product[i + j] += a * b
    for i in range(2 * degree - 2, degree - 1, -1):
        top = product[i] % R
        for j in range(degree):
            product[i - degree + j] -= top * modulus[j]
    return [x % R for x in product[:degree]]


def _characteristic(matrix: list[list[int]]) -> list[int]:
    """Characteristic polynomial (ascending, monic) by Faddeev and LeVerrier."""
    size = len(matrix)
    coefficients = [0] * size + [1]
    work = [[0] * size for _ in range(size)]
    for k in range(1, size + 1):
        for i in range(size):
            work[i][i] = (work[i][i] + coefficients[size - k + 1]) % R
        columns = list(zip(*work, strict=True))
        work = [
            [sum(a * b for a, b in zip(row, c, strict=True)) % R for c in columns] for row in matrix
        ]
        coefficients[size - k] = -sum(work[i][i] for i in range(size)) * pow(k, -1, R) % R
    return coefficients


def _irreducible(modulus: list[int]) -> bool:
    """Ben-Or: gcd(x^(r^i) - x, f) = 1 for i up to half the degree."""
    degree = len(modulus) - 1
    power = [0, 1] + [0] * (degree - 2)
    for _ in range(degree // 2):
        base, result = power, [1] + [0] * (degree - 1)
        for bit in bin(R)[2:]:
            result = _multiply(result, result, modulus)
            if bit == "1":
                result = _multiply(result, base, modulus)
        power = result
        a, b = modulus[:], [(c - (i == 1)) % R for i, c in enumerate(power)]
        while any(b):
            while b[-1] == 0:
                b.pop()
            inverse = pow(b[-1], -1, R)
            while len(a) >= len(b):
                factor = a[-1] * inverse % R
                for i in range(1, len(b) + 1):
                    a[-i] = (a[-i] - factor * b[-i]) % R
                a.pop()
            a, b = b, a or [0]
        if len(a) > 1:
            return False
    return True


@pytest.mark.parametrize(
    "width",
    (4, 8, pytest.param(12, marks=pytest.mark.slow), pytest.param(16, marks=pytest.mark.slow)),
)
def test_kept_diagonal_is_the_first_without_invariant_trails(width: int) -> None:
    """
    Drawing again from the generator, every earlier draw fails the condition on M^1 .. M^2t and ours
    meets it.
    """
    integers = poseidon2.grain_integers(width, poseidon2.PARTIAL_ROUNDS[width])
    wanted = poseidon2.FULL_ROUNDS * width + poseidon2.PARTIAL_ROUNDS[width]
    while wanted:
        wanted -= next(integers) < R
    for draw in range(poseidon2.DIAGONAL_DRAW[width] + 1):
        diagonal = [next(integers) % R for _ in range(width)]
        matrix = [[diagonal[i] if i == j else 1 for j in range(width)] for i in range(width)]
        power, good = matrix, True
        for _ in range(2 * width):
            if not _irreducible(_characteristic(power)):
                good = False
                break
            columns = list(zip(*matrix, strict=True))
            power = [
                [sum(a * b for a, b in zip(row, c, strict=True)) % R for c in columns]
                for row in power
            ]
        assert good == (draw == poseidon2.DIAGONAL_DRAW[width]), f"draw {draw}"


def test_permute_is_permutation_of_width_three() -> None:
    state: tuple[int, ...] = (R - 1, 2**200 + 3, 7)
    for _ in range(20):
        assert poseidon2.permute(state) == poseidon2.permutation(state)
        state = poseidon2.permutation(state)
    assert poseidon2.permute((R, R + 1, 2 * R + 2)) == poseidon2.permute((0, 1, 2))


def test_sponge_follows_its_definition() -> None:
    words = [5, 6, 7]
    state = poseidon2.permutation((5, 6, (4 << 32) + 3))
    state = poseidon2.permutation(((state[0] + 7) % R, state[1], state[2]))
    assert poseidon2.hash_words(poseidon2.TAG_NULLIFIER, words) == state[0]


def test_tag_and_length_separate() -> None:
    tags = (poseidon2.TAG_LEAF, poseidon2.TAG_NODE, poseidon2.TAG_OWNER, poseidon2.TAG_NULLIFIER)
    digests = {
        poseidon2.hash_words(tag, words)
        for tag in tags
        for words in ([1], [1, 0], [1, 0, 0], [0, 1])
    }
    assert len(digests) == 16


@pytest.mark.parametrize(
    ("tag", "words"), [(1, []), (1, [0, R]), (1, [-1]), (-1, [0]), (1 << 32, [0])], ids=str
)
def test_sponge_refuses(tag: int, words: list[int]) -> None:
    with pytest.raises(ValueError, match="hash"):
        poseidon2.hash_words(tag, words)


def test_errors_show_no_secret_word() -> None:
    secret = R + 987654321
    with pytest.raises(ValueError) as caught:
        poseidon2.hash_words(1, [1, secret])
    assert str(secret) not in str(caught.value)
    assert "word 1" in str(caught.value)


@pytest.mark.parametrize("width", (0, 1, 5, 6, 24))
def test_unsupported_width(width: int) -> None:
    with pytest.raises(ValueError, match="width"):
        poseidon2.permutation([0] * width)


def test_permute_wants_three_words() -> None:
    with pytest.raises(ValueError, match="3 words"):
        poseidon2.permute([0, 0])
