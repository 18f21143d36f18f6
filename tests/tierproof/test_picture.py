"""The institution's picture: the oracle's numbers, the same bytes each time, whole files only."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from algebra.errors import Refused
from attestor.attestation import load
from history.v2.metrics.form import INDEX_SCALE
from policies.policy import Policy
from prover.credential import assess_tier
from tests.tierproof.conftest import Desk
from tierproof.explained import explain
from tierproof.picture import (
    MARGIN,
    Line,
    draw,
    drawdowns,
    least_distances,
    limits,
    paid_in,
    whiskers,
)


@pytest.mark.parametrize("name", ["desk.svg", "desk.PNG"])
def test_same_history_same_bytes(desk: Desk, tmp_path: Path, name: str) -> None:
    attestation, policy = load(desk.attestation), Policy.load(desk.policy)
    draw(attestation, policy, "prime-plus", tmp_path / name)
    first = (tmp_path / name).read_bytes()
    draw(attestation, policy, "prime-plus", tmp_path / name)
    assert (tmp_path / name).read_bytes() == first
    assert first.startswith(b"<?xml" if name.endswith("svg") else b"\x89PNG")


def test_series_are_the_oracle_s(desk: Desk) -> None:
    attestation, policy = load(desk.attestation), Policy.load(desk.policy)
    assessment = assess_tier(attestation, policy.tier("prime"))
    fallen = drawdowns(assessment)
    assert (
        len(fallen) == policy.days
        and max(fallen) == 1 - min(r.index for r in assessment.rows) / INDEX_SCALE
    )
    paid = paid_in(assessment, attestation.leaf.opening)
    profit = 0
    for row, cents in zip(assessment.rows, paid, strict=True):
        profit += row.profit
        assert row.equity - cents == profit  # a deposit is no profit
    assert any(row.flow for row in assessment.rows)
    distances = least_distances(attestation)
    assert len(distances) == policy.days and min(distances) == assessment.least_distance / 10_000


def test_other_endings_and_tiers(desk: Desk, tmp_path: Path) -> None:
    attestation, policy = load(desk.attestation), Policy.load(desk.policy)
    for name, tier, code in (
        ("a.pdf", "prime", "refused.picture"),
        ("a.svg", "best", "refused.policy.tier"),
    ):
        with pytest.raises(Refused) as caught:
            draw(attestation, policy, tier, tmp_path / name)
        assert caught.value.code == code
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("tier", ["prime", "prime-plus"])
def test_every_asked_metric_is_shown_worst_first(desk: Desk, tier: str) -> None:
    attestation, policy = load(desk.attestation), Policy.load(desk.policy)
    assessment = assess_tier(attestation, policy.tier(tier))
    shown = assessment.worst_first
    assert {verdict.metric for verdict in shown} == policy.tier(tier).thresholds.asked
    rooms = [verdict.headroom for verdict in shown]
    assert rooms == sorted(rooms) and all(-1 <= room <= 1 for room in rooms)
    assert all(verdict.holds == (verdict.headroom >= 0) for verdict in shown)


def test_a_bar_and_its_line_are_the_numbers_of_the_words(desk: Desk) -> None:
    attestation, policy = load(desk.attestation), Policy.load(desk.policy)
    explained = explain(assess_tier(attestation, policy.tier("prime-plus")))
    assert [each.verdict for each in explained] == assess_tier(
        attestation, policy.tier("prime-plus")
    ).worst_first
    ranges = {each.verdict.metric: whiskers(each) for each in explained}
    assert ranges[12] is None  # a number of days is no estimate
    low, high = ranges[22] or (0, 0)
    confidence = next(each.verdict for each in explained if each.verdict.metric == 22)
    assert -1 <= low < confidence.headroom < high <= 1
    unsure = next(each for each in explained if each.verdict.metric == 22)
    assert unsure.spread is not None
    mostly = replace(unsure, spread=replace(unsure.spread, low=None))
    assert whiskers(mostly) == (-1, high)  # what is not defined is worse than any number


def test_an_axis_fits_the_data_whatever_the_thresholds() -> None:
    data = [100.0, 110.0]
    far, near = Line(5_000.0, "far"), Line(114.0, "near")
    assert limits(data, [far], 1.0) == (100 - MARGIN * 10, 110 + MARGIN * 10)
    low, high = limits(data, [far, near], 1.0)
    assert low < 100 and 114 < high < 116
    low, high = limits([7.0, 7.0], [], 1.0)  # no span: the floor
    assert (low, high) == (7 - MARGIN, 7 + MARGIN)
