"""Terms over time as an SVG: opening margin by steps, maintenance margin by slopes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from policies.effective.conduct import DAY
from policies.effective.terms import Effective

Points = Sequence[tuple[int, Effective]]
"""Seconds from the left edge, and the terms that hold."""

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


@dataclass(frozen=True, slots=True)
class Frame:
    """
    Where one account's lines are drawn.

    Attributes
    ----------
    left, top, right, bottom : edges in the picture's units, y downwards
    seconds : at the right edge
    most : margin at the top edge, basis points
    grid : basis points between two labels
    """

    left: float
    top: float
    right: float
    bottom: float
    seconds: int
    most: int
    grid: int = 200

    def x(self, time: float) -> float:
        """Where a second stands."""
        return self.left + (self.right - self.left) * time / self.seconds

    def y(self, margin: float) -> float:
        """Where a margin stands."""
        return self.bottom - (self.bottom - self.top) * margin / self.most

    def line(self, points: Points, margin: Callable[[Effective], int], *, glides: bool) -> str:
        """
        A line of steps, and of slopes where it rises if it `glides`; what lies on the way between
        two others is left out.
        """
        found: list[tuple[int, int]] = []
        for time, terms in points:
            value = margin(terms)
            at_once = found and (value < found[-1][1] or (value > found[-1][1] and not glides))
            if at_once:
                found.append((time, found[-1][1]))
            if len(found) > 1 and found[-1][1] == found[-2][1] == value:
                found[-1] = (time, value)
            else:
                found.append((time, value))
        return " ".join(f"{self.x(time):.1f},{self.y(value):.1f}" for time, value in found)

    def axes(self) -> list[str]:
        """Frame and labels."""
        out = [
            f'  <path class="frame" d="M{self.left:g},{self.top:g} V{self.bottom:g} '
            f'H{self.right:g}"/>'
        ]
        for margin in range(0, self.most + 1, self.grid):
            out.append(
                f'  <text class="text" x="{self.left - 8:g}" y="{self.y(margin) + 5:.1f}" '
                f'text-anchor="end">{margin / 100:g} %</text>'
            )
        return out

    def events(self, events: Mapping[float, str], below: float, apart: float = 18) -> list[str]:
        """A line and a name for each event, by its day; names alternate between two heights."""
        return [
            f'  <path class="event" d="M{self.x(day * DAY):.1f},{self.top:g} '
            f'V{self.bottom:g}"/>\n'
            f'  <text class="text" x="{self.x(day * DAY) + 4:.1f}" '
            f'y="{below + apart * (i % 2):g}">{name}</text>'
            for i, (day, name) in enumerate(events.items())
        ]

    def lines(self, points: Points) -> tuple[str, str]:
        """Opening and maintenance margin."""
        opening = self.line(points, lambda terms: terms.initial, glides=False)
        maintenance = self.line(points, lambda terms: terms.maintenance, glides=True)
        return (
            f'  <polyline class="opening" points="{opening}"/>',
            f'  <polyline class="maintenance" points="{maintenance}"/>',
        )


def head(width: int, height: int, title: str, description: str, maker: str) -> list[str]:
    """How a picture begins; `maker` is the command that writes it."""
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="14">',
        f'  <title id="title">{title}</title>',
        f'  <desc id="desc">{description}</desc>',
        f"  <!-- Written by {maker}. DO NOT EDIT. -->",
        f"  <style>\n{STYLE}\n  </style>",
    ]
