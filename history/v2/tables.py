"""
Tables of the docs, made from the code: `python -m history.v2.tables` writes them, `--check` checks.

Each stands in its page between `<!-- table NAME -->` and `<!-- end -->`: day totals, metrics and
threshold words in docs/explanation/metrics.md, comparison rows in docs/explanation/layout.md.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from history.v2.metrics import METRICS
from history.v2.metrics.form import Condition, Metric, Threshold
from history.v2.totals import FLAGS, TOTALS, Total

DOCS = Path(__file__).resolve().parents[2] / "docs" / "explanation"
SYMBOLS = {
    "days": "N",
    "returns": "S(r)",
    "profit": "S(P)",
    "profit_square": "S(P^2)",
    "available": "S(C)",
    "kept": "S(H)",
    "active_days": "S(a)",
    "near_days": "K",
    "counted_days": "M",
    "best_day": "m",
    "gain": "G",
    "least_distance": "every record: distance",
    "peak_exposure": "every record: exposure",
    "least_index": "every day: X",
}
"""What the pages call the names of `h`; another name x is S(x)."""


# -- formulas --------------------------------------------------------------------------------------
class Symbol:
    """A side of an inequality as the pages write it; enough arithmetic for the metrics."""

    def __init__(self, text: str, *, factor: bool = True) -> None:
        self.text, self.factor = text, factor

    def __mul__(self, other: Symbol | int) -> Symbol:
        if isinstance(other, int):
            return Symbol(f"{number(other)} {self._inside}")
        return Symbol(f"{self._inside} {other._inside}")

    def __add__(self, other: Symbol | int) -> Symbol:
        return Symbol(f"{self.text} + {_symbol(other).text}", factor=False)

    def __sub__(self, other: Symbol | int) -> Symbol:
        return Symbol(f"{self.text} - {_symbol(other)._inside}", factor=False)

    def __rsub__(self, other: int) -> Symbol:
        return _symbol(other) - self

    @property
    def _inside(self) -> str:
        return self.text if self.factor else f"({self.text})"


def _symbol(side: Symbol | int) -> Symbol:
    return side if isinstance(side, Symbol) else Symbol(number(side))


def number(value: int) -> str:
    """Powers of ten as 10^n, powers of two from 2^12 as 2^n."""
    zeros = len(str(value)) - 1
    if value == 10**zeros and zeros > 2:
        return f"10^{zeros}"
    return (
        f"2^{value.bit_length() - 1}" if value >= 4096 and not value & (value - 1) else str(value)
    )


class _History:
    def __getattr__(self, name: str) -> Symbol:
        return Symbol(SYMBOLS.get(name, f"S({name})"))


class _Thresholds:
    """T for the metric's first number, T' for its second."""

    def __init__(self, metric: Metric) -> None:
        self.names = {n.name: "T" + "'" * i for i, n in enumerate(metric.thresholds)}

    def __getattr__(self, name: str) -> Symbol:
        return Symbol(self.names[name])


def formula(metric: Metric, condition: Condition) -> str:
    """An inequality with T on its right."""
    left, right = (_symbol(side).text for side in condition.sides(_History(), _Thresholds(metric)))
    return f"{right} <= {left}" if "T" in left.split()[0] else f"{left} >= {right}"


# -- tables ----------------------------------------------------------------------------------------
def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines).replace("  |", " |")


def columns(head: tuple[str, str], cells: Sequence[tuple[str, str]], count: int = 3) -> str:
    """A long table of two columns, folded into `count` beside each other, read downwards."""
    height = -(-len(cells) // count)
    padded = [*cells, *[("", "")] * (height * count - len(cells))]
    rows = [[x for j in range(count) for x in padded[i + j * height]] for i in range(height)]
    return table(head * count, rows)


def day_totals() -> str:
    """B1: what each total sums."""

    def says(total: Total) -> str:
        flags = " + ".join(FLAGS.get(flag, flag) for flag in total.flags)
        of = {"one": "", "square": "value^2 "}.get(total.of, f"{total.of} ")
        return of + (f"({flags})" if of and len(total.flags) > 1 else flags)

    return columns(("total", "v"), [(name, says(total)) for name, total in TOTALS.items()])


def metrics() -> str:
    """C0: every metric on a line."""

    def holds(metric: Metric) -> str:
        if metric.refused:
            return metric.see
        shown = [*reversed(metric.conditions)]
        if metric.see:
            own = metric.threshold.name
            shown = [c for c in shown if c.threshold not in (None, own)]
        said = [formula(metric, c) for c in shown]
        if metric.see:
            said.insert(0, metric.see)
        return "; ".join(said)

    def otherwise(metric: Metric) -> str:
        if metric.refused:
            return f"refused: {metric.refused}"
        said = [c.failed for c in metric.conditions if c.threshold is None]
        return "; ".join(said).format(left="n", right="more")

    def limbs(metric: Metric) -> str:
        return ", ".join(str(condition.cells.limbs) for condition in metric.shown)

    head = ("id", "metric", "holds if", "threshold: bits, unit", "not defined, so fails", "limbs")
    return table(
        head,
        (
            (f"M{m.number}", m.name, holds(m), _thresholds(m), otherwise(m), limbs(m))
            for m in METRICS
        ),
    )


def _thresholds(metric: Metric) -> str:
    def says(n: Threshold, i: int) -> str:
        bits = (
            f"{n.count} x {n.limbs * 12}"
            if n.count > 1
            else str((n.greatest + n.offset).bit_length())
        )
        least = f", >= {n.least}" if n.least else ""
        signed = ", signed" if n.offset else ""
        greatest = f", <= {number(n.greatest)}" if n.greatest + 1 & n.greatest else ""
        return f"T{chr(39) * i} {bits}, {n.unit.label}{signed}{least}{greatest}"

    return "; ".join(says(n, i) for i, n in enumerate(metric.thresholds))


def words() -> str:
    """G: which limbs hold what."""
    cells: list[tuple[str, str]] = []
    starts = METRICS.slots
    mask = starts["mask"]
    owners: dict[Threshold, list[int]] = {n: [] for n in METRICS.common}
    for metric in METRICS:
        for n in metric.thresholds:
            owners.setdefault(n, []).append(metric.number)
    for n, numbers in owners.items():
        first, last = starts[n.names[0]].start, starts[n.names[-1]]
        who = "".join(f"M{i}, " for i in numbers).removesuffix(", ")
        offset = f" + {number(n.offset)}" if n.offset else ""
        cells.append((_range(first, last.start + last.limbs), f"{who} `{n.name}`{offset}".strip()))
    cells += [(_range(a, b), "0") for a, b in _runs(METRICS.spare)]
    cells.sort(key=lambda cell: int(cell[0].split("-")[0]))
    cells.append((_range(mask.start, mask.start + mask.limbs), "mask: bit i - 1 asks Mi"))
    return columns(("limbs", "number"), cells)


def comparisons() -> str:
    """Layout 6: the comparison rows."""

    def listed(names: Iterable[str]) -> str:
        return ", ".join(f"`{name}`" for name in names)

    def shows(row: str) -> str:
        return "; ".join(
            f"{_range(c.cells.start, c.cells.start + c.cells.limbs)} M{m.number}.{c.label}"
            for m in METRICS
            for c in m.shown
            if c.row == row
        )

    rows = (
        (
            f"`{name}`",
            listed(row.sums),
            listed(row.handed),
            listed(p.name for p in row.parts),
            shows(name),
        )
        for name, row in METRICS.rows.items()
    )
    head = (
        "row",
        "takes in free 0, 1",
        "takes over from free 2 on (0 without sums)",
        "makes",
        "limbs: left - right of",
    )
    return table(head, rows)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbours together: first, and one past the last."""
    starts = [n for n in numbers if n - 1 not in numbers]
    ends = [n + 1 for n in numbers if n + 1 not in numbers]
    return list(zip(starts, ends, strict=True))


def _range(start: int, end: int) -> str:
    return str(start) if end == start + 1 else f"{start}-{end - 1}"


# -- pages -----------------------------------------------------------------------------------------
TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "day totals": ("metrics.md", day_totals),
    "metrics": ("metrics.md", metrics),
    "threshold words": ("metrics.md", words),
    "comparison rows": ("layout.md", comparisons),
}


def written(page: str, name: str, text: str) -> str:
    """The page with table `name` replaced; ValueError where it has no such place."""
    begin, end = f"<!-- table {name} -->", "<!-- end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{end}", re.DOTALL)
    out, found = pattern.subn(lambda _: f"{begin}\n\n{text}\n\n{end}", page)
    if found != 1:
        raise ValueError(f"docs: {found} places for table {name}")
    return out


def stale(folder: Path = DOCS, *, write: bool = False) -> list[str]:
    """Names of tables that are not as the code says; `write` puts them right."""
    out = []
    for name, (file, make) in TABLES.items():
        path = folder / file
        page = path.read_text(encoding="utf-8")
        fresh = written(page, name, make())
        if fresh != page:
            out.append(name)
            if write:
                path.write_text(fresh, encoding="utf-8")
    return out


def main(arguments: Sequence[str]) -> int:
    """0 where all is current or was written, 1 where `--check` finds a stale table."""
    if not DOCS.is_dir():
        print("docs: not here; run this in the source tree", file=sys.stderr)
        return 2
    check = "--check" in arguments
    found = stale(write=not check)
    for name in found:
        print(f"table {name}: {'stale; run python -m history.v2.tables' if check else 'written'}")
    return int(check and bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
