"""
Margin documents: a venue's rules of maintenance margin as data, agreed in public
(docs/explanation/margin.md).

`MarginDocument.load` reads one strictly; `MarginDocument.at` gives the `Rules` that held at an
instant. What is computed from them is `attestor.margin`.
"""

from policies.margin.reading import EXAMPLES, FORMAT, VERSION, MarginDocument, example, example_path
from policies.margin.rules import Bracket, Coin, Linear, Move, OptionRule, Rate, Rules, Scenario

__all__ = [
    "EXAMPLES",
    "FORMAT",
    "VERSION",
    "Bracket",
    "Coin",
    "Linear",
    "MarginDocument",
    "Move",
    "OptionRule",
    "Rate",
    "Rules",
    "Scenario",
    "example",
    "example_path",
]
