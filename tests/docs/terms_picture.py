"""
The picture of docs/explanation/terms.md, drawn from `policies.effective`: an account's margins over
sixteen days.

    python -m tests.docs.terms_picture [--check]
"""

from __future__ import annotations

import sys
from dataclasses import replace

from examples.chain.picture import Frame, head
from policies.effective.conduct import DAY, NEAR, Record
from policies.effective.glide import ONE, Clock
from policies.effective.regime import Band, Feed, Reading, Regime
from policies.effective.terms import Default, Effective, Market, Tier, first_grant, terms_at
from tests.docs.shell import ROOT

PATH = ROOT / "docs" / "img" / "terms.svg"
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 900, 380, 60, 40, 60, 20
DAYS, MOST = 16, 1_400
STEP = 900  # seconds between two points

BANDS = (Band(0, 0, ONE), Band(6_000, 5_000, 13_000))
TIER = Tier(600, 400, 250, -50, 16, 10_000)
DEFAULT = Default(1_200, Clock(900, 900, 0), 600, 200, 8)
NEAR_DAY, STORM, CALM, EXPIRY, RENEWAL = 1, 4, 6, 11, 13
"""Days on which something happens to the account."""


def story() -> list[tuple[int, Effective]]:
    """Seconds from the grant, and the terms that hold: each change as the registry writes it."""
    market = Market(DEFAULT, Regime(), BANDS[-1].factor)
    feed, record = Feed(DAYS * DAY), Record()
    grant = first_grant(TIER, EXPIRY * DAY, 0, 0, market, 0)
    points = []
    for time in range(0, DAYS * DAY + 1, STEP):
        if time == NEAR_DAY * DAY:
            record = record.report(NEAR, 1, time)
            grant = grant.retarget(TIER, record.level, record.until, market, time)
        if time in (STORM * DAY, CALM * DAY):
            reading = Reading(7_000 if time == STORM * DAY else 4_000, time)
            regime, feed = market.regime.poke(feed, BANDS, reading, True, time)
            market = replace(market, regime=regime)
        if time == RENEWAL * DAY:
            grant = grant.retarget(TIER, record.level, record.until, market, time)
            grant = replace(grant, end=2 * DAYS * DAY)
        points.append((time, terms_at(grant, market, time)))
    return points


def picture() -> str:
    """The SVG."""
    points = story()
    events = {
        NEAR_DAY: "near liquidation",
        STORM: "volatility up",
        CALM: "volatility down",
        NEAR_DAY + 7: "conduct over",
        EXPIRY: "expiry",
        RENEWAL: "renewed",
    }
    frame = Frame(LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM, DAYS * DAY, MOST)
    out = [
        *head(
            WIDTH,
            HEIGHT,
            "Margins of an account over sixteen days",
            "Initial margin steps up at once when the account comes near its "
            "liquidation, when volatility rises and at expiry. Maintenance margin follows each of "
            "them over a day; both fall at once.",
            "python -m tests.docs.terms_picture",
        ),
        *frame.axes(),
        *frame.events(events, HEIGHT - 38),
    ]
    for name, place, line, title in zip(
        ("opening", "maintenance"),
        (LEFT + 12, LEFT + 260),
        frame.lines(points),
        ("initial margin: at once", "maintenance margin: over a day"),
        strict=True,
    ):
        out.append(line)
        out.append(f'  <text class="said-{name}" x="{place}" y="{TOP - 12}">{title}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def main() -> int:
    """Write the picture, or with --check say whether it is stale."""
    check, text = "--check" in sys.argv[1:], picture()
    current = PATH.exists() and PATH.read_text(encoding="utf-8") == text
    if not (current or check):
        PATH.write_text(text, encoding="utf-8")
    print("current" if current else f"stale: {PATH.name}")
    return 1 if check and not current else 0


if __name__ == "__main__":
    sys.exit(main())
