"""What a trick gained, and the table of all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Played:
    """
    One trick, as it was played.

    Attributes
    ----------
    trick : what is done
    gain : what the numbers are, more being better for who does it
    before, after : without the rule, and with it
    bound : what `after` may be at most, and why
    rule : what stops it
    """

    trick: str
    gain: str
    before: float
    after: float
    bound: float
    why: str
    rule: str

    @property
    def stopped(self) -> bool:
        """Whether it gains no more than the bound."""
        return self.after <= self.bound

    def as_json(self) -> dict[str, Any]:
        """Of build/gaming.json, numbers to four significant digits and never below themselves."""
        return {
            "gain": self.gain,
            "before": short(self.before),
            "after": short(self.after),
            "bound": self.bound,
            "why": self.why,
            "rule": self.rule,
        }


def short(number: float) -> float:
    """Four significant digits."""
    return float(f"{number:.4g}")


def text(number: float) -> str:
    """For people: no exponent, at most four significant digits of what is small."""
    if number == 0:
        return "0"
    places = max(0, 2 - math.floor(math.log10(abs(number))))
    return f"{number:,.{min(places, 4)}f}".rstrip("0").rstrip(".") if places else f"{number:,.0f}"


def table(played: list[Played]) -> list[str]:
    """The lines of docs/explanation/gaming.md."""
    out = ["| trick | gain | before | after | bound |", "|---|---|---|---|---|"]
    for each in played:
        cells = each.trick, each.gain, text(each.before), text(each.after), text(each.bound)
        out.append(f"| {' | '.join(cells)} |")
    return out
