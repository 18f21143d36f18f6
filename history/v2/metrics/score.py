"""M26: a score of ten features, by a model that the policy names."""

from __future__ import annotations

from history.v2.metrics.form import Metric, Threshold, Unit

FEATURES = 10
WEIGHT_OFFSET, LIMIT_OFFSET = 1 << 11, 1 << 23

SCORE = Metric(
    26,
    "score",
    thresholds=(
        Threshold("weight", 1, WEIGHT_OFFSET - 1, offset=WEIGHT_OFFSET, count=FEATURES),
        Threshold("score_limit", 2, LIMIT_OFFSET - 1, unit=Unit("1/8"), offset=LIMIT_OFFSET),
    ),
    own="score_limit",
    refused="this version does not decide it yet",
    at_least=False,
)
