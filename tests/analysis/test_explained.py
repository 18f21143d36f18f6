"""A new finding fails, and so does a reason that nothing needs; each reason says something."""

from __future__ import annotations

import json
from pathlib import Path

from tests.analysis.explained import compared

KNOWN = [
    {"check": "reentrancy", "why": "fixed", "found": ["A.f() writes x", "B.*"]},
    {"check": "assembly", "why": "tested", "found": ["A.f() uses assembly"]},
]
FOUND = {
    ("reentrancy", "A.f() writes x"),
    ("reentrancy", "B.g() writes y"),
    ("assembly", "A.f() uses assembly"),
}


def test_each_finding_has_its_reason() -> None:
    assert compared(FOUND, KNOWN) == []


def test_a_new_finding_is_told() -> None:
    for new in (("reentrancy", "A.f() writes z"), ("assembly", "B.g() uses assembly")):
        assert compared(FOUND | {new}, KNOWN) == [f"new: {new[0]}: {new[1]}"]


def test_a_reason_that_nothing_needs_is_told() -> None:
    for gone, known in (
        (("assembly", "A.f() uses assembly"), "A.f() uses assembly"),
        (("reentrancy", "B.g() writes y"), "B.*"),
    ):
        assert compared(FOUND - {gone}, KNOWN) == [f"gone: {gone[0]}: {known}"]


def test_every_reason_of_ours_says_something() -> None:
    document = json.loads((Path(__file__).parent / "findings.json").read_text(encoding="utf-8"))
    assert all(len(why.split()) > 1 for why in document["off"].values())
    for each in document["findings"]:
        assert len(each["why"].split()) > 5
        assert each["found"]
