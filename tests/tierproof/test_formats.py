"""
Formats: one table, one spelling; schemas and loaders agree on the example files, which belong
together; `show` tells each of them and no secret.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from support.json_schema import problems
from support.project import PACKAGES, ROOT

from algebra.errors import TierproofError
from policies.policy import EXAMPLES as POLICIES
from prover.vault import Cost, create_vault
from tests.tierproof.conftest import PASSPHRASE, run
from tierproof import reference
from tierproof.formats import FORMATS, recognise
from tierproof.formats.units import clock, decimal, duration, instant, percent, usd, window
from tierproof.formats.views import VIEWS, show

Capture = pytest.CaptureFixture[str]
FOLDER = ROOT / "docs" / "reference" / "examples"
JSON = [name for name, each in FORMATS.items() if each.kind in ("json", "typed data")]
TEXTS = [name for name, each in FORMATS.items() if each.schema is not None]
OTHER_NAMES = {
    "tierproof-credential/2": "the circuit",
    "tierproof-policy-2": "in the hashed bytes of a policy",
    "tierproof-series-1": "in the hashed bytes of a series",
    "tierproof-bases/2": "magic of a cache",
    "tierproof-sample": "the sample's venue",
    "tierproof/srs": "hashed before a setup",
    "tierproof/key": "hashed before a key",
    "tierproof/collecting": "the list of a collected folder that was cut off",
    "tierproof-collect": "how a collector calls itself to a venue",
    "tierproof/disclosure/1": "the tag of the challenge of an opening",
}
"""Names beside those of formats."""


def example(name: str) -> Path:
    return FOLDER / reference.EXAMPLES[name]


def value_of(name: str) -> Any:
    """What the schema is about: JSON values, TOML values, or the text."""
    path = example(name)
    if FORMATS[name].kind == "toml":
        return tomllib.loads(path.read_text())
    return (
        path.read_text().strip() if FORMATS[name].kind == "text" else json.loads(path.read_text())
    )


def copied(name: str, folder: Path) -> Path:
    """The example, readable by its owner alone, under a name that says nothing."""
    path = folder / ("file.toml" if FORMATS[name].kind == "toml" else "file")
    path.write_bytes(example(name).read_bytes())
    path.chmod(0o600)
    return path


def schema(name: str) -> dict[str, Any]:
    found = reference.schema_of(FORMATS[name])
    assert found is not None
    return found


# ---- schemas and loaders -------------------------------------------------------------------------
@pytest.mark.parametrize("name", TEXTS)
def test_example_fits_its_schema_and_loads(name: str, tmp_path: Path) -> None:
    assert list(problems(schema(name), value_of(name))) == []
    path = copied(name, tmp_path)
    assert recognise(path).name == name
    FORMATS[name].load(path)


@pytest.mark.parametrize("name", JSON)
def test_schema_and_loader_refuse_the_same_names(name: str, tmp_path: Path) -> None:
    """Each name left out, one added, another format and version: neither takes any of them."""
    value = value_of(name)
    changed = [{k: v for k, v in value.items() if k != left_out} for left_out in value]
    changed.append(value | {"surplus": 1})
    if FORMATS[name].kind == "json":
        changed += [value | {"format": "tierproof/other"}, value | {"version": 9}]
        changed += [value | {"version": True}]
    for document in changed:
        assert list(problems(schema(name), document)), document.keys()
        path = tmp_path / "changed.json"
        path.write_text(json.dumps(document))
        with pytest.raises(TierproofError):
            FORMATS[name].load(path)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("policy", {"attestor_set": "0x12"}),
        ("policy", {"first_day": "1 January"}),
        ("policy", {"tiers": []}),
        ("attestors", {"name": ""}),
        ("attestors", {"generations": []}),
        ("deployment", {"registry": "0x12"}),
        ("deployment", {"verifiers": []}),
        ("market", {"bands": []}),
        ("grant-consent", {"signature": "0x"}),
        ("grant-consent", {"least_last_day": -1}),
        ("attest-job", {"size": "8192"}),
        ("attest-job", {"valid_until": -1}),
        ("bindings", {"attestor_set": "0x"}),
        ("collected", {"last_day": "1 October"}),
        ("collected", {"answers": [{"file": "answers/1.json"}]}),
        ("attestation", {"count": 0}),
        ("attestation", {"path": []}),
        ("root", {"signatures": ["0x12"]}),
        ("credential", {"tier": -1}),
        ("credential", {"proof": "0x123"}),
        ("disclosure", {"records": []}),
        ("disclosure", {"leaf_index": 1 << 20}),
        ("verifying-key", {"slots": "4"}),
        ("verifying-key", {"digest": "12"}),
    ],
)
def test_schema_and_loader_refuse_the_same_values(
    name: str, change: dict[str, Any], tmp_path: Path
) -> None:
    document = value_of(name) | change
    assert list(problems(schema(name), document))
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(document))
    with pytest.raises(TierproofError):
        FORMATS[name].load(path)


@pytest.mark.parametrize("name", POLICIES)
def test_the_example_policies_fit(name: str) -> None:
    document = json.loads((ROOT / "policies" / "examples" / f"{name}.json").read_text())
    assert list(problems(schema("policy"), document)) == []


def test_the_examples_belong_together(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    valid_until = json.loads(Path("root.json").read_text())["valid_until"]
    monkeypatch.setattr("tierproof.verification.now", lambda: valid_until)
    files = [
        "--key",
        "key-8192.json",
        "--root",
        "root.json",
        "--allow-setup",
        "development",
        "--json",
    ]
    assert run("verify", "credential.json", *files) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["outcome"] == "accepted" and answer["tier"] == "member"


# ---- one spelling, one page ----------------------------------------------------------------------
def test_no_other_spelling_in_the_product() -> None:
    """A name of ours in the source is a format of the table, or one that is listed here."""
    known = {each.identity for each in FORMATS.values()} | set(OTHER_NAMES)
    spelled = re.compile(r'f?"(tierproof[/-][a-z-]+(?:[/-]\d+)?)"')
    seen = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            seen |= {(path.name, name) for name in spelled.findall(path.read_text())}
    assert {name for _, name in seen} - known == set()
    assert {"tierproof/credential", "tierproof/deployment"} <= {name for _, name in seen}


def test_the_reference_is_made_from_the_code() -> None:
    """python -m tierproof.reference"""
    assert reference.stale() == []


def test_a_stale_page_is_found(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(reference, "formats_table", lambda: "another table")
    assert reference.main(["--check"]) == 1
    assert "formats.md is stale" in capsys.readouterr().out


# ---- show ----------------------------------------------------------------------------------------
def test_every_format_has_a_view() -> None:
    assert set(VIEWS) == set(FORMATS) - {"attestation"}


@pytest.mark.parametrize("name", TEXTS)
def test_show_recognises_the_format_itself(name: str, tmp_path: Path, capsys: Capture) -> None:
    path = copied(name, tmp_path)
    assert run("show", path, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["is"] == FORMATS[name].title and told["privacy"] == FORMATS[name].privacy
    assert run("show", path) == 0
    assert f"is: {FORMATS[name].title}\n" in capsys.readouterr().out


def test_show_tells_thresholds_and_terms_in_units() -> None:
    prime = show(ROOT / "policies" / "examples" / "standard.json")["tiers"][1]
    assert prime["asks"]["M7 drawdown"] == "at most 20.00 %"
    assert prime["asks"]["M10 volume"] == "at least 100,000,000.00 USD"
    assert prime["asks"]["M12 active days"] == "at least 120 days"
    assert prime["grants"]["taker fee"] == "0.03 %" and prime["grants"]["for"] == "90 days"


def test_show_of_an_attestation_holds_records_only_if_asked() -> None:
    document = value_of("attestation")
    told = show(example("attestation"))
    assert sum(told["records"].values()) == document["count"] and "days" not in told
    assert told["opening"] == "50,000.00 USD"
    days = show(example("attestation"), records=True)["days"]
    assert list(days) == [f"2026-01-{day:02}" for day in range(1, 29)]
    assert sum(map(len, days.values())) == document["count"]
    first = days["2026-01-01"][0]
    assert first["at"] == "09:30" and first["kind"] == "fill"
    assert first["notional"] == "20,000.00 USD" and first["value"] == "-8.00 USD"
    assert document["salt"] not in json.dumps(told)


def test_show_of_a_collected_list_counts_what_was_asked() -> None:
    told = show(example("collected"))
    assert told["asked"] == {"meta": 1, "userFillsByTime": 2} and told["answers"] == 3
    assert told["answered"] == "2026-01-08 00:00:00 UTC to 2026-01-08 00:00:02 UTC"


def test_show_tells_no_secret(tmp_path: Path, capsys: Capture) -> None:
    key = example("key-file").read_text().strip()
    assert run("show", copied("key-file", tmp_path)) == 0
    captured = capsys.readouterr()
    assert key[2:] not in captured.out + captured.err and "address: 0x" in captured.out
    identity = create_vault(tmp_path / "v", PASSPHRASE, cost=Cost(64, 1, 1))
    assert run("show", tmp_path / "v", "--json") == 0
    told = capsys.readouterr().out
    assert set(json.loads(told)) == {"file", "is", "privacy", "shows"}
    assert f"{identity.reveal():x}" not in told
    assert (tmp_path / "v").read_bytes()[16:].hex()[:16] not in told


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": "tierproof/unheard"}', b"a,b"])
def test_show_of_what_is_none_of_ours(content: bytes, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "x").write_bytes(content)
    assert run("show", tmp_path / "x", "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "malformed.format"


def test_units() -> None:
    assert usd(-123_456_789) == "-1,234,567.89 USD" and decimal(7, 0) == "7"
    assert percent(3_500) == "35 %" and percent(-50, 4) == "-0.005 %" and percent(0) == "0 %"
    assert percent(10_000) == "100 %"
    assert duration(7_776_000) == "90 days" and duration(3_600) == "1 hour"
    assert duration(61) == "61 seconds" and duration(0) == "0 seconds"
    assert window(20_454, 20_454) == "2026-01-01 to 2026-01-01 (1 day)"
    assert instant(0) == "1970-01-01 00:00:00 UTC" and "milliseconds?" in instant(1_790_000_000_000)
    assert clock(1439) == "23:59"
