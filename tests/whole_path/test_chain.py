"""The life of grants on anvil, with real proofs: its first chapter, and all of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.project import ROOT

from examples.chain import node, setting, story
from examples.chain.people import People
from examples.chain.stage import Different

pytestmark = [
    pytest.mark.evm,
    pytest.mark.skipif(node.binary() is None, reason="npm ci --prefix contracts"),
]
GAS = {"onboard_fast", "onboard_lean", "batch8_each", "renew", "move"}
TOLD = (
    "onboards",
    "is upgraded",
    "volatility rises",
    "comes near its liquidation",
    "is liquidated in part",
    "is renewed by consent",
    "expires",
    "is renewed",
    "loses its root",
    "is recovered",
    "loses its attestors",
    "announces its move",
    "takes the grant over",
    "announces a theft",
    "contests",
    "retires its identity",
    "onboards anew",
)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[setting.Story]:
    people = People.create(tmp_path_factory.mktemp("chain"))
    with node.anvil("--timestamp", str(setting.STARTED)) as chain:
        made = setting.set_up(chain, people, lambda _: None)
        story.an_institution_onboards(made)
        yield made


def test_the_first_chapter_grants_by_a_real_proof(begun: setting.Story) -> None:
    stage = begun.stage
    (event,) = stage.events
    assert (event["what"], event["account"]) == ("onboards", "Aldgate")
    terms = event["terms"]
    assert (terms["initial"], terms["maintenance"], terms["status"]) == (1_000, 600, "running")
    assert stage.gas["onboard_fast"] > 300_000  # a pairing alone costs 113,000
    assert stage.compared > 1_000


def test_the_verifier_decides(begun: setting.Story) -> None:
    """The same proof for a better tier, sent by the account itself, and one changed bit."""
    acts, stage = begun.acts, begun.stage
    window = begun.people.window(story.WINDOWS[0])
    claim = acts.claim(story.ALDGATE, window, "member", "Aldgate")
    asked = begun.people.policy(window.first_day).tier("prime").thresholds.words()
    better = replace(claim, tier=1, thresholds=asked)
    flipped = claim.proof[:-129] + bytes([claim.proof[-129] ^ 1]) + claim.proof[-128:]
    for shown in (better, replace(better, proof=flipped)):
        call = acts.client.calls.onboard(shown)
        stage.refused(call, stage.accounts["Aldgate"], "NotAccepted")


def test_terms_that_the_model_does_not_expect_end_the_story(begun: setting.Story) -> None:
    stage = begun.stage
    address = stage.accounts["Aldgate"]
    held = stage.expected.grants[address]
    for wrong in (
        replace(held, tier=replace(held.tier, initial=1_001)),
        replace(held, start=held.start - 100, since=stage.now),
        replace(held, end=held.end - 1),  # as the second in which terms change
    ):
        stage.expected.grants[address] = wrong
        with pytest.raises(Different, match="Aldgate"):
            stage.look((0,))
    stage.expected.grants[address] = held
    stage.look((0, held.end - stage.now, held.end + 100 - stage.now))


@pytest.mark.slow
def test_the_whole_story(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "examples.chain", "--out", str(tmp_path), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "chain.json").read_text())
    assert json.loads(done.stdout) == document
    assert set(document) == {"gas", "events"}
    assert {fork: set(gas) for fork, gas in document["gas"].items()} == {
        "prague": GAS,
        "osaka": GAS,
    }
    told = [event["what"] for event in document["events"]]
    assert [what for what in TOLD if what not in told] == []
    assert {"what", "account", "terms"} == set(document["events"][0])
    picture = (tmp_path / "chain.svg").read_text()
    for account in ("Aldgate", "Aldgate 2", "Bishopsgate", "Bishopsgate 2"):
        assert f">{account}</text>" in picture
    assert picture == (ROOT / "docs" / "img" / "chain.svg").read_text()  # of docs, by make chain
