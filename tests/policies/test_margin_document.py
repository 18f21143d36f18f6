"""Margin documents: read strictly, each fault with file, field and reason."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from algebra.errors import Malformed, Refused, Unavailable
from algebra.keccak import keccak
from policies.margin import EXAMPLES, Bracket, MarginDocument, Rate, example

FOLDER = Path(__file__).resolve().parents[2] / "policies" / "examples" / "margin"
SECOND = 1_000_000


def value(name: str = "derive") -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def read(document: Any) -> MarginDocument:
    return MarginDocument.from_bytes(json.dumps(document).encode(), "rules.json")


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_documents(name: str) -> None:
    document = example(name)
    assert document.name == name and document.sources and document.not_confirmed
    assert document.digest == keccak((FOLDER / f"{name}.json").read_bytes())
    assert {path.stem for path in FOLDER.iterdir()} == set(EXAMPLES)


def test_a_byte_more_is_another_digest() -> None:
    """The digest is of the file, not of what it says: everybody can compute it."""
    data = (FOLDER / "sample.json").read_bytes()
    one, other = MarginDocument.from_bytes(data), MarginDocument.from_bytes(data + b"\n")
    assert one.digest != other.digest and one.versions == other.versions


def test_the_version_that_holds() -> None:
    document = example("hyperliquid")
    first, second = document.versions
    assert document.at(first.since) is first
    assert document.at(second.since - 1) is first
    assert document.at(second.since) is second
    assert document.at(second.since + 10**15) is second
    with pytest.raises(Refused) as caught:
        document.at(first.since - 1)
    assert caught.value.code == "refused.margin.version"
    assert "2023-02-01T00:00:00Z" in str(caught.value)
    assert first.linear_of("BTC").brackets == (Bracket(0, Rate(1, 100)),)
    assert second.linear_of("BTC").brackets[1] == Bracket(150_000_000, Rate(1, 40))


def test_names_with_a_star_stand_for_what_begins_so() -> None:
    changed = value()
    linear = changed["versions"][0]["linear"]
    for name, rate in (("BTC-*", [1, 50]), ("BTC-27*", [1, 60])):
        linear.append({**linear[0], "name": name, "brackets": [{"from": 0, "rate": rate}]})
    rules = read(changed).versions[0]
    assert rules.linear_of("BTC-PERP").brackets[0].rate == Rate(65, 1000)  # its own name first
    assert rules.linear_of("BTC-27MAR26").brackets[0].rate == Rate(1, 60)  # the longest
    assert rules.linear_of("BTC-2").brackets[0].rate == Rate(1, 50)
    assert rules.underlying_of("BTC-27MAR26") == "BTC"
    assert rules.underlying_of("DOGE") == "DOGE"
    assert rules.find_linear("BT") is None


@pytest.mark.parametrize("ask", ["linear_of", "option_of", "scenario_of"])
def test_what_has_no_rule_is_refused(ask: str) -> None:
    with pytest.raises(Refused) as caught:
        getattr(example("derive").versions[0], ask)("PEPE")
    assert caught.value.code == "refused.margin.rule"
    assert caught.value.fields == {"document": "derive", "name": "PEPE"}


def test_no_file() -> None:
    with pytest.raises(Unavailable):
        example("no such venue")


Change = Callable[[Any], object]


def at(path: str, new: Any) -> Change:
    """Put `new` at a path such as `versions.0.linear.0.name`."""

    def change(document: Any) -> None:
        *parts, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
        for part in parts:
            document = document[part]
        document[last] = new

    return change


V = "versions.0."
BRACKETS = V + "linear.0.brackets"


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (at("version", 2), "version", "want 1"),
        (at("version", True), "version", "want 1"),
        (at("name", ""), "name", "printable"),
        (at("clock", 3_601), "clock", "outside 60..3600"),
        (at("clock", 7 * 60), "clock", "divide"),
        (at("versions", []), "versions", "none"),
        (at("versions", {}), "versions", "not a list"),
        (at("sources", [""]), "sources[0]", "400"),
        (at(V + "from", "2026-7-26"), "versions[0].from", "not of the form"),
        (at(V + "from", "2026-07-26T00:00:00"), "versions[0].from", "not of the form"),
        (at(V + "from", "1969-07-26T00:00:00Z"), "versions[0].from", "not of the form"),
        (at(V + "band.linear", 10_001), "versions[0].band.linear", "outside"),
        (at(V + "band", {"linear": 1}), "versions[0].band", "missing key 'option'"),
        (at(V + "volatility.least", 0), "versions[0].volatility", "want 1"),
        (at(V + "volatility.greatest", 500), "versions[0].volatility", "least < greatest"),
        (at(V + "volatility.greatest", 50_001), "versions[0].volatility", "50000"),
        (at(V + "collateral.0.factor", 10_001), "versions[0].collateral[0].factor", "outside"),
        (at(V + "collateral.1.name", "BTC"), "versions[0].collateral", "stands twice"),
        (at(V + "collateral.1.name", "BTC-PERP"), "versions[0].linear", "stands twice"),
        (at(V + "linear.1.name", "BTC-PERP"), "versions[0].linear", "stands twice"),
        (at(V + "linear.0.name", "B*C"), "versions[0].linear[0].name", "`*`"),
        (at(V + "linear.0.name", "*"), "versions[0].linear[0].name", "`*`"),
        (at(V + "linear.0.model", "linear"), "versions[0].linear[0]", "unknown key 'model'"),
        (at(V + "future", []), "versions[0]", "unknown key 'future'"),
        (at(BRACKETS, []), "versions[0].linear[0].brackets", "a gap"),
        (at(BRACKETS + ".0.from", 1), "versions[0].linear[0].brackets", "a gap"),
        (at(BRACKETS + ".0.rate", [0, 10]), "versions[0].linear[0].brackets[0].rate", "rate of 0"),
        (at(BRACKETS + ".0.rate", [10, 10]), "versions[0].linear[0].brackets[0].rate[0]", "outsi"),
        (at(BRACKETS + ".0.rate", [1, 0]), "versions[0].linear[0].brackets[0].rate[1]", "outside"),
        (at(BRACKETS + ".0.rate", [1]), "versions[0].linear[0].brackets[0].rate", "list of 2"),
        (at(V + "linear.0.slope", [-1, 9]), "versions[0].linear[0].slope", "rate of 0"),
        (
            at(BRACKETS, [{"from": f, "rate": [1, 9]} for f in (0, 5, 5)]),
            "versions[0].linear[0].brackets[2].from",
            "out of order",
        ),
        (
            at(BRACKETS, [{"from": 0, "rate": [1, 9]}, {"from": 5, "rate": [1, 10]}]),
            "versions[0].linear[0].brackets",
            "falls",
        ),
        (at(V + "option.0.call", 0), "versions[0].option[0].call", "outside"),
        (at(V + "option.0.put", 0), "versions[0].option[0].put", "outside"),
        (at(V + "option.0.put_mark", -1), "versions[0].option[0].put_mark", "outside"),
        (at(V + "option.0.long", 10_001), "versions[0].option[0].long", "outside"),
        (at(V + "option.0.spread", 1), "versions[0].option[0].spread", "true nor false"),
        (at(V + "option.0.unpaired", 0), "versions[0].option[0].unpaired", "outside"),
        (at(V + "option.0.spread", False), "versions[0].option[0].unpaired", "outside 0..0"),
        (at(V + "option.1.underlying", "BTC"), "versions[0].option", "stands twice"),
        (at(V + "scenario.0.moves.0", [1, 2]), "versions[0].scenario[0].moves[0]", "list of 3"),
        (at(V + "scenario.0.moves.0", [1, 2, 1]), "versions[0].scenario[0].moves[0][1]", "outside"),
        (at(V + "scenario.0.moves.0", [1, 1, 0]), "versions[0].scenario[0].moves[0][2]", "outside"),
        (at(V + "scenario.0.moves", [[100, 0, 1]]), "versions[0].scenario[0].moves", "one up"),
        (at(V + "scenario.0.moves", [[-100, 0, 1]]), "versions[0].scenario[0].moves", "one up"),
        (at(V + "scenario.0.factor", 0), "versions[0].scenario[0].factor", "outside"),
        (at(V + "scenario.0.floor_days", 0), "versions[0].scenario[0].floor_days", "outside"),
        (at(V + "scenario.0.powers", [1, 20_000]), "versions[0].scenario[0].powers[1]", "outside"),
        (at(V + "scenario.0.down", 10_001), "versions[0].scenario[0].down", "outside"),
    ],
)
def test_faults_are_told(change: Change, field: str, reason: str) -> None:
    document = copy.deepcopy(value())
    change(document)
    with pytest.raises(Malformed) as caught:
        read(document)
    error = caught.value
    assert error.code == "malformed.margin"
    assert error.fields["file"] == "rules.json" and error.fields["field"] == field, error.fields
    assert reason in str(error.fields["reason"]), error.fields
    assert str(error).startswith(f"rules.json: {field}: ")


def test_versions_ascend() -> None:
    document = value("hyperliquid")
    document["versions"].reverse()
    with pytest.raises(Malformed, match=r"versions\[1\]\.from: out of order"):
        read(document)


def test_a_version_without_instruments() -> None:
    document = value()
    document["versions"][0] |= {"linear": [], "option": []}
    with pytest.raises(Malformed, match="no rule for any instrument"):
        read(document)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"format": "tierproof/policy"}', b'{"clock": 1.5}', b"\xff"]
)
def test_other_files(data: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        MarginDocument.from_bytes(data, "rules.json")
    assert caught.value.code == "malformed.margin" and "rules.json" in str(caught.value)
