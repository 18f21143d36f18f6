"""JSON Schema of a margin document."""

from __future__ import annotations

from tierproof.formats.schemas import (
    Schema,
    boolean,
    document,
    file_name,
    instant,
    listed,
    record,
    text,
    whole,
)


def margin() -> Schema:
    """What `policies.margin.MarginDocument` reads."""
    rules = {
        "collateral": listed(_coin(), "coins that count as margin"),
        "linear": listed(_linear(), "perpetuals and dated futures"),
        "option": listed(_option(), "options that are charged one by one"),
        "scenario": listed(_scenario(), "portfolio margin"),
    }
    version = record(
        {
            "from": instant("holds from then until the next version"),
            "band": record(
                {
                    "linear": whole(0, 10_000, "1/10^4 of the notional"),
                    "option": whole(0, 10_000, "1/10^4 of the underlying's price"),
                },
                "how far from the mark an execution's profit is a flow",
            ),
            "volatility": record(
                {
                    "least": whole(1, 49_999, "1/10^4 a year"),
                    "greatest": whole(2, 50_000, "1/10^4 a year"),
                },
                "range that volatilities are cut to",
            ),
            **rules,
        },
        "what the venue asks",
    )
    return document(
        "margin",
        1,
        "A venue's rules of maintenance margin, in integers (docs/explanation/margin.md). Public.",
        {
            "name": file_name("of the document; a root names it margin/ and this"),
            "venue": text("whose rules these are"),
            "clock": whole(60, 3_600, "seconds; prices are read at every multiple; divides a day"),
            "versions": listed(version, "ascending in from", 1),
            "sources": listed(text("a sentence", 400), "where the numbers are from"),
            "not_confirmed": listed(text("a sentence", 400), "numbers without a good source"),
            "left_out": listed(text("a sentence", 400), "what the venue charges beside them"),
        },
    )


def _rate(what: str, least: int) -> Schema:
    return listed(whole(least, (1 << 32) - 1, "numerator, denominator"), what, 2, 2)


def _coin() -> Schema:
    return record(
        {
            "name": text("of the coin"),
            "underlying": text("what a balance in it nets with"),
            "factor": whole(0, 10_000, "1/10^4 of its value that counts"),
        },
        "a coin",
    )


def _linear() -> Schema:
    bracket = record(
        {
            "from": whole(0, (1 << 60) - 1, "USD of notional; the first is 0"),
            "rate": _rate("of the notional above", 1),
        },
        "ascending in from",
    )
    return record(
        {
            "name": text("of the instrument; one that ends in * stands for all that begin so"),
            "underlying": text("what it nets on"),
            "brackets": listed(bracket, "each part of the notional at its own rate", 1),
            "slope": _rate("added to the rate for each unit of size", 0),
        },
        "a linear instrument",
    )


def _option() -> Schema:
    return record(
        {
            "underlying": text("what they net on"),
            "call": whole(1, 10_000, "1/10^4 of the underlying's price, a short call"),
            "put": whole(1, 10_000, "1/10^4 of the underlying's price, a short put"),
            "put_mark": whole(0, 10_000, "1/10^4 of the mark, a short put, where that is more"),
            "long": whole(0, 10_000, "1/10^4 of a long option's value that the venue lends"),
            "spread": boolean("an expiry may take its greatest loss at settlement instead"),
            "unpaired": whole(0, 100_000, "with spread: 1/10^4 of the price, a net short call"),
        },
        "options on one underlying",
    )


def _scenario() -> Schema:
    move = listed(whole(-10_000, 50_000, "1/10^4"), "price, volatility (-1, 0, 1), damping", 3, 3)
    return record(
        {
            "underlying": text("what it covers"),
            "moves": listed(move, "whose greatest loss is charged, 1/10^4", 2),
            "up": whole(0, 20_000, "1/10^4 by which volatility rises at 30 days"),
            "down": whole(0, 10_000, "1/10^4 by which it falls"),
            "least_up": whole(0, 50_000, "1/10^4 a year, the least after a rise"),
            "floor_days": whole(1, 365, "days to expiry count at least these"),
            "powers": listed(whole(0, 10_000, "1/10^4"), "of 30 / days, to 30 and beyond", 2, 2),
            "factor": whole(1, 100_000, "1/10^4 of the greatest loss"),
            "perpetual": whole(0, 10_000, "1/10^4 of each linear position's notional, on top"),
            "short_option": whole(0, 10_000, "1/10^4 of the price for a net short option"),
        },
        "portfolio margin on one underlying",
    )
