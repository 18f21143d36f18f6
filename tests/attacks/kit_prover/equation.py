"""The equation of the opening, part by part: without each, a proof of something false passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial

from attacks.kit_prover.forged_rounds import (
    ALGORITHM,
    ALPHA,
    BETA,
    XI,
    KnownXi,
    NoQuotient,
    NoRecord,
    OpenedOnce,
    Unopened,
    ZeroClaim,
    batch_of_one,
    errors_that_cancel,
    fixed,
    known_alpha,
    known_beta,
    late_opening,
    late_point,
    late_value,
    late_word,
    other_key,
    records_of_nobody,
    values_that_cancel,
)
from attacks.kit_prover.judging import Forgery, plain
from attacks.kit_prover.mutants import Attempt, Edit, Verifier, edit
from attacks.kit_prover.targets import lie, shows, small, told

from circuits.language.circuit import FIRST, FIXED, SECOND

_factor = "factor = weight * (rotated if pack.rotated else unrotated)"


def _pack(stage: int, rotated: bool, value: str, cheat: str = "bus") -> tuple[Edit, Forgery]:
    name = f"packs of stage {stage}{', rotated' * rotated}: opened"
    new = f"{_factor} * int((pack.stage, pack.rotated) != ({stage}, {rotated}))"
    moves = {value: 1}
    return edit(name, ALGORITHM, _factor, new), Forgery(
        plain(lambda: shows(*told(Unopened(stage, rotated, **moves), cheat, lie(cheat))))
    )


def _absorbed(
    label: str, new: str, make: Callable[[Verifier], Attempt], what: str = ""
) -> tuple[Edit, Forgery]:
    old = f'L.absorb("{label}", ' + {
        "statement": "[*words, *record_words])", "values": "L.value_words())"
    }.get(label, f'L.point_words("{label}"))')  # fmt: skip
    return edit(
        f"{what or label}: absorbed", ALGORITHM, old, f'L.absorb("{label}", {new}'
    ), Forgery(make)


def _late(
    name: str, point: str, label: str, cheat: int = 0, keep: slice | None = None
) -> Callable[[Verifier], Attempt]:
    return partial(late_point, name, point, label, keep, cheat)


@cache
def equation() -> Mapping[str, tuple[tuple[Edit, ...], Forgery]]:
    """Every part of the steps, without which a forgery passes."""
    zero_record = plain(records_of_nobody, ZeroClaim(), None, 5)
    entries: list[tuple[Edit | tuple[Edit, ...], Forgery]] = [
        # what the transcript takes in
        _absorbed("statement", "[*record_words])", late_word, "statement words")[0:2],
        _absorbed(
            "statement", "[*words])", _late("record", "record", "statement", 2, slice(0, 1)), "C'"
        ),
        _absorbed("stage1", "[])", _late("bus", "stage1[0]", "stage1")),
        _absorbed("stage2", "[])", _late("bus", "stage2[0]", "stage2")),
        _absorbed("quotient", "[])", _late("bus", "quotient", "quotient")),
        _absorbed("values", "[])", late_value),
        _absorbed("opening", "[])", _late("bus", "opening", "opening")),
        (
            edit(
                "key digest: absorbed",
                "verifier.loader",
                "Transcript(key.digest,",
                "Transcript(bytes(32),",
            ),
            Forgery(plain(other_key)),
        ),
        # what it gives
        (
            edit(
                "the circuit's challenges: drawn",
                ALGORITHM,
                "scalars[name] = L.challenge(name)",
                f"scalars[name] = (L.challenge(name), L.constant({BETA}))[1]",
            ),
            Forgery(plain(known_beta)),
        ),
        (fixed("alpha", ALPHA), Forgery(plain(known_alpha))),
        (fixed("xi", XI), Forgery(plain(lambda: shows(*told(KnownXi(xi=XI), "bus", lie("bus")))))),
        (fixed("v", 1), Forgery(plain(values_that_cancel))),
        (fixed("y", XI), Forgery(late_opening)),
        # the opening
        _pack(FIXED, False, "is_on_0"),
        _pack(FIRST, False, "sent_0"),
        _pack(SECOND, False, "helper_bus_0"),
        _pack(SECOND, True, "running_sum_0"),
        (
            (
                edit(
                    "registers: opened at omega xi",
                    ALGORITHM,
                    _factor,
                    "factor = weight * unrotated",
                ),
                edit("", ALGORITHM, "if pack.rotated:\n", "if False:\n"),
            ),
            Forgery(plain(lambda: shows(*told(OpenedOnce(running_sum_1=1), "bus", lie("bus"))))),
        ),
        (
            edit("packs: a power of v each", ALGORITHM, "weight = weight * v", "pass"),
            Forgery(plain(values_that_cancel)),
        ),
        (
            edit(
                "T, R' and the claim: in the equation",
                ALGORITHM,
                "factor = weight * both",
                "factor = L.constant(0)",
            ),
            Forgery(plain(lambda: shows(*told(NoQuotient(), "bus", lie("bus"))))),
        ),
        (
            edit("C': in the equation", ALGORITHM, "    if has_record:\n", "    if False:\n"),
            Forgery(plain(records_of_nobody, NoRecord(), small("record")[0].witness.commitment, 5)),
        ),
        (
            edit(
                "the claim: of the constraints",
                ALGORITHM,
                "claim = interpret(",
                "claim = L.constant(0) * interpret(",
            ),
            Forgery(zero_record),
        ),
        # the batch
        (
            edit(
                "batch: random weights",
                "verifier.batch",
                "1 + secrets.randbelow((1 << WEIGHT_BITS) - 1) for",
                "1 for",
            ),
            Forgery(plain(errors_that_cancel)),
        ),
        (
            edit(
                "batch: the product of pairings",
                "verifier.batch",
                "return algebra.pairing_check(pairs)",
                "return True",
            ),
            Forgery(plain(batch_of_one)),
        ),
    ]
    out = {}
    for edits, forgery in entries:
        together = edits if isinstance(edits, tuple) else (edits,)
        out[together[0].id] = (together, forgery)
    return out
