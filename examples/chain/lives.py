"""The picture of the story: each account's margins, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from examples.chain.picture import Frame, Points, head
from examples.chain.setting import LAST_DAY
from examples.chain.stage import Stage
from policies.effective.conduct import DAY

WIDTH, LEFT, RIGHT = 1_120, 60, 80
ABOVE, FRAME, BELOW = 150, 130, 40
"""Heights of an account's words, of its lines, and of the days below."""
FIRST, LAST, EVERY = 30, LAST_DAY, 12
"""Days of the story that are shown, and days between two labels."""
MOST, GRID = 2_200, 500
TOGETHER = 1.6
"""Events of an account closer than so many days share a line."""


def picture(stage: Stage) -> str:
    """The SVG."""
    names = [name for name in stage.points if _ever_granted(stage, name)]
    height = len(names) * (ABOVE + FRAME + BELOW)
    out = head(
        WIDTH,
        height,
        "Margins of the story's accounts, day by day",
        "Opening margin of each account changes at once; maintenance margin rises over a day and "
        "falls at once: at upgrades, volatility, conduct, expiry, a revoked root, an ended "
        "generation, moves and a stolen identity.",
        "make chain",
    )
    for i, name in enumerate(names):
        out += _account(stage, name, i * (ABOVE + FRAME + BELOW))
    return "\n".join([*out, "</svg>"]) + "\n"


def _ever_granted(stage: Stage, name: str) -> bool:
    return stage.accounts[name] in stage.expected.grants


def _account(stage: Stage, name: str, top: int) -> list[str]:
    frame = Frame(
        LEFT, top + ABOVE, WIDTH - RIGHT, top + ABOVE + FRAME, (LAST - FIRST) * DAY, MOST, GRID
    )
    begin = stage.second(FIRST)
    points: Points = [(at - begin, terms) for at, terms in stage.points[name] if at >= begin]
    out = [
        f'  <text class="text" x="{LEFT}" y="{top + 24}" font-weight="600">{name}</text>',
        f'  <text class="said-opening" x="{LEFT + 130}" y="{top + 24}">opening</text>',
        f'  <text class="said-maintenance" x="{LEFT + 200}" y="{top + 24}">maintenance</text>',
        *frame.axes(),
        *frame.lines(points),
    ]
    for day, words in _together(stage, name):
        x = frame.x((day - FIRST) * DAY)
        out.append(
            f'  <path class="event" d="M{x:.1f},{frame.top:g} V{frame.bottom:g}"/>\n'
            f'  <text class="text" font-size="11" transform="translate({x + 3:.1f},'
            f'{frame.top - 6:g}) rotate(-35)">{words}</text>'
        )
    for day in range(FIRST, LAST + 1, EVERY):
        out.append(
            f'  <text class="text" font-size="11" x="{frame.x((day - FIRST) * DAY):.1f}" '
            f'y="{frame.bottom + 16:g}" text-anchor="middle">day {day}</text>'
        )
    return out


def _together(stage: Stage, name: str) -> Sequence[tuple[float, str]]:
    """Days with what happened to an account about then."""
    found: list[tuple[float, list[str]]] = []
    events: list[dict[str, Any]] = [each for each in stage.events if each["account"] == name]
    for event in events:
        day = (event["terms"]["second"] - stage.start) / DAY
        if found and day - found[-1][0] < TOGETHER:
            found[-1][1].append(event["what"])
        else:
            found.append((day, [event["what"]]))
    return [(day, ", ".join(words)) for day, words in found]
