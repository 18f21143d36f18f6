"""A margin document as people read it: rates by instrument, version by version."""

from __future__ import annotations

from typing import Any

from policies.margin import Linear, MarginDocument, OptionRule, Rate, Rules, Scenario
from tierproof.formats.units import duration, instant, percent


def view(document: MarginDocument) -> dict[str, Any]:
    """Name, venue, digest, clock and each version, with what is not known."""
    return {
        "name": document.name,
        "venue": document.venue,
        "digest": "0x" + document.digest.hex(),
        "prices_are_read_every": duration(document.clock),
        "versions": [_version(rules) for rules in document.versions],
        "sources": list(document.sources),
        "not_confirmed": list(document.not_confirmed),
        "left_out": list(document.left_out),
    }


def _version(rules: Rules) -> dict[str, Any]:
    low, high = rules.volatility
    return {
        "from": instant(rules.since // 1_000_000),
        "profit against the mark is a flow beyond": {
            "of the notional": percent(rules.band.linear),
            "options, of the underlying": percent(rules.band.option),
        },
        "volatility": f"{percent(low)} to {percent(high)} a year",
        "collateral": {each.name: percent(each.factor) for each in rules.collateral},
        "linear": {each.name: _linear(each) for each in rules.linear},
        "option": {each.underlying: _option(each) for each in rules.option},
        "scenario": {each.underlying: _scenario(each) for each in rules.scenario},
    }


def _fraction(rate: Rate) -> str:
    return f"{rate.numerator}/{rate.denominator}"


def _linear(rule: Linear) -> str:
    parts = [
        f"{_fraction(each.rate)}{f' above {each.start:,} USD' if each.start else ''}"
        for each in rule.brackets
    ]
    if rule.slope.numerator:
        parts.append(f"plus {_fraction(rule.slope)} a unit of size")
    return f"of {rule.underlying}: " + ", ".join(parts)


def _option(rule: OptionRule) -> dict[str, str]:
    told = {
        "short call": f"{percent(rule.call)} of the underlying",
        "short put": f"{percent(rule.put)} of the underlying, or {percent(rule.put_mark)} of the "
        "mark",
        "lent on a long option": percent(rule.long),
    }
    if rule.spread:
        told["or an expiry's greatest loss"] = (
            f"with {percent(rule.unpaired)} of the underlying for each net short call"
        )
    return told


def _scenario(rule: Scenario) -> dict[str, Any]:
    prices = [move.price for move in rule.moves]
    return {
        "moves": f"{len(prices)}, from {percent(min(prices))} to {percent(max(prices))}",
        "volatility at 30 days": f"{percent(rule.up)} up, {percent(rule.down)} down",
        "of the greatest loss": percent(rule.factor),
        "on top of a linear position": percent(rule.perpetual),
        "on top of a net short option": f"{percent(rule.short_option)} of the underlying",
    }
