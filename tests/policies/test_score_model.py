"""The file of a score model, and a policy that names one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from algebra.errors import Malformed, Refused
from history.v2.feed import NO_FEED
from history.v2.metrics.score import FEATURES
from policies.policy import Policy, Tier, example
from policies.rule_files import NO_FILES, RuleFiles
from policies.score_model import ScoreModel

NAMES = [feature.name for feature in FEATURES]
WEIGHTS = (90, -7, 3, 40, -65, 100, -11, 13, 2047, -2048)
TEXT = ("churn", "a high score says that the account goes", "made up")


def model(weights: tuple[int, ...] = WEIGHTS, name: str = "churn") -> ScoreModel:
    return ScoreModel.make(name, *TEXT[1:], dict(zip(NAMES, weights, strict=True)))


def scored(found: ScoreModel, **change: Any) -> Policy:
    """The example policy whose first tier asks for the model's score."""
    policy = example("standard")
    numbers: dict[str, Any] = {"weight": found.weights, "score_limit": 900, **change}
    thresholds = policy.tiers[0].thresholds
    asked = thresholds.changed(asked=thresholds.asked | {26}, **numbers)
    tiers = (replace(policy.tiers[0], thresholds=asked), *policy.tiers[1:])
    names = tuple(sorted((*policy.documents.files, *found.files.files)))
    return replace(policy, tiers=tiers, documents=RuleFiles(names))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    found = model()
    found.write(tmp_path / "model.json")
    assert ScoreModel.load(tmp_path / "model.json") == found
    assert (found.name, found.purpose, found.source, found.weights) == (*TEXT, WEIGHTS)
    assert found.files.files == (("model/churn", found.digest),)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "version: want 1"),
        ({"version": True}, "version: want 1"),
        ({"name": "a b"}, "name: "),
        ({"name": ""}, "name: "),
        ({"purpose": ""}, "purpose: "),
        ({"source": "a\nb"}, "source: "),
        ({"more": 1}, "unknown key 'more'"),
        ({"weights": [1] * 10}, "weights: not an object"),
        ({"weights": dict.fromkeys(NAMES[1:], 0)}, "weights: missing key 'recency'"),
        ({"weights": {**dict.fromkeys(NAMES, 0), "age": 0}}, "weights: unknown key 'age'"),
        ({"weights": {**dict.fromkeys(NAMES, 0), "open": 2048}}, "open: 2048 is outside"),
        ({"weights": {**dict.fromkeys(NAMES, 0), "net": -2049}}, "net: -2049 is outside"),
        ({"weights": {**dict.fromkeys(NAMES, 0), "gain": True}}, "weights: gain: not an integer"),
        ({"weights": {**dict.fromkeys(NAMES, 0), "gain": 0.5}}, "0.5 is no whole number"),
    ],
)
def test_a_wrong_file_says_file_and_field(change: dict[str, Any], said: str) -> None:
    body = json.loads(model().data) | change
    with pytest.raises(Malformed) as caught:
        ScoreModel.from_bytes(json.dumps(body).encode(), "mine.json")
    assert caught.value.code == "malformed.score_model"
    assert caught.value.message.startswith("mine.json: ") and said in caught.value.message


def test_the_policy_has_the_models_weights() -> None:
    policy = scored(model())
    policy.check()
    model().require(policy)
    assert Policy.parse(policy.document()) == policy


def test_another_model_is_refused() -> None:
    """Another digest, another name, other weights: each says what differs."""
    policy = scored(model())
    other = model((*WEIGHTS[:4], -64, *WEIGHTS[5:]))
    for found, said in ((other, "its documents name model/churn"), (model(name="x"), "is x 0x")):
        with pytest.raises(Refused, match=said) as caught:
            found.require(policy)
        assert caught.value.code == "refused.policy.model"
    with pytest.raises(Refused, match="weight of gain is -65, the model's is -64"):
        other.require(scored(other, weight=WEIGHTS))
    with pytest.raises(Refused, match="its documents name none"):
        model().require(example("standard"))


def refused(policy: Policy, said: str) -> None:
    with pytest.raises(Refused, match=said) as caught:
        policy.check()
    assert caught.value.code == "refused.policy.model"


def test_a_policy_names_a_model_where_it_asks_for_a_score_and_only_there() -> None:
    policy = scored(model())
    refused(replace(policy, documents=example("standard").documents), "name 0 score models")
    plain = example("standard")
    refused(replace(plain, documents=policy.documents), "0 tiers ask for M26")
    two = tuple(sorted((*policy.documents.files, *model(name="x").files.files)))
    refused(replace(policy, documents=RuleFiles(two)), "name 2 score models")


def test_all_tiers_ask_with_one_models_weights() -> None:
    policy = scored(model())
    second: Tier = policy.tiers[1]
    numbers = {"weight": (0,) * 10, "score_limit": 5}
    asked = second.thresholds.changed(asked=second.thresholds.asked | {26}, **numbers)
    tiers = (policy.tiers[0], replace(second, thresholds=asked), *policy.tiers[2:])
    refused(replace(policy, tiers=tiers), "different weights")


def test_a_model_is_no_margin_document() -> None:
    """What logs are made by is not asked of a model."""
    plain, policy = example("standard"), scored(model())
    for files in (NO_FILES, plain.documents, policy.documents.margin):
        assert policy.accepts(files, NO_FEED) == plain.accepts(files, NO_FEED)
