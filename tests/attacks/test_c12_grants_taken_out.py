"""
C12, E: every check of the registry of grants taken out; some test then fails.

Here: that no refusal is without its site. `make attack` takes out all of them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from attacks.kit_prover import grants
from attacks.kit_prover.taken_out import refusal, run
from support.switched import SOURCES, switched

A_FEW = (
    "Attestors.requireQuorum: signer <= previous",
    "Claims._count: root.grants >= root.cap",
    "Governed.pause: restricted",
    "Series.within: terms.maxLeverage > 0",
)


def test_every_refusal_is_in_a_site() -> None:
    assert grants.unlisted() == []
    listed = [site.id for site in grants.sites()]
    assert len(set(listed)) == len(listed) > 200
    assert set(grants.SECOND_LINE) | set(A_FEW) <= set(listed)


def test_sites_do_not_overlap() -> None:
    texts = switched(grants.sites(), {})
    numbers = {
        number
        for text in texts.values()
        for number in range(len(grants.sites()))
        if f"Switch.on({number})" in text
    }
    assert len(numbers) == len(grants.sites())


@pytest.mark.parametrize(
    ("before", "check", "count"),
    [
        ("rule.starts = ", "if (a < b || c == d) revert IGrants.CapZero();", 2),
        ("rule.starts = ", "if (a < b && c == d) {\n revert CapZero();\n}", 1),
        ("rule.starts = ", "Series.requireSeries(all, id);", 1),
        ("function mine() external restricted {", "}", 1),
    ],
)
def test_a_new_check_is_seen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, before: str, check: str, count: int
) -> None:
    for path in SOURCES.glob("*.sol"):
        shutil.copy(path, tmp_path)
    known = len(grants.sites())
    monkeypatch.setattr(grants, "SOURCES", tmp_path)
    path = tmp_path / "Holders.sol"
    text = path.read_text(encoding="utf-8")
    place = text.index("        Grants.requireRunning(_book, msg.sender);")
    line = f"{check}\n" if "rule" in before else f"}}\n{before}{check}\nfunction rest() public {{\n"
    path.write_text(text[:place] + "        " + line + text[place:])
    assert len(grants.sites()) == known + count


def test_the_error_that_stands_next_to_a_check() -> None:
    by_id = {site.id: site for site in grants.sites()}
    assert [refusal(by_id[name]) for name in A_FEW] == [
        "SignersNotAscending", "RootFull", "AccessManagedUnauthorized", "",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.evm
def test_a_few_checks_taken_out() -> None:
    sites = grants.sites()
    stopped: dict[str, str] = {}
    known = {site.id for site in sites} - set(A_FEW)
    assert run(sites, known, stopped.__setitem__) == []
    assert set(stopped) == set(A_FEW) and all(stopped.values())
