"""
The file of a score model: the ten weights of M26 and what they were made for
(docs/explanation/metrics.md C8). Strict in, Malformed (`malformed.score_model`) with file, field
and reason.

A policy names its model by digest among its documents, as model/NAME; its tiers carry the weights,
which the proof is about. So whoever reads a policy can see what its score was made for, and that
the weights are those.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algebra.errors import Malformed, Refused
from algebra.files import read_file, write_atomic
from algebra.hexadecimal import hex32
from algebra.keccak import keccak
from history.v2.metrics import METRICS
from history.v2.metrics.score import FEATURES
from policies import reading
from policies.policy import Policy
from policies.rule_files import MODEL, RuleFiles, is_name

FORMAT, VERSION = "tierproof/score-model", 1
CODE = "malformed.score_model"
NAMES = tuple(feature.name for feature in FEATURES)


@dataclass(frozen=True, slots=True)
class ScoreModel:
    """
    A model.

    Attributes
    ----------
    name : 1 to 64 letters, digits or @._-
    purpose : for people: what a high score says
    source : for people: the data and the fit that the weights are from
    weights : of each feature in the order of `history.v2.metrics.score.FEATURES`, -2048..2047
    data : the file, as it was read or is written
    """

    name: str
    purpose: str
    source: str
    weights: tuple[int, ...]
    data: bytes

    @property
    def digest(self) -> bytes:
        """keccak256 of the file, 32 bytes."""
        return keccak(self.data)

    @property
    def files(self) -> RuleFiles:
        """What a policy's `documents` hold of it."""
        return RuleFiles(((MODEL + self.name, self.digest),))

    @classmethod
    def make(cls, name: str, purpose: str, source: str, weights: Mapping[str, int]) -> ScoreModel:
        """A model of these weights by feature; Malformed as for a file that says the same."""
        body = {
            "format": FORMAT,
            "version": VERSION,
            "name": name,
            "purpose": purpose,
            "source": source,
            "weights": dict(weights),
        }
        return cls.from_bytes((json.dumps(body, indent=2) + "\n").encode(), "score model")

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all; Unavailable (`unavailable.file`)."""
        write_atomic(path, self.data)

    @classmethod
    def load(cls, path: Path) -> ScoreModel:
        """Read a file; Malformed (`malformed.score_model`), Unavailable (`unavailable.file`)."""
        return cls.from_bytes(read_file(path), path.name)

    @classmethod
    def from_bytes(cls, data: bytes, file: str = "score model") -> ScoreModel:
        """Read the bytes of a file called `file`; Malformed (`malformed.score_model`)."""
        return reading.rule_file(data, file, FORMAT, CODE, lambda value: _model(value, data))

    def require(self, policy: Policy) -> None:
        """
        Whether the policy's score is this model's.

        Raises
        ------
        Refused
            `refused.policy.model`: no tier asks for M26; its documents name another model, or this
            one with another digest; a tier has other weights, with the feature.
        """
        named = policy.documents.models.files
        if named != self.files.files:
            listed = ", ".join(f"{name} {hex32(digest)}" for name, digest in named) or "none"
            raise _other(
                f"its documents name {listed}, the file is {self.name} {hex32(self.digest)}"
            )
        for tier in policy.tiers:
            if 26 not in tier.thresholds.asked:
                continue
            for feature, weight, wanted in zip(
                NAMES, tier.thresholds.weight, self.weights, strict=True
            ):
                if weight != wanted:
                    raise _other(
                        f"tier {tier.name}: weight of {feature} is {weight}, the model's is "
                        f"{wanted}"
                    )


def _other(what: str) -> Refused:
    return Refused("refused.policy.model", f"score model: {what}")


def _model(value: Any, data: bytes) -> ScoreModel:
    names = ("format", "version", "name", "purpose", "source", "weights")
    top = reading.keys(value, "document", names)
    if type(top["version"]) is not int or top["version"] != VERSION:
        raise Malformed(CODE, f"version: want {VERSION}")
    weights = reading.integers(top["weights"], "weights", NAMES)
    slot = METRICS.slots["weight_0"]
    for name, weight in weights.items():
        if not slot.least <= weight <= slot.greatest:
            raise Malformed(
                CODE, f"weights: {name}: {weight} is outside {slot.least}..{slot.greatest}"
            )
    name = reading.text(top["name"], "name")
    if not is_name(MODEL, name):
        raise Malformed(CODE, f"name: {name!a}: not 1 to 64 letters, digits or @._-")
    return ScoreModel(
        name=name,
        purpose=reading.sentence(top["purpose"], "purpose"),
        source=reading.sentence(top["source"], "source"),
        weights=tuple(weights[each] for each in NAMES),
        data=data,
    )
