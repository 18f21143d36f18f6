"""JSON Schema of a feed document."""

from __future__ import annotations

from history.v2.feed import CHANGE_OFFSET
from history.v2.record import MAX_DAYS
from history.v2.thresholds import MIN_DAYS
from policies.feed.document import MAX_BEFORE
from policies.feed.rule import BELOW, CLOSE_LIMIT, HOURS, WEIGHTS
from tierproof.formats.schemas import Schema, date, document, hexadecimal, listed, record, text


def feed() -> Schema:
    """What `policies.feed.FeedDocument` reads and writes."""
    close: Schema = {"type": "integer", "minimum": 1, "maximum": CLOSE_LIMIT - 1}
    day: dict[str, Schema] = {
        "day": date("each follows the one before"),
        "closes": listed(close, "hourly closes, 1/100 point; none: no data", 0, HOURS),
    }
    values: dict[str, Schema] = {
        "weight": {"enum": list(WEIGHTS), "description": "known before the day"},
        "change": {
            "type": "integer",
            "minimum": 1 - CHANGE_OFFSET,
            "maximum": CHANGE_OFFSET - 1,
            "description": "1/10 point from the last close of the day before, known after the day",
        },
    }
    rule: dict[str, Schema] = {
        "below": {"const": list(BELOW), "description": "1/100 point of the mean close"},
        "weights": {"const": list(WEIGHTS), "description": "below each, and from the last one on"},
    }
    return document(
        "feed",
        1,
        "A volatility index over a window (docs/explanation/metrics.md B5). Public.",
        {
            "index": {
                "type": "string",
                "pattern": "^[A-Za-z0-9@._-]{1,64}$",
                "description": "its name, by which a policy asks for it",
            },
            "source": text("where the closes are from", 400),
            "rule": record(rule, "weight of a day by the mean close of the day before"),
            "first_day": date("of the window"),
            "last_day": date("of the window, included"),
            "before": listed(
                record(day, "a day before the window"),
                "from the last day before the window that has closes",
                1,
                MAX_BEFORE,
            ),
            "days": listed(record(day | values, "a day"), "of the window", MIN_DAYS, MAX_DAYS),
            "digest": hexadecimal(32, "of weights and changes, as roots and proofs carry it"),
        },
    )
