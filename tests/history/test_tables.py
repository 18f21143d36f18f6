"""The tables of the docs are those of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from history.v2 import tables
from history.v2.metrics import METRICS


def test_the_pages_have_the_tables_of_the_code() -> None:
    assert tables.stale() == [], "run python -m history.v2.tables"


def test_a_changed_table_is_found_and_put_right(tmp_path: Path) -> None:
    for file in ("metrics.md", "layout.md"):
        (tmp_path / file).write_text((tables.DOCS / file).read_text("utf-8"), "utf-8")
    page = tmp_path / "metrics.md"
    page.write_text(page.read_text("utf-8").replace("S(volume) >= T |", "S(volume) > T |"), "utf-8")
    assert tables.stale(tmp_path) == ["metrics"] == tables.stale(tmp_path, write=True)
    assert tables.stale(tmp_path) == []
    page.write_text(page.read_text("utf-8").replace("<!-- table metrics -->", ""), "utf-8")
    with pytest.raises(ValueError, match="0 places for table metrics"):
        tables.stale(tmp_path)


def test_formulas_are_written_as_the_page_writes_them() -> None:
    written = {
        f"M{metric.number}.{condition.label}": tables.formula(metric, condition)
        for metric in METRICS
        for condition in metric.conditions
        if not metric.see
    }
    assert written["M7.drawdown"] == "every day: X >= 10^10 - 10^6 T"
    assert written["M9.turnover"] == "100 N S(volume) >= T S(C)"
    assert written["M15.mean_exposure"] == "100 S(open) <= T S(H)"
    assert written["M17.net"] == "100 S(net) <= T S(gross)"
    assert written["M18.net"] == "100 S(net) >= T S(gross) + 1"
    assert written["M21.share"] == "10^4 m <= T S(r)"
