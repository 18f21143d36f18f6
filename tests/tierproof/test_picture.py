"""The institution's picture: the oracle's numbers, the same bytes each time, whole files only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from algebra.errors import Refused
from attestor.attestation import load
from history.metrics.form import INDEX_SCALE
from policies.policy import Policy
from prover.credential import assess_tier
from tests.tierproof.conftest import Desk
from tierproof.picture import draw, drawdowns, least_buffers


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
    buffers = least_buffers(attestation)
    assert len(buffers) == policy.days and min(buffers) == assessment.least_buffer / 10_000


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
