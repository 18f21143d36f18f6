"""The command `venues`: every adapter with what it needs, gives and lacks."""

from __future__ import annotations

import json

import pytest

from attestor.venues.registry import ADAPTERS, PROFILES, entries
from policies.margin import EXAMPLES
from tests.tierproof.conftest import run

Capture = pytest.CaptureFixture[str]


def test_all_are_listed(capsys: Capture) -> None:
    assert run("venues", "--json") == 0
    told = json.loads(capsys.readouterr().out)["adapters"]
    assert [each["name"] for each in told] == [entry.name for entry in entries()]
    for each, entry in zip(told, entries(), strict=True):
        assert [part["name"] for part in each["needs"] + each["may_have"]] == [
            part.name for part in entry.inputs
        ]
        assert len(each["known"]) + len(each["not_known"]) == 9
        assert all(len(text) > 8 for part in ("known", "not_known") for text in each[part].values())
        assert each["collect"].startswith("tierproof collect") == entry.collects


def test_margin_documents_are_ours() -> None:
    assert all(entry.margin in (*EXAMPLES, None) for entry in ADAPTERS)


@pytest.mark.parametrize("name", [entry.name for entry in entries()])
def test_one_is_told_in_full(name: str, capsys: Capture) -> None:
    assert run("venues", name) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"name: {name}\n") and "not known:" in said
    assert ("profiles alone" in said) == (name in {entry.name for entry in PROFILES})


def test_a_profile_says_which_metrics_it_cannot_give(capsys: Capture) -> None:
    assert run("venues", "lyra-avalon", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert "M10, volume" not in told["no_metrics"] and "M13, fills" not in told["no_metrics"]
    assert len(told["no_metrics"]) == 24 and "M5, distance to liquidation" in told["no_metrics"]
    assert {"mark", "transfer"} <= set(told["no_records_of"]) and "margin_document" not in told


def test_another_name_is_refused(capsys: Capture) -> None:
    assert run("venues", "deribit2", "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "refused.adapter"
