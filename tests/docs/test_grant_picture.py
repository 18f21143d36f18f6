"""The pictures of a grant's life are current, their words fit, and name what the registry has."""

from __future__ import annotations

import re

import pytest

from contracts.build.artifact import load_artifact
from tests.docs.grant_picture import FOLDER, MOVE, ONBOARD, Sequence, drawn, main

SEQUENCES = pytest.mark.parametrize("sequence", [ONBOARD, MOVE], ids=lambda each: each.name)
FITS = 28  # characters between two lives


@SEQUENCES
def test_the_committed_picture_is_current(sequence: Sequence) -> None:
    assert (FOLDER / f"{sequence.name}.svg").read_text(encoding="utf-8") == drawn(sequence)
    assert main(["--check"]) == 0


@SEQUENCES
def test_words_stand_between_two_lives(sequence: Sequence) -> None:
    for step in sequence.steps:
        assert {step.sender, step.receiver} <= set(sequence.actors)
        if step.sender != step.receiver:
            assert len(step.text) <= FITS


@SEQUENCES
def test_calls_and_events_are_the_registrys(sequence: Sequence) -> None:
    names = {entry.get("name") for entry in load_artifact("TierGrants").abi}
    found = set()
    for step in sequence.steps:
        first = re.match(r"\w+", step.text)
        assert first is not None
        if step.receiver == "Registry" and step.sender != "Registry" and first[0] != "uncontested":
            assert first[0] in names, step.text
            found.add(first[0])
        if re.match(r"[A-Z]", step.text):
            assert first[0] in names, step.text
            found.add(first[0])
    assert "onboard" in found and "Granted" in found
