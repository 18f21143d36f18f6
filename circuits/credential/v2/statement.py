"""
The credential statement: one institution's attested log meets one tier's thresholds
(docs/explanation/protocol.md 3).

`credential` is the whole statement on one page; each line's file says what a cheat gains if it is
dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import Any

from algebra.interface import Point, R
from circuits.credential.v2.comparisons import comparisons
from circuits.credential.v2.days import DayParameters, day_rows, sum_rows
from circuits.credential.v2.layout import Layout
from circuits.credential.v2.link import PublicPoint, link, window_table
from circuits.credential.v2.records import DAY, record_rows
from circuits.credential.v2.score import scale_entry, score
from circuits.credential.v2.sponge import hashes
from circuits.credential.v2.trace import RANGE, Shared, point_entry
from circuits.credential.version import StatementVersion, check_class
from circuits.language.circuit import END_ROWS, Circuit, Loader
from circuits.language.expression import Expression
from history.v2.feed import NO_FEED
from history.v2.leaf_words import leaf_header
from history.v2.metrics import METRICS
from history.v2.metrics.form import LIMBS_PER_WORD
from history.v2.metrics.form import WORDS as THRESHOLD_WORDS
from history.v2.metrics.losses import REGIME
from history.v2.metrics.margin import drawdown_line
from history.v2.metrics.score import STEPS
from history.v2.metrics.table import MetricTable
from history.v2.posterior import POSTERIOR_WORDS
from history.v2.record import CLASSES, MAX_DAYS

NAME = "tierproof-credential/2"
WORDS = tuple(f"t{i}" for i in range(THRESHOLD_WORDS))
STATEMENT = ("root", "nullifier", "scope", "account", "window", *WORDS, "feed")
DIGESTS = ("root", "nullifier", "scope", "feed")
"""Words that are elements of the field."""
POINT_PARTS = ((0, 96), (96, 96), (192, 62))
"""Coefficients of 2^96 of a coordinate: first bit and width."""


def credential(c: Circuit, layout: Layout) -> None:
    """The statement. `derive` gives every public scalar that it uses."""
    t = threshold_scalars(c, layout.metrics)
    days = c.scalar("days", 0, MAX_DAYS)
    first_day, last_day = (
        c.scalar("first_day", 0, (1 << 24) - 1),
        c.scalar("last_day", 0, (1 << 24) - 1),
    )
    root, nullifier, scope, feed = (c.scalar(name, 0, R - 1) for name in DIGESTS)
    public = PublicPoint(
        *[
            [
                c.scalar(f"{axis}{i}", 0, (1 << width) - 1)
                for i, (_, width) in enumerate(POINT_PARTS)
            ]
            for axis in "xy"
        ]
    )
    s = Shared(c)
    records = c.kind("record", range(layout.capacity), pure=True)
    numerator = record_rows(s, records, t.ask[5] * t.distance, t.near_line, exposure_line(t))
    point = link(s, layout, public)  # C' - C in span(H): no record is hashed
    hashes(
        s,
        layout,
        root=root,
        nullifier=nullifier,
        scope=scope,
        first_day=first_day,
        last_day=last_day,
        feed=feed,
    )
    with_totals, totals = day_rows(
        s, layout, DayParameters(t.floor, t.activity, index_floor(t), t.shortfall_mode)
    )
    sum_rows(s, layout)
    comparisons(s, layout, t, days)
    s.look_up_all(point, {"link.point": c.kinds["link_t1"], "score.place": score(s, layout, t)})
    exchange(s, records.selector, numerator, with_totals, totals)
    c.close()


def exchange(
    s: Shared,
    record: Expression,
    numerator: Expression,
    with_totals: Expression,
    totals: Expression,
) -> None:
    """
    One helper column for two arguments on disjoint rows (docs/explanation/protocol.md 3.3).

    On record and day rows: the group-by, sum v/(gamma - day) = sum total/(gamma - day). On bus
    rows: two messages, a multiplicity over (bus + id + message * value) each. On other rows:
    nothing.

    Correctness: without it totals, sums and words of the leaf would be free.
    """
    c, ch = s.circuit, s.challenge
    bus = c.kind("bus", s.place_messages(), pure=True).selector
    first = ch["bus"] + s.c[0] + ch["message"] * s.free[0]
    second = ch["bus"] + s.c[1] + ch["message"] * s.free[1]
    denominator = (
        record * (ch["gamma"] - s.limb[DAY])
        + with_totals * (ch["gamma"] - s.c[0])
        + bus * first * second
        + (1 - record - with_totals - bus)
    )
    c.helper(
        "exchange",
        [(record * numerator - totals + bus * (s.c[2] * second + s.c[3] * first), denominator)],
    )


def threshold_scalars(c: Circuit, metrics: MetricTable) -> SimpleNamespace:
    """
    Every number of the threshold words, as it lies in its limbs, and the bits of the mask: `t` of
    the metrics' formulas.
    """
    scalars = {
        f"t_{name}": c.scalar(f"t_{name}", 0, (1 << 12 * limbs) - 1)
        for name, (_, limbs) in metrics.scalars.items()
    }
    return by_name(scalars | {f"ask_{m}": c.scalar(f"ask_{m}", 0, 1) for m in metrics.names})


def by_name(scalars: Mapping[str, Any]) -> SimpleNamespace:
    """Public scalars as the gadgets read them: `t.volume`, and `t.ask[10]`."""
    t = SimpleNamespace(**{name[2:]: v for name, v in scalars.items() if name.startswith("t_")})
    t.ask = {int(name[4:]): v for name, v in scalars.items() if name.startswith("ask_")}
    return t


def exposure_line(t: Any) -> Any:
    """M16's threshold, 4095 where the tier does not ask."""
    weakest = METRICS.slots["peak_exposure"].weakest
    return t.ask[16] * (t.peak_exposure - weakest) + weakest


def index_floor(t: Any) -> Any:
    """Least index that M7 admits, 0 where the tier does not ask."""
    return t.ask[7] * drawdown_line(t)


def derive(
    L: Loader,
    words: Sequence[Any],
    record: tuple[Any, Any] | None,
    metrics: MetricTable = METRICS,
) -> dict[str, Any]:
    """
    All public scalars from the statement's words; what no honest policy has is refused
    (docs/explanation/protocol.md 6.1).

    The scope is the caller's to compute. The account is bound by the transcript alone.
    """
    out = {name: L.value(words[STATEMENT.index(name)]) for name in DIGESTS}
    account, window, thresholds = words[3], words[4], words[5 : 5 + THRESHOLD_WORDS]
    L.require_less(L.constant(0), account, "the account is zero")
    L.require_less(account, L.constant(1 << 160), "the account is not an address")
    L.require_less(window, L.constant(1 << 48), "the window has more than two days")
    out["first_day"], out["last_day"] = L.bits(window, 0, 24), L.bits(window, 24, 24)
    L.require_less(out["first_day"], out["last_day"], "the window has less than two days")
    out["days"] = out["last_day"] - out["first_day"] + 1
    L.require_less(out["days"], L.constant(MAX_DAYS + 1), "the window has more than 366 days")
    mask_word, mask = divmod(metrics.slots["mask"].start, LIMBS_PER_WORD)
    for word in thresholds[:mask_word]:
        L.require_less(
            word, L.constant(1 << 12 * LIMBS_PER_WORD), "a threshold word has unused bits"
        )
    L.require_less(
        thresholds[mask_word], L.constant(1 << 12 * mask + len(metrics)), "the mask has unused bits"
    )
    for limb in metrics.spare:
        spare = number(L, thresholds, limb, 1)
        L.require_less(spare, L.constant(1), "a spare limb of the threshold words is set")
    for name, (start, limbs) in metrics.scalars.items():
        out[f"t_{name}"] = number(L, thresholds, start, limbs)
    for metric in metrics.names:
        out[f"ask_{metric}"] = L.bits(thresholds[mask_word], 12 * mask + metric - 1, 1)
    for metric in metrics.refused:
        L.require_less(out[f"ask_{metric}"], L.constant(1), f"no tier can ask for M{metric}")
    L.require_less(L.constant(0), out["t_floor"], "the floor is zero")
    L.require_less(L.constant(0), out["t_activity"], "the activity line is zero")
    asks, worst = out["ask_24"], out["t_worst_days"]
    L.require_less(asks, worst + 1, "M24 is asked of no day")
    L.require_less(asks * worst, out["days"] + 1, "M24 is asked of more days than there are")
    L.require_less(out["t_shortfall_mode"], L.constant(REGIME + 1), "M24 has no such mode")
    # without an index M2 and M25 have no variance and fail; M24 would take a third of each loss
    absent = out["feed"] - L.constant(NO_FEED)
    by_regime = asks * mode_bit(L, thresholds, metrics)
    L.require_less(
        L.constant(0), by_regime * (absent - 1) + 1, "M24 by volatility is asked without a feed"
    )
    L.require_less(
        out["ask_5"] * out["t_distance"], out["t_near_line"] + 1, "M5 is above the near line"
    )
    for k in range(
        POSTERIOR_WORDS - 1
    ):  # else a day counted as near that is not could help (docs/explanation/metrics.md C3)
        here, after = (
            out["ask_8"] * out[f"t_near_word_{k}"],
            out["ask_8"] * out[f"t_near_word_{k + 1}"],
        )
        L.require_less(here + out["ask_8"], after + 1, "the numbers of M8 do not increase")
    if record is not None:
        for axis, word in zip("xy", record, strict=True):
            for i, (shift, width) in enumerate(POINT_PARTS):
                out[f"{axis}{i}"] = L.bits(word, shift, width)
    return out


def mode_bit(L: Loader, words: Sequence[Any], metrics: MetricTable) -> Any:
    """Bit 1 of M24's mode: of the three, `REGIME` alone has it."""
    word, limb = divmod(metrics.slots["shortfall_mode"].start, LIMBS_PER_WORD)
    return L.bits(words[word], 12 * limb + 1, 1)


def number(L: Loader, words: Sequence[Any], start: int, limbs: int) -> Any:
    """A number of the layout, which may lie across two words."""
    word, limb = divmod(start, LIMBS_PER_WORD)
    here = min(limbs, LIMBS_PER_WORD - limb)
    value = L.bits(words[word], 12 * limb, 12 * here)
    if here < limbs:
        value = value + L.bits(words[word + 1], 0, 12 * (limbs - here)) * (1 << 12 * here)
    return value


def _text(n: int, metrics: MetricTable, name: str) -> Circuit:
    check_class(n, CLASSES)
    circuit = Circuit(name, n, statement=STATEMENT, derive=partial(derive, metrics=metrics))
    credential(circuit, Layout(n, metrics))
    return circuit


def credential_circuit(
    n: int, vanishing_point: Point, srs_id: int, metrics: MetricTable = METRICS, name: str = NAME
) -> Circuit:
    """
    The circuit of class n for one setup: the window table of H and the leaf's header are fixed
    values.
    """
    circuit = _text(n, metrics, name)
    shared_table(circuit, window_table(vanishing_point))
    header = leaf_header(n.bit_length() - 1, srs_id)
    circuit.set_fixed("c0", Layout(n, metrics).permutation(2), header)
    return circuit


def shared_table(circuit: Circuit, points: Sequence[tuple[int, int]]) -> None:
    """
    Fill the lookup table: 0 .. 4095, the window's points, the scale of M26, then copies of entry 0.
    """
    entries = [*map(point_entry, points), *map(scale_entry, range(STEPS))]
    if RANGE + len(entries) > circuit.size - END_ROWS:
        raise ValueError("table: range, points and scale do not fit this class")
    for value in range(RANGE):
        circuit.set_fixed("table0", value, value)
    for i, entry in enumerate(entries):
        for part, value in enumerate(entry):
            circuit.set_fixed(f"table{part}", RANGE + i, value)


def version_of(name: str, metrics: MetricTable) -> StatementVersion:
    """The version that has this text, under a name, with a table of metrics."""
    return StatementVersion(
        name=name,
        words=STATEMENT,
        classes=CLASSES,
        metrics=metrics,
        capacity=lambda n: Layout(n, metrics).capacity,
        text=lru_cache(maxsize=4)(partial(_text, metrics=metrics, name=name)),
        circuit=partial(credential_circuit, metrics=metrics, name=name),
        window_table=window_table,
    )


VERSION = version_of(NAME, METRICS)
"""This version, as `circuits.versions` lists it."""
credential_text = VERSION.text
"""The circuit of class n without the setup's fixed values: all that a verifier needs."""
