"""
The catalogue of codes against the source: whatever is raised has a row, and every row is raised.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.project import PACKAGES, ROOT
from support.raises import CALLS, Raise, codes, raises, texts

from algebra.codes import CATALOGUE, KINDS, exit_status, http_status, kind_of, row_of
from algebra.errors import Malformed, Refused, Rejected, TierNotMet, Unavailable
from contracts.build.artifact import known_errors
from tierproof import docs_codes

OF_THE_CONSOLE = {"usage", "interrupted", "fault", "http"}
"""Codes that are no errors of ours: tierproof.console and service.api write them."""
OF_REVERTS = {"rejected.Error", "rejected.Panic", "rejected.Reverted"}


def product() -> list[Path]:
    return sorted(
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "node_modules" not in path.parts and (ROOT / "algebra" / "codes") not in path.parents
    )


def found() -> list[Raise]:
    return [each for path in product() for each in raises(path, str(path.relative_to(ROOT)))]


def contract_codes() -> set[str]:
    return {f"rejected.{entry['name']}" for entry in known_errors()} | OF_REVERTS


def test_every_raise_has_a_row_of_its_kind() -> None:
    """A code without a row, or one whose class says something else, would mislead."""
    wrong = []
    everything = found()
    assert len(everything) > 200
    for each in everything:
        if each.open:
            if not any(re.fullmatch(each.code, code) for code in [*CATALOGUE, "http.404"]):
                wrong.append(f"{each.where}: no row for {each.code}")
        elif each.code not in CATALOGUE:
            wrong.append(f"{each.where}: {each.code} has no row")
        word = each.code.split(".")[0].replace("\\", "")
        if word not in CALLS[each.called]:
            wrong.append(f"{each.where}: {each.called} with a code {each.code}")
    for path in product():
        wrong += [
            f"{path.relative_to(ROOT)}: {code} has no row"
            for code in codes(path)
            if code not in CATALOGUE
        ]
    assert wrong == []


def test_every_value_of_a_computed_code_has_a_row() -> None:
    """`malformed.ptau.{what}`: what it is called with is read from its file."""
    wanted = {
        "prover/powers.py": ("malformed.ptau.", r"\bmalformed"),
        "prover/setup_file.py": ("malformed.setup.", "_malformed"),
        "attestor/attestation.py": ("rejected.attestation.", "_no"),
    }
    computed = {each.where.split(":")[0] for each in found() if each.open}
    assert computed == {*wanted, "contracts/client/revert.py", "service/api/errors.py"}
    for place, (prefix, function) in wanted.items():
        places = [ROOT / each for each in (place, *PARTNERS.get(place, ()))]
        source = "".join(each.read_text(encoding="utf-8") for each in places)
        given = set(re.findall(rf'{function}\(\s*"(\w+)"', source))
        assert given and {prefix + what for what in given} <= set(CATALOGUE)


PARTNERS = {
    "prover/powers.py": (
        "prover/ptau.py",
        "prover/ptau_layout.py",
        "prover/gnark_points.py",
        "prover/arkworks_points.py",
        "prover/ceremony_file.py",
    )
}
"""A file whose function makes a code, and the others that call it."""


def test_every_row_is_raised() -> None:
    """A row that nothing raises is a promise that nobody keeps."""
    used = {code for path in product() for code in codes(path)} | contract_codes()
    used |= OF_THE_CONSOLE
    for each in (each for each in found() if each.open):
        place = each.where.split(":")[0]
        words = set().union(*(texts(ROOT / each) for each in (place, *PARTNERS.get(place, ()))))
        used |= {
            code
            for code in CATALOGUE
            if re.fullmatch(each.code, code) and code.rsplit(".", 1)[1] in words
        }
    assert sorted(set(CATALOGUE) - used) == []


def test_contract_errors_are_those_of_the_abi() -> None:
    rows = {code for code in CATALOGUE if re.fullmatch(r"rejected\.[A-Z]\w*", code)}
    assert rows == contract_codes()


def test_a_raise_without_a_row_is_found(tmp_path: Path) -> None:
    """The test can fail: each way of naming a code is read."""
    source = tmp_path / "source.py"
    source.write_text(
        '_CODE = "malformed.invented"\n'
        'raise Malformed(_CODE, "a")\n'
        'raise Refused("refused.invented", "a")\n'
        'raise Rejected(f"rejected.invented.{part}", "a")\n'
        'error = errors.Unavailable("unavailable.invented", "a")\n'
        'Reader(value, "place", "malformed.handed_on")\n'
    )
    assert [each.code for each in raises(source, "s")] == [
        "malformed.invented",
        "refused.invented",
        r"rejected\.invented\.[A-Za-z0-9_]+",
        "unavailable.invented",
    ]
    assert {"malformed.handed_on", "refused.invented"} <= codes(source)
    source.write_text('raise Refused(invent(), "a")\n')
    with pytest.raises(ValueError, match="s:1: the code"):
        list(raises(source, "s"))


def test_statuses_follow_from_the_kind() -> None:
    for kind, error in (
        ("malformed", Malformed),
        ("rejected", Rejected),
        ("refused", Refused),
        ("unavailable", Unavailable),
    ):
        assert KINDS[kind].exit_status == error.exit_status
    assert exit_status("refused.tier") == TierNotMet.exit_status == 1
    verdicts = {code for code in CATALOGUE if exit_status(code) == 1}
    assert verdicts == {"refused.tier"} | {c for c in CATALOGUE if c.startswith("rejected.")}
    assert all(exit_status(code) != 0 and http_status(code) >= 400 for code in CATALOGUE)
    assert all(http_status(code) in (400, 422) for code in CATALOGUE
               if kind_of(code).name in ("malformed", "rejected"))  # fmt: skip


def test_a_code_without_a_row_is_no_verdict() -> None:
    assert row_of("nothing.known").code == "fault" and exit_status("nothing.known") == 2
    assert row_of("http.404").code == "http" and http_status("nothing.known") == 500


def test_texts_are_sentences_and_hints_are_orders() -> None:
    for row in CATALOGUE.values():
        assert row.meaning[0].isupper() and row.meaning.endswith("."), row.code
        assert (row.hint and not row.hint.endswith(".")) or row.hint.endswith("..."), row.code
        assert row.hint.isprintable() and row.meaning.isprintable(), row.code


def test_codes_in_docs_and_docstrings_exist() -> None:
    """`malformed.policy.*` and `malformed.setup...` stand for all that begin so."""
    named = re.compile(rf"`((?!http)(?:{'|'.join(KINDS)})(?:\.[A-Za-z_]+)+)(\.\*|\.\.\.)?`")
    wrong = []
    for path in (*product(), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"):
        for code, beginning in named.findall(path.read_text(encoding="utf-8")):
            known = [each for each in CATALOGUE if each == code or each.startswith(code + ".")]
            if code not in CATALOGUE and not (beginning and known):
                wrong.append(f"{path.relative_to(ROOT)}: {code}")
    assert wrong == []


def test_the_page_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert docs_codes.main(["--check"]) == 0
    text = docs_codes.page()
    assert all(f"| `{code}` |" in text for code in CATALOGUE if code != "http")
