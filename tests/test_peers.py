"""The figures of `make peers` have the shape that benchmarks/README.md says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers.report import ratios, table
from circuits.versions import CURRENT

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "benchmarks/results/peers.json"
FILES = [KEPT, ROOT / "build/peers.json"]


def figures(seconds: float, **more: Any) -> dict[str, Any]:
    return {
        "seconds": seconds,
        "peak_bytes": 1000,
        "verify_seconds": 0.002,
        "proof_bytes": 196,
        **more,
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_shape(path: Path) -> None:
    if not path.exists():
        pytest.skip(f"{path.name}: `make peers` has not run")
    report = json.loads(path.read_text())
    assert {"machine", "versions", "date", "ours", "ratio"} <= set(report)
    for peer in ("ours", "gnark_crypto", "arkworks", "snarkjs"):
        for sizes in report.get(peer, {}).get("kernels", {}).values():
            assert all(
                int(size) & (int(size) - 1) == 0 and seconds > 0 for size, seconds in sizes.items()
            )
    for peer in ("ours", "gnark_groth16", "gnark_plonk"):
        for count, one in report.get(peer, {}).get("prove", {}).items():
            assert one["records"] == int(count)
            assert one["seconds"] > 0
            assert one["peak_bytes"] > 0
    check_capacity(path, list(report["ours"]["prove"].values()))
    assert ratios(report) == report["ratio"]
    assert "us/record" in table(report)


def check_capacity(path: Path, ours: list[dict[str, Any]]) -> None:
    """
    Full logs. A run of this software holds what its classes hold; the run that is kept is of an
    earlier layout, whose classes held more: by one number of rows throughout, which README.md names
    beside today's.
    """
    (taken,) = {one["class"] - one["records"] for one in ours}
    now = {n - CURRENT.capacity(n) for n in CURRENT.sizes}
    if path != KEPT:
        assert {taken} == now, f"{path}: of another layout; run `make peers` again"
        return
    assert taken <= max(now)
    readme = (ROOT / "benchmarks/README.md").read_text()
    (named,) = re.findall(
        r"a class of 2\^k rows holds 2\^k - ([\d,]+); in the run that is kept,\s+of an earlier "
        r"layout, 2\^k - ([\d,]+)\)",
        readme,
    )
    assert [{int(each.replace(",", ""))} for each in named] == [now, {taken}]


def test_ratios_compare_equal_numbers_of_records_or_say_how_many() -> None:
    n, records = CURRENT.smallest_class(4096), 4096
    ours = figures(1.0, records=CURRENT.capacity(n), **{"class": n})
    report = {
        "ours": {
            "kernels": {"msm": {"16": 0.5}, "msm12": {"16": 0.05}, "ntt": {"16": 0.1}},
            "prove": {str(CURRENT.capacity(n)): ours},
        },
        "gnark_crypto": {"kernels": {"msm": {"16": 1.0}, "ntt_natural_order": {"16": 0.3}}},
        "gnark_groth16": {"prove": {str(records): figures(6.0, records=records)}},
    }
    ratio = ratios(report)
    assert ratio["kernels"]["gnark_crypto"]["msm"] == {"16": 2.0}
    assert ratio["kernels"]["gnark_crypto"]["ntt_natural_order"]["16"] == pytest.approx(3.0)
    assert ratio["kernels"]["msm_over_msm12"]["16"] == pytest.approx(10.0)
    entry = ratio["prove"]["gnark_groth16"][str(records)]
    assert entry["same_records"] == {
        "our_class": n,
        "our_records": CURRENT.capacity(n),
        "time": 6.0,
        "memory": 1.0,
    }
    assert entry["per_record"]["time"] == pytest.approx(6.0 * CURRENT.capacity(n) / records)
