"""
The picture of docs/explanation/terms.md, drawn from `policies.effective`: an account's margins over
sixteen days.

    python -m tests.docs.terms_picture [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

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
STYLE = """\
    .frame { stroke: #90a9b7; stroke-width: 1; fill: none; }
    .event { stroke: #90a9b7; stroke-width: 1; stroke-dasharray: 3 4; }
    .text { fill: #33444d; }
    .opening { stroke: #b26a00; fill: none; stroke-width: 2; }
    .maintenance { stroke: #00796b; fill: none; stroke-width: 3; }
    .said-opening { fill: #b26a00; }
    .said-maintenance { fill: #00796b; }
    @media (prefers-color-scheme: dark) {
      .text { fill: #d3dde2; }
      .opening { stroke: #ffb74d; }
      .maintenance { stroke: #4db6ac; }
      .said-opening { fill: #ffb74d; }
      .said-maintenance { fill: #4db6ac; }
    }"""


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


def x(time: float) -> float:
    """Where a second stands."""
    return LEFT + (WIDTH - LEFT - RIGHT) * time / (DAYS * DAY)


def y(margin: float) -> float:
    """Where a margin stands."""
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * margin / MOST


def line(points: Sequence[tuple[int, Effective]], margin: Callable[[Effective], int]) -> str:
    """A line of steps and slopes; what lies on the way between two others is left out."""
    found: list[tuple[int, int]] = []
    for time, terms in points:
        value = margin(terms)
        if found and abs(value - found[-1][1]) > 20:  # at once: straight up or down
            found.append((time, found[-1][1]))
        if len(found) > 1 and found[-1][1] == found[-2][1] == value:
            found[-1] = (time, value)
        else:
            found.append((time, value))
    return " ".join(f"{x(time):.1f},{y(value):.1f}" for time, value in found)


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
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="14">',
        '  <title id="title">Margins of an account over sixteen days</title>',
        '  <desc id="desc">Initial margin steps up at once when the account comes near its '
        "liquidation, when volatility rises and at expiry. Maintenance margin follows each of them "
        "over a day; both fall at once.</desc>",
        "  <!-- Written by python -m tests.docs.terms_picture. DO NOT EDIT. -->",
        f"  <style>\n{STYLE}\n  </style>",
        f'  <path class="frame" d="M{LEFT},{TOP} V{HEIGHT - BOTTOM} H{WIDTH - RIGHT}"/>',
    ]
    for margin in range(0, MOST + 1, 200):
        out.append(
            f'  <text class="text" x="{LEFT - 8}" y="{y(margin) + 5:.1f}" text-anchor="end">'
            f"{margin / 100:g} %</text>"
        )
    for i, (day, name) in enumerate(events.items()):
        out.append(
            f'  <path class="event" d="M{x(day * DAY):.1f},{TOP} V{HEIGHT - BOTTOM}"/>\n'
            f'  <text class="text" x="{x(day * DAY) + 4:.1f}" y="{HEIGHT - 38 + 18 * (i % 2)}">'
            f"{name}</text>"
        )
    for name, margin, title in (
        ("opening", lambda terms: terms.initial, "initial margin: at once"),
        ("maintenance", lambda terms: terms.maintenance, "maintenance margin: over a day"),
    ):
        out.append(f'  <polyline class="{name}" points="{line(points, margin)}"/>')
        place = LEFT + 12 if name == "opening" else LEFT + 260
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
